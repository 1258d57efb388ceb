"""Gaps between fractions and their order, against a slow reading one fraction after the other."""

from datetime import time, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.trial_tables import START, build_frames, day
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.fractions import derive_fractions
from naive.fraction_gaps import Fraction, read_course

clocks = st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45))))
courses = st.lists(
    st.tuples(st.integers(1, 9), st.integers(10, 16), clocks),
    min_size=1,
    max_size=8,
    unique_by=lambda each: each[0],
)


def framed(lesions: dict[str, list[tuple[int, int, time | None]]]) -> pl.DataFrame:
    """What is derived for lesions with fractions of (number, day, time of day)."""
    rows = [
        {
            "subject": "01-001",
            "lesion": lesion,
            "fraction": str(number),
            "fraction_date": str(on),
            **({"fraction_time": at.strftime("%H:%M")} if at else {}),
        }
        for lesion, own in lesions.items()
        for number, on, at in own
    ]
    frames = with_expected(build_frames({"rt_fx": rows}))
    return derive_fractions(frames, alpha_beta_gy=7).sort("lesion")


@settings(max_examples=60)
@given(st.lists(courses, min_size=1, max_size=4))
def test_the_gaps_are_those_of_the_slow_reading(
    made: list[list[tuple[int, int, time | None]]],
) -> None:
    lesions = {f"L{n:02}": own for n, own in enumerate(made, start=1)}
    found = framed(lesions)

    for row, own in zip(found.iter_rows(named=True), made, strict=True):
        slow = read_course(
            [Fraction(number=n, day=START + timedelta(days=on), at=at) for n, on, at in own]
        )
        hours = row["least_gap_hours"]
        assert hours == (None if slow.least_hours is None else pytest.approx(slow.least_hours))
        assert row["least_gap_days"] == slow.least_days
        assert row["untimed_day"] is slow.untimed_day
        assert row["out_of_order"] is slow.out_of_order
        assert row["skipped"] is slow.skipped


@settings(max_examples=20)
@given(courses, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    own: list[tuple[int, int, time | None]], chance: object
) -> None:
    turned = list(reversed(own))

    assert framed({"L01": own}).equals(framed({"L01": turned}))


# number day time ... | hours | days | what else
COURSES = """
1 20 -                      |      |   |
1 20 - 2 22 - 3 24 -        |      | 2 |
1 20 08:00 2 21 02:00       | 18   | 1 |
1 20 08:00 2 21 01:59       | 17.98| 1 |
1 20 08:00 2 20 16:00       | 8    | 0 |
1 20 - 2 20 16:00           |      | 0 | untimed_day
1 20 08:00 2 21 - 3 22 08:00|      | 1 |
1 20 - 3 22 -               |      | 2 | skipped
2 20 - 1 22 -               |      | 2 | out_of_order
2 20 08:00 1 20 16:00       | 8    | 0 | out_of_order
1 20 16:00 2 20 08:00       | 8    | 0 | out_of_order
1 20 25:00 2 20 08:00       |      | 0 | untimed_day
"""
LINES = [[c.strip() for c in line.split("|")] for line in COURSES.strip().splitlines()]


@pytest.mark.parametrize(("course", "hours", "days", "else_"), LINES, ids=[x[0] for x in LINES])
def test_a_course_is_told_by_its_smallest_gap(
    course: str, hours: str, days: str, else_: str
) -> None:
    words = course.split()
    rows = [
        {
            "lesion": "L01",
            "fraction": words[n],
            "fraction_date": words[n + 1],
            **({} if words[n + 2] == "-" else {"fraction_time": words[n + 2]}),
        }
        for n in range(0, len(words), 3)
    ]
    frames = with_expected(build_frames({"rt_fx": rows}))
    [row] = derive_fractions(frames, alpha_beta_gy=7).to_dicts()

    found = row["least_gap_hours"]
    assert (found if found is None else round(found, 2)) == (float(hours) if hours else None)
    assert row["least_gap_days"] == (int(days) if days else None)
    flags = [name for name in ("untimed_day", "skipped", "out_of_order") if row[name]]
    assert flags == ([else_] if else_ else [])


def test_a_fraction_entered_twice_counts_once_and_doses_add_up() -> None:
    frames = with_expected(
        build_frames(
            rt_fx="""
    | lesion | fraction | fraction_date | dose_gy |
    | L01    | 1        | 20            | 10      |
    | L01    | 1        | 20            | 10      |
    | L01    | 2        | 22            | 8       |
    """
        )
    )
    [row] = derive_fractions(frames, alpha_beta_gy=7).to_dicts()

    assert row["given_gy"] == 18
    assert row["tumour_bed_gy"] == pytest.approx(10 * (1 + 10 / 7) + 8 * (1 + 8 / 7))
    assert not row["skipped"]
    assert day(20) == START + timedelta(days=20)
