"""Bounds of z as p values, hazard ratios, effects, scores and chances."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from equipoise.design.bounds import SequentialDesign
from equipoise.design.conditional_power import find_conditional_power, find_trend

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledBounds:
    """The same bounds, shape (k,), on other scales.

    `p` is one-sided, `hazard_ratio` below the margin (1: superiority) where z is above 0. The
    conditional powers, with the drift of the design and with the trend, are those of a trial on its
    bound, NaN at the last look.
    A bound that is not there has p 0 or 1, ratio 0 or infinite, and power NaN.
    """

    z: Floats
    p: Floats
    hazard_ratio: Floats
    b_value: Floats
    design_power: Floats
    trend_power: Floats


def log_hazard_information(events: float, *, ratio: float = 1.0) -> float:
    """The information on a log hazard ratio: events times both shares of an allocation.

    `ratio` is experimental to reference. Source: Schoenfeld (1981).
    """
    if not (events > 0 and ratio > 0):
        raise ValueError(f"events and ratio must be above 0, not {events} and {ratio}")
    return events * ratio / (1 + ratio) ** 2


def hazard_ratio_of(z: float, *, events: float, ratio: float = 1.0, margin: float = 1.0) -> float:
    """The hazard ratio, experimental to reference, that gives this z (above 0: below margin)."""
    return margin * math.exp(-z / math.sqrt(log_hazard_information(events, ratio=ratio)))


def drift_of_hazard_ratio(
    hazard_ratio: float, *, events: float, ratio: float = 1.0, margin: float = 1.0
) -> float:
    """The mean of z after so many events, where the hazard ratio is this and the margin tested."""
    information = log_hazard_information(events, ratio=ratio)
    return -math.log(hazard_ratio / margin) * math.sqrt(information)


def express_bounds(
    bounds: Sequence[float] | Floats,
    *,
    design: SequentialDesign,
    events: float,
    ratio: float = 1.0,
    margin: float = 1.0,
) -> ScaledBounds:
    """The bounds of z on every scale; `events` are those of the last look as planned."""
    z = np.asarray(bounds, dtype=np.float64)
    share = np.array(design.plan.information)
    if z.shape != share.shape:
        raise ValueError(f"bounds must hold one number for each of {share.size} looks")
    information = share * log_hazard_information(events, ratio=ratio)
    with np.errstate(over="ignore"):
        hazard_ratio = margin * np.exp(-z / np.sqrt(information))
    return ScaledBounds(
        z=z,
        p=np.asarray(ndtr(-z)),
        hazard_ratio=hazard_ratio,
        b_value=z * np.sqrt(share),
        design_power=_power_on(z, design, lambda _, __: design.drift),
        trend_power=_power_on(z, design, lambda at, part: find_trend(at, share=part)),
    )


def _power_on(
    z: Floats, design: SequentialDesign, drift: Callable[[float, float], float]
) -> Floats:
    """Conditional power of a trial that stands on each bound."""
    found = np.full(z.size, np.nan)
    for place, part in enumerate(design.plan.information[:-1]):
        at = float(z[place])
        if math.isfinite(at):
            found[place] = find_conditional_power(
                design, look=place + 1, z=at, drift=drift(at, part)
            )
    return found
