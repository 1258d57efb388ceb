"""Cox's model on designs that separate the patients or hold wild values: words, no exception."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.cox import Sampling, Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.proportional_hazards import compare_hazards_over_time
from equipoise.numerics.streams import draw_uniforms

Design = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def design(seed: int, heavy: bool, ordered: bool) -> Design:
    """Times, events, two covariates (with Cauchy tails if heavy) and strata of a few patients."""
    n = 2 + seed % 20
    rows = np.arange(n, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * rows, subject=rows, purpose=9, count=5)
    x = np.asarray(np.tan(math.pi * (u[:, :2] - 0.5)) * 100 if heavy else np.floor(3 * u[:, :2]))
    time = np.argsort(np.argsort(-x[:, 0])) if ordered else np.floor(10 * u[:, 2])
    event, stratum = (u[:, 3] < 0.7).astype(np.int64), np.floor(3 * u[:, 4]).astype(np.int64)
    return time.astype(np.float64), event, x.astype(np.float64), stratum


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_no_design_raises_and_each_that_fails_says_why(
    heavy: bool, ordered: bool, ties: Ties
) -> None:
    for seed in range(150):
        time, event, x, stratum = design(seed, heavy, ordered)
        sampling = Sampling(cluster=np.arange(time.size) // 2) if seed % 2 else None
        fit = estimate_cox(
            time, event=event, covariates=x, stratum=stratum, sampling=sampling, ties=ties
        )
        ratios = [estimate_hazard_ratio(fit, column=column) for column in (0, 1)]
        slopes = compare_hazards_over_time(fit)

        assert fit.converged or fit.message
        assert fit.converged or math.isnan(slopes.overall.p_value)
        assert all(not ratio.standard_error <= 0 for ratio in ratios)
        if fit.converged and not fit.message and sampling is None:
            assert all(0 < ratio.lower <= ratio.value <= ratio.upper for ratio in ratios)


def test_times_in_the_order_of_the_covariate_have_no_largest_likelihood() -> None:
    x = np.array([1.0, 2, 3, 4, 5, 600])
    fit = estimate_cox(-x + 1000, event=np.ones(6, dtype=np.int64), covariates=x)

    assert not fit.converged
    assert "rises without end along covariate 0" in fit.message
    assert fit.coefficients[0] > 0


def test_the_largest_likelihood_is_found_in_spite_of_a_wild_value() -> None:
    x = np.array([0.0, 1, 2, 3, 4, 1e6])
    time = np.array([3.0, 1, 5, 2, 4, 6])
    fit = estimate_cox(time, event=np.array([1, 1, 1, 1, 1, 0]), covariates=x)

    assert fit.converged or "rises without end" in fit.message


def test_one_cluster_alone_has_no_robust_variance() -> None:
    fit = estimate_cox(
        [1.0, 2, 3, 4], event=[1, 1, 1, 0], covariates=[0, 1, 0, 1],
        sampling=Sampling(cluster=[7, 7, 7, 7]),
    )  # fmt: skip

    assert fit.robust_covariance is not None
    assert fit.robust_covariance[0, 0] == pytest.approx(0, abs=1e-12)
