"""The bounds of a group sequential trial, and what they cost and give."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from equipoise.design.error_rates import ImpossiblePlanError, impossible, refuse
from equipoise.design.sequential_plan import SequentialPlan, find_sequential_plan_problems
from equipoise.design.spending import SPENDING, BoundRule, spend
from equipoise.numerics.sequential.group_sequential import crossing_probabilities, find_bounds
from equipoise.numerics.sequential.group_sequential_futility import (
    FutilityBounds,
    crossing_around_wedge,
    find_drift,
    find_futility_bounds,
    find_lower_bounds,
    find_upper_bounds,
)
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """The chance to stop first at each look, shape (k,): above, below -upper, or for futility."""

    above: Floats
    below: Floats
    futility: Floats

    @property
    def ends(self) -> Floats:
        """The chance to end at each look, by a bound or by being the last."""
        early = (self.above + self.below + self.futility)[:-1]
        return np.append(early, 1.0 - early.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialDesign:
    """Bounds of z at each look, shape (k,), and what follows from them.

    The trial stops with success above `upper` (two-sided: below -upper, too), for futility below
    `lower` (two-sided: between -lower and lower); infinite bounds are not there. `drift` is the
    mean of z at the last look planned that gives the power. `inflation` is the largest information
    over that of a trial without looks. `null` and `alternative` are the chances to stop without
    drift and with it, futility obeyed.
    """

    plan: SequentialPlan
    upper: Floats
    lower: Floats
    drift: float
    inflation: float
    alpha_spent: Floats
    null: Chances
    alternative: Chances

    @property
    def stops_below(self) -> Floats:
        """Bounds below which a trial ends, whatever its readers think: not futility that may be
        overruled, shape (k,).
        """
        if self.plan.two_sided:
            return -self.upper
        return self.lower if self.plan.binding else np.full(self.plan.looks, -np.inf)

    def chances(self, drift: float) -> Chances:
        """The chances to stop where the mean of z at the last look planned is `drift`."""
        return _chances(self.plan, self.upper, self.lower, drift)

    def expected_information(self, drift: float) -> float:
        """The information expected at the end, as a share of what is planned."""
        return float(np.array(self.plan.information) @ self.chances(drift).ends)


def _chances(plan: SequentialPlan, upper: Floats, lower: Floats, drift: float) -> Chances:
    if plan.two_sided and plan.futility is not None:
        above, below, futility = crossing_around_wedge(
            upper, inner=lower, information=plan.information, drift=drift
        )
        return Chances(above=above, below=below, futility=futility)
    found = crossing_probabilities(
        upper,
        information=plan.information,
        lower=-upper if plan.two_sided else lower,
        drift=drift,
    )
    none = np.zeros(plan.looks)
    below, futility = (found.lower, none) if plan.two_sided else (none, found.lower)
    return Chances(above=found.upper, below=below, futility=futility)


def _find_classical(plan: SequentialPlan) -> Floats:
    rule = plan.efficacy
    if rule.name == "bounds":
        return np.array(rule.values)
    if rule.name == "haybittle-peto":
        bound = 3.0 if rule.parameter is None else rule.parameter
        return _solve_constant(plan, lambda c: np.append(np.full(plan.looks - 1, bound), c))
    shape = find_shape(plan)
    return _solve_constant(plan, lambda c: c * shape)


def find_shape(plan: SequentialPlan) -> Floats:
    """The bounds of a Wang-Tsiatis plan but for their constant."""
    rule = plan.efficacy
    delta = {"obrien-fleming": 0.0, "pocock": 0.5}.get(rule.name, rule.parameter or 0.0)
    return np.array(plan.information) ** (delta - 0.5)


def _solve_constant(plan: SequentialPlan, bounds: Callable[[float], Floats]) -> Floats:
    """The bounds of a family with one constant that keep the level."""

    def excess(constant: float) -> float:
        return float(find_spent(plan, upper=bounds(constant))[-1]) - plan.rates.alpha

    if excess(40.0) > 0:
        raise ImpossiblePlanError((_beyond_alpha(plan, find_spent(plan, upper=bounds(40.0))),))
    return bounds(float(brentq(excess, 1e-3, 40.0, xtol=1e-300, rtol=1e-15)))


def find_spent(plan: SequentialPlan, *, upper: Floats) -> Floats:
    """The error spent by each look, cumulated, by bounds without futility."""
    found = crossing_probabilities(
        upper, information=plan.information, lower=-upper if plan.two_sided else None
    )
    return np.asarray(np.cumsum(found.upper + found.lower))


def _beyond_alpha(plan: SequentialPlan, spent: Floats) -> Finding:
    look = int(np.argmax(spent > plan.rates.alpha)) + 1
    return impossible(
        "efficacy", code="spending-beyond-alpha",
        message=f"by look {look} the bounds spend {spent[look - 1]:.4g}, more than alpha, "
        f"{plan.rates.alpha:g}",
        mend="Raise the bounds.",
    )  # fmt: skip


def find_upper_spending(plan: SequentialPlan) -> tuple[Floats, Floats]:
    """The upper bounds without futility, and alpha spent by each look, cumulated.

    Raises `ImpossiblePlanError` where the bounds of the plan spend more than alpha. Source: Wang,
    Tsiatis (1987); O'Brien, Fleming (1979); Pocock (1977); Haybittle (1971), Peto et al. (1976).
    """
    rule, alpha = plan.efficacy, plan.rates.alpha
    if rule.name in SPENDING:
        spent = spend(rule, time=np.array(plan.time), total=alpha, sides=plan.rates.sides)
        upper = find_bounds(spent, information=plan.information, two_sided=plan.two_sided)
        return upper, spent
    upper = _find_classical(plan)
    spent = find_spent(plan, upper=upper)
    if spent[-1] > alpha * (1 + 1e-9):
        raise ImpossiblePlanError((_beyond_alpha(plan, spent),))
    return upper, spent


def _find_with_futility(plan: SequentialPlan, rule: BoundRule) -> FutilityBounds:
    """Both bounds, and the drift that gives the power, of a plan with futility."""
    upper, spent = find_upper_spending(plan)
    if rule.name == "bounds":
        return _find_with_given(plan, upper, spent, np.array(rule.values))
    beta = 1 - plan.rates.power
    below = spend(rule, time=np.array(plan.time), total=plan.harm_alpha or beta)
    if plan.harm_alpha is None:
        return find_futility_bounds(
            spent, information=plan.information, beta_spent=below, binding=plan.binding,
            two_sided=plan.two_sided,
        )  # fmt: skip
    found = find_lower_bounds(
        spent, information=plan.information, lower_spent=below, binding=plan.binding
    )
    return replace(found, drift=_find_drift(plan, found.upper, found.lower))


def _find_with_given(
    plan: SequentialPlan, upper: Floats, spent: Floats, lower: Floats
) -> FutilityBounds:
    if (lower > upper).any():
        look = int(np.argmax(lower > upper)) + 1
        raise ImpossiblePlanError(
            (
                impossible(
                    "futility", code="bounds-crossed",
                    message=f"futility at {lower[look - 1]:g} lies above the upper bound, "
                    f"{upper[look - 1]:.4g}, at look {look}",
                    mend="Lower it; at the last look minus infinity will do.",
                ),
            )
        )  # fmt: skip
    if plan.binding:
        upper = find_upper_bounds(spent, information=plan.information, lower=lower)
    return FutilityBounds(upper=upper, lower=lower, drift=_find_drift(plan, upper, lower))


def _find_drift(plan: SequentialPlan, upper: Floats, lower: Floats) -> float:
    return find_drift(upper, information=plan.information, power=plan.rates.power, lower=lower)


def build_design(plan: SequentialPlan) -> SequentialDesign:
    """The bounds of the plan, the drift that gives its power, and what it costs.

    Raises `ImpossiblePlanError` with every reason why the plan cannot be. Source: Jennison,
    Turnbull (2000), chapters 2 to 7 and 19.
    """
    refuse(find_sequential_plan_problems(plan))
    upper, spent = find_upper_spending(plan)
    if plan.futility is None:
        lower = -upper if plan.two_sided else np.full(plan.looks, -np.inf)
        drift = _find_drift(plan, upper, lower)
        lower = np.full(plan.looks, -np.inf)
    else:
        found = _find_with_futility(plan, plan.futility)
        upper, lower, drift = found.upper, found.lower, found.drift
    return SequentialDesign(
        plan=plan,
        upper=upper,
        lower=lower,
        drift=drift,
        inflation=(drift / plan.rates.drift) ** 2,
        alpha_spent=spent,
        null=_chances(plan, upper, lower, 0.0),
        alternative=_chances(plan, upper, lower, drift),
    )
