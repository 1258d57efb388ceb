"""The distributions on the line that stand behind parametric survival: S(t) = S(z(log t))."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, log_ndtr

Values = NDArray[np.float64]
_HALF_LOG_2_PI = 0.9189385332046727


class Latent(Enum):
    """The distribution of z, by the scale on which effects add up."""

    HAZARD = "hazard"  # least extreme value: z is the log cumulative hazard
    ODDS = "odds"  # logistic: z is the log odds of having had the event
    NORMAL = "normal"  # z is minus the normal quantile of survival


# standard deviations of z: pi / sqrt(6), pi / sqrt(3), 1
SPREAD = {Latent.HAZARD: 1.2825498301618641, Latent.ODDS: 1.8137993642342178, Latent.NORMAL: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """At each z: log density, its first and second derivative, all of shape (n,)."""

    log_density: Values
    slope: Values
    bend: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The log chance of lying between two z, and what its derivatives need; shape (n,).

    `low` and `high` are the densities at the bounds over the chance, `low_slope` and `high_slope`
    the derivatives of their logarithms; 0 at an infinite bound.
    """

    log_chance: Values
    low: Values
    high: Values
    low_slope: Values
    high_slope: Values


def log_survival(z: Values, *, latent: Latent) -> Values:
    """Log of the chance to lie above z."""
    with np.errstate(over="ignore"):
        if latent is Latent.HAZARD:
            return np.asarray(-np.exp(z))
        return np.asarray(log_expit(-z) if latent is Latent.ODDS else log_ndtr(-z))


def density_at(z: Values, *, latent: Latent) -> Density:
    """The log density at z with its derivatives."""
    if latent is Latent.HAZARD:
        with np.errstate(over="ignore"):
            hazard = np.exp(z)
        return Density(log_density=z - hazard, slope=1.0 - hazard, bend=-hazard)
    if latent is Latent.ODDS:
        share = expit(z)
        return Density(
            log_density=log_expit(z) + log_expit(-z),
            slope=1.0 - 2.0 * share,
            bend=-2.0 * share * (1.0 - share),
        )
    return Density(log_density=-0.5 * z * z - _HALF_LOG_2_PI, slope=-z, bend=np.full_like(z, -1.0))


def chance_between(low: Values, *, high: Values | None, latent: Latent) -> Chance:
    """The chance that z lies above `low` and not above `high`; either may be infinite.

    None is for bounds above that are all infinite.
    """
    if latent is Latent.HAZARD:
        return _chance_between_hazards(low, high)
    above = log_survival(low, latent=latent)
    log_chance, high_part = above, (np.zeros(low.size),) * 2
    if high is not None:
        with np.errstate(divide="ignore"):
            log_chance = above + _log_share(above, high, latent)
        high_part = _part(high, log_chance, latent)
    low_part = _part(low, log_chance, latent)
    return Chance(
        log_chance=log_chance,
        low=low_part[0],
        high=high_part[0],
        low_slope=low_part[1],
        high_slope=high_part[1],
    )


def _chance_between_hazards(low: Values, high: Values | None) -> Chance:
    """The same in closed form, from the cumulative hazards at both bounds."""
    nothing = np.zeros(low.size)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        before = np.exp(low)
        if high is None:
            return Chance(
                log_chance=-before,
                low=before,
                high=nothing,
                low_slope=1.0 - before,
                high_slope=nothing,
            )
        after = np.exp(high)
        ends, gap = np.isfinite(after), after - before
        share = -np.expm1(-gap)
        return Chance(
            log_chance=np.log(share) - before,
            low=before / share,
            high=np.divide(after, np.expm1(gap), out=nothing, where=ends),
            low_slope=1.0 - before,
            high_slope=np.where(ends, 1.0 - after, 0.0),
        )


def _log_share(above: Values, high: Values, latent: Latent) -> Values:
    return np.asarray(np.log(-np.expm1(log_survival(high, latent=latent) - above)))


def _part(bound: Values, log_chance: Values, latent: Latent) -> tuple[Values, Values]:
    """The density at a bound over the chance, and the slope of its logarithm."""
    there = np.isfinite(bound)
    whole = bool(there.all())
    found = density_at(bound if whole else np.where(there, bound, 0.0), latent=latent)
    with np.errstate(over="ignore", invalid="ignore"):
        share = np.exp(found.log_density - log_chance)
    if whole:
        return share, found.slope
    return np.where(there, share, 0.0), np.where(there, found.slope, 0.0)
