"""The likelihood of rows between bounds where the hazards follow the coefficients."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from equipoise.numerics.intervals.interval_cox import estimate_interval_cox
from equipoise.numerics.intervals.interval_hazard import IntervalRows, fit_interval_hazard
from equipoise.numerics.intervals.interval_profile import (
    ProfileRows,
    ReachedHazards,
    profile_slopes,
    split_hazards,
)
from equipoise.numerics.intervals.interval_times import bound_event_times, bound_interval_times
from naive.interval_cox import profile
from naive.interval_hazard import Span
from naive.parametric import bends, slopes
from numerics.interval_samples import spelled

LOW, HIGH = (
    np.array([0, 1, 0, 2, 0, 1, 3, 1, 0, 2, 0, 1]),
    np.array([2, 3, 1, 4, 4, 4, 4, 2, 3, 3, 1, 3]),
)
X = np.array(
    [[1, 0], [0, 2], [1, 1], [0, 1], [0, 0], [1, 1], [0, 2], [1, 0], [0, 1], [1, 2], [0, 0], [1, 1]]
)  # fmt: skip
WEIGHT = np.array([1, 2, 1, 1, 0.5, 1, 1, 1.5, 1, 1, 1, 1])
BETA = np.array([0.4, -0.2])


def rows_of(*strata: slice) -> ProfileRows:
    """Some of the rows above, as strata of four nodes."""
    return ProfileRows(
        low=np.concatenate([LOW[s] for s in strata]),
        high=np.concatenate([HIGH[s] for s in strata]),
        weight=np.concatenate([WEIGHT[s] for s in strata]),
        x=np.concatenate([X[s] for s in strata]).astype(np.float64),
        row=np.cumsum([0] + [LOW[s].size for s in strata]),
        node=4 * np.arange(len(strata) + 1),
    )


def reach(rows: ProfileRows, beta: np.ndarray) -> ReachedHazards:
    reached = profile_slopes(rows, beta=beta, reached=None)[1]
    assert reached is not None
    return reached


def best_hazard(spans: Sequence[Span]) -> Sequence[float]:
    low, high, weight, risk = zip(*((s.low, s.high, s.weight, s.risk) for s in spans), strict=True)
    rows = IntervalRows(
        low=np.array(low),
        high=np.array(high),
        weight=np.array(weight),
        risk=np.array(risk),
        nodes=4,
    )
    return [float(h) for h in fit_interval_hazard(rows).hazard]


def test_slopes_are_those_of_the_twin() -> None:
    rows = rows_of(slice(None))
    found, reached = profile_slopes(rows, beta=BETA, reached=None)
    spans = [
        Span(low=int(a), high=int(b), weight=float(w))
        for a, b, w in zip(LOW, HIGH, WEIGHT, strict=True)
    ]

    def twin(beta: Sequence[float]) -> float:
        return profile(spans, X.tolist(), beta, best_hazard)

    assert found.value == pytest.approx(twin(BETA.tolist()), abs=1e-12)
    assert found.score == pytest.approx(slopes(twin, BETA.tolist()), abs=1e-7)
    bend = np.array(bends(twin, BETA.tolist(), step=1e-3), dtype=np.float64)
    assert found.information == pytest.approx(-bend, abs=1e-5)
    assert reached is not None
    hazard = split_hazards(rows, reached=reached)[0]
    risks = [math.exp(float(x @ BETA)) for x in X]
    risky = [
        Span(low=s.low, high=s.high, weight=s.weight, risk=r)
        for s, r in zip(spans, risks, strict=True)
    ]
    assert hazard[:-1] == pytest.approx(best_hazard(risky)[:-1], abs=1e-12)
    assert math.isinf(hazard[-1])


def test_jumps_follow_the_coefficients_as_they_are_told_to() -> None:
    rows, step = rows_of(slice(None), slice(0, 9)), 1e-6
    here = reach(rows, BETA)

    for k, along in enumerate(np.eye(2)):
        change = reach(rows, BETA + step * along).jump - reach(rows, BETA - step * along).jump
        assert here.follows[:, k] == pytest.approx(change / (2 * step), abs=1e-7)


def test_where_the_search_begins_does_not_matter() -> None:
    rows = rows_of(slice(None), slice(2, None))
    alone, _ = profile_slopes(rows, beta=BETA, reached=None)

    for from_there in (np.zeros(2), np.array([3.0, -2.0])):
        led, reached = profile_slopes(rows, beta=BETA, reached=reach(rows, from_there))
        assert reached is not None
        assert reached.jump == pytest.approx(reach(rows, BETA).jump, abs=1e-13)
        assert led.value == pytest.approx(alone.value, abs=1e-13)
        assert led.score == pytest.approx(alone.score, abs=1e-12)
        assert led.information == pytest.approx(alone.information, abs=1e-12)


def test_strata_add_up_and_keep_hazards_of_their_own() -> None:
    parts = [slice(None), slice(0, 9), slice(3, None)]
    whole, reached = profile_slopes(rows_of(*parts), beta=BETA, reached=None)
    each = [profile_slopes(rows_of(part), beta=BETA, reached=None) for part in parts]

    assert whole.value == pytest.approx(sum(slopes.value for slopes, _ in each), rel=1e-14)
    assert whole.score == pytest.approx(sum(slopes.score for slopes, _ in each), rel=1e-13)
    assert whole.information == pytest.approx(sum(s.information for s, _ in each), rel=1e-13)
    assert reached is not None
    for hazard, (_, alone) in zip(
        split_hazards(rows_of(*parts), reached=reached), each, strict=True
    ):
        assert alone is not None
        assert hazard[:-1].tolist() == np.cumsum(alone.jump).tolist()


def test_coefficients_out_of_range_are_impossible_and_leave_what_was_reached() -> None:
    rows = rows_of(slice(None))
    before = reach(rows, BETA)
    found, after = profile_slopes(rows, beta=np.array([100.0, 0.0]), reached=before)

    assert found.value == -math.inf
    assert not found.score.any()
    assert not found.information.any()
    assert after is before


def test_the_order_of_the_rows_is_nothing_where_a_jump_is_worth_nothing() -> None:
    # one jump is best at 0 and would as soon be there: rounding leaves 5e-17 of it, or none
    bounds, x = "5-9 0-4 3-6 1-3 6-9 7-10".split(), np.array([1.0, 1, 0, 1, 0, 1])
    found = []
    for order in itertools.islice(itertools.permutations(range(6)), 0, None, 20):
        times = spelled(" ".join(bounds[i] for i in order))
        found.append(estimate_interval_cox(times, covariates=x[list(order)]).score_test.statistic)

    assert found == pytest.approx([found[0]] * 36, rel=1e-12)


def test_visits_and_known_times_need_no_climb_without_effect() -> None:
    left = np.array([0.0, 0, 2, 4, 2, 6, 4, 8, 0, 2])
    visits = bound_interval_times(left, right=np.where(left == 8, math.inf, left + 2))
    known = bound_event_times(left + 1, event=np.array([1, 0, 1, 1, 0, 1, 0, 1, 1, 1]))
    for times in (visits, known):
        fit = estimate_interval_cox(times, covariates=np.arange(10) % 2)
        rows = IntervalRows(
            low=fit.innermost[0].first,
            high=fit.innermost[0].beyond,
            weight=np.ones(10),
            risk=np.ones(10),
            nodes=fit.innermost[0].left.size,
        )
        assert fit_interval_hazard(rows).rounds == 0


def test_a_hazard_that_runs_away_from_late_rows_is_no_top() -> None:
    """Beside a hazard of a million by its entry, what a row adds later is rounding."""
    times = bound_interval_times(
        [5.0, 0, 0, 0, 0, 10],
        right=[10, math.inf, math.inf, 5, 5, math.inf],
        entry=[0.9, 0, 0, 0, 0, 0],
    )
    fit = estimate_interval_cox(times, covariates=[1, 0, 0, 1, 0, 0])

    assert not fit.converged
    assert fit.message == "the climb to the largest likelihood did not settle"
