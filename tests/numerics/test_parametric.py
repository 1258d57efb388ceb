"""Parametric survival: the top against the twin, special cases, ratios, odd data."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.intervals.interval_times import (
    IntervalTimes,
    bound_event_times,
    bound_interval_times,
)
from equipoise.numerics.models.parametric import (
    Family,
    Parametric,
    estimate_parametric,
    estimate_time_ratio,
    estimate_weibull_hazard_ratio,
)
from naive.parametric import Seen, bends, log_likelihood, slopes

INF = math.inf
FEW = [
    Seen(left=2, right=2, x=(0, 1)), Seen(left=0, right=3, x=(1, 0)),
    Seen(left=4, right=INF, x=(0, 3)), Seen(left=5, right=9, x=(1, -1)),
    Seen(left=6, right=6, entry=2, x=(1, 2), stratum=1), Seen(left=4, right=4, stratum=1, x=(0, 0)),
    Seen(left=8, right=INF, entry=1, x=(1, 0), stratum=1),
    Seen(left=3, right=3, weight=2, x=(0, -2)), Seen(left=7, right=12, x=(0, 0), stratum=1),
    Seen(left=9, right=9, weight=0.5, x=(1, 1), stratum=1),
]  # fmt: skip


def times_of(rows: list[Seen]) -> IntervalTimes:
    return bound_interval_times(
        [r.left for r in rows],
        right=[r.right for r in rows],
        entry=[r.entry for r in rows],
        weight=[r.weight for r in rows],
    )


def fit_of(rows: list[Seen], family: Family, *, strata: bool = False) -> Parametric:
    return estimate_parametric(
        times_of(rows),
        family=family,
        covariates=np.array([r.x for r in rows]),
        scale_stratum=[r.stratum for r in rows] if strata else None,
    )


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("strata", [False, True])
def test_the_likelihood_has_its_top_and_its_bend_where_the_twin_has_them(
    family: Family, *, strata: bool
) -> None:
    rows = FEW if strata else [Seen(left=r.left, right=r.right, entry=r.entry, weight=r.weight,
                                    x=r.x) for r in FEW]  # fmt: skip
    fit = fit_of(rows, family, strata=strata)
    free = 0 if family is Family.EXPONENTIAL else fit.log_scales.size

    def twin(at: Sequence[float]) -> float:
        scales = [math.exp(s) for s in at[3:]] if free else [1.0, 1.0]
        return log_likelihood(rows, family.value, list(at[:3]), scales)

    at = [*fit.coefficients.tolist(), *fit.log_scales.tolist()[:free]]
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(twin(at), abs=1e-10)
    assert np.allclose(slopes(twin, at), 0, atol=1e-6)
    bend = np.array(bends(twin, at), dtype=np.float64)
    assert np.linalg.inv(-bend) == pytest.approx(fit.covariance, rel=1e-4, abs=1e-6)


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 4), st.booleans(), st.integers(0, 1)),
        min_size=3,
        max_size=20,
    )
)
@settings(max_examples=25)
def test_no_data_break_the_climb(rows: list[tuple[int, int, bool, int]]) -> None:
    left = [float(left) for left, *_ in rows]
    right = [left + width if seen else INF for left, width, seen, _ in rows]
    times = bound_interval_times(left, right=right)
    fit = estimate_parametric(times, covariates=[float(x) for *_, x in rows])

    assert fit.converged or fit.message
    if fit.converged:
        told = np.diag(fit.covariance)[np.isfinite(np.diag(fit.covariance))]
        assert (told > 0).all()
        assert told.size >= fit.covariance.shape[0] - 1
        assert fit.log_likelihood >= fit.log_likelihood_null - 1e-9


def test_the_exponential_is_events_over_time() -> None:
    time, event = np.array([3.0, 5, 7, 11]), [1, 0, 1, 1]
    fit = estimate_parametric(bound_event_times(time, event=event), family=Family.EXPONENTIAL)

    assert math.exp(-fit.coefficients[0]) == pytest.approx(3 / 26, rel=1e-12)
    assert fit.covariance[0, 0] == pytest.approx(1 / 3, rel=1e-10)
    assert fit.log_likelihood == pytest.approx(3 * math.log(3 / 26) - 3, rel=1e-12)
    assert fit.log_scales.tolist() == [0]
    assert fit.n_events == 3


def test_entry_at_rate_takes_its_time_off() -> None:
    times = bound_event_times([3.0, 5, 7], event=[1, 1, 0], entry=[1.0, 0, 2])
    fit = estimate_parametric(times, family=Family.EXPONENTIAL)

    assert math.exp(-fit.coefficients[0]) == pytest.approx(2 / 12, rel=1e-12)


def test_weibull_hazard_ratio_is_that_of_the_exponential_where_the_scale_is_one() -> None:
    time, event, arm = np.array([3.0, 5, 7, 11, 4, 6]), [1, 1, 1, 0, 1, 1], [0.0, 0, 0, 1, 1, 1]
    fit = estimate_parametric(
        bound_event_times(time, event=event), family=Family.EXPONENTIAL, covariates=arm
    )
    ratio, longer = estimate_weibull_hazard_ratio(fit), estimate_time_ratio(fit)

    assert ratio.value == pytest.approx((2 / 21) / (3 / 15), rel=1e-12)
    assert longer.value == pytest.approx(1 / ratio.value, rel=1e-12)
    assert ratio.standard_error == pytest.approx(math.sqrt(1 / 2 + 1 / 3), rel=1e-10)


def test_hazard_ratio_scales_the_cumulative_hazard() -> None:
    fit = fit_of(FEW, Family.WEIBULL)
    shape, ratio = math.exp(-fit.log_scales[0]), estimate_weibull_hazard_ratio(fit, column=1)

    assert ratio.coefficient == pytest.approx(-shape * fit.coefficients[2], rel=1e-12)
    assert ratio.lower < ratio.value < ratio.upper


def test_units_of_a_covariate_change_only_its_coefficient() -> None:
    times, x = times_of(FEW), np.array([r.x[1] for r in FEW], dtype=float)
    one = estimate_parametric(times, covariates=x)
    other = estimate_parametric(times, covariates=1000 * x + 5)

    assert other.coefficients[1] * 1000 == pytest.approx(one.coefficients[1], rel=1e-10)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


def test_clusters_of_doubled_rows_give_the_robust_variance_of_single_ones() -> None:
    rows = [r for r in FEW for _ in (0, 1)]
    once = estimate_parametric(times_of(FEW), cluster=np.arange(len(FEW)))
    twice = estimate_parametric(times_of(rows), cluster=np.repeat(np.arange(len(FEW)), 2))

    assert once.robust_covariance is not None
    assert twice.robust_covariance is not None
    assert twice.robust_covariance == pytest.approx(once.robust_covariance, rel=1e-8)
    assert twice.covariance == pytest.approx(once.covariance / 2, rel=1e-8)


def test_ratios_take_the_robust_variance() -> None:
    x = [r.x[0] for r in FEW]
    fit = estimate_parametric(times_of(FEW), covariates=x, cluster=np.arange(len(FEW)))

    assert fit.robust_covariance is not None
    assert estimate_time_ratio(fit).standard_error == pytest.approx(
        math.sqrt(fit.robust_covariance[1, 1])
    )


@pytest.mark.parametrize(("left", "right", "x", "words"), [
    ([2, 3, 4], [INF, INF, INF], [0, 1, 0], "no event"),
    ([2, 3, 5, 6], [2, 3, INF, INF], [0, 0, 1, 1], "rises without end along covariate 0"),
    ([4, 4, 4], [4, 4, 4], None, "lie on the line itself"),
    ([4], [4], None, "lie on the line itself"),
    ([2, 3, 7], [2, 3, 7], [1, 1, 1], "no information of its own in covariate 0"),
    ([0, 0, 0], [2, 3, 5], None, "rises without end"),
])  # fmt: skip
def test_what_cannot_be_estimated_is_told(
    left: list[float], right: list[float], x: list[float] | None, words: str
) -> None:
    fit = estimate_parametric(bound_interval_times(left, right=right), covariates=x)

    assert words in fit.message


def test_a_collinear_covariate_is_left_out_and_the_rest_estimated() -> None:
    times, x = times_of(FEW), np.array([r.x[1] for r in FEW], dtype=float)
    fit = estimate_parametric(times, covariates=np.c_[x, 2 * x + 1])
    alone = estimate_parametric(times, covariates=x)

    assert fit.converged
    assert math.isnan(fit.coefficients[2])
    assert math.isnan(fit.covariance[2, 2])
    assert fit.coefficients[:2] == pytest.approx(alone.coefficients, rel=1e-10)
    assert fit.message == "no information of its own in covariate 1"


def test_blocks_of_many_rows_add_up() -> None:
    rng = np.random.default_rng(5)
    time = rng.weibull(1.4, 20_000) * 12
    fit = estimate_parametric(bound_event_times(time, event=np.ones(20_000, dtype=int)))

    assert math.exp(-fit.log_scales[0]) == pytest.approx(1.4, abs=0.03)
    assert math.exp(fit.coefficients[0]) == pytest.approx(12, abs=0.3)


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"left\[1\] is 0: an event at time 0"):
        estimate_parametric(bound_event_times([2.0, 0.0], event=[1, 1]))
    with pytest.raises(ValueError, match="cluster has shape"):
        estimate_parametric(bound_event_times([2.0, 3.0], event=[1, 1]), cluster=[1])
    with pytest.raises(ValueError, match="not proportional"):
        estimate_weibull_hazard_ratio(fit_of(FEW, Family.LOG_NORMAL))
