"""p values, estimates and intervals of a trial that could have stopped earlier."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from equipoise.design.bounds import SequentialDesign, find_shape, find_spent, find_upper_spending
from equipoise.design.spending import SPENDING
from equipoise.numerics.checks import check_level
from equipoise.numerics.sequential.group_sequential import crossing_probabilities

_REACH = 12.0  # standard errors around z in which limits are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedEstimate:
    """p value, median-unbiased estimate and limits, as effects at the information given."""

    p_value: float
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedInterval:
    """Limits of the effect at one look that hold at all looks together, and the p value."""

    p_value: float
    lower: float
    upper: float


def check_stop(design: SequentialDesign, *, look: int, z: float, information: float = 1.0) -> None:
    """ValueError, where a trial of this design cannot have stopped so."""
    if not 1 <= look <= design.plan.looks:
        raise ValueError(f"look must be from 1 to {design.plan.looks}, not {look}")
    if not math.isfinite(z):
        raise ValueError(f"z must be finite, not {z}")
    if not (math.isfinite(information) and information > 0):
        raise ValueError(f"information must be finite and above 0, not {information}")


def find_stage_wise_p(
    design: SequentialDesign, *, look: int, z: float, drift: float = 0.0
) -> float:
    """The chance, with this drift, of a result as high as `z` at this look, or higher, or earlier.

    Source: Tsiatis, Rosner, Mehta (1984): an upper bound crossed earlier is the higher result.
    Futility counts only where it binds; on two sides the lower bounds mirror the upper.
    """
    check_stop(design, look=look, z=z)
    upper = np.append(design.upper[: look - 1], z)
    lower = np.append(design.stops_below[: look - 1], -np.inf)
    found = crossing_probabilities(
        upper, information=design.plan.information[:look], lower=lower, drift=drift
    )
    return float(found.upper.sum())


def estimate_after_stopping(
    design: SequentialDesign,
    *,
    look: int,
    z: float,
    information: float = 1.0,
    level: float = 0.95,
) -> StoppedEstimate:
    """The p value, the median-unbiased effect and its interval, after a stop at this look with z.

    `information` is that of the last look as planned: the effect is a log hazard ratio where it is
    events / 4. The p value has the sides of the plan. Source: Tsiatis, Rosner, Mehta (1984).
    """
    check_level(level)
    check_stop(design, look=look, z=z, information=information)
    p = find_stage_wise_p(design, look=look, z=z)
    tail = (1 - level) / 2
    share = math.sqrt(design.plan.information[look - 1])

    def limit(chance: float) -> float:
        drift = _solve_rising(
            lambda pull: find_stage_wise_p(design, look=look, z=z, drift=pull) - chance,
            low=(min(z, 0.0) - _REACH) / share,
            high=(max(z, 0.0) + _REACH) / share,
        )
        return drift / math.sqrt(information)

    return StoppedEstimate(
        p_value=2 * min(p, 1 - p) if design.plan.two_sided else p,
        estimate=limit(0.5),
        lower=limit(tail),
        upper=limit(1 - tail),
    )


def _solve_rising(excess: Callable[[float], float], *, low: float, high: float) -> float:
    """Where it is 0; infinite where it is not between low and high."""
    if excess(low) > 0:
        return -math.inf
    return (
        math.inf if excess(high) < 0 else float(brentq(excess, low, high, xtol=1e-12, rtol=1e-12))
    )


def estimate_repeatedly(
    design: SequentialDesign, *, look: int, z: float, information: float = 1.0
) -> RepeatedInterval:
    """The repeated confidence interval of the effect at this look, and its repeated p value.

    It holds at every look, whether or not the trial stops by its bounds; its level is 1 less alpha
    (of both sides). `information` as in `estimate_after_stopping`. The p value is the least alpha
    at which the same rule rejects at this look; NaN for rules with given bounds. Source: Jennison,
    Turnbull (1989).
    """
    check_stop(design, look=look, z=z, information=information)
    root = math.sqrt(design.plan.information[look - 1] * information)
    bound = float(design.upper[look - 1])
    return RepeatedInterval(
        p_value=_find_repeated_p(design, look, abs(z) if design.plan.two_sided else z),
        lower=(z - bound) / root,
        upper=(z + bound) / root,
    )


def _find_repeated_p(design: SequentialDesign, look: int, z: float) -> float:
    plan = design.plan
    if plan.efficacy.name in {"bounds", "haybittle-peto"}:
        return math.nan
    if plan.efficacy.name not in SPENDING:
        shape = find_shape(plan)
        return float(find_spent(plan, upper=z / shape[look - 1] * shape)[-1])

    def short(log_alpha: float) -> float:
        rates = replace(plan.rates, alpha=math.exp(log_alpha))
        return z - _upper_at(find_upper_spending(replace(plan, rates=rates))[0], look)

    least, most = math.log(1e-200), math.log(1 - 1e-9)
    if short(least) >= 0:
        return 0.0
    return 1.0 if short(most) <= 0 else math.exp(brentq(short, least, most, xtol=1e-13))


def _upper_at(upper: NDArray[np.float64], look: int) -> float:
    """The bound, finite even where nothing is spent."""
    return float(min(upper[look - 1], 40.0))
