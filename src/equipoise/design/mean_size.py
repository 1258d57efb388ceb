"""Two means: how many subjects show their difference by the t test, and the power of a size."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import nctdtr, stdtrit

from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    find_ratio_problems,
    impossible,
    refuse,
    round_up,
    solve_rising,
)
from equipoise.design.share_size import SizedArms, find_dropout_problems
from equipoise.vocab.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanPlan:
    """The difference of the means less a margin, the standard deviation of a subject, dropout."""

    difference: float
    standard_deviation: float
    ratio: float = 1.0
    dropout: float = 0.0


def find_mean_problems(plan: MeanPlan) -> Iterator[Finding]:
    """What makes the plan impossible."""
    if plan.difference == 0 or not math.isfinite(plan.difference):
        yield impossible(
            "difference", code="no-effect", message=f"a difference of {plan.difference:g}",
            mend="Assume a finite difference that is not 0.",
        )  # fmt: skip
    if not (plan.standard_deviation > 0 and math.isfinite(plan.standard_deviation)):
        yield impossible(
            "standard_deviation", code="spread-impossible",
            message=f"a standard deviation of {plan.standard_deviation:g}",
            mend="It is finite and above 0.",
        )  # fmt: skip
    yield from find_dropout_problems(plan.dropout)
    yield from find_ratio_problems(plan.ratio)


def _power(effect: float, n0: float, n1: float, rates: ErrorRates) -> float:
    freedom = n0 + n1 - 2
    if freedom <= 0:
        return 0.0
    critical = float(stdtrit(freedom, 1 - rates.one_sided))
    return 1 - float(nctdtr(freedom, effect / math.sqrt(1 / n0 + 1 / n1), critical))


def mean_power(plan: MeanPlan, *, n: tuple[float, float], rates: ErrorRates) -> float:
    """The power of the t test with n subjects (reference arm first), in the assumed direction.

    Source: the noncentral t; Julious (2010), 3.3.
    """
    refuse(find_mean_problems(plan))
    return _power(abs(plan.difference) / plan.standard_deviation, *n, rates)


def size_means(plan: MeanPlan, *, rates: ErrorRates) -> SizedArms:
    """How many subjects show the difference of two means by the t test."""
    refuse(find_error_rates_problems(rates))
    refuse(find_mean_problems(plan))
    effect = abs(plan.difference) / plan.standard_deviation

    def power(n0: float) -> float:
        return _power(effect, n0, plan.ratio * n0, rates)

    exact = solve_rising(power, goal=rates.power, start=16.0)
    n0, n1 = round_up(exact), round_up(plan.ratio * exact)
    kept = 1 - plan.dropout
    return SizedArms(
        exact=exact,
        reference=n0,
        experimental=n1,
        enrolled_reference=round_up(n0 / kept),
        enrolled_experimental=round_up(n1 / kept),
        power=mean_power(plan, n=(n0, n1), rates=rates),
    )


def least_mean_effect(
    standard_deviation: float, *, n: tuple[float, float], rates: ErrorRates
) -> float:
    """The least difference of means that the t test shows with the power, above 0."""
    refuse(find_error_rates_problems(rates))

    def excess(effect: float) -> float:
        return _power(effect, *n, rates) - rates.power

    high = 1.0
    while excess(high) < 0:
        high *= 2
        if high > 1e6:
            return math.nan
    return standard_deviation * float(brentq(excess, 0.0, high, xtol=1e-13))
