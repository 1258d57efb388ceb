"""A difference between two groups within strata, averaged over the strata."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_entry, check_times
from equipoise.numerics.chi_square import normal_quantile, two_sided_p
from equipoise.numerics.survival.kaplan_meier import KaplanMeier, estimate_kaplan_meier


class Weighting(Enum):
    """What a stratum counts: its patients n, n0 n1 / n, or the inverse of its variance.

    SIZE estimates the mean difference among these patients; the others are more precise where
    groups are unequal, for a difference that is the same in all strata.
    """

    SIZE = "size"
    MANTEL_HAENSZEL = "Mantel-Haenszel"
    INVERSE_VARIANCE = "inverse variance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmsOfStratum:
    """The curves of group 0 and group 1 in one stratum."""

    stratum: int
    curves: tuple[KaplanMeier, KaplanMeier]


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledDifference:
    """The averaged difference with interval and test; `weight` (h,) sums to 1 over `strata`.

    NaN where a stratum has no difference, or none has variance; `message` says why.
    """

    strata: NDArray[np.int64]
    weight: NDArray[np.float64]
    difference: float
    standard_error: float
    lower: float
    upper: float
    z: float
    p_value: float
    message: str


def find_arms(
    time: ArrayLike,
    *,
    event: ArrayLike,
    group: ArrayLike,
    stratum: ArrayLike,
    entry: ArrayLike | None = None,
) -> tuple[ArmsOfStratum, ...]:
    """The curves of groups 0 and 1 in each stratum that has both, in the order of the codes.

    With `entry` a row is at risk after its entry. ValueError where no stratum has both.
    """
    times = check_times(time)
    events = check_codes(event, name="event", n=times.size, upper=1)
    groups = check_codes(group, name="group", n=times.size, upper=1)
    strata = check_codes(stratum, name="stratum", n=times.size)
    late = None if entry is None else check_entry(entry, time=times)
    found = []
    for code in np.unique(strata):
        rows = [np.flatnonzero((strata == code) & (groups == arm)) for arm in (0, 1)]
        if rows[0].size and rows[1].size:
            first, second = (
                estimate_kaplan_meier(
                    times[own], event=events[own], entry=None if late is None else late[own]
                )
                for own in rows
            )
            found.append(ArmsOfStratum(stratum=int(code), curves=(first, second)))
    if not found:
        raise ValueError("no stratum has rows of both groups: there is nothing to compare")
    return tuple(found)


def pool_differences(
    arms: Sequence[ArmsOfStratum],
    *,
    difference: NDArray[np.float64],
    variance: NDArray[np.float64],
    weighting: Weighting = Weighting.SIZE,
    level: float = 0.95,
) -> PooledDifference:
    """The mean of the strata's differences, shape (h,), by the chosen weights.

    A stratum without variance cannot be weighted by its inverse: then all is NaN.
    Source: Mantel, Haenszel (1959) and Greenland, Robins (1985) for n0 n1 / n.
    """
    strata = np.array([one.stratum for one in arms], dtype=np.int64)
    sizes = np.array([[curve.n for curve in one.curves] for one in arms], dtype=np.float64)
    message = _find_gap(strata, difference, variance, weighting)
    if weighting is Weighting.SIZE:
        raw = sizes.sum(axis=1)
    elif weighting is Weighting.MANTEL_HAENSZEL:
        raw = sizes.prod(axis=1) / sizes.sum(axis=1)
    else:
        raw = 1 / np.where(variance > 0, variance, np.nan)
    weight = raw / raw.sum()
    mean = float(np.sum(weight * difference))
    error = math.sqrt(float(np.sum(weight**2 * variance)))
    z = mean / error if error > 0 else math.nan
    width = normal_quantile(level) * error
    return PooledDifference(
        strata=strata,
        weight=weight,
        difference=mean,
        standard_error=error,
        lower=mean - width,
        upper=mean + width,
        z=z,
        p_value=two_sided_p(z),
        message=message,
    )


def _find_gap(
    strata: NDArray[np.int64],
    difference: NDArray[np.float64],
    variance: NDArray[np.float64],
    weighting: Weighting,
) -> str:
    short = np.isnan(difference)
    if short.any():
        return f"the follow-up of stratum {strata[short][0]} ends too early in one group"
    flat = ~(variance > 0)
    if flat.any() and weighting is Weighting.INVERSE_VARIANCE:
        return f"stratum {strata[flat][0]} has no variance: weigh by size"
    return "" if (variance > 0).any() else "no stratum has variance"
