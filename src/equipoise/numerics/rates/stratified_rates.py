"""Rates of two groups compared over strata, with the weights of Mantel and Haenszel."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.shares.counts import check_rate_tables, tell_strata
from equipoise.numerics.shares.mantel_haenszel import CommonDifference, CommonRatio, StratifiedTest

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rates:
    """Events and times of group 1 and group 0 in the strata with time in both."""

    x1: Floats
    t1: Floats
    x0: Floats
    t0: Floats
    message: str

    @property
    def expected(self) -> Floats:
        """Events of group 1 if the rates are one."""
        return (self.x1 + self.x0) * self.t1 / (self.t1 + self.t0)

    @property
    def weight(self) -> Floats:
        return self.t1 * self.t0 / (self.t1 + self.t0)

    @property
    def spread(self) -> Floats:
        return self.expected * self.t0 / (self.t1 + self.t0)


def _rates(events: ArrayLike, time: ArrayLike) -> _Rates:
    x, t = check_rate_tables(events, time=time)
    empty = np.asarray((t == 0).any(axis=1))
    x1, x0 = x[~empty, 1].astype(np.float64), x[~empty, 0].astype(np.float64)
    message = tell_strata(idle=empty, why="a group has no time at risk: left out")
    return _Rates(x1=x1, t1=t[~empty, 1], x0=x0, t0=t[~empty, 0], message=message)


def _test(rates: _Rates) -> ChiSquare:
    """Whether the rates of all strata are one. Source: Shore, Pasternack, Curnen (1976)."""
    variance = float(rates.spread.sum())
    gap = float((rates.x1 - rates.expected).sum())
    return chi_square_of(gap**2 / variance if variance > 0 else math.nan, degrees_of_freedom=1)


def compare_stratified_rates(events: ArrayLike, *, time: ArrayLike) -> StratifiedTest:
    """Whether the rates of two groups differ within strata, given the events of each.

    `events` and `time` have shape (strata, 2), group 0 first. Strata without events add nothing;
    NaN where there is none at all. Source: Shore, Pasternack, Curnen (1976).
    """
    rates = _rates(events, time)
    return StratifiedTest(test=_test(rates), message=rates.message)


def estimate_common_rate_ratio(
    events: ArrayLike, *, time: ArrayLike, level: float = 0.95
) -> CommonRatio:
    """The ratio of rates, group 1 to group 0, common to the strata, by Mantel and Haenszel.

    `events` and `time` have shape (strata, 2), group 0 first. 0 or infinite, without an interval,
    where one group has no event. Source: Greenland, Robins (1985), equations 8 and 14.
    """
    z, rates = normal_quantile(level), _rates(events, time)
    t = rates.t1 + rates.t0
    above, below = float((rates.x1 * rates.t0 / t).sum()), float((rates.x0 * rates.t1 / t).sum())
    if min(above, below) > 0:
        value, error = above / below, math.sqrt(float(rates.spread.sum()) / (above * below))
        message = rates.message
    else:
        value = math.inf if above > 0 else (0.0 if below > 0 else math.nan)
        error, why = math.nan, "events in both groups are needed"
        message = "; ".join(part for part in (rates.message, why) if part)
    told = not math.isnan(error)
    return CommonRatio(
        value=value,
        log_standard_error=error,
        lower=value * math.exp(-z * error) if told else math.nan,
        upper=value * math.exp(z * error) if told else math.nan,
        message=message,
    )


def estimate_common_rate_difference(
    events: ArrayLike, *, time: ArrayLike, level: float = 0.95
) -> CommonDifference:
    """Rate of group 1 less rate of group 0 over the strata, by Mantel and Haenszel's weights.

    `events` and `time` have shape (strata, 2), group 0 first. The test is Wald's. NaN where no
    stratum has time in both groups. Source: Greenland, Robins (1985), equations 7 and 15.
    """
    z, rates = normal_quantile(level), _rates(events, time)
    weight = rates.weight
    if weight.size == 0:
        value = error = math.nan
    else:
        value = float(weight @ (rates.x1 / rates.t1 - rates.x0 / rates.t0)) / float(weight.sum())
        spread = weight**2 @ (rates.x1 / rates.t1**2 + rates.x0 / rates.t0**2)
        error = math.sqrt(float(spread)) / float(weight.sum())
    statistic = (value / error) ** 2 if error > 0 else math.nan
    return CommonDifference(
        value=value,
        standard_error=error,
        lower=value - z * error,
        upper=value + z * error,
        test=chi_square_of(statistic, degrees_of_freedom=1),
        message=rates.message,
    )


def compare_rate_ratios(events: ArrayLike, *, time: ArrayLike) -> StratifiedTest:
    """Whether the rate ratios of the strata are one: the score test at the most likely ratio.

    `events` and `time` have shape (strata, 2), group 0 first. One degree of freedom less than
    strata with events; NaN where fewer than two have any, or one group has none.
    Source: Breslow, Day (1987), section 3.6 (the score test of the interaction).
    """
    rates = _rates(events, time)
    m = rates.x1 + rates.x0
    idle = m == 0
    told = tell_strata(idle=idle, why="no event, of those with time at risk in both groups")
    message = "; ".join(part for part in (rates.message, told) if part)
    degrees = max(int((~idle).sum()) - 1, 0)
    if degrees == 0 or rates.x1.sum() == 0 or rates.x0.sum() == 0:
        return StratifiedTest(
            test=chi_square_of(math.nan, degrees_of_freedom=degrees), message=message
        )
    x1, m, t1, t0 = rates.x1[~idle], m[~idle], rates.t1[~idle], rates.t0[~idle]

    def excess(log: float) -> float:
        return float((x1 - m * t1 / (t1 + t0 * math.exp(-log))).sum())

    scale = float(np.abs(np.log(t1 / t0)).max()) + 5 + math.log(float(m.sum()))
    log = float(brentq(excess, -scale, scale, xtol=1e-15, rtol=1e-15, maxiter=300))
    share = t1 / (t1 + t0 * math.exp(-log))
    statistic = float(((x1 - m * share) ** 2 / (m * share * (1 - share))).sum())
    return StratifiedTest(
        test=chi_square_of(statistic, degrees_of_freedom=degrees), message=message
    )
