"""Bounds at the information that really came: more, less or other looks than planned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.design.bounds import SequentialDesign
from equipoise.design.error_rates import ImpossiblePlanError, impossible
from equipoise.design.spending import SPENDING, BoundRule, spend
from equipoise.numerics.sequential.group_sequential import find_bounds
from equipoise.numerics.sequential.group_sequential_futility import find_lower_bounds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualBounds:
    """Bounds of z at the looks that took place, shape (j,), and alpha spent by each."""

    upper: Floats
    lower: Floats
    alpha_spent: Floats


def recalculate_bounds(
    design: SequentialDesign, *, information: tuple[float, ...], final: bool = False
) -> ActualBounds:
    """The bounds at the looks so far, spending by the share of the information that really came.

    `information` is in units of what was planned for the last look: 1.1 is a trial that ran over.
    The `final` look takes what is left of alpha, whether it came early or late. A rule that is not
    a spending function, and shares at other looks, spend what was planned, straight between looks.
    Beta is spent at the drift of the design. Earlier bounds do not change when a look is added.
    Source: Lan, DeMets (1983); Lan, DeMets (1989) for the last look.
    """
    came = _check(information)
    plan = design.plan
    time = _spending_time(design, came, final=final)
    alpha = _spend_actually(plan.efficacy, time, design.alpha_spent, design, plan.rates.alpha)
    none = np.full(came.size, np.inf)
    upper = none
    if alpha[-1] > 0:
        upper = find_bounds(alpha, information=came, two_sided=plan.two_sided)
    if plan.futility is None:
        return ActualBounds(upper=upper, lower=-none, alpha_spent=alpha)
    if plan.two_sided or plan.futility.name not in SPENDING:
        raise ImpossiblePlanError((_NOT_SPENT,))
    total = plan.harm_alpha or 1 - plan.rates.power
    planned = spend(plan.futility, time=np.array(plan.time), total=total)
    below = _spend_actually(plan.futility, time, planned, design, total)
    if min(alpha[-1], below[-1]) == 0:
        return ActualBounds(upper=upper, lower=-none, alpha_spent=alpha)
    found = find_lower_bounds(
        alpha, information=came, lower_spent=below, binding=plan.binding,
        drift=0.0 if plan.harm_alpha else design.drift,
    )  # fmt: skip
    lower = found.lower.copy()
    if final and plan.harm_alpha is None:
        lower[-1] = found.upper[-1]
    return ActualBounds(upper=found.upper, lower=lower, alpha_spent=alpha)


_NOT_SPENT = impossible(
    "futility", code="futility-not-spent",
    message="bounds of futility that are given, or a wedge, follow no spending function",
    mend="Give the bounds at the looks that came in a plan of their own.",
)  # fmt: skip


def _check(information: tuple[float, ...]) -> Floats:
    came = np.array(information, dtype=np.float64)
    if not came.size or not np.isfinite(came).all() or (np.diff(came, prepend=0.0) <= 0).any():
        raise ValueError("information must hold finite numbers above 0 that grow from look to look")
    return came


def _spending_time(design: SequentialDesign, came: Floats, *, final: bool) -> Floats:
    """The share to spend by at each look; the calendar of the plan is read straight between."""
    plan = design.plan
    time = np.minimum(came, 1.0)
    if plan.spending_time:
        time = np.interp(came, [0.0, *plan.information], [0.0, *plan.spending_time])
    if final:
        time[-1] = 1.0
    return time


def _spend_actually(
    rule: BoundRule, time: Floats, planned: Floats, design: SequentialDesign, total: float
) -> Floats:
    """What is spent by each look: by the function, or straight between what was planned."""
    if rule.name in SPENDING and rule.name != "shares":
        return spend(rule, time=time, total=total, sides=_sides(rule, design))
    return np.asarray(np.interp(time, [0.0, *design.plan.time], [0.0, *planned]))


def _sides(rule: BoundRule, design: SequentialDesign) -> int:
    return design.plan.rates.sides if rule is design.plan.efficacy else 1
