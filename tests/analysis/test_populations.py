"""Who is analysed in which arm: allocated, treated, and the sets of the reference trial."""

import polars as pl
import pytest

from analysis.hand_data import HandData, build_data, build_subject
from equipoise.analysis.populations import add_arms, count_members, list_members, select_members
from equipoise.analysis.trial import population_named
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()


def members(data: HandData, name: str, protocol: Protocol = PROTOCOL) -> dict[str, str]:
    """The members of a population with the arm in which they are analysed."""
    subjects = add_arms(data.subjects, allocations=data.allocations, protocol=protocol)
    found = select_members(subjects, population=population_named(protocol, name=name))
    return dict(found.select("subject", "arm").iter_rows())


CROSSED = build_data(
    subjects=[
        build_subject("A1"),
        build_subject("A2", sbrt_started=True),
        build_subject("A3", first_treatment_date=None, sbrt_started=None),
        build_subject("A4", non_protocol_local_therapy=True),
        build_subject("A5", eligible=False),
        build_subject("A6", eligible=None),
        build_subject("A7", treatment_started_days=57),
        build_subject("B1"),
        build_subject("B2", sbrt_started=False, sbrt_complete=False, min_bed10_gy=None),
        build_subject("B3", min_bed10_gy=58.9),
        build_subject("B4", baseline_assessed=False),
        build_subject("B5", randomised_date=None),
    ]
)


def test_intention_to_treat_is_everybody_randomised_as_allocated() -> None:
    found = members(CROSSED, "itt")
    assert set(found) == {f"A{i}" for i in range(1, 8)} | {f"B{i}" for i in range(1, 5)}
    assert all(arm == subject[0] for subject, arm in found.items())


def test_modified_intention_to_treat_needs_a_baseline_assessment() -> None:
    assert set(members(CROSSED, "itt")) - set(members(CROSSED, "mitt")) == {"B4"}


def test_safety_is_as_treated() -> None:
    found = members(CROSSED, "safety")
    assert "A3" not in found
    assert found["A1"] == "A"
    assert found["A2"] == "B"  # a fraction of SBRT in the control arm
    assert found["B1"] == "B"
    assert found["B2"] == "A"  # allocated to SBRT, none given


def test_per_protocol_leaves_out_what_the_rule_says() -> None:
    # A2 SBRT, A3 unknown, A4 local therapy, A5 ineligible, A6 not known eligible, A7 late,
    # B2 no SBRT, B3 dose too low
    assert set(members(CROSSED, "pp")) == {"A1", "B1", "B4", "B5"}


def test_subject_without_allocation_is_in_no_population() -> None:
    data = build_data(subjects=[build_subject("A1"), build_subject("B1")])
    alone = HandData(
        subjects=data.subjects,
        times=data.times,
        occurrences=data.occurrences,
        allocations=data.allocations.filter(pl.col("subject") != "B1"),
    )
    for name in ("itt", "mitt", "pp", "safety"):
        assert set(members(alone, name)) == {"A1"}


def test_members_are_listed_and_counted_by_arm() -> None:
    subjects = add_arms(CROSSED.subjects, allocations=CROSSED.allocations, protocol=PROTOCOL)
    listed = list_members(subjects, populations=PROTOCOL.population)
    assert listed["population"].unique().sort().to_list() == ["itt", "mitt", "pp", "safety"]
    safety = listed.filter(pl.col("population") == "safety")
    assert count_members(safety, arms=("A", "B")) == {"A": 6, "B": 5}
    assert count_members(safety.clear(), arms=("A", "B")) == {"A": 0, "B": 0}


def test_order_of_subjects_is_kept() -> None:
    subjects = add_arms(CROSSED.subjects, allocations=CROSSED.allocations, protocol=PROTOCOL)
    assert subjects["subject"].to_list() == CROSSED.subjects["subject"].to_list()


def test_unknown_population_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no population 'everybody'"):
        population_named(PROTOCOL, name="everybody")
