"""The effect after a stop, right on average: adjusted for its bias, and without bias."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from equipoise.design.bounds import SequentialDesign
from equipoise.design.sequential_inference import check_stop

Floats = NDArray[np.float64]
_REACH = 9.0  # standard deviations: beyond them lies less than 1e-17
_POINTS_PER_STEP, _BATCH = 4.0, 50  # 4 are right to 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanEstimate:
    """Estimates of the effect: as if no look had been planned, its bias taken off, and unbiased.

    `bias` is that which the first would have on average if the effect were `adjusted`.
    """

    plain: float
    adjusted: float
    unbiased: float

    @property
    def bias(self) -> float:
        """The bias of the plain estimate."""
        return self.plain - self.adjusted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """Where a trial goes on after a look: scores, and log weight times density without drift.

    `first` is the mean of the first look's score among those who are at each score.
    """

    information: float
    score: Floats
    log_mass: Floats
    first: Floats

    def sums(self, drift: float) -> tuple[float, float]:
        """The chance to go on, and the score summed over it."""
        tilt = drift * self.score - drift**2 * self.information / 2
        drawn = np.exp(self.log_mass + tilt)
        return float(drawn.sum()), float(drawn @ self.score)


def _arrive(score: Floats, before: _Region | None, information: float) -> tuple[Floats, Floats]:
    """The density of a score at a look without drift, and the mean of the first look's score."""
    if before is None:
        return _density(score, information), score
    step = information - before.information
    paths = np.exp(before.log_mass) * _density(score[:, None] - before.score, step)
    density = paths.sum(axis=1)
    mean = np.divide(paths @ before.first, density, out=np.zeros_like(score), where=density > 0)
    return density, mean


def _density(away: Floats, variance: float) -> Floats:
    return np.asarray(np.exp(-(away**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance))


@lru_cache(maxsize=1)
def _rule() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_BATCH)
    return (nodes + 1) / 2, weights / 2


def _spread_points(low: float, high: float, *, step: float) -> tuple[Floats, Floats]:
    """Points from low to high and their weights, some for each `step`: Gauss-Legendre in pieces."""
    nodes, weights = _rule()
    pieces = 1 + int(_POINTS_PER_STEP * (high - low) / step) // _BATCH
    width = (high - low) / pieces
    points = low + width * (np.arange(pieces)[:, None] + nodes)
    return points.ravel(), np.tile(width * weights, pieces)


def _walk(design: SequentialDesign, looks: int, far: float) -> list[_Region]:
    """The regions in which a trial goes on, for drifts up to `far` in size."""
    share = np.array(design.plan.information)
    narrow = math.sqrt(float(np.diff(share, prepend=0.0).min()))
    regions: list[_Region] = []
    for look in range(looks):
        t = float(share[look])
        most = far * t + _REACH * math.sqrt(t)
        low = max(float(design.stops_below[look]) * math.sqrt(t), -most)
        high = min(float(design.upper[look]) * math.sqrt(t), most)
        score, weights = _spread_points(low, high, step=narrow)
        density, first = _arrive(score, regions[-1] if regions else None, t)
        with np.errstate(divide="ignore"):
            log_mass = np.log(density * weights)
        regions.append(_Region(information=t, score=score, log_mass=log_mass, first=first))
    return regions


def _expect_plain(design: SequentialDesign, regions: list[_Region], drift: float) -> float:
    """The mean of the plain estimate over all ends of the trial."""
    share = np.array(design.plan.information)
    reached, summed, total = 1.0, 0.0, 0.0
    for look, (t, step) in enumerate(zip(share, np.diff(share, prepend=0.0), strict=True)):
        goes_on, ahead = regions[look].sums(drift) if look < len(regions) else (0.0, 0.0)
        total += (summed + drift * step * reached - ahead) / t
        reached, summed = goes_on, ahead
    return float(total)


def estimate_mean_after_stopping(
    design: SequentialDesign, *, look: int, z: float, information: float = 1.0
) -> MeanEstimate:
    """The effect after a stop at this look with z: plain, adjusted for its bias, and unbiased.

    The adjusted estimate is the effect whose plain estimates have the one seen for their mean; the
    unbiased one is the mean of the first look's estimate among all trials that end with this look
    and z. `information` as in `estimate_after_stopping`; which lower bounds count, too.
    Source: Whitehead (1986); Emerson, Fleming (1990); Liu, Hall (1999).
    """
    check_stop(design, look=look, z=z, information=information)
    share = np.array(design.plan.information)
    now = float(share[look - 1])
    plain = z / math.sqrt(now)
    wide = 4 / math.sqrt(share[0])
    regions = _walk(design, design.plan.looks - 1, abs(plain) + wide)
    adjusted = brentq(
        lambda drift: _expect_plain(design, regions, drift) - plain,
        plain - wide, plain + wide, xtol=1e-13, rtol=1e-13,
    )  # fmt: skip
    before = regions[look - 2] if look > 1 else None
    _, first = _arrive(np.array([z * math.sqrt(now)]), before, now)
    root = math.sqrt(information)
    return MeanEstimate(
        plain=plain / root, adjusted=float(adjusted) / root,
        unbiased=float(first[0]) / float(share[0]) / root,
    )  # fmt: skip
