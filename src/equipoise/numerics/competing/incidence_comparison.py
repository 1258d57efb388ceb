"""Groups compared by the incidence of a cause at a time, or by the time lost to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes
from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences_at,
    estimate_lost_time,
)
from equipoise.numerics.event_counts import count_events, rank_times
from equipoise.numerics.survival.survival_scales import Interval, transform_survival

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupContrast:
    """One number of each group, (g,), and the test that all are equal.

    For two groups `difference` is group 1 less 0 with plain limits, `ratio` 1 over 0 with limits
    symmetric on the log scale, `z` above 0 when group 1 has more; NaN for other numbers of groups
    and where a group's number is unknown.
    """

    value: Floats
    standard_error: Floats
    difference: float
    difference_standard_error: float
    difference_lower: float
    difference_upper: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    z: float
    test: ChiSquare


def _test_equal(value: Floats, variance: Floats) -> ChiSquare:
    """Independent estimates against their mean, weighted by 1 / variance."""
    if not (np.isfinite(value).all() and (variance > 0).all()):
        return chi_square_of(math.nan, degrees_of_freedom=0)
    mean = np.sum(value / variance) / np.sum(1 / variance)
    return chi_square_of(
        float(np.sum((value - mean) ** 2 / variance)), degrees_of_freedom=value.size - 1
    )


def contrast_groups(
    value: Floats,
    *,
    variance: Floats,
    level: float = 0.95,
    scaled: tuple[Floats, Floats] | None = None,
) -> GroupContrast:
    """The contrast of independent groups' numbers (g,) with variances (g,).

    `scaled` holds numbers and variances on the scale of the test, rising with the numbers.
    """
    place, spreads = (value, variance) if scaled is None else scaled
    test = _test_equal(place, spreads)
    two = value.size == 2
    difference = float(value[1] - value[0]) if two else math.nan
    spread = math.sqrt(variance.sum()) if two else math.nan
    width = normal_quantile(level)
    ratio, reach = math.nan, math.nan
    if two and (value > 0).all():
        ratio = float(value[1] / value[0])
        reach = math.exp(width * math.sqrt(np.sum(variance / value**2)))
    sign = math.copysign(1.0, place[1] - place[0]) if two else math.nan
    return GroupContrast(
        value=value,
        standard_error=np.sqrt(variance),
        difference=difference,
        difference_standard_error=spread,
        difference_lower=difference - width * spread,
        difference_upper=difference + width * spread,
        ratio=ratio,
        ratio_lower=ratio / reach,
        ratio_upper=ratio * reach,
        z=sign * math.sqrt(test.statistic),
        test=test,
    )


def _check_groups(curves: Sequence[Incidences], cause: int) -> None:
    if len(curves) < 2:
        raise ValueError("a comparison needs the curves of two groups or more")
    if not all(1 <= cause <= one.events.shape[0] for one in curves):
        raise ValueError(f"cause {cause} is not among those of every curve: give `causes`")


def compare_incidences_at(
    curves: Sequence[Incidences],
    *,
    at: float,
    cause: int = 1,
    scale: Interval = Interval.PLAIN,
    level: float = 0.95,
) -> GroupContrast:
    """Whether the incidence of a cause at a time differs between independent groups.

    The test compares 1 - incidence on the `scale` (log-log is the complementary log-log of the
    incidence). Standard errors are those of the curves: Aalen's or by cluster; a patient's rows
    must lie in one group. NaN where a group's follow-up ends before the time, or where the scale
    has no value (incidence 0 or 1). Source: Klein et al. (2007), for incidence.
    """
    _check_groups(curves, cause)
    found = [estimate_incidences_at(one, at=at, level=level) for one in curves]
    value = np.array([one.incidence[cause - 1, 0] for one in found])
    variance = np.array([one.standard_error[cause - 1, 0] for one in found]) ** 2
    free = 1 - value
    relative = np.where(free > 0, variance / np.where(free > 0, free, 1.0) ** 2, np.nan)
    if scale is Interval.PLAIN:
        return contrast_groups(value, variance=variance, level=level)
    position, spread = transform_survival(free, greenwood=relative, interval=scale)
    rising = position if scale is Interval.LOG_LOG else -position
    return contrast_groups(value, variance=variance, level=level, scaled=(rising, spread))


def compare_lost_time(
    curves: Sequence[Incidences], *, horizon: float, cause: int = 1, level: float = 0.95
) -> GroupContrast:
    """Whether the mean time lost to a cause up to the horizon differs between groups.

    Source: Andersen (2013); with clusters the area between two incidences is the test of Pepe,
    Mori (1993) with weight 1 and a variance by patient.
    """
    _check_groups(curves, cause)
    found = [estimate_lost_time(one, horizon=horizon, level=level) for one in curves]
    value = np.array([one.value[cause - 1] for one in found])
    variance = np.array([one.standard_error[cause - 1] for one in found]) ** 2
    return contrast_groups(value, variance=variance, level=level)


def estimate_incidence_pseudo_values(
    time: ArrayLike, *, cause: ArrayLike, at: float, of: int = 1
) -> Floats:
    """What each row adds to the incidence of cause `of` at a time, (n,).

    The pseudo-value n F - (n - 1) F(-i), F(-i) the incidence without the row; all are worked out
    in one pass. ValueError where the follow-up ends before the time. For `regress_pseudo_values`
    with its link log-log (here the complementary log-log) give 1 less these.
    Source: Andersen, Klein, Rosthoj (2003); Klein, Andersen (2005).
    """
    codes = check_codes(cause, name="cause", n=np.size(time))
    counts = count_events(time, cause=codes, causes=max(int(codes.max(initial=0)), of))
    if at > counts.time[-1] and counts.events[:, -1].sum() < counts.at_risk[-1]:
        raise ValueError(f"the follow-up ends at {counts.time[-1]:g}, before {at:g}")
    n, upto = codes.size, int(np.searchsorted(counts.time, at, side="right"))
    own, all_events = counts.events[of - 1], counts.events.sum(axis=0)
    survival, incidence = _run(counts.at_risk, all_events, own)
    fewer_survival, fewer_incidence = _run(counts.at_risk - 1, all_events, own)
    row = np.minimum(rank_times(np.asarray(time, dtype=np.float64)).rank, upto)
    here = np.minimum(row, counts.time.size - 1)
    left = np.maximum(counts.at_risk[here] - 1, 1)
    step = fewer_survival[row] * (own[here] - (codes == of)) / left
    still = fewer_survival[row] * (1 - (all_events[here] - (codes > 0)) / left)
    after = survival[np.minimum(row + 1, survival.size - 1)]
    later = incidence[upto] - incidence[np.minimum(row + 1, upto)]
    share = np.where(after > 0, later / np.where(after > 0, after, 1.0), 0.0)
    without = fewer_incidence[row] + np.where(row < upto, step + still * share, 0.0)
    return np.asarray(n * incidence[upto] - (n - 1) * without)


def _run(
    at_risk: NDArray[np.int32], events: NDArray[np.int64], own: NDArray[np.int32]
) -> tuple[Floats, Floats]:
    """Survival and incidence before each time and after the last, (m + 1,)."""
    size = np.maximum(at_risk, 1)
    survival = np.concatenate([[1.0], np.cumprod(np.maximum(1 - events / size, 0.0))])
    incidence = np.concatenate([[0.0], np.cumsum(survival[:-1] * own / size)])
    return survival, incidence
