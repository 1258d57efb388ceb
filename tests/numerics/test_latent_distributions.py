"""The distributions behind parametric survival: beside scipy's, and at the ends of the floats."""

import math

import numpy as np
import pytest
import scipy.stats

from equipoise.numerics.models.latent_distributions import (
    CODE,
    Latent,
    chance_between,
    chance_kernel,
    density_at,
    density_kernel,
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


@EACH
def test_density_survival_and_hazard_are_scipys(latent: Latent) -> None:
    law, (hazard, along) = LAWS[latent], log_hazard(Z, latent=latent)
    step = 1e-5
    ahead, behind = (log_hazard(Z + way * step, latent=latent)[0] for way in (1, -1))

    assert log_survival(Z, latent=latent) == pytest.approx(law.logsf(Z), rel=1e-12)
    assert density_at(Z, latent=latent).log_density == pytest.approx(law.logpdf(Z), rel=1e-12)
    assert hazard == pytest.approx(law.logpdf(Z) - law.logsf(Z), rel=1e-12, abs=1e-12)
    assert along == pytest.approx((ahead - behind) / (2 * step), rel=1e-8, abs=1e-8)


@EACH
def test_the_chance_between_two_bounds_and_its_slopes_are_scipys(latent: Latent) -> None:
    law, low, high = LAWS[latent], Z, Z + 0.7
    found = chance_between(low, high=high, latent=latent)
    near, far = law.cdf(high) - law.cdf(low), law.sf(low) - law.sf(high)
    chance = np.where(low < 0, near, far)

    assert found.log_chance == pytest.approx(np.log(chance), rel=1e-9)
    assert found.low == pytest.approx(law.pdf(low) / chance, rel=1e-9)
    assert found.high == pytest.approx(law.pdf(high) / chance, rel=1e-9)
    assert found.low_slope == pytest.approx(density_at(low, latent=latent).slope, abs=1e-12)
    assert found.high_slope == pytest.approx(density_at(high, latent=latent).slope, abs=1e-12)


@EACH
def test_an_infinite_bound_counts_as_none(latent: Latent) -> None:
    ends = np.array([-math.inf, 0.5]), np.array([0.5, math.inf])
    found = chance_between(ends[0], high=ends[1], latent=latent)
    above = chance_between(ends[0][1:], high=None, latent=latent)
    law = LAWS[latent]

    assert found.log_chance == pytest.approx([law.logcdf(0.5), law.logsf(0.5)], rel=1e-12)
    assert above.log_chance == pytest.approx(found.log_chance[1:], rel=1e-12)
    assert above.low == pytest.approx(found.low[1:], rel=1e-12)
    assert (found.low[0], found.high[1]) == (0, 0)
    assert np.isfinite([found.low * found.low_slope, found.high * found.high_slope]).all()


@pytest.mark.parametrize(("latent", "value"), [
    (Latent.HAZARD, 800.0), (Latent.ODDS, 0.0), (Latent.NORMAL, math.log(800.0)),
])  # fmt: skip
def test_the_hazard_has_its_digits_where_survival_has_left_the_floats(
    latent: Latent, value: float
) -> None:
    hazard, along = log_hazard(np.array([800.0]), latent=latent)

    assert hazard == pytest.approx(value, rel=1e-6, abs=1e-12)
    assert np.isfinite(along).all()


FAR = np.r_[np.linspace(-37, 45, 165), -math.inf, math.inf]


@EACH
def test_kernels_have_the_numbers_of_whole_arrays(latent: Latent) -> None:
    """Of pairs, far apart and near, with infinite ends; beyond 36 the normal tail by its series."""
    low, high = (side.ravel() for side in np.meshgrid(FAR[:-1], FAR))
    low, high = low[low < high], high[low < high]
    chance = chance_between(low, high=high, latent=latent)
    one = np.array([chance_kernel(CODE[latent], *pair) for pair in zip(low, high, strict=True)])
    whole = np.array([chance.log_chance, chance.low, chance.high]).T
    possible = np.isfinite(whole).all(axis=1)

    assert possible.mean() > 0.8
    assert np.allclose(one[possible, :3], whole[possible], rtol=1e-11, atol=1e-300)
    density = density_at(FAR[:-2], latent=latent)
    each = np.array([density_kernel(CODE[latent], z) for z in FAR[:-2]])
    assert np.allclose(
        each, np.array([density.log_density, density.slope, density.bend]).T, rtol=1e-13
    )


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
