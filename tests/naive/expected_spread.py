"""What is expected of hazards and curves, by adding up small stretches of time."""

import math
from collections.abc import Callable

from naive.expected_course import Pieces, rate_at


def greenwood(
    hazard: Pieces, dropout: Pieces, *, until: float, study_end: float, accrual: float, steps: int
) -> float:
    """Greenwood's sum expected of one subject, accrual uniform: hazard over the share at risk."""
    total, survival, stayed, width = 0.0, 1.0, 1.0, until / steps
    for step in range(steps):
        middle = (step + 0.5) * width
        h, g = rate_at(hazard, middle), rate_at(dropout, middle)
        half = math.exp(-(h + g) * width / 2)
        early_enough = min(max(study_end - middle, 0.0) / accrual, 1.0)
        total += h * width / (survival * stayed * half * early_enough)
        survival *= math.exp(-h * width)
        stayed *= math.exp(-g * width)
    return total


def average_ratio(
    first: Pieces, second: Pieces, *, at: float, accrual: float, steps: int
) -> tuple[float, float, float]:
    """The average hazard ratio of equal arms, the events of one subject, and the information."""
    logs, events, information, width = 0.0, 0.0, 0.0, at / steps
    left, pieces = [1.0, 1.0], {}  # type: list[float], dict[tuple[float, float], list[float]]
    for step in range(steps):
        middle = (step + 0.5) * width
        came = min(max(at - middle, 0.0) / accrual, 1.0)
        rates = (rate_at(first, middle), rate_at(second, middle))
        fall = [0.5 * came * left[arm] * -math.expm1(-rates[arm] * width) for arm in (0, 1)]
        left = [left[arm] * math.exp(-rates[arm] * width) for arm in (0, 1)]
        logs += sum(fall) * math.log(rates[1] / rates[0])
        events += sum(fall)
        own = pieces.setdefault(rates, [0.0, 0.0])
        own[0] += fall[0]
        own[1] += fall[1]
    information = sum(a * b / (a + b) for a, b in pieces.values())
    return math.exp(logs / events), events, information


def score_moments(
    first: Pieces,
    second: Pieces,
    *,
    share: float,
    study_end: float,
    accrual: float,
    weigh: Callable[[float, float], float],
    steps: int,
) -> tuple[float, float, float]:
    """Score, its variance by the test and its spread, of one subject; `weigh` by time, survival."""
    score, variance, spread, width = 0.0, 0.0, 0.0, study_end / steps
    left, survival = [1 - share, share], 1.0
    for step in range(steps):
        middle = (step + 0.5) * width
        came = min((study_end - middle) / accrual, 1.0)
        h = (rate_at(first, middle), rate_at(second, middle))
        y = [came * left[arm] * math.exp(-h[arm] * width / 2) for arm in (0, 1)]
        hazard = (y[0] * h[0] + y[1] * h[1]) / (y[0] + y[1])
        w = weigh(middle, survival * math.exp(-hazard * width / 2))
        both = y[0] * y[1] / (y[0] + y[1])
        score += w * both * (h[0] - h[1]) * width
        variance += w * w * both * hazard * width
        spread += w * w * both**2 * (h[0] / y[0] + h[1] / y[1]) * width
        left = [left[arm] * math.exp(-h[arm] * width) for arm in (0, 1)]
        survival *= math.exp(-hazard * width)
    return score, variance, spread
