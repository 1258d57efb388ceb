"""Exposure: dose intensity, holds around SBRT, reductions, SBRT as delivered, later lines."""

import pytest

from derive.trial_tables import build_frames, day, derive
from equipoise.derive.schemas import Datasets


def taken(text: str, **tables: str) -> Datasets:
    """What a table of systemic therapy comes to."""
    return derive(build_frames(ex_sys=text, **tables))


def test_dose_intensity_counts_held_days_as_planned_and_not_given() -> None:
    # 10 days of 10, 5 days held, 5 days of 5: (100 + 0 + 25) / (20 x 10)
    row = taken("""
    | start_date | stop_date | dose_mg | action  | reason   |
    | 1          | 10        | 10      | given   |          |
    | 11         | 15        |         | held    | sbrt     |
    | 16         | 20        | 5       | reduced | toxicity |
    """).exposure.row(0, named=True)
    assert row["relative_dose_intensity"] == pytest.approx(125 / 200)
    assert (row["days"], row["held_for_sbrt_days"], row["reductions"]) == (20, 5, 1)
    assert (row["start_date"], row["stop_date"]) == (day(1), day(20))
    assert row["entries"] == [f"01-001/ex_sys/{n}" for n in (1, 2, 3)]


def test_only_holds_around_sbrt_count_as_such() -> None:
    row = taken("""
    | start_date | stop_date | action | reason   |
    | 1          | 3         | held   | toxicity |
    | 4          | 5         | held   | sbrt     |
    """).exposure.row(0, named=True)
    assert row["held_for_sbrt_days"] == 2
    assert row["relative_dose_intensity"] == 0


def test_therapy_without_a_stop_lasts_to_the_last_contact() -> None:
    row = taken("| start_date |\n| 1 |", surv="| alive_date |\n| 100 |").exposure.row(0, named=True)
    assert (row["stop_date"], row["days"]) == (day(100), 100)


def test_a_reduced_dose_that_nobody_wrote_leaves_the_intensity_unknown() -> None:
    frames = build_frames(
        ex_sys="| start_date | stop_date | action |\n| 1 | 10 | given |\n| 11 | 20 | reduced |"
    )
    second = frames["ex_sys"]["record"] == 2
    frames["ex_sys"] = frames["ex_sys"].with_columns(
        dose_mg=frames["ex_sys"]["dose_mg"].set(second, None)
    )
    assert derive(frames).exposure["relative_dose_intensity"].to_list() == [None]


def test_agents_are_counted_each_by_itself() -> None:
    data = taken("""
    | start_date | stop_date | agent         |
    | 1          | 10        | axitinib      |
    | 1          | 30        | pembrolizumab |
    """)
    assert data.exposure.select("agent", "days").rows() == [("axitinib", 10), ("pembrolizumab", 30)]


def irradiated(planned: str, given: str) -> Datasets:
    """What prescriptions and fractions come to, for index lesions L01 and L02."""
    return derive(
        build_frames(
            les_bl="| lesion | ld_mm |\n| L01 | 20 |\n| L02 | 15 |", rt_rx=planned, rt_fx=given
        )
    )


THREE = "| lesion | fraction | fraction_date | dose_gy |\n" + "\n".join(
    f"| L01 | {n} | {18 + 2 * n} | 10 |" for n in (1, 2, 3)
)


def test_sbrt_is_told_as_it_was_delivered() -> None:
    # BED10 of 3 x 10 Gy: 30 x (1 + 10 / 10) = 60 (D5.1)
    row = irradiated("| lesion | fractions |\n| L01 | 3 |\n| L02 | 3 |", THREE).sbrt.row(
        0, named=True
    )
    assert (row["lesions_planned"], row["lesions_treated"], row["lesions_completed"]) == (2, 1, 1)
    assert (row["fractions"], row["start_lag_days"], row["overall_days"]) == (3, 20, 5)
    assert row["min_bed10_gy"] == pytest.approx(60)


@pytest.mark.parametrize(
    ("planned", "given", "complete"),
    [
        ("| lesion | fractions |\n| L01 | 3 |\n| L02 | 3 |", THREE, False),
        (
            "| lesion | fractions |\n| L01 | 3 |\n| L02 | 1 |",
            THREE + "\n| L02 | 1 | 30 | 20 |",
            True,
        ),
        # L03 is no index lesion: its fractions do not stand in for those of L02
        (
            "| lesion | fractions |\n| L01 | 3 |\n| L03 | 1 |",
            THREE + "\n| L03 | 1 | 30 | 20 |",
            False,
        ),
        ("| lesion | fractions |\n| L01 | 3 |", "| lesion | fraction | fraction_date |", False),
    ],
    ids=["one of two", "both", "another lesion", "none"],
)
def test_sbrt_is_complete_when_every_index_lesion_had_all_its_fractions(
    planned: str, given: str, complete: bool
) -> None:
    subject = irradiated(planned, given).subjects.row(0, named=True)
    assert subject["sbrt_complete"] is complete
    assert subject["sbrt_started"] is (given.count("\n") > 0)


def test_later_lines_count_what_the_protocol_did_not_plan() -> None:
    data = derive(
        build_frames(
            subseq="""
    | start_date | type     | protocol_defined | against_rcc |
    | 100        | systemic | true             | true        |
    | 110        | systemic | false            | false       |
    | 200        | systemic | false            | true        |
    | 150        | rt       | false            | true        |
    | 300        | systemic | false            | true        |
    """
        )
    )
    row = data.later_lines.row(0, named=True)
    assert (row["systemic_lines"], row["first_systemic_date"]) == (2, day(200))
    assert (row["local_therapies"], row["first_local_date"]) == (1, day(150))
