"""What an interim look says of the end: conditional power, predictive power, the B-value."""

import math

import numpy as np
from numpy.typing import NDArray

from equipoise.design.bounds import SequentialDesign
from equipoise.numerics.sequential.group_sequential import crossing_probabilities


def find_b_value(z: float, *, share: float) -> float:
    """The score z times the root of the share of information; its mean grows straight.

    Source: Lan, Wittes (1988).
    """
    return z * math.sqrt(share)


def find_trend(z: float, *, share: float) -> float:
    """The drift, mean of z at the end as planned, that the data so far point to."""
    return z / math.sqrt(share)


def find_conditional_power(design: SequentialDesign, *, look: int, z: float, drift: float) -> float:
    """The chance to cross an upper bound at a later look, after `z` at this one (from 1).

    `drift` is the mean of z at the end as planned: 0 for the null, `design.drift`, or
    `find_trend`. Futility stops a trial on the way only where it binds; two-sided, so do the bounds
    below. Source: Lan, Wittes (1988); Jennison, Turnbull (2000), chapter 10.
    """
    return _find_power(design, look=look, z=z, mean=drift, variance=0.0)


def find_predictive_power(
    design: SequentialDesign,
    *,
    look: int,
    z: float,
    prior_mean: float = 0.0,
    prior_sd: float = math.inf,
) -> float:
    """Conditional power, averaged over what the data and a normal prior say of the drift.

    The prior is flat where its standard deviation is infinite. All later looks count. Averaged over
    the drift the score is a Brownian motion still, in a slower time: no sum over drifts is needed.
    Source: Spiegelhalter, Freedman, Blackburn (1986).
    """
    if not prior_sd > 0 or math.isnan(prior_mean):
        raise ValueError("prior_sd must be above 0 and prior_mean a number")
    share = design.plan.information[_check_look(design, look) - 1]
    precision = 1 / prior_sd**2
    variance = 1 / (precision + share)
    mean = variance * (precision * prior_mean + z * math.sqrt(share))
    return _find_power(design, look=look, z=z, mean=mean, variance=variance)


def _check_look(design: SequentialDesign, look: int) -> int:
    if not 1 <= look < design.plan.looks:
        raise ValueError(f"look must be from 1 to {design.plan.looks - 1}: {look} has none after")
    return look


def _find_power(
    design: SequentialDesign, *, look: int, z: float, mean: float, variance: float
) -> float:
    if not math.isfinite(z) or not math.isfinite(mean):
        raise ValueError(f"z and the drift must be finite, not {z} and {mean}")
    share = np.array(design.plan.information)
    now = share[_check_look(design, look) - 1]
    ahead = share[look:] - now
    slower = ahead / (1 + variance * ahead)
    score = z * math.sqrt(now)

    def seen(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bounds of z as bounds of what comes after this look."""
        left = bounds[look:] * np.sqrt(share[look:]) - score
        return np.asarray(left / (1 + variance * ahead) / np.sqrt(slower))

    return float(
        crossing_probabilities(
            seen(design.upper), information=slower, lower=seen(design.stops_below), drift=mean
        ).upper.sum()
    )
