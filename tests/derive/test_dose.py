"""SBRT against the protocol: each limit at its edge, each verdict with its words."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from derive.trial_tables import PROTOCOL, Row, build_frames, day, derive, read_table
from equipoise.derive.adherence import LESION_ITEMS, VERDICT_WORDS, VERDICTS
from equipoise.derive.consistency import check_consistency
from equipoise.derive.dose import match_library
from equipoise.derive.schemas import Datasets
from equipoise.numerics.biological_dose import (
    biologically_effective_dose,
    equivalent_dose_in_2_gy,
)

LISTED = "| lesion | ld_mm | site |\n| L01 | 20 | lung |"
TWO = LISTED + "\n| L02 | 15 | liver |"


def irradiated(planned: str, given: str, *, listed: str = LISTED, **tables: str) -> Datasets:
    """What is derived from prescriptions (`L01 30/3`) and fractions (`L01 20 10 22 10`)."""
    rx: list[Row] = []
    for word in planned.split(","):
        lesion, schedule = word.split()
        total, count = schedule.split("/")
        rx.append({"lesion": lesion, "dose_gy": total, "fractions": count})
    fx: list[Row] = []
    for word in filter(None, given.split(",")):
        lesion, *cells = word.split()
        fx += [
            {"lesion": lesion, "fraction": str(n + 1), "fraction_date": on, "dose_gy": dose}
            for n, (on, dose) in enumerate(zip(cells[::2], cells[1::2], strict=True))
        ]
    rows = {"les_bl": read_table(listed), "rt_rx": rx, "rt_fx": fx}
    return derive(build_frames(rows, **tables))


# planned | day and dose of each fraction | verdict | reason
COURSES = """
30/3 | 20 10 22 10 24 10 | per_protocol |
30/3 | 28 10 30 10 32 10 | per_protocol |
30/3 | 52 10 54 10 56 10 | per_protocol |
30/3 | 52 10 54 10 57 10 | minor | completed on day 57 (limit 56)
30/3 | 108 10 110 10 112 10 | minor | completed on day 112 (limit 56)
30/3 | 108 10 110 10 113 10 | major | completed on day 113 (limit 56)
30/3 | 20 10 22 10 33 10 | per_protocol |
30/3 | 20 10 22 10 34 10 | minor | 15 days from first to last fraction (limit 14)
30/3 | 20 10 22 10 47 10 | minor | 28 days from first to last fraction (limit 14)
30/3 | 20 10 22 10 48 10 | major | 29 days from first to last fraction (limit 14)
30/3 | 20 10 22 10 | major | 2 of 3 fractions; BED10 40.0 Gy is below 59
54/3 | 20 18 22 18 | minor | 2 of 3 fractions
30/3 | | major | prescribed, never irradiated
45/5 | 20 9 22 9 24 9 26 9 28 9 | per_protocol |
44/4 | 20 11 22 11 24 11 26 11 | minor | 44.0 Gy in 4 fractions is not in the library
24/3 | 20 8 22 8 24 8 | major | BED10 43.2 Gy is below 59; 24.0 Gy in 3 fractions is not in the library
30/3 | 20 10 20 10 24 10 | minor | two fractions on one day, times unknown
30/3 | 20 10 22 10 24 11 | minor | more dose than prescribed
35/5 | 20 7 21 7 22 7 23 7 24 7 | per_protocol |
"""  # noqa: E501
LINES = [[c.strip() for c in line.split("|")] for line in COURSES.strip().splitlines()]


@pytest.mark.parametrize(
    ("planned", "given", "verdict", "reason"), LINES, ids=[f"{x[0]} {x[3]}" for x in LINES]
)
def test_a_course_is_held_against_every_limit(
    planned: str, given: str, verdict: str, reason: str
) -> None:
    row = irradiated(f"L01 {planned}", f"L01 {given}" if given else "").dose.row(0, named=True)

    assert (row["verdict"], row["reason"]) == (verdict, reason)


def test_a_lesion_says_what_was_planned_and_what_was_given() -> None:
    row = irradiated("L01 30/3", "L01 20 10 22 10").dose.row(0, named=True)

    assert (row["prescribed_gy"], row["prescribed_fractions"], row["library"]) == (
        30,
        3,
        "preferred",
    )
    assert (row["given_gy"], row["given_fractions"], row["complete"]) == (20, 2, False)
    assert (row["start_date"], row["last_date"]) == (day(20), day(22))
    assert (row["start_lag_days"], row["completion_days"], row["overall_days"]) == (20, None, 3)
    assert (row["ablative"], row["preferred_dose"], row["index"]) == (False, False, True)
    assert row["entries"] == [
        "01-001/les_bl/L01",
        "01-001/rt_fx/L01.1",
        "01-001/rt_fx/L01.2",
        "01-001/rt_rx/L01",
    ]


def test_effective_doses_are_those_of_the_formulas() -> None:
    row = irradiated("L01 54/3", "L01 20 18 22 18 24 18").dose.row(0, named=True)
    bed = biologically_effective_dose(18, fractions=3, alpha_beta_gy=7)

    assert row["bed10_gy"] == row["prescribed_bed10_gy"] == pytest.approx(151.2)
    assert row["tumour_bed_gy"] == pytest.approx(float(bed))
    assert row["tumour_eqd2_gy"] == pytest.approx(
        float(equivalent_dose_in_2_gy(bed, alpha_beta_gy=7))
    )
    assert row["preferred_dose"]


# site | prescribed | where it stands (D5.2)
LIBRARY = """
lung       | 30/3 | preferred
lung       | 54/3 | preferred
lung       | 34/1 | alternative
lung       | 26/1 | alternative
liver      | 54/3 | alternative
liver      | 45/3 | preferred
liver      | 34/1 | alternative
liver      | 24/1 | outside
liver      | 30/4 | outside
liver      | 29.96/3 | preferred
liver      | 29.9/3 | outside
bone_spine | 24/1 | preferred
bone_spine | 24/2 | alternative
skin       | 39.9/5 | outside
skin       | 40/5 | alternative
skin       | 45/5 | alternative
brain      | 30/3 | outside
           | 30/3 | preferred
