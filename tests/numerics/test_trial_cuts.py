"""A trial looked at: the k-th event among all, rows in order, scans."""

import bisect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.trials.trial_cuts import (
    calendar_kernel,
    kth_smallest_kernel,
    last_seen_kernel,
    order_rows_kernel,
    scans_before,
)
from naive.cox import Person
from naive.trial import Row, Subject
from numerics.replicate_rows import in_order

TIMES = st.floats(0.01, 30.0) | st.integers(1, 6).map(float)
SPANS = st.sampled_from([1e-3, 1.0, 7.0, 40.0, 1e6])
NO_SCANS = np.empty(0)
Floats = NDArray[np.float64]
Table = tuple[Floats, Floats, Floats, Floats]


def kth(values: list[float], k: int, span: float) -> float:
    n = len(values)
    room = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n + 1)
    return kth_smallest_kernel(np.array(values), k, span, *room)


@given(st.data(), SPANS)
def test_the_kth_smallest_is_that_of_the_sorted(data: st.DataObject, span: float) -> None:
    values = data.draw(st.lists(TIMES | st.just(math.inf), min_size=1, max_size=40))
    k = data.draw(st.integers(1, len(values)))

    assert kth(values, k, span) == sorted(values)[k - 1]


@pytest.mark.parametrize("span", [1e-9, 1.0, 1e9])
def test_equal_values_and_values_that_never_come_are_found(span: float) -> None:
    assert kth([3.0] * 9, 5, span) == 3.0
    assert kth([3.0, math.inf, 2.0], 2, span) == 3.0
    assert math.isinf(kth([3.0, math.inf, 2.0], 3, span))
    assert math.isinf(kth([math.inf] * 4, 1, span))
    assert kth([5.0], 1, span) == 5.0


def subjects() -> st.SearchStrategy[list[Subject]]:
    one = st.builds(
        Subject,
        arm=st.integers(0, 1),
        stratum=st.integers(0, 2),
        entry=st.floats(0.0, 12.0),
        first=TIMES | st.just(math.inf),
        death=st.just(math.inf),
        leaving=TIMES | st.just(math.inf),
    )
    everybody = st.lists(one, min_size=1, max_size=30)
    return everybody.map(lambda those: sorted(those, key=lambda each: each.arm))


def columns(those: list[Subject]) -> Table:
    """Entry, time, leaving, and the calendar time of the event."""
    entry = np.array([one.entry for one in those])
    time = np.array([one.first for one in those])
    leaving = np.array([one.leaving for one in those])
    calendar = np.empty(len(those))
    calendar_kernel(entry, time, leaving, calendar)
    return entry, time, leaving, calendar


def ordered_at(
    those: list[Subject], cut: float, scans: NDArray[np.float64] = NO_SCANS
) -> NDArray[np.int64]:
    n = len(those)
    ordered = np.empty(n, dtype=np.int64)
    entry, time, leaving, calendar = columns(those)
    entered = order_rows_kernel(
        entry, time, leaving, calendar, np.array([one.stratum for one in those]), scans, cut,
        sum(one.arm == 0 for one in those), np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64), np.empty(n + 2, dtype=np.int64), ordered,
    )  # fmt: skip
    return ordered[:entered]


def seen_at(those: list[Subject], cut: float, scans: tuple[float, ...] = ()) -> list[Person]:
    rows = []
    for one in those:
        if one.entry < cut:
            event = one.seen(0) <= cut
            time = one.first if event else min(one.leaving, cut - one.entry)
            if scans and not event:
                time = max((scan for scan in scans if scan < time), default=0.0)
            row = Row(time=time, event=int(event), arm=one.arm, stratum=one.stratum)
            rows.append(Person(time=row.time, event=row.event, group=row.arm, stratum=row.stratum))
    return rows


@given(subjects())
def test_events_are_seen_at_entry_and_time_unless_the_subject_left(those: list[Subject]) -> None:
    entry, time, leaving, calendar = columns(those)

    assert calendar.tolist() == [one.seen(0) for one in those]
    last = max(one.entry + min(one.first, one.leaving) for one in those)
    assert last_seen_kernel(entry, time, leaving) == last


@given(subjects(), st.floats(0.5, 40.0))
def test_rows_are_in_the_order_of_their_times(those: list[Subject], cut: float) -> None:
    assert ordered_at(those, cut).tolist() == in_order(seen_at(those, cut)).tolist()


@given(subjects(), st.floats(0.5, 40.0))
def test_who_is_censored_goes_back_to_the_last_scan(those: list[Subject], cut: float) -> None:
    scans = (2.0, 4.0, 9.0)
    found = ordered_at(those, cut, np.array(scans))

    assert found.tolist() == in_order(seen_at(those, cut, scans)).tolist()


def test_nobody_has_entered_before_the_first() -> None:
    one = Subject(arm=0, stratum=0, entry=5.0, first=1.0, death=1.0, leaving=9.0)

    assert ordered_at([one], 5.0).size == 0
    assert ordered_at([one], 5.5).size == 1


@given(st.lists(st.floats(0.0, 10.0), max_size=12).map(sorted), st.floats(0.0, 11.0))
def test_scans_before_a_time_are_counted(scans: list[float], time: float) -> None:
    assert scans_before(np.array(scans), time) == bisect.bisect_left(scans, time)
    for scan in scans:
        assert scans_before(np.array(scans), scan) == bisect.bisect_left(scans, scan)
