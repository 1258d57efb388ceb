"""The distributions on the line that stand behind parametric survival: S(t) = S(z(log t))."""

import math
from enum import Enum

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import log_ndtr

Values = NDArray[np.float64]
_HALF_LOG_2_PI = 0.9189385332046727
_ROOT_HALF = 0.7071067811865476


class Latent(Enum):
    """The distribution of z, by the scale on which effects add up."""

    HAZARD = "hazard"  # least extreme value: z is the log cumulative hazard
    ODDS = "odds"  # logistic: z is the log odds of having had the event
    NORMAL = "normal"  # z is minus the normal quantile of survival


# standard deviations of z: pi / sqrt(6), pi / sqrt(3), 1
SPREAD = {Latent.HAZARD: 1.2825498301618641, Latent.ODDS: 1.8137993642342178, Latent.NORMAL: 1.0}
CODE = {latent: code for code, latent in enumerate(Latent)}  # by which kernels know them


@njit(cache=True, error_model="numpy")
def _normal_above_kernel(z: float) -> float:
    """Log of the normal chance to lie above z; far out Abramowitz, Stegun (1964) 26.2.12."""
    if z < -1.0:
        return math.log1p(-0.5 * math.erfc(-z * _ROOT_HALF))
    if z < 36.0:
        return math.log(0.5 * math.erfc(z * _ROOT_HALF))
    v = 1.0 / (z * z)
    series = v * (1.0 - v * (3.0 - v * (15.0 - v * (105.0 - v * 945.0))))
    return -0.5 * z * z - _HALF_LOG_2_PI - math.log(z) + math.log1p(-series)


@njit(cache=True, error_model="numpy")
def _odds_kernel(z: float) -> tuple[float, float, float]:
    """The logistic chances to lie below z and above it, and that on the side of 0."""
    away = math.exp(-abs(z))
    near = 1.0 / (1.0 + away)
    return (near, away * near, near) if z > 0 else (away * near, near, near)


@njit(cache=True, error_model="numpy")
def _tail_kernel(latent: int, z: float) -> tuple[float, float, float]:
    """Log survival, the hazard (density over survival) and the slope of the log density.

    A log survival of odds near 0 is right to 1e-16, as a likelihood needs it.
    """
    if latent == 0:
        hazard = math.exp(z)
        return -hazard, hazard, 1.0 - hazard
    if latent == 1:
        share, _, near = _odds_kernel(z)
        return math.log(near) - (z if z > 0 else 0.0), share, 1.0 - 2.0 * share
    if math.isinf(z):
        return (0.0 if z < 0 else -math.inf), 0.0, 0.0
    above = _normal_above_kernel(z)
    return above, math.exp(-0.5 * z * z - _HALF_LOG_2_PI - above), -z


@njit(cache=True, error_model="numpy")
def density_kernel(latent: int, z: float) -> tuple[float, float, float]:
    """The log density at z, its first and its second derivative."""
    if latent == 0:
        hazard = math.exp(z)
        return z - hazard, 1.0 - hazard, -hazard
    if latent == 1:
        share, rest, near = _odds_kernel(z)
        return 2.0 * math.log(near) - abs(z), rest - share, -2.0 * share * rest
    return -0.5 * z * z - _HALF_LOG_2_PI, -z, -1.0


@njit(cache=True, error_model="numpy")
def _odds_chance_kernel(low: float, high: float) -> tuple[float, float, float, float, float]:
    """As `chance_kernel`: S(low) - S(high) is S(low) (1 - S(high)) (1 - exp(low - high))."""
    share, above, near = _odds_kernel(low)
    below, beyond, near_high = _odds_kernel(high)
    apart = -math.expm1(low - high)
    value = math.log(near * near_high * apart)
    value += (high if high < 0 else 0.0) - (low if low > 0 else 0.0)
    left = beyond / above if low < 0 else (1.0 - apart) * near_high / near
    return value, share / (below * apart), left / apart, above - share, beyond - below


@njit(cache=True, error_model="numpy")
def _normal_chance_kernel(low: float, high: float) -> tuple[float, float, float, float, float]:
    """As `chance_kernel`, from the side of 0 on which the chances beyond the bounds are less."""
    right = low + high > 0
    side = _ROOT_HALF if right else -_ROOT_HALF
    apart = math.erfc(side * low) - math.erfc(side * high)
    chance = 0.5 * (apart if right else -apart)
    share = math.exp(-0.5 * low * low - _HALF_LOG_2_PI) / chance
    ending = math.exp(-0.5 * high * high - _HALF_LOG_2_PI) / chance
    return math.log(chance), share, ending, (-low if low > -math.inf else 0.0), -high


@njit(cache=True, error_model="numpy")
def chance_kernel(latent: int, low: float, high: float) -> tuple[float, float, float, float, float]:
    """The log chance to lie above `low` and not above `high`, and what its derivatives need.

    Either bound may be infinite. Returns the log chance, which is not finite where `high` is not
    above `low`; the densities at `low` and at `high` over the chance; the slopes of the log
    densities there. The last four are 0 at an infinite bound, but for slopes of densities that
    are 0 themselves.
    """
    if latent == 1 and high < math.inf:
        return _odds_chance_kernel(low, high)
    if latent == 2 and low < 30.0 and -30.0 < high < math.inf:  # as far as chances are floats
        return _normal_chance_kernel(low, high)
    above, hazard, slope = _tail_kernel(latent, low)
    if high == math.inf:
        return above, hazard, 0.0, slope, 0.0
    beyond, hazard_beyond, slope_beyond = _tail_kernel(latent, high)
    share = -math.expm1(beyond - above)
    value = above + math.log(share)
    if beyond == -math.inf:
        return value, hazard / share, 0.0, slope, 0.0
    return value, hazard / share, hazard_beyond * (1.0 - share) / share, slope, slope_beyond


def log_survival(z: Values, *, latent: Latent) -> Values:
    """Log of the chance to lie above z."""
    with np.errstate(over="ignore"):
        if latent is Latent.HAZARD:
            return np.asarray(-np.exp(z))
        if latent is Latent.ODDS:
            return _odds(z)[1] - np.maximum(z, 0.0)
        return np.asarray(log_ndtr(-z))


def log_density(z: Values, *, latent: Latent) -> Values:
    """Log of the density at z."""
    if latent is Latent.HAZARD:
        with np.errstate(over="ignore"):
            return np.asarray(z - np.exp(z))
    if latent is Latent.ODDS:
        return np.asarray(2.0 * _odds(z)[1] - np.abs(z))
    return np.asarray(-0.5 * z * z - _HALF_LOG_2_PI)


def log_hazard(z: Values, *, latent: Latent) -> tuple[Values, Values]:
    """The log of the density over the chance to lie above z, and its derivative."""
    if latent is Latent.HAZARD:
        return z, np.ones_like(z)
    if latent is Latent.ODDS:
        share, near = _odds(z)
        return near + np.minimum(z, 0.0), 1.0 - share
    value = -0.5 * z * z - _HALF_LOG_2_PI - log_ndtr(-z)
    return value, np.exp(value) - z


def _odds(z: Values) -> tuple[Values, Values]:
    """The logistic chance to lie below z, and the log of that on the side of 0."""
    away = np.exp(-np.abs(z))
    over = 1.0 / (1.0 + away)
    return np.where(z > 0, over, away * over), -np.log1p(away)
