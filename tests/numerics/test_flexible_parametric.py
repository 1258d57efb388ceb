"""Flexible parametric survival: the twin, special cases, knots, changing effects, odd data."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.intervals.interval_times import (
    IntervalTimes,
    bound_event_times,
    bound_interval_times,
)
from equipoise.numerics.models.flexible_parametric import (
    FlexibleParametric,
    Spline,
    _start,
    baseline_spline,
    estimate_flexible_parametric,
    trace_flexible,
)
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.parametric import Family, estimate_parametric
from equipoise.numerics.models.parametric_curves import (
    compare_restricted_means,
    predict_hazard_ratio,
    predict_survival,
)
from equipoise.numerics.models.spline_likelihood import (
    SplineDesign,
    build_rows,
    natural_spline,
    natural_spline_slopes,
)
from naive.flexible_parametric import log_likelihood, spline_terms, z_of
from naive.parametric import Seen, area, bends, slopes, survival_of

INF = math.inf
ROWS = [
    Seen(left=2, right=2, x=(0, 1)), Seen(left=0, right=3, x=(1, 0)),
    Seen(left=4, right=INF, x=(0, 3)), Seen(left=5, right=9, x=(1, -1)),
    Seen(left=6, right=6, entry=2, x=(1, 2)), Seen(left=4, right=4, x=(0, 0)),
    Seen(left=8, right=INF, entry=1, x=(1, 0)), Seen(left=3, right=3, weight=2, x=(0, -2)),
    Seen(left=7, right=12, x=(0, 0)), Seen(left=9, right=9, weight=0.5, x=(1, 1)),
    Seen(left=11, right=11, x=(1, 0)), Seen(left=1, right=1, x=(1, 1)),
    Seen(left=5, right=5, x=(0, 0)), Seen(left=10, right=10, x=(0, 1)),
]  # fmt: skip


def times_of(rows: list[Seen]) -> IntervalTimes:
    return bound_interval_times(
        [r.left for r in rows],
        right=[r.right for r in rows],
        entry=[r.entry for r in rows],
        weight=[r.weight for r in rows],
    )


def fit_of(spline: Spline | None = None) -> FlexibleParametric:
    return estimate_flexible_parametric(
        times_of(ROWS), covariates=np.array([r.x for r in ROWS]), spline=spline
    )


@pytest.mark.parametrize("scale", Latent)
@pytest.mark.parametrize("varying", [(), (0,)])
def test_the_likelihood_has_its_top_and_its_bend_where_the_twin_has_them(
    scale: Latent, varying: tuple[int, ...]
) -> None:
    fit = fit_of(Spline(inner_knots=1, scale=scale, varying=varying))
    knots, change = fit.knots.tolist(), fit.varying_knots.tolist() if varying else None

    def twin(at: Sequence[float]) -> float:
        return log_likelihood(ROWS, scale.value, knots, change, at)

    at = fit.coefficients.tolist()
    bend = np.array(bends(twin, at, step=3e-4), dtype=np.float64)
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(twin(at), abs=1e-7)
    assert np.allclose(slopes(twin, at), 0, atol=1e-5)
    assert np.diag(np.linalg.inv(-bend)) == pytest.approx(np.diag(fit.covariance), rel=2e-3)


@given(st.floats(-2, 6), st.lists(st.floats(-1, 5), min_size=2, max_size=5, unique=True))
@settings(max_examples=30)
def test_the_spline_is_that_of_its_formula_and_its_slope_its_derivative(
    x: float, knots: list[float]
) -> None:
    knots = sorted(knots)
    assume(min(b - a for a, b in pairwise(knots)) > 0.01)
    at = {"knots": np.array(knots)}
    values, slope = (f(np.array([x]), **at) for f in (natural_spline, natural_spline_slopes))
    above, below = (spline_terms(x + way * 1e-5, knots) for way in (1, -1))

    assert values[0] == pytest.approx(spline_terms(x, knots), rel=1e-12, abs=1e-9)
    assert slope[0] == pytest.approx((np.array(above) - below) / 2e-5, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("scale", "family"), [
    (Latent.HAZARD, Family.WEIBULL),
    (Latent.ODDS, Family.LOG_LOGISTIC),
    (Latent.NORMAL, Family.LOG_NORMAL),
])  # fmt: skip
def test_without_inner_knots_it_is_a_parametric_model(scale: Latent, family: Family) -> None:
    fit = fit_of(Spline(inner_knots=0, scale=scale))
    known = estimate_parametric(
        times_of(ROWS), family=family, covariates=np.array([r.x for r in ROWS])
    )
    shape = math.exp(-known.log_scales[0])

    assert fit.coefficients[1] == pytest.approx(shape, rel=1e-9)
    assert fit.coefficients[[0, 2, 3]] == pytest.approx(-shape * known.coefficients, rel=1e-9)
    assert fit.log_likelihood == pytest.approx(known.log_likelihood, rel=1e-12)


def test_knots_lie_at_even_quantiles_of_the_event_times() -> None:
    time = [1.0, 2, 4, 8, 16, 32, 64]
    fit = estimate_flexible_parametric(
        bound_event_times(time, event=[1, 1, 1, 1, 1, 1, 0]), spline=Spline(inner_knots=1)
    )

    assert np.exp(fit.knots) == pytest.approx([1, math.sqrt(32), 32])


@pytest.mark.parametrize("inner", [0, 1, 4])
def test_knots_are_the_quantiles_of_numpy(inner: int) -> None:
    time = np.random.default_rng(inner).weibull(1.2, 61) * 20
    fit = estimate_flexible_parametric(
        bound_event_times(time, event=np.ones(61, dtype=int)), spline=Spline(inner_knots=inner)
    )

    expected = np.quantile(np.log(time), np.linspace(0, 1, inner + 2))
    assert fit.knots == pytest.approx(expected, rel=1e-14)
    assert (fit.knots[0], fit.knots[-1]) == (np.log(time).min(), np.log(time).max())


def test_curves_follow_the_formula() -> None:
    fit = fit_of(Spline(inner_knots=1, varying=(0,)))
    knots, change, at = fit.knots.tolist(), fit.varying_knots.tolist(), fit.coefficients.tolist()
    curve = trace_flexible(fit, covariates=[1, 2])

    def survival(time: float) -> float:
        return survival_of("weibull", z_of(time, (1, 2), knots, change, at))

    def alone(time: float) -> float:
        return survival_of("weibull", z_of(time, (0, 2), knots, change, at))

    gain = compare_restricted_means(curve, to=trace_flexible(fit, covariates=[0, 2]), horizon=9)
    assert predict_survival(curve, at=[2, 7]).value == pytest.approx([survival(2), survival(7)])
    assert gain.value[0] == pytest.approx(area(survival, 9) - area(alone, 9), abs=1e-6)
    zero = (0.0, 0.0)
    assert baseline_spline(fit, at=[3.0])[0] == pytest.approx(z_of(3, zero, knots, change, at))


def test_an_effect_is_one_ratio_unless_it_varies() -> None:
    straight, bent = fit_of(Spline(inner_knots=1)), fit_of(Spline(inner_knots=1, varying=(0,)))

    def ratios(fit: FlexibleParametric) -> list[float]:
        one, other = (trace_flexible(fit, covariates=[x, 0]) for x in (1, 0))
        return [float(r) for r in predict_hazard_ratio(one, to=other, at=[2, 8]).value]

    effect = math.exp(straight.coefficients[3])
    assert ratios(straight) == pytest.approx([effect, effect], rel=1e-10)
    assert abs(math.log(ratios(bent)[0] / ratios(bent)[1])) > 0.01
    assert bent.log_likelihood >= straight.log_likelihood


def test_clusters_of_doubled_rows_give_the_robust_variance_of_single_ones() -> None:
    x, labels = np.array([r.x for r in ROWS]), np.arange(len(ROWS))
    once = estimate_flexible_parametric(times_of(ROWS), covariates=x, cluster=labels)
    rows = [r for r in ROWS for _ in (0, 1)]
    twice = estimate_flexible_parametric(
        times_of(rows), covariates=np.repeat(x, 2, axis=0), cluster=np.repeat(labels, 2)
    )

    assert once.robust_covariance is not None
    assert twice.robust_covariance == pytest.approx(once.robust_covariance, rel=1e-6)
    assert twice.covariance == pytest.approx(once.covariance / 2, rel=1e-6)


def test_a_collinear_covariate_is_left_out_and_the_rest_estimated() -> None:
    x = np.array([r.x[1] for r in ROWS], dtype=float)
    fit = estimate_flexible_parametric(times_of(ROWS), covariates=np.c_[x, 3 * x - 1])

    assert fit.converged
    assert np.isnan(fit.coefficients).tolist() == [False] * 5 + [True]
    assert fit.message == "no information of its own in covariate 1"
    assert predict_survival(trace_flexible(fit, covariates=[1, 0]), at=3).value[0] < 1
    with pytest.raises(ValueError, match="could not be estimated"):
        trace_flexible(fit, covariates=[1, 1])


def test_an_arm_without_events_is_told() -> None:
    time, event = [2.0, 3, 4, 5, 6, 7, 8, 9], [1, 1, 1, 1, 0, 0, 0, 0]
    fit = estimate_flexible_parametric(
        bound_event_times(time, event=event),
        covariates=[0.0, 0, 0, 0, 1, 1, 1, 1],
        spline=Spline(inner_knots=0),
    )

    assert not fit.converged
    assert "rises without end" in fit.message


@pytest.mark.parametrize(("left", "right", "spline", "words"), [
    ([2, 3], [INF, INF], Spline(), "no event"),
    ([2, 2, 2], [2, 2, 2], Spline(inner_knots=0), "1 distinct event times are too few"),
    ([2, 3, 5], [2, 3, 5], Spline(inner_knots=4), "too few or too alike"),
    ([0, 3, 5], [0, 3, 5], Spline(inner_knots=0), r"left\[0\] is 0: an event at time 0"),
    ([2, 3, 5], [2, 3, 5], Spline(inner_knots=-1), "0 or more"),
    ([2, 3, 5], [2, 3, 5], Spline(varying=(0,)), "not one of 0"),
])  # fmt: skip
def test_refusals(left: list[float], right: list[float], spline: Spline, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_flexible_parametric(bound_interval_times(left, right=right), spline=spline)


def test_a_varying_covariate_must_have_information_and_curves_all_covariates() -> None:
    with pytest.raises(ValueError, match="varying covariate 0 has no information"):
        estimate_flexible_parametric(
            times_of(ROWS), covariates=np.ones(len(ROWS)), spline=Spline(varying=(0,))
        )
    with pytest.raises(ValueError, match="must hold 2 numbers"):
        trace_flexible(fit_of(), covariates=[1])


def test_the_climb_starts_where_as_many_events_are_awaited_as_there_are() -> None:
    """On the scale of hazards, of known times and late entries: from there few steps are left."""
    rng = np.random.default_rng(5)
    time = 500 * rng.exponential(size=300)
    entry = np.where(rng.random(300) < 0.7, 0.3 * rng.random(300) * time, 0.0)
    times = bound_event_times(time, event=rng.random(300) < 0.6, entry=entry)
    design = SplineDesign(knots=np.log([1.0, 50, 200, 2000]), varying_knots=np.zeros(0), varying=())
    rows = build_rows(times, x=np.zeros((300, 0)), design=design, latent=Latent.HAZARD)
    events = np.sort(np.log(time[np.isfinite(times.right)]))
    hazard = np.exp(_start(rows, events) @ rows.design[:, : rows.weight.size])

    assert rows.weight @ hazard == pytest.approx(rows.known, rel=1e-12)
    fit = estimate_flexible_parametric(times, spline=Spline(inner_knots=3))
    assert fit.converged
    assert fit.iterations <= 7
