"""The sorted dates that the engine looks up, beside a slow reading of the same rows."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from derive.trial_tables import day
from equipoise.derive.dates import (
    NEVER,
    Dates,
    Found,
    as_dates,
    as_days,
    find_first,
    find_last,
    number_units,
    pick,
    read_dates,
)

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 9)), max_size=12)
LIMITS = st.lists(st.integers(-5, 11), min_size=5, max_size=5)
UNITS = np.arange(5)


def build_dates(rows: list[tuple[int, int]]) -> Dates:
    """The dates of rows (unit, day), numbered as they stand."""
    order = sorted(range(len(rows)), key=lambda place: (*rows[place], place))
    return Dates(
        unit=np.array([rows[place][0] for place in order], dtype=np.int64),
        day=np.array([rows[place][1] for place in order], dtype=np.int64),
        place=np.array(order, dtype=np.int64),
    )


def slow_first(rows: list[tuple[int, int]], unit: int, since: int) -> tuple[int, int]:
    own = [(day, place) for place, (u, day) in enumerate(rows) if u == unit and day >= since]
    return min(own, default=(NEVER, -1))


def slow_last(rows: list[tuple[int, int]], unit: int, until: int) -> tuple[int, int]:
    own = [(day, -place) for place, (u, day) in enumerate(rows) if u == unit and day <= until]
    day, place = max(own, default=(NEVER, 1))
    return day, -place


def pairs(found: Found) -> list[tuple[int, int]]:
    return list(zip(found.day.tolist(), found.place.tolist(), strict=True))


@given(rows=ROWS, limits=LIMITS)
def test_the_first_and_last_dates_are_those_of_a_slow_reading(
    rows: list[tuple[int, int]], limits: list[int]
) -> None:
    dates, asked = build_dates(rows), np.array(limits, dtype=np.int64)
    first = find_first(dates, units=UNITS, since=asked)
    last = find_last(dates, units=UNITS, until=asked)
    assert pairs(first) == [slow_first(rows, u, limits[u]) for u in range(5)]
    assert pairs(last) == [slow_last(rows, u, limits[u]) for u in range(5)]


@given(one=ROWS, other=ROWS)
def test_of_two_sources_the_earlier_date_counts_and_on_one_day_the_first_source(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    since = np.full(5, -100)
    found = [find_first(build_dates(r), units=UNITS, since=since) for r in (one, other)]
    best, rank = pick(found, last=False, units=5)
    for unit in range(5):
        candidates = [(*slow_first(r, unit, -100), n) for n, r in enumerate((one, other))]
        day_, place, number = min(candidates, key=lambda c: (c[0], c[2]))
        if day_ == NEVER:
            assert (best.day[unit], rank[unit], best.place[unit]) == (NEVER, -1, -1)
        else:
            assert (best.day[unit], rank[unit], best.place[unit]) == (day_, number, place)


@given(one=ROWS, other=ROWS)
def test_of_two_sources_the_later_date_counts_and_on_one_day_the_first_source(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    found = [find_last(build_dates(r), units=UNITS, until=np.full(5, 100)) for r in (one, other)]
    best, rank = pick(found, last=True, units=5)
    for unit in range(5):
        known = [(slow_last(r, unit, 100)[0], n) for n, r in enumerate((one, other))]
        known = [(day, n) for day, n in known if day != NEVER]
        day, number = max(known, key=lambda k: (k[0], -k[1]), default=(NEVER, -1))
        assert (best.day[unit], rank[unit]) == (day, number)


def test_without_any_source_nothing_is_found() -> None:
    best, rank = pick([], last=False, units=3)
    assert best.day.tolist() == [NEVER] * 3
    assert rank.tolist() == [-1] * 3


def test_days_and_dates_are_one_another() -> None:
    days = np.array([0, 19_000, NEVER, -400])
    dates = as_dates(days)
    assert dates.null_count() == 1
    assert as_days(dates).tolist() == days.tolist()


def test_the_dates_of_a_subject_stand_at_each_of_its_lesions() -> None:
    key = {"replicate": [0, 0, 0], "subject": ["a", "a", "b"]}
    units = pl.DataFrame({**key, "lesion": ["L01", "L02", "L01"]})
    dated = pl.DataFrame({"replicate": [0, 0], "subject": ["b", "a"], "date": [day(3), day(1)]})
    found = read_dates(dated, units=number_units(units), offset=10)
    start = as_days(pl.Series([day(0)]))[0]
    assert found.unit.tolist() == [0, 1, 2]
    assert (found.day - start).tolist() == [1, 1, 3]
    assert found.place.tolist() == [11, 11, 10]
