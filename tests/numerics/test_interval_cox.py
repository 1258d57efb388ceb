"""Interval-censored proportional hazards: the twin's slopes, special cases, odd data."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.hazards.cox import Sampling, estimate_cox
from equipoise.numerics.intervals.interval_cox import (
    estimate_interval_cox,
    estimate_interval_hazard_ratio,
    estimate_profile_interval,
    trace_interval_cox,
)
from equipoise.numerics.intervals.interval_hazard import IntervalRows, fit_interval_hazard
from equipoise.numerics.intervals.interval_times import (
    bound_event_times,
    bound_interval_times,
    find_innermost,
)
from equipoise.numerics.intervals.turnbull import estimate_turnbull, estimate_turnbull_at
from naive.interval_cox import profile
from naive.interval_hazard import Span
from naive.parametric import bends, slopes
from numerics.interval_samples import spelled

TEXT = "0-2 1-4 3 4-6 5+ 0-3 2+ 4 5-9 6+ 1-3 2-5 8+ 4-7"
TIMES = spelled(TEXT)
X = np.array(
    [[1, 0], [1, 2], [0, 1], [0, -1], [0, 0], [1, 1], [0, 2], [1, -1], [0, 1], [0, 0], [1, 1],
     [1, 0], [0, -2], [0, 1]], dtype=float,
)  # fmt: skip


def best_hazard(spans: Sequence[Span]) -> Sequence[float]:
    innermost = find_innermost(TIMES)
    rows = IntervalRows(
        low=np.array([s.low for s in spans]),
        high=np.array([s.high for s in spans]),
        weight=np.array([s.weight for s in spans]),
        risk=np.array([s.risk for s in spans]),
        nodes=innermost.left.size,
    )
    return [float(h) for h in fit_interval_hazard(rows).hazard]


def test_the_profile_has_its_top_and_its_bend_where_the_twin_has_them() -> None:
    innermost = find_innermost(TIMES)
    spans = [
        Span(low=int(a), high=int(b))
        for a, b in zip(innermost.first, innermost.beyond, strict=True)
    ]
    fit = estimate_interval_cox(TIMES, covariates=X)

    def twin(beta: Sequence[float]) -> float:
        return profile(spans, X.tolist(), beta, best_hazard)

    at = [float(b) for b in fit.coefficients]
    bend = np.array(bends(twin, at, step=1e-3), dtype=np.float64)
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(twin(at), abs=1e-9)
    assert fit.log_likelihood_null == pytest.approx(twin([0, 0]), abs=1e-9)
    assert np.allclose(slopes(twin, at), 0, atol=1e-6)
    assert np.linalg.inv(-bend) == pytest.approx(fit.covariance, rel=1e-3, abs=1e-5)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.sampled_from([1.0, 2.0, 4.0, math.inf]),
            st.integers(0, 1),
            st.integers(-2, 2),
        ),
        min_size=1,
        max_size=18,
    )
)
@settings(max_examples=25)
def test_no_data_break_the_climb(rows: list[tuple[int, float, int, int]]) -> None:
    times = bound_interval_times([r[0] for r in rows], right=[r[0] + r[1] for r in rows])
    fit = estimate_interval_cox(times, covariates=[[float(r[2]), float(r[3])] for r in rows])

    assert fit.converged or fit.message
    assert fit.log_likelihood >= fit.log_likelihood_null - 1e-9
    null = estimate_turnbull(times).log_likelihood
    assert fit.log_likelihood_null == pytest.approx(null, abs=1e-9)


def test_a_covariate_without_effect_leaves_the_curve_of_turnbull() -> None:
    twice = spelled(f"{TEXT} {TEXT}")
    n = TIMES.left.size
    fit = estimate_interval_cox(twice, covariates=np.repeat([0.0, 1.0], n))
    alone = estimate_turnbull(TIMES)

    assert fit.coefficients[0] == pytest.approx(0, abs=1e-8)
    assert fit.score_test.statistic == pytest.approx(0, abs=1e-12)
    found = estimate_turnbull_at(trace_interval_cox(fit, covariates=1.0), at=[2, 4, 6])
    assert found.upper == pytest.approx(estimate_turnbull_at(alone, at=[2, 4, 6]).upper, abs=1e-8)


def test_known_times_on_many_days_give_nearly_coxs_answer() -> None:
    rng = np.random.default_rng(7)
    arm = np.repeat([0.0, 1.0], 400)
    time = rng.exponential(10, 800) * np.exp(0.5 * arm)
    event = (time < 20).astype(int)
    time = np.minimum(time, 20)
    fit = estimate_interval_cox(bound_event_times(time, event=event), covariates=arm)
    known = estimate_cox(time, event=event, covariates=arm)

    assert fit.coefficients == pytest.approx(known.coefficients, abs=2e-3)
    assert np.sqrt(fit.covariance) == pytest.approx(np.sqrt(known.covariance), rel=2e-3)


def test_known_times_with_late_entry_give_nearly_coxs_answer() -> None:
    rng = np.random.default_rng(9)
    arm = np.repeat([0.0, 1.0], 400)
    entry = np.maximum(rng.uniform(-4, 6, 800), 0)
    time = entry + rng.exponential(10, 800) * np.exp(0.5 * arm)
    event = (time < 20).astype(int)
    time = np.minimum(time, 20)
    fit = estimate_interval_cox(bound_event_times(time, event=event, entry=entry), covariates=arm)
    known = estimate_cox(time, event=event, covariates=arm, sampling=Sampling(entry=entry))
    ignored = estimate_cox(time, event=event, covariates=arm)

    assert fit.coefficients == pytest.approx(known.coefficients, abs=2e-3)
    assert np.sqrt(fit.covariance) == pytest.approx(np.sqrt(known.covariance), rel=2e-3)
    assert abs(ignored.coefficients[0] - known.coefficients[0]) > 0.02


def test_two_halves_of_one_day_are_a_logistic_of_two_risks() -> None:
    # 3 of 4 and 1 of 4 by the day: exp(-H r) = 1/4 and 3/4
    times = bound_interval_times([0] * 4 + [5] * 4, right=[5] * 4 + [math.inf] * 4)
    fit = estimate_interval_cox(times, covariates=[1, 1, 1, 0, 1, 0, 0, 0.0])

    assert fit.coefficients[0] == pytest.approx(math.log(math.log(1 / 4) / math.log(3 / 4)))


def test_strata_have_hazards_of_their_own() -> None:
    stratum = np.array([0, 1] * 7)
    fit = estimate_interval_cox(TIMES, covariates=X[:, 0], stratum=stratum)
    parts = [
        estimate_turnbull(
            bound_interval_times(TIMES.left[stratum == s], right=TIMES.right[stratum == s])
        ).log_likelihood
        for s in (0, 1)
    ]

    assert len(fit.hazards) == 2
    assert fit.log_likelihood_null == pytest.approx(sum(parts), abs=1e-9)


def test_weights_count_rows() -> None:
    twice = spelled(f"{TEXT} {TEXT}")
    doubled = bound_interval_times(TIMES.left, right=TIMES.right, weight=np.full(14, 2.0))
    one = estimate_interval_cox(doubled, covariates=X)
    other = estimate_interval_cox(twice, covariates=np.vstack([X, X]))

    assert one.coefficients == pytest.approx(other.coefficients, abs=1e-8)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-6)


def test_units_of_a_covariate_change_only_its_coefficient() -> None:
    one = estimate_interval_cox(TIMES, covariates=X[:, 1])
    other = estimate_interval_cox(TIMES, covariates=100 * X[:, 1] + 7)

    assert 100 * other.coefficients == pytest.approx(one.coefficients, rel=1e-8)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)
    assert one.score_test.statistic == pytest.approx(other.score_test.statistic, rel=1e-8)


def test_at_the_ends_of_the_profile_interval_the_likelihood_has_fallen_by_its_limit() -> None:
    x = X[::-1]
    fit = estimate_interval_cox(TIMES, covariates=x)
    lower, upper = estimate_profile_interval(TIMES, covariates=x)
    innermost = find_innermost(TIMES)
    spans = [
        Span(low=int(a), high=int(b))
        for a, b in zip(innermost.first, innermost.beyond, strict=True)
    ]
    for end in (lower, upper):
        highest = max(
            profile(spans, x.tolist(), [end, b], best_hazard)
            for b in fit.coefficients[1] + np.linspace(-0.5, 0.5, 101)
        )
        assert 2 * (fit.log_likelihood - highest) == pytest.approx(3.841459, abs=2e-4)
    wald = estimate_interval_hazard_ratio(fit)
    assert lower < fit.coefficients[0] < upper
    assert upper - lower == pytest.approx(2 * 1.96 * wald.standard_error, rel=0.1)


@pytest.mark.parametrize(("text", "x", "words"), [
    ("3+ 5+ 6+", [0, 1, 0], "no event"),
    ("0-2 1-3 2-4 3+", [1, 1, 1, 1], "no covariate has information"),
    ("0-2 0-3 1-3 2-5 5+ 6+ 7+", [0, 0, 0, 0, 1, 1, 1], "rises without end"),
    ("0-5 2-9 3+", [0, 1, 1], "along covariate 0"),
])  # fmt: skip
def test_what_cannot_be_estimated_is_told(text: str, x: list[float], words: str) -> None:
    fit = estimate_interval_cox(spelled(text), covariates=x)

    assert not fit.converged
    assert words in fit.message


def test_a_collinear_covariate_is_left_out_and_the_rest_estimated() -> None:
    fit = estimate_interval_cox(TIMES, covariates=np.c_[X[:, 0], 2 * X[:, 0] + 3])
    alone = estimate_interval_cox(TIMES, covariates=X[:, 0])

    assert fit.converged
    assert math.isnan(fit.coefficients[1])
    assert fit.coefficients[0] == pytest.approx(alone.coefficients[0], rel=1e-9)
    assert fit.message == "no information of its own in covariate 1"


def test_refusals() -> None:
    with pytest.raises(ValueError, match="stratum 1 has no row"):
        estimate_interval_cox(TIMES, covariates=X, stratum=[0, 2] * 7)
    with pytest.raises(ValueError, match="must hold 2 numbers"):
        trace_interval_cox(estimate_interval_cox(TIMES, covariates=X), covariates=[1])


def test_a_row_told_four_times_is_a_row_of_weight_four() -> None:
    often = np.repeat(np.arange(len(X)), 4)
    told = spelled(" ".join(TEXT.split()[i] for i in often))
    heavy = bound_interval_times(TIMES.left, right=TIMES.right, weight=np.full(len(X), 4.0))

    many = estimate_interval_cox(told, covariates=X[often])
    one = estimate_interval_cox(heavy, covariates=X)

    assert many.n == 4 * one.n
    assert many.coefficients == pytest.approx(one.coefficients, rel=1e-11)
    assert many.covariance == pytest.approx(one.covariance, rel=1e-10)
    assert many.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-13)
