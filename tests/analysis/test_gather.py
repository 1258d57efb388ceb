"""From derived rows to a sample: order, months, strata, arms."""

import polars as pl
import pytest

from analysis.hand_data import build_data, build_subject
from equipoise.analysis.gather import gather_times, order_arms, read_roster
from equipoise.analysis.populations import add_arms
from equipoise.analysis.sample import Sample, select_arms, select_rows
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
TIMES = """
subject lesion endpoint convention days cause
B1      -      os       -          30   1
A2      -      os       -          61   0
A1      -      os       -          365  2
A3      -      os       -          9    1
"""
SUBJECTS = [
    build_subject("A1", omd_induced="Y"),
    build_subject("A2", imdc=None),
    build_subject("B1"),
    build_subject("B2"),
]


def sample_of(arms: tuple[str, ...] = ("A", "B")) -> Sample:
    """The sample of the times above."""
    data = build_data(subjects=SUBJECTS, times=TIMES)
    members = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    named = members.with_columns(arm=pl.col("allocated_arm"))
    return gather_times(data.times, roster=read_roster(named, protocol=PROTOCOL, arms=arms))


def test_rows_stand_in_order_of_their_id_and_only_members_have_one() -> None:
    sample = sample_of()
    assert sample.rows == ("os//A1", "os//A2", "os//B1")  # A3 is no member, B2 has no time
    assert sample.subject.tolist() == ["A1", "A2", "B1"]
    assert sample.arm.tolist() == [0, 0, 1]
    assert sample.cause.tolist() == [2, 0, 1]
    assert sample.event.tolist() == [0, 0, 1]


def test_times_are_months() -> None:
    assert sample_of().time == pytest.approx([365 / 30.4375, 61 / 30.4375, 30 / 30.4375])


def test_strata_are_the_combinations_of_levels_and_an_unknown_level_is_one() -> None:
    sample = sample_of()
    few = "Number of metastases: 1 to 3"
    assert sample.strata == (
        f"Induced oligometastatic disease: de novo or repeat, {few}, IMDC risk: favourable",
        f"Induced oligometastatic disease: de novo or repeat, {few}, unknown",
        f"Induced oligometastatic disease: induced, {few}, IMDC risk: favourable",
    )
    assert sample.stratum.tolist() == [2, 1, 0]
    assert sample.factors == (
        "Induced oligometastatic disease",
        "Number of metastases",
        "IMDC risk",
    )


def test_only_the_arms_asked_for_are_gathered() -> None:
    sample = sample_of(("B",))
    assert sample.rows == ("os//B1",)
    assert sample.arm.tolist() == [0]
    assert sample.reference == "A"


def test_trial_without_strata_has_one() -> None:
    bare = PROTOCOL.model_copy(update={"stratum": ()})
    data = build_data(subjects=SUBJECTS, times=TIMES)
    members = data.subjects.with_columns(arm=pl.col("subject").str.slice(0, 1))
    roster = read_roster(members, protocol=bare, arms=("A", "B"))
    sample = gather_times(data.times, roster=roster)
    assert sample.strata == ("all",)
    assert sample.stratum.tolist() == [0, 0, 0]


def test_reference_arm_comes_first() -> None:
    assert order_arms(PROTOCOL) == ("A", "B")
    turned = PROTOCOL.model_copy(update={"arm": PROTOCOL.arm[::-1]})
    assert order_arms(turned) == ("A", "B")
    assert order_arms(turned, asked=("B",)) == ("B",)


def test_selected_arms_take_the_order_asked_for() -> None:
    turned = select_arms(sample_of(), arms=("B", "A"))
    assert turned.arms == ("B", "A")
    assert turned.arm.tolist() == [1, 1, 0]
    assert turned.rows == ("os//A1", "os//A2", "os//B1")
    assert turned.size("A") == 2


def test_selected_rows_keep_arms_and_strata() -> None:
    sample = sample_of()
    kept = select_rows(sample, kept=sample.time > 1)
    assert kept.rows == ("os//A1", "os//A2")
    assert (kept.arms, kept.strata) == (sample.arms, sample.strata)
    assert kept.size("B") == 0