"""


@pytest.mark.parametrize("line", LIBRARY.strip("\n").splitlines())
def test_the_library_is_asked_by_site_and_by_any_site(line: str) -> None:
    site, schedule, expected = (cell.strip() for cell in line.split("|"))
    total, count = schedule.split("/")
    frame = pl.DataFrame(
        {"site": [site or None], "prescribed_gy": [float(total)], "fractions": [int(count)]}
    )
    plan = PROTOCOL.radiotherapy
    assert plan is not None
    found = frame.select(library=match_library(plan.schedule))["library"].to_list()

    assert found == [expected]


def test_a_gap_in_hours_counts_where_times_are_known() -> None:
    for second, verdict in (("02:00", "per_protocol"), ("01:30", "minor")):
        data = irradiated("L01 20/2", "", rt_fx=fractions_at("08:00", second))
        row = data.dose.row(0, named=True)
        assert row["verdict_gap"] == verdict
    data = irradiated("L01 20/2", "", rt_fx=fractions_at("20:00", "01:00"))
    assert data.dose["verdict_gap"].to_list() == ["major"]
    assert "5.0 hours between two fractions (limit 18)" in data.dose["reason"].item()


def fractions_at(first: str, second: str) -> str:
    """Two fractions on two days at these times."""
    return f"""
    | lesion | fraction | fraction_date | fraction_time |
    | L01    | 1        | 20            | {first}       |
    | L01    | 2        | 21            | {second}      |
    """


def test_index_lesions_left_out_are_told_with_their_reason() -> None:
    both = irradiated("L01 30/3", "L01 20 10 22 10 24 10", listed=TWO)
    assert both.dose.select("lesion", "verdict", "reason").rows() == [
        ("L01", "per_protocol", ""),
        ("L02", "major", "index lesion without prescription"),
    ]
    gone = irradiated(
        "L01 30/3",
        "L01 20 10 22 10 24 10",
        listed=TWO,
        surg="| surgery_date | lesion |\n| 18 | L02 |",
    )
    assert gone.dose["reason"].to_list() == ["", "removed before it was irradiated"]
    dead = irradiated("L01 30/3", "", dth="| death_date |\n| 30 |")
    assert dead.dose.select("verdict", "reason").rows() == [
        ("minor", "the subject died before it was irradiated")
    ]


def test_other_lesions_and_subjects_without_sbrt_have_no_row() -> None:
    listed = "| lesion | ld_mm | intend_sbrt |\n| L01 | 20 | true |\n| L02 | 15 | false |"
    assert irradiated("L01 30/3", "", listed=listed).dose["lesion"].to_list() == ["L01"]
    assert derive(build_frames(les_bl=listed)).dose.is_empty()


def test_a_fraction_without_prescription_is_judged_by_what_can_be_known() -> None:
    data = derive(
        build_frames(
            les_bl=LISTED,
            rt_fx="| lesion | fraction | fraction_date | dose_gy |\n| L01 | 1 | 20 | 26 |",
        )
    )
    row = data.dose.row(0, named=True)

    assert (row["library"], row["verdict_library"], row["complete"]) == (None, None, False)
    assert (row["verdict"], row["reason"]) == ("minor", "irradiated without prescription")


# first day of L01, of L02 | start | verdict | start of the reason
STARTS = [
    (28, 30, "per_protocol", "per_protocol", ""),
    (29, 30, "minor", "minor", "first fraction on day 29 (limit 28)"),
    (40, 28, "per_protocol", "per_protocol", ""),
    (56, 56, "minor", "minor", "first fraction on day 56 (limit 28)"),
    (57, 57, "major", "major", "first fraction on day 57 (limit 28); L01: completed on day 57"),
]


@pytest.mark.parametrize(("first", "second", "start", "verdict", "reason"), STARTS)
def test_the_course_of_a_subject_starts_with_its_first_fraction(
    first: int, second: int, start: str, verdict: str, reason: str
) -> None:
    data = irradiated("L01 26/1,L02 26/1", f"L01 {first} 26,L02 {second} 26", listed=TWO)
    row = data.adherence.row(0, named=True)

    assert (row["verdict_start"], row["verdict"]) == (start, verdict)
    assert row["reason"].startswith(reason)
    assert (row["index_lesions"], row["index_treated"], row["index_completed"]) == (2, 2, 2)
    assert (row["start_lag_days"], row["completion_days"]) == (
        min(first, second),
        max(first, second),
    )
    assert len(row["entries"]) == 6


def test_a_subject_is_complete_with_its_last_index_lesion() -> None:
    data = irradiated("L01 26/1,L02 30/3", "L01 20 26,L02 20 10", listed=TWO)
    row = data.adherence.row(0, named=True)

    assert (row["index_treated"], row["index_completed"], row["ablative_lesions"]) == (2, 1, 1)
    assert (row["completion_days"], row["verdict"]) == (None, "major")
    assert row["reason"] == "L02: 1 of 3 fractions; BED10 20.0 Gy is below 59"


def test_the_rows_agree_with_the_exposure_that_was_there_before() -> None:
    data = irradiated("L01 26/1,L02 30/3", "L01 20 26,L02 20 10", listed=TWO)
    sbrt, dose = data.sbrt.row(0, named=True), data.dose

    assert sbrt["min_bed10_gy"] == dose["bed10_gy"].min()
    assert sbrt["lesions_completed"] == dose["complete"].sum()
    assert sbrt["start_lag_days"] == data.adherence["start_lag_days"].item()


def test_a_data_cut_leaves_no_trace_of_later_fractions() -> None:
    rows = {
        "les_bl": read_table(LISTED),
        "rt_rx": read_table("| lesion | dose_gy | fractions |\n| L01 | 30 | 3 |"),
        "rt_fx": read_table(
            "| lesion | fraction | fraction_date |\n| L01 | 1 | 20 |\n| L01 | 2 | 22 |"
        ),
    }
    row = derive(build_frames(rows), cut_day=21).dose.row(0, named=True)

    assert (row["given_fractions"], row["last_date"]) == (1, day(20))


def test_the_order_of_entries_changes_nothing() -> None:
    rows = {
        "les_bl": read_table(TWO),
        "rt_rx": read_table("| lesion |\n| L01 |\n| L02 |"),
        "rt_fx": read_table(
            "| lesion | fraction | fraction_date |\n| L01 | 1 | 20 |\n| L02 | 1 | 21 |\n"
            "| L01 | 2 | 20 |\n| L02 | 3 | 60 |\n| L01 | 3 | 24 |"
        ),
    }
    there = derive(build_frames(rows))
    back = derive({name: frame.reverse() for name, frame in build_frames(rows).items()})

    assert_frame_equal(there.dose, back.dose)
    assert_frame_equal(there.adherence, back.adherence)


def test_a_protocol_without_radiotherapy_has_no_rows() -> None:
    bare = PROTOCOL.model_copy(update={"radiotherapy": None})
    data = derive(build_frames(les_bl=LISTED, rt_rx="| lesion |\n| L01 |"), protocol=bare)

    assert data.dose.is_empty()
    assert data.adherence.is_empty()


def test_every_verdict_has_words_and_every_item_a_column() -> None:
    data = irradiated("L01 26/1", "L01 20 26")

    assert tuple(VERDICT_WORDS) == VERDICTS
    assert {f"verdict_{item}" for item in LESION_ITEMS} <= set(data.dose.columns)


def test_dose_and_timing_that_do_not_fit_are_asked_about() -> None:
    rows = {
        "les_bl": read_table(TWO),
        "rt_rx": read_table("| lesion | dose_gy | fractions |\n| L01 | 44 | 4 |\n| L02 | 30 | 3 |"),
        "rt_fx": read_table(
            "| lesion | fraction | fraction_date |\n| L02 | 1 | 20 |\n| L02 | 3 | 20 |"
        ),
    }
    frames = build_frames(rows)
    found = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    told = [(f.code, f.entry, f.found) for f in found]

    assert ("dose-outside-library", "01-001/rt_rx/L01", "44.0 Gy in 4") in told
    assert ("fractions-too-close", "01-001/rt_fx/L02.1", "one day") in told
    assert ("fractions-out-of-order", "01-001/rt_fx/L02.1", "skipped") in told
