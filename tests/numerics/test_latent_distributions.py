"""The distributions behind parametric survival: beside scipy's, and at the ends of the floats."""

import math

import numpy as np
import pytest
import scipy.stats
from numpy.typing import NDArray

from equipoise.numerics.models.latent_distributions import (
    CODE,
    Latent,
    chance_kernel,
    density_kernel,
    log_density,
    log_hazard,
    log_survival,
)
from naive.parametric import density_of, survival_of

LAWS = {
    Latent.HAZARD: scipy.stats.gumbel_l,
    Latent.ODDS: scipy.stats.logistic,
    Latent.NORMAL: scipy.stats.norm,
}
FAMILIES = {Latent.HAZARD: "weibull", Latent.ODDS: "log-logistic", Latent.NORMAL: "log-normal"}
EACH = pytest.mark.parametrize("latent", Latent)
Z = np.linspace(-6, 3, 40)


FAR = np.linspace(-37, 45, 165)  # beyond 36 the normal tail has a series of its own


def densities(latent: Latent, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([density_kernel(CODE[latent], z) for z in at])


def chances(
    latent: Latent, low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.array([chance_kernel(CODE[latent], *pair) for pair in zip(low, high, strict=True)])


@EACH
def test_density_survival_and_hazard_are_scipys(latent: Latent) -> None:
    law, (hazard, along) = LAWS[latent], log_hazard(Z, latent=latent)
    step = 1e-5
    ahead, behind = (log_hazard(Z + way * step, latent=latent)[0] for way in (1, -1))

    assert log_survival(Z, latent=latent) == pytest.approx(law.logsf(Z), rel=1e-12)
    assert log_density(Z, latent=latent) == pytest.approx(law.logpdf(Z), rel=1e-12)
    assert hazard == pytest.approx(law.logpdf(Z) - law.logsf(Z), rel=1e-12, abs=1e-12)
    assert along == pytest.approx((ahead - behind) / (2 * step), rel=1e-8, abs=1e-8)


@EACH
def test_the_density_in_a_kernel_and_its_derivatives_are_those_of_whole_arrays(
    latent: Latent,
) -> None:
    step, found = 1e-5, densities(latent, FAR)
    ahead, behind = (log_density(FAR + way * step, latent=latent) for way in (1, -1))
    near = np.abs(FAR) < 9

    assert found[:, 0] == pytest.approx(log_density(FAR, latent=latent), rel=1e-13)
    slopes = (ahead - behind) / (2 * step)
    assert found[near, 1] == pytest.approx(slopes[near], rel=1e-6, abs=1e-6)
    before, after = (densities(latent, FAR + way * step)[:, 1] for way in (-1, 1))
    assert found[near, 2] == pytest.approx((after - before)[near] / (2 * step), rel=1e-6, abs=1e-6)


@EACH
def test_the_chance_between_two_bounds_and_its_slopes_are_scipys(latent: Latent) -> None:
    law, low, high = LAWS[latent], Z, Z + 0.7
    found = chances(latent, low, high).T
    near, far = law.cdf(high) - law.cdf(low), law.sf(low) - law.sf(high)
    chance = np.where(low < 0, near, far)

    assert found[0] == pytest.approx(np.log(chance), rel=1e-9)
    assert found[1] == pytest.approx(law.pdf(low) / chance, rel=1e-9)
    assert found[2] == pytest.approx(law.pdf(high) / chance, rel=1e-9)
    assert found[3] == pytest.approx(densities(latent, low)[:, 1], abs=1e-12)
    assert found[4] == pytest.approx(densities(latent, high)[:, 1], abs=1e-12)


@EACH
def test_far_out_survival_and_hazard_keep_their_digits(latent: Latent) -> None:
    found = chances(latent, FAR, np.full(FAR.size, math.inf)).T
    hazard = np.exp(log_hazard(FAR, latent=latent)[0])

    assert np.allclose(found[0], log_survival(FAR, latent=latent), rtol=1e-12, atol=2e-16)
    assert np.allclose(found[1], hazard, rtol=1e-12, atol=0)


@EACH
@pytest.mark.parametrize("apart", [1e-3, 0.5, 4.0, 30.0])
def test_far_out_chances_between_two_bounds_keep_their_digits(latent: Latent, apart: float) -> None:
    """By what lies beyond the bounds on their side of 0, in logarithms."""
    law = LAWS[latent]
    low, high = FAR[FAR + apart < 35], FAR[FAR + apart < 35] + apart
    below, above = law.logcdf([high, low]), law.logsf([low, high])
    near, far = np.where(low + high < 0, below, above)
    chance = near + np.log(-np.expm1(far - near))
    found = chances(latent, low, high).T
    told = np.isfinite(chance) & (chance > -700)

    assert told.sum() > 70
    assert np.allclose(found[0, told], chance[told], rtol=1e-10, atol=1e-12)
    sides = np.exp(np.asarray(law.logpdf([low, high]))[:, told] - chance[told])
    assert np.allclose(found[1:3, told], sides, rtol=1e-9, atol=1e-11)


@EACH
def test_an_infinite_bound_counts_as_none(latent: Latent) -> None:
    law = LAWS[latent]
    below, above, all_of_it = chances(
        latent, np.array([-math.inf, 0.5, -math.inf]), np.array([0.5, math.inf, math.inf])
    )

    assert below[0] == pytest.approx(law.logcdf(0.5), rel=1e-12)
    assert above[0] == pytest.approx(law.logsf(0.5), rel=1e-12)
    assert (below[1], above[2], all_of_it[0], all_of_it[1]) == (0, 0, 0, 0)
    assert np.isfinite([below[1] * below[3], above[2] * above[4]]).all()


@EACH
@pytest.mark.parametrize("low", [-600.0, -30.0, -0.2, 3.0])
@pytest.mark.parametrize("back", [0.0, 0.4, 7.0])
def test_bounds_that_are_one_or_change_places_have_no_chance(
    latent: Latent, low: float, back: float
) -> None:
    """Curves of trial parameters may fall between the bounds of a row."""
    assert not math.isfinite(chance_kernel(CODE[latent], low, low - back)[0])


@pytest.mark.parametrize(("latent", "value"), [
    (Latent.HAZARD, 800.0), (Latent.ODDS, 0.0), (Latent.NORMAL, math.log(800.0)),
])  # fmt: skip
def test_the_hazard_has_its_digits_where_survival_has_left_the_floats(
    latent: Latent, value: float
) -> None:
    hazard, along = log_hazard(np.array([800.0]), latent=latent)

    assert hazard == pytest.approx(value, rel=1e-6, abs=1e-12)
    assert np.isfinite(along).all()


@EACH
@pytest.mark.parametrize("low", [-3.0, -0.4, 1.1])
def test_kernels_have_the_chance_and_the_densities_of_the_twin(latent: Latent, low: float) -> None:
    family, high = FAMILIES[latent], low + 0.6
    chance = survival_of(family, low) - survival_of(family, high)
    found, density = chance_kernel(CODE[latent], low, high), density_kernel(CODE[latent], low)

    assert found[0] == pytest.approx(math.log(chance), rel=1e-12)
    assert found[1] == pytest.approx(density_of(family, low) / chance, rel=1e-12)
    assert found[2] == pytest.approx(density_of(family, high) / chance, rel=1e-12)
    assert density[0] == pytest.approx(math.log(density_of(family, low)), rel=1e-12)
    assert found[3] == pytest.approx(density[1], rel=1e-12)
