"""The difference of two shares against a margin, and by the simple intervals of many tables."""

import math
from dataclasses import dataclass

from equipoise.numerics.chi_square import normal_quantile, normal_tail, two_sided_p
from equipoise.numerics.shares.counts import check_pair
from equipoise.numerics.shares.restricted_shares import score_variance_kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceInterval:
    """Share of group 1 less share of group 0 with its interval; NaN where a group is empty."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTest:
    """The score test that the difference of two shares is a margin.

    `z` is above 0 where the difference is greater than the margin; `p_greater` speaks against a
    difference of the margin or less, `p_less` against one of the margin or more.
    """

    margin: float
    z: float
    p_value: float
    p_greater: float
    p_less: float


def compare_with_margin(
    events: tuple[int, int], *, n: tuple[int, int], margin: float, correction: bool = False
) -> MarginTest:
    """The score test of a difference, group 1 less group 0, against `margin`.

    Non-inferiority where events are good and a loss of 10 points is borne: margin -0.1 and
    `p_greater`. `correction` multiplies the variance by N/(N - 1), as Miettinen and Nurminen do.
    NaN where a group is empty or the variance is 0. Source: Farrington, Manning (1990).
    """
    check_pair(events, n=n)
    if not -1 < margin < 1:
        raise ValueError(f"margin is a difference of shares between -1 and 1, not {margin}")
    (x0, x1), (n0, n1) = events, n
    variance = 0.0
    if n0 > 0 and n1 > 0:
        variance = float(
            score_variance_kernel(float(x1), float(n1), float(x0), float(n0), float(margin))
        )
    if variance <= 0:
        nothing = math.nan
        return MarginTest(
            margin=margin, z=nothing, p_value=nothing, p_greater=nothing, p_less=nothing
        )
    scale = (n0 + n1) / (n0 + n1 - 1) if correction else 1.0
    z = (x1 / n1 - x0 / n0 - margin) / math.sqrt(variance * scale)
    return MarginTest(
        margin=margin,
        z=z,
        p_value=two_sided_p(z),
        p_greater=normal_tail(z),
        p_less=normal_tail(-z),
    )


def _around(value: float, middle: float, half: float) -> DifferenceInterval:
    return DifferenceInterval(
        value=value, lower=max(middle - half, -1.0), upper=min(middle + half, 1.0)
    )


_NOTHING = DifferenceInterval(value=math.nan, lower=math.nan, upper=math.nan)


def compare_wald(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95, continuity: bool = False
) -> DifferenceInterval:
    """Share of group 1 less share of group 0 with Wald's interval, for tables that ask for it.

    Of no width where nobody and everybody has the event: prefer the score interval. `continuity`
    widens it by (1/n0 + 1/n1)/2. Source: Newcombe (1998), methods 1 and 2; Fleiss (1981).
    """
    check_pair(events, n=n)
    z = normal_quantile(level)
    if 0 in n:
        return _NOTHING
    p0, p1 = (x / size for x, size in zip(events, n, strict=True))
    half = z * math.sqrt(p1 * (1 - p1) / n[1] + p0 * (1 - p0) / n[0])
    widened = half + ((1 / n[0] + 1 / n[1]) / 2 if continuity else 0.0)
    return _around(p1 - p0, p1 - p0, widened)


def compare_agresti_caffo(
    events: tuple[int, int], *, n: tuple[int, int], level: float = 0.95
) -> DifferenceInterval:
    """Share of group 1 less share of group 0 with Wald's interval after an event and a non-event
    are added to each group. Source: Agresti, Caffo (2000).
    """
    check_pair(events, n=n)
    z = normal_quantile(level)
    if 0 in n:
        return _NOTHING
    p0, p1 = ((x + 1) / (size + 2) for x, size in zip(events, n, strict=True))
    half = z * math.sqrt(p1 * (1 - p1) / (n[1] + 2) + p0 * (1 - p0) / (n[0] + 2))
    return _around(events[1] / n[1] - events[0] / n[0], p1 - p0, half)
