"""Groups at risk at each event: the twin, both ways to count, late entry, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.event_counts import count_events, count_events_by_group
from equipoise.numerics.ranks.groups_at_risk import (
    GroupsAtRisk,
    count_groups_at_risk,
    groups_at_risk_of,
)
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_kaplan_meier_of
from naive.cox import Person
from naive.logrank import risk_sets
from numerics.samples import columns, people

FRACTION = 0.25  # added to days it makes times that cannot be counted, but must be sorted


def count(
    persons: list[Person], *, later: float = 0.0, entry: NDArray[np.float64] | None = None
) -> GroupsAtRisk:
    time, event = columns(persons)
    return count_groups_at_risk(
        time + later,
        event=event,
        group=np.array([p.group for p in persons]),
        stratum=np.array([p.stratum for p in persons]),
        groups=3,
        entry=entry,
    )


def same(one: GroupsAtRisk, other: GroupsAtRisk, *, later: float = 0.0) -> bool:
    return (
        one.n.tolist() == other.n.tolist()
        and one.stratum.tolist() == other.stratum.tolist()
        and np.array_equal(one.time + later, other.time)
        and np.array_equal(one.at_risk, other.at_risk)
        and np.array_equal(one.events, other.events)
    )


def equals_the_twin(
    found: GroupsAtRisk, persons: list[Person], entry: list[float] | None = None
) -> None:
    sets = risk_sets(persons, entry)

    assert [(s.stratum, s.time) for s in sets] == list(
        zip(found.stratum.tolist(), found.time.tolist(), strict=True)
    )
    for group in range(3):
        assert found.at_risk[group].tolist() == [
            sum(p.group == group for p in s.at_risk) for s in sets
        ]
        assert found.events[group].tolist() == [
            sum(p.group == group for p in s.failed) for s in sets
        ]


@given(people())
def test_counts_of_days_equal_the_twin(persons: list[Person]) -> None:
    equals_the_twin(count(persons), persons)


@given(people())
def test_fractions_of_a_day_are_sorted_to_the_same_counts(persons: list[Person]) -> None:
    assert same(count(persons), count(persons, later=FRACTION), later=FRACTION)


@given(people(), st.data())
def test_with_late_entry_the_counts_equal_the_twin(
    persons: list[Person], data: st.DataObject
) -> None:
    entry = [data.draw(st.integers(-1, int(p.time) - 1)) for p in persons]
    found = count(persons, entry=np.array(entry, dtype=np.float64))

    equals_the_twin(found, persons, [float(each) for each in entry])


@given(people(), st.booleans())
def test_curves_and_test_come_from_one_pass(persons: list[Person], sorted_: bool) -> None:
    time, event = columns(persons)
    time = time + FRACTION * sorted_
    group = np.array([p.group for p in persons])
    counts = count_events_by_group(time, cause=event, group=group, groups=3)

    assert same(
        groups_at_risk_of(counts),
        count_groups_at_risk(time, event=event, group=group, groups=3),
    )
    for code, own in enumerate(counts):
        rows = group == code
        if rows.any():
            alone = count_events(time[rows], cause=event[rows])
            assert np.array_equal(own.time, alone.time)
            assert np.array_equal(own.at_risk, alone.at_risk)
            assert np.array_equal(own.events, alone.events)
            assert np.array_equal(own.censored, alone.censored)
            curve = estimate_kaplan_meier(time[rows], event=event[rows])
            assert np.array_equal(estimate_kaplan_meier_of(own).survival, curve.survival)
        else:
            assert own.time.size == 0


def test_an_entry_on_the_day_of_an_event_comes_after_it() -> None:
    found = count_groups_at_risk(
        np.array([3.0, 5.0]), event=np.array([1, 1]), group=np.array([0, 1]),
        entry=np.array([0.0, 3.0]),
    )  # fmt: skip

    assert found.at_risk.T.tolist() == [[1, 0], [0, 1]]


def test_an_entry_that_differs_from_the_event_by_rounding_comes_after_it() -> None:
    found = count_groups_at_risk(
        np.array([0.3, 5.0]), event=np.array([1, 1]), group=np.array([0, 1]),
        entry=np.array([0.0, 0.3 - 1e-10]),
    )  # fmt: skip

    assert found.at_risk.T.tolist() == [[1, 0], [0, 1]]


def test_an_entry_that_is_the_time_but_for_rounding_is_refused() -> None:
    with pytest.raises(ValueError, match=r"entry\[1\] is 5.0: a row enters before"):
        count_groups_at_risk(
            np.array([3.0, 5.0 + 1e-10]), event=np.array([1, 1]), group=np.array([0, 1]),
            entry=np.array([0.0, 5.0]),
        )  # fmt: skip


def test_strata_may_have_any_codes() -> None:
    time, event, group = np.array([1.0, 2.0, 3.0]), np.ones(3, dtype=int), np.array([0, 1, 0])
    found = count_groups_at_risk(time, event=event, group=group, stratum=np.array([10**12, 5, 5]))

    assert found.stratum.tolist() == [5, 5, 10**12]
    assert found.time.tolist() == [2, 3, 1]


@pytest.mark.parametrize("later", [0.0, FRACTION])
@pytest.mark.parametrize(("column", "value", "words"), [
    ("time", np.nan, r"time\[1\] is nan"),
    ("time", np.inf, r"time\[1\] is inf"),
    ("time", -1.0, r"time\[1\] is -"),
    ("event", 2, r"event\[1\] is 2: codes are from 0 to 1"),
    ("event", -1, r"event\[1\] is -1"),
    ("group", -1, r"group\[1\] is -1"),
    ("group", 10**12, r"group\[1\] is 1000000000000: number the groups"),
    ("stratum", -3, r"stratum\[1\] is -3"),
])  # fmt: skip
def test_a_row_that_is_no_data_is_named(
    column: str, value: float, words: str, later: float
) -> None:
    rows = {
        "time": np.array([1.0, 2.0, 3.0]) + later,
        "event": np.array([1, 0, 1]),
        "group": np.array([0, 1, 1]),
        "stratum": np.array([0, 1, 0]),
    }
    rows[column][1] = value
    with pytest.raises(ValueError, match=words):
        count_groups_at_risk(
            rows["time"], event=rows["event"], group=rows["group"], stratum=rows["stratum"]
        )


def test_columns_of_other_types_strided_or_read_only_count_the_same() -> None:
    time, event, group = np.array([4.0, 2.0, 3.0]), np.array([1, 0, 1]), np.array([0, 1, 1])
    plain = count_groups_at_risk(time, event=event, group=group)
    wide = np.repeat(time, 2)[::2]
    wide.flags.writeable = False
    other = count_groups_at_risk(wide, event=event > 0, group=group.astype(np.int8))

    assert same(plain, other)
    assert same(plain, count_groups_at_risk([4, 2, 3], event=[1, 0, 1], group=[0, 1, 1]))


def test_minus_zero_is_zero() -> None:
    found = count_groups_at_risk(
        np.array([-0.0, 0.5]), event=np.array([1, 1]), group=np.array([0, 1])
    )

    assert found.time.tolist() == [0.0, 0.5]


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=30))
def test_any_times_are_counted_in_order(times: list[float]) -> None:
    counts = count_events(np.array(times), cause=np.ones(len(times), dtype=np.int64))

    assert np.all(np.diff(counts.time) > 0)
    assert set(counts.time.tolist()) <= set(times)
    assert counts.at_risk[0] == len(times) == counts.events.sum()
