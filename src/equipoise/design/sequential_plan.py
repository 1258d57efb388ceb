"""The plan of a group sequential trial: its looks, its errors, the rules of its bounds."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from equipoise.design.error_rates import ErrorRates, find_error_rates_problems, impossible
from equipoise.design.spending import OBRIEN_FLEMING, SPENDING, BoundRule
from equipoise.vocab.finding import Finding

CLASSICAL = ("wang-tsiatis", "obrien-fleming", "pocock", "haybittle-peto", "bounds")
_NEEDS_VALUES = ("shares", "bounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialPlan:
    """When a trial is looked at, and by which rules it may stop.

    `information` is the share of the planned information at each look, 1 at the last. `efficacy`
    chooses the upper bounds, `futility` the lower ones: a spending rule spends beta (with
    `harm_alpha` instead: this error of the null on the other side), `bounds` gives them. They are
    not `binding` unless said: the trial may go on below them and keeps its level. `spending_time`
    is what the rules spend by, where it is not the information: shares of the calendar, say.
    """

    information: tuple[float, ...]
    rates: ErrorRates = field(default_factory=ErrorRates)
    efficacy: BoundRule = field(default_factory=lambda: BoundRule(name=OBRIEN_FLEMING))
    futility: BoundRule | None = None
    harm_alpha: float | None = None
    binding: bool = False
    spending_time: tuple[float, ...] = ()

    @property
    def two_sided(self) -> bool:
        """Whether the trial may stop for an effect in either direction."""
        return self.rates.sides == 2

    @property
    def looks(self) -> int:
        """The number of looks, the last analysis among them."""
        return len(self.information)

    @property
    def time(self) -> tuple[float, ...]:
        """The share of what is spent by, at each look."""
        return self.spending_time or self.information


def find_sequential_plan_problems(plan: SequentialPlan) -> Iterator[Finding]:
    """Why the plan cannot be carried out; what only its bounds show, `build_design` tells."""
    yield from find_error_rates_problems(plan.rates)
    yield from _find_look_problems("information", plan.information)
    if plan.spending_time:
        yield from _find_look_problems("spending_time", plan.spending_time)
        yield from _find_count_problems("spending_time", plan.spending_time, plan.looks)
    yield from _find_rule_problems("efficacy", plan.efficacy, plan)
    if plan.futility is not None:
        yield from _find_rule_problems("futility", plan.futility, plan)
        yield from _find_futility_problems(plan, plan.futility)
    elif plan.binding or plan.harm_alpha is not None:
        yield impossible(
            "futility", code="futility-missing",
            message="binding or harm_alpha is said, and no rule of futility",
            mend="Name a rule of futility, or leave both out.",
        )  # fmt: skip


def _find_look_problems(name: str, shares: Sequence[float]) -> Iterator[Finding]:
    if not shares or not all(map(math.isfinite, shares)):
        yield impossible(
            name, code="looks-missing", message="each look needs a finite share",
            mend="For looks at a third, two thirds and the end: 1/3, 2/3, 1.",
        )  # fmt: skip
        return
    before = 0.0
    for look, share in enumerate(shares, start=1):
        if share <= before:
            yield impossible(
                name, code="looks-not-growing",
                message=f"look {look} at {share:g} comes no later than {before:g}",
                mend="Give shares above 0 that grow from look to look.",
            )  # fmt: skip
        before = share
    if abs(before - 1) > 1e-12:
        yield impossible(
            name, code="last-look-not-at-1",
            message=f"the last look is at {before:g} of what is planned, not at 1",
            mend="Divide all by what is planned; `recalculate_bounds` takes what really came.",
        )  # fmt: skip


def _find_count_problems(name: str, values: Sequence[float], looks: int) -> Iterator[Finding]:
    if len(values) != looks:
        yield impossible(
            name, code="values-not-one-a-look", message=f"{len(values)} values for {looks} looks",
            mend="Give one value for each look, the last analysis among them.",
        )  # fmt: skip


def _find_rule_problems(where: str, rule: BoundRule, plan: SequentialPlan) -> Iterator[Finding]:
    if rule.name not in (*SPENDING, *CLASSICAL):
        yield impossible(
            where, code="rule-unknown", message=f"there is no rule {rule.name!r}",
            mend=f"Rules are {', '.join((*SPENDING, *CLASSICAL))}.",
        )  # fmt: skip
        return
    if rule.name in _NEEDS_VALUES:
        yield from _find_count_problems(where, rule.values, plan.looks)
        if any(map(math.isnan, rule.values)):
            yield impossible(
                where, code="values-missing", message="a value is not a number",
                mend="An infinite bound is one that nothing crosses.",
            )  # fmt: skip
    if rule.name == "shares":
        yield from _find_share_problems(where, rule.values)
    yield from _find_parameter_problems(where, rule)


def _find_share_problems(where: str, shares: Sequence[float]) -> Iterator[Finding]:
    falls = np.flatnonzero(np.diff([0.0, *shares]) < 0)
    if falls.size:
        yield impossible(
            where, code="spending-not-monotone",
            message=f"look {falls[0] + 1} has spent {shares[falls[0]]:g} of the error, less than "
            "before: what is spent cannot be taken back",
            mend="Give cumulated shares that never fall.",
        )  # fmt: skip
    if shares and abs(max(shares) - 1) > 1e-12:
        yield impossible(
            where, code="spending-beyond-alpha" if max(shares) > 1 else "spending-short",
            message=f"the looks spend {max(shares):g} of the error, not 1 of it",
            mend="Cumulated shares end at 1.",
        )  # fmt: skip


def _find_parameter_problems(where: str, rule: BoundRule) -> Iterator[Finding]:
    value = rule.parameter
    if value is None:
        if rule.name == "wang-tsiatis":
            yield impossible(
                where, code="parameter-missing", message="the shape of Wang-Tsiatis is not said",
                mend="Give delta: 0 is O'Brien-Fleming, 0.5 Pocock.",
            )  # fmt: skip
        return
    wrong = not math.isfinite(value)
    wrong |= rule.name == "kim-demets" and value <= 0
    wrong |= rule.name == "hwang-shih-decani" and abs(value) > 40
    wrong |= rule.name == "wang-tsiatis" and abs(value) > 4
    wrong |= rule.name == "haybittle-peto" and value <= 0
    if wrong:
        yield impossible(
            where, code="parameter-impossible",
            message=f"{rule.name} has no parameter {value:g}",
            mend="rho is above 0, gamma from -40 to 40, delta from -4 to 4, a bound above 0.",
        )  # fmt: skip


def _find_futility_problems(plan: SequentialPlan, rule: BoundRule) -> Iterator[Finding]:
    if rule.name in CLASSICAL and rule.name != "bounds":
        yield impossible(
            "futility", code="futility-not-spent",
            message=f"{rule.name} is a rule of upper bounds only",
            mend="Let futility spend beta, or give its bounds of z.",
        )  # fmt: skip
    if plan.two_sided and (rule.name == "bounds" or plan.harm_alpha is not None):
        yield impossible(
            "futility", code="futility-one-sided",
            message="in a trial with two sides futility is an inner wedge that spends beta",
            mend="Test on one side, or let futility spend beta.",
        )  # fmt: skip
    if plan.harm_alpha is not None and not 0 < plan.harm_alpha < 1 - plan.rates.alpha:
        yield impossible(
            "harm_alpha", code="harm-alpha-impossible",
            message=f"{plan.harm_alpha:g} is no error to spend below",
            mend="Give a number above 0, and below 1 less alpha.",
        )  # fmt: skip
