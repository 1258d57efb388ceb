"""Shares of two groups compared over strata, with the weights of Mantel and Haenszel."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of, normal_quantile
from equipoise.numerics.shares.counts import check_tables, tell_strata

Floats = NDArray[np.float64]


class DifferenceLimits(Enum):
    """How the limits of the common difference come from Sato's variance."""

    SATO = "sato"
    KLINGENBERG = "klingenberg"


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedTest:
    """The test that no stratum's groups differ; `message` names strata that add nothing."""

    test: ChiSquare
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonRatio:
    """A ratio of group 1 to group 0 common to the strata, the standard error of its logarithm.

    `message` names strata that add nothing, and says why there is no value.
    """

    value: float
    log_standard_error: float
    lower: float
    upper: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonDifference:
    """Share of group 1 less share of group 0 over the strata; the test is of no difference."""

    value: float
    standard_error: float
    lower: float
    upper: float
    test: ChiSquare
    message: str


def _two(events: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats, Floats, str]:
    """Events and size of group 1, of group 0, of strata with both, and who was left out."""
    x, size = check_tables(events, n=n)
    if x.shape[1] != 2:
        raise ValueError(f"{x.shape[1]} groups: a ratio or difference is of two")
    empty = (size == 0).any(axis=1)
    kept = (part[~empty].astype(np.float64) for part in (x[:, 1], size[:, 1], x[:, 0], size[:, 0]))
    x1, n1, x0, n0 = kept
    return x1, n1, x0, n0, tell_strata(idle=empty, why="a group is empty")


def compare_cmh(events: ArrayLike, *, n: ArrayLike, correction: bool = False) -> StratifiedTest:
    """Whether shares differ between groups within strata: Cochran, Mantel and Haenszel's test.

    `events` and `n` have shape (strata, groups); two groups or more (general association, one
    degree of freedom less than groups). `correction`, for two groups, takes half a subject off
    the difference of observed and expected, down to 0. Strata of one group only, or where nobody
    or everybody has the event, add nothing; NaN if none is left. Source: Mantel, Haenszel (1959);
    Birch (1965); Landis, Heyman, Koch (1978).
    """
    x, size = check_tables(events, n=n)
    with_event, total = x.sum(axis=1), size.sum(axis=1)
    idle = (with_event == 0) | (with_event == total) | ((size > 0).sum(axis=1) < 2)
    share = size[~idle] / total[~idle, None]
    m, t = with_event[~idle, None], total[~idle, None]
    gap = (x[~idle] - m * share).sum(axis=0)
    spread = m * (t - m) / (t - 1.0)
    variance = np.diag((spread * share).sum(axis=0)) - (spread * share).T @ share
    if correction and x.shape[1] == 2:
        gap = np.sign(gap) * np.maximum(np.abs(gap) - 0.5, 0.0)
    why = "one group only, or nobody or everybody with the event"
    return StratifiedTest(test=_quadratic(gap, variance), message=tell_strata(idle=idle, why=why))


def _quadratic(gap: Floats, variance: Floats) -> ChiSquare:
    if not variance.any():
        return chi_square_of(math.nan, degrees_of_freedom=0)
    if gap.size == 2:
        return chi_square_of(float(gap[1] ** 2 / variance[1, 1]), degrees_of_freedom=1)
    roots, axes = np.linalg.eigh(variance)
    used = roots > 1e-10 * roots[-1]
    along = axes[:, used].T @ gap
    return chi_square_of(float(np.sum(along**2 / roots[used])), degrees_of_freedom=int(used.sum()))


def _ratio(value: float, variance: float, level: float, message: str) -> CommonRatio:
    z = normal_quantile(level)
    if not 0 < value < math.inf or not variance >= 0:
        why = "events in both groups, in strata with both, are needed"
        both = "; ".join(part for part in (message, why) if part)
        nothing = math.nan
        return CommonRatio(
            value=value, log_standard_error=nothing, lower=nothing, upper=nothing, message=both
        )
    error = math.sqrt(variance)
    return CommonRatio(
        value=value,
        log_standard_error=error,
        lower=value * math.exp(-z * error),
        upper=value * math.exp(z * error),
        message=message,
    )


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else (math.inf if above > 0 else math.nan)


