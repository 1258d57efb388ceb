"""Turnbull's survival: the twin, the proof of the top, Kaplan-Meier, bounds and quantiles."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.intervals.interval_times import bound_event_times, bound_interval_times
from equipoise.numerics.intervals.turnbull import (
    Turnbull,
    estimate_turnbull,
    estimate_turnbull_at,
    estimate_turnbull_quantile,
)
from equipoise.numerics.survival.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from naive.turnbull import (
    Bounds,
    cells,
    chances,
    covers,
    log_likelihood,
    self_consistent,
    steepness,
    survival_after,
)
from numerics.interval_samples import bounded_rows, late_rows, spelled, times_of


def one_cell_each(rows: list[Bounds], curve: Turnbull) -> dict[tuple[float, float], float]:
    """Our masses on cells of the twin: where in its interval a mass lies is no matter."""
    out = {}
    for begin, end, p in zip(curve.left, curve.right, curve.mass, strict=True):
        inside = [c for c in cells(rows) if covers(Bounds(left=begin, right=end), c)]
        out[inside[-1]] = float(p)  # nobody who enters between then waits in vain
    return out


@given(bounded_rows())
@settings(max_examples=50)
def test_no_cell_could_take_mass_and_make_the_rows_more_likely(rows: list[Bounds]) -> None:
    curve = estimate_turnbull(times_of(rows))
    mass = one_cell_each(rows, curve)
    slope = steepness(rows, mass)

    assert sum(mass.values()) == pytest.approx(1, abs=1e-12)
    assert max(slope.values()) <= 1 + 1e-9
    assert all(slope[cell] == pytest.approx(1, abs=1e-9) for cell, p in mass.items() if p > 1e-6)
    assert curve.log_likelihood == pytest.approx(log_likelihood(rows, mass), abs=1e-10)
    assert curve.missed < 1e-8


@given(bounded_rows(10))
@settings(max_examples=15)
def test_survival_is_that_of_self_consistency(rows: list[Bounds]) -> None:
    curve = estimate_turnbull(times_of(rows))
    twin = self_consistent(rows, 300)
    ends = [r.right for r in rows if r.right < math.inf]

    assert curve.log_likelihood >= log_likelihood(rows, twin) - 1e-10
    for day in ends:
        found = estimate_turnbull_at(curve, at=[day])
        assert found.lower[0] - 0.1 <= survival_after(twin, day) <= found.upper[0] + 0.1


def test_masses_to_be_worked_out_by_hand() -> None:
    curve = estimate_turnbull(spelled("0-2 1-3 2-4 3+"))

    assert list(zip(curve.left, curve.right, strict=True)) == [(1, 2), (3, 4)]
    assert curve.mass == pytest.approx([0.5, 0.5], abs=1e-14)
    assert curve.log_likelihood == pytest.approx(4 * math.log(0.5), abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(1, 8), st.integers(0, 1)), min_size=1, max_size=25),
)
@settings(max_examples=40)
def test_known_times_give_kaplan_meier(pairs: list[tuple[int, int]]) -> None:
    time, event = [float(t) for t, _ in pairs], [e for _, e in pairs]
    curve = estimate_turnbull(bound_event_times(time, event=event))
    at = np.arange(0.0, max(time))
    known = estimate_survival_at(estimate_kaplan_meier(time, event=event), at=at).survival

    assert estimate_turnbull_at(curve, at=at).upper == pytest.approx(known, abs=1e-11)


def test_a_median_of_known_times_is_that_of_kaplan_meier() -> None:
    time, event = [2.0, 3.0, 3.0, 5.0, 8.0, 9.0], [1, 1, 0, 1, 1, 0]
    found = estimate_turnbull_quantile(estimate_turnbull(bound_event_times(time, event=event)))
    known = estimate_quantile(estimate_kaplan_meier(time, event=event)).value

    assert found.earliest == found.latest == found.value == known


def test_weights_count_rows() -> None:
    once = bound_interval_times(
        [0.0, 2.0, 1.0, 3.0], right=[2, 5, 3, math.inf], weight=[2, 1, 3, 1]
    )
    spelt = spelled("0-2 0-2 2-5 1-3 1-3 1-3 3+")

    assert estimate_turnbull(once).mass == pytest.approx(estimate_turnbull(spelt).mass, abs=1e-12)


def test_survival_is_bounded_inside_an_innermost_interval_and_known_outside() -> None:
    curve = estimate_turnbull(spelled("0-2 0-2 4-8 4-8"))
    found = estimate_turnbull_at(curve, at=[0, 1, 2, 4, 5, 8, 9])

    assert found.upper == pytest.approx([1, 1, 0.5, 0.5, 0.5, 0, 0], abs=1e-12)
    assert found.lower == pytest.approx([1, 0.5, 0.5, 0.5, 0, 0, 0], abs=1e-12)
    assert found.survival == pytest.approx([1, 0.75, 0.5, 0.5, 0.375, 0, 0], abs=1e-12)


def test_survival_after_the_last_left_bound_is_unknown_where_some_were_never_seen() -> None:
    found = estimate_turnbull_at(estimate_turnbull(spelled("0-2 6+")), at=[6, 7])

    assert found.survival == pytest.approx([0.5, math.nan], nan_ok=True)
    assert found.lower == pytest.approx([0.5, 0])
    assert found.upper == pytest.approx([0.5, 0.5])


def test_quantiles_lie_in_the_interval_whose_mass_reaches_them() -> None:
    curve = estimate_turnbull(spelled("0-2 0-2 0-2 4-8"))
    median, late = (
        estimate_turnbull_quantile(curve),
        estimate_turnbull_quantile(curve, probability=0.9),
    )

    assert (median.earliest, median.latest) == (0, 2)
    assert median.value == pytest.approx(4 / 3)
    assert (late.earliest, late.latest) == (4, 8)


def test_a_flat_part_on_the_level_gives_its_middle() -> None:
    found = estimate_turnbull_quantile(estimate_turnbull(spelled("1-2 4-8")))

    assert (found.earliest, found.latest) == (2.5, 5)
    assert found.value == 3.75


def test_a_quantile_that_only_those_never_seen_reach_has_no_value() -> None:
    found = estimate_turnbull_quantile(estimate_turnbull(spelled("1-2 6+ 7+")))

    assert (found.earliest, found.latest) == (7, math.inf)
    assert math.isnan(found.value)


@pytest.mark.parametrize(("text", "left", "right"), [
    ("3+ 5+ 5+", 5, math.inf),  # nobody was seen
    ("4", 4, 4),  # one row
    ("4 4 4", 4, 4),  # all on one day
    ("0-5 2-9 3+", 3, 5),  # all overlap
])  # fmt: skip
def test_rows_with_one_place_for_all_events(text: str, left: float, right: float) -> None:
    curve = estimate_turnbull(spelled(text))

    assert (curve.left.tolist(), curve.right.tolist()) == ([left], [right])
    assert curve.mass.tolist() == [1]
    assert curve.log_likelihood == 0


def test_thousands_of_rows_reach_the_top() -> None:
    rng = np.random.default_rng(3)
    left = np.round(rng.uniform(0, 500, 4000))
    right = np.where(rng.random(4000) < 0.4, np.inf, left + np.round(rng.uniform(0, 80, 4000)))

    assert estimate_turnbull(bound_interval_times(left, right=right)).missed < 1e-6


@given(late_rows())
@settings(max_examples=60)
def test_with_late_entry_no_cell_could_take_mass_either(rows: list[Bounds]) -> None:
    try:
        curve = estimate_turnbull(times_of(rows))
    except ValueError as reason:
        assert "begin later" in str(reason)  # noqa: PT017 - nobody is left before others enter
        return
    mass = one_cell_each(rows, curve)
    assert sum(mass.values()) == pytest.approx(1, abs=1e-12)
    assume(min(chances(rows, mass)[1]) > 1e-9)
    slope = steepness(rows, mass)

    assert max(slope.values()) <= 1 + 1e-9
    assert all(slope[cell] == pytest.approx(1, abs=1e-9) for cell, p in mass.items() if p > 1e-6)
    assert curve.log_likelihood == pytest.approx(log_likelihood(rows, mass), abs=1e-9)
    twin = self_consistent(rows, 100)
    assert curve.log_likelihood >= log_likelihood(rows, twin) - 1e-10


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 1), st.integers(0, 7)), min_size=1,
                max_size=25))  # fmt: skip
@settings(max_examples=40)
def test_known_times_with_late_entry_give_kaplan_meier(rows: list[tuple[int, int, int]]) -> None:
    time, event = [float(t) for t, _, _ in rows], [e for _, e, _ in rows]
    entry = [float(max(t - 1 - late, 0)) for t, _, late in rows]
    curve = estimate_turnbull(bound_event_times(time, event=event, entry=entry))
    at = np.arange(0.0, max(time))
    known = estimate_survival_at(estimate_kaplan_meier(time, event=event, entry=entry), at=at)

    assert estimate_turnbull_at(curve, at=at).upper == pytest.approx(known.survival, abs=1e-11)
    assert math.isnan(curve.missed) is any(e > 0 for e in entry)


def test_late_entry_to_be_worked_out_by_hand() -> None:
    """3 of 4 are left after day 2, of whom, and of 2 who enter on it, 2 of 5 fail by day 4."""
    right, entry = [2, 4, math.inf, math.inf, 4, math.inf], [0, 0, 0, 0, 2, 2]
    curve = estimate_turnbull(bound_interval_times([0, 2, 4, 4, 2, 4], right=right, entry=entry))

    assert list(zip(curve.left, curve.right, strict=True)) == [(0, 2), (2, 4), (4, math.inf)]
    assert curve.mass == pytest.approx([1 / 4, 3 / 4 * 2 / 5, 3 / 4 * 3 / 5], abs=1e-13)


def test_intervals_that_nothing_tells_apart_are_one() -> None:
    """Who enters on day 3 takes the place of the one last seen then: whether the event of 2 to 6
    lies before or after is all one, a third have it by day 6."""
    times = bound_interval_times(
        [2.0, 3.0, 6.0, 7.0], right=[6.0, math.inf, 8.0, math.inf], entry=[0.0, 0.0, 0.0, 3.0]
    )
    curve = estimate_turnbull(times)

    assert list(zip(curve.left, curve.right, strict=True)) == [(2, 6), (7, 8)]
    assert curve.mass == pytest.approx([1 / 3, 2 / 3], abs=1e-12)


def test_where_all_had_the_event_before_others_entered_the_curve_is_0_from_there_on() -> None:
    times = bound_event_times([1.0, 2.0, 5.0, 6.0], event=[1, 1, 1, 0], entry=[0, 0, 3, 3])
    curve = estimate_turnbull(times)

    assert curve.mass == pytest.approx([0.5, 0.5], abs=1e-12)
    assert curve.survival[-1] == 0


def test_chosen_times_and_probabilities_are_checked() -> None:
    curve = estimate_turnbull(spelled("1-2 4-8"))

    with pytest.raises(ValueError, match="finite times"):
        estimate_turnbull_at(curve, at=[-1])
    with pytest.raises(ValueError, match="between 0 and 1"):
        estimate_turnbull_quantile(curve, probability=1)