def estimate_common_odds_ratio(
    events: ArrayLike, *, n: ArrayLike, level: float = 0.95
) -> CommonRatio:
    """The odds ratio of group 1 to group 0 common to the strata, by Mantel and Haenszel.

    `events` and `n` have shape (strata, 2), group 0 first. Source: Mantel, Haenszel (1959); the
    variance of the logarithm: Robins, Breslow, Greenland (1986).
    """
    x1, n1, x0, n0, message = _two(events, n)
    t = n1 + n0
    r, s = x1 * (n0 - x0) / t, x0 * (n1 - x1) / t
    p, q = (x1 + n0 - x0) / t, (x0 + n1 - x1) / t
    above, below = float(r.sum()), float(s.sum())
    variance = math.nan
    if above > 0 and below > 0:
        variance = float(
            (p * r).sum() / (2 * above**2)
            + (p * s + q * r).sum() / (2 * above * below)
            + (q * s).sum() / (2 * below**2)
        )
    return _ratio(_over(above, below), variance, level, message)


def estimate_common_risk_ratio(
    events: ArrayLike, *, n: ArrayLike, level: float = 0.95
) -> CommonRatio:
    """The ratio of shares, group 1 to group 0, common to the strata, by Mantel and Haenszel.

    `events` and `n` have shape (strata, 2), group 0 first. Source: Greenland, Robins (1985),
    equations 4 and 13.
    """
    x1, n1, x0, n0, message = _two(events, n)
    t = n1 + n0
    above, below = float((x1 * n0 / t).sum()), float((x0 * n1 / t).sum())
    variance = math.nan
    if above > 0 and below > 0:
        spread = ((x1 + x0) * n1 * n0 - x1 * x0 * t) / t**2
        variance = float(spread.sum()) / (above * below)
    return _ratio(_over(above, below), variance, level, message)


def estimate_common_risk_difference(
    events: ArrayLike,
    *,
    n: ArrayLike,
    level: float = 0.95,
    limits: DifferenceLimits = DifferenceLimits.SATO,
) -> CommonDifference:
    """Share of group 1 less share of group 0 over the strata, by Mantel and Haenszel's weights.

    `events` and `n` have shape (strata, 2), group 0 first. Sato's variance holds for few large
    and for many small strata; Klingenberg solves for the limits with the variance at each, and
    so has some width where nobody has the event. Source: Sato (1989); Klingenberg (2014).
    """
    x1, n1, x0, n0, message = _two(events, n)
    z, t = normal_quantile(level), n1 + n0
    weight = float((n1 * n0 / t).sum())
    nothing = math.nan
    if weight == 0:
        return CommonDifference(
            value=nothing, standard_error=nothing, lower=nothing, upper=nothing,
            test=chi_square_of(nothing, degrees_of_freedom=1), message=message,
        )  # fmt: skip
    value = float(((x1 * n0 - x0 * n1) / t).sum()) / weight
    p = float(((n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2) / t**2).sum())
    q = float(((x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * t)).sum())
    error = math.sqrt(max(value * p + q, 0.0)) / weight
    middle, half = value, z * error
    if limits is DifferenceLimits.KLINGENBERG:
        middle = value + z**2 * p / (2 * weight**2)
        half = math.sqrt(max(middle**2 - value**2 + z**2 * q / weight**2, 0.0))
    return CommonDifference(
        value=value,
        standard_error=error,
        lower=max(middle - half, -1.0),
        upper=min(middle + half, 1.0),
        test=chi_square_of((value / error) ** 2 if error > 0 else nothing, degrees_of_freedom=1),
        message=message,
    )
