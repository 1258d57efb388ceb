"""A plan in sentences: how the size comes about, and what a protocol may say of it."""

import math

from scipy.special import ndtri

from equipoise.design.spending import BoundRule
from equipoise.report.plan.outlook import LooksTold, Outlook
from equipoise.report.wording import (
    capital,
    count_of,
    join_words,
    small,
    write_number,
    write_percent,
)

RULES = {
    "lan-demets-obrien-fleming": "the O'Brien-Fleming type spending function of Lan and DeMets",
    "lan-demets-pocock": "the Pocock type spending function of Lan and DeMets",
    "hwang-shih-decani": "the spending function of Hwang, Shih and DeCani",
    "kim-demets": "the power family of spending functions of Kim and DeMets",
    "shares": "shares of the error fixed in advance for each look",
    "wang-tsiatis": "bounds of Wang and Tsiatis",
    "obrien-fleming": "the bounds of O'Brien and Fleming",
    "pocock": "the bounds of Pocock",
    "haybittle-peto": "the bounds of Haybittle and Peto",
    "bounds": "bounds fixed in advance",
}
_LETTERS = {"hwang-shih-decani": "gamma", "kim-demets": "rho", "wang-tsiatis": "delta",
            "haybittle-peto": "interim bound"}  # fmt: skip


def rule_words(rule: BoundRule) -> str:
    """A rule of bounds by its authors, with its parameter."""
    if rule.parameter is None:
        return RULES[rule.name]
    letter = _LETTERS.get(rule.name, "parameter")
    return f"{RULES[rule.name]} ({letter} {write_number(rule.parameter, digits=2)})"


def percent(share: float) -> str:
    """A share as a percentage, without decimals that are 0."""
    return f"{round(100 * share, 6):g}%"


def say_sides(sides: int) -> str:
    """The sides of a test in a word."""
    return {1: "one-sided", 2: "two-sided"}[sides]


def say_arms(counts: tuple[int, int], *, noun: str = "patients") -> str:
    """How many in each arm, reference first: `44 patients in each arm`, or both numbers."""
    reference, experimental = counts
    first = f"{reference} {noun}" if noun else f"{reference}"
    if reference == experimental:
        return f"{first} in each arm"
    return f"{first} in the reference arm and {experimental} in the experimental arm"


def say_formula(outlook: Outlook) -> tuple[str, str, str]:
    """How many patients the assumption asks for, in words, as a formula, and with its numbers."""
    size = outlook.size
    plan, rates, sized = size.plan, size.rates, size.sized
    both = (plan.reference + plan.ratio * plan.experimental) / (1 + plan.ratio)
    z = write_number(float(ndtri(rates.power)), digits=3)
    critical = write_number(rates.critical, digits=3)
    tail = "1 − α/2" if rates.sides == 2 else "1 − α"
    words = (
        "The number of patients is that of a test of two proportions by the normal approximation, "
        "the variance pooled over both arms where there is no effect. It grows with the variances "
        "of both arms and falls with the square of the difference:"
    )
    formula = (
        f"n = ( z({tail}) √[ p̄(1 − p̄)(1 + 1/r) ] + z(1 − β) √[ p₀(1 − p₀) + p₁(1 − p₁)/r ] )² "
        "/ (p₁ − p₀)²"
    )
    numbers = (
        f"Here p₀ = {plan.reference:g} and p₁ = {plan.experimental:g} are the probabilities at "
        f"{outlook.at} in the reference and the experimental arm, r = {plan.ratio:g} patients of "
        f"the experimental arm for each of the reference arm, p̄ = {both:.4g} their mean, and the "
        f"normal quantiles are {critical} and {z}. This gives n = {sized.exact:.2f}, so "
        f"{say_arms((sized.reference, sized.experimental), noun='evaluable patients')}. As "
        f"{percent(plan.dropout)} are expected to leave, each is divided by {1 - plan.dropout:g} "
        f"and rounded up: {say_arms((sized.enrolled_reference, sized.enrolled_experimental))}, "
        f"{sized.enrolled} in all are to be randomised."
    )
    return words, formula, numbers


def say_planned(outlook: Outlook) -> str:
    """Whether the protocol plans as many as its assumption asks for."""
    asked, planned = outlook.size.sized.enrolled, outlook.size.planned
    whose = "The protocol plans" if outlook.other("subjects") is None else "Asked for are"
    if asked == planned:
        return f"{whose} these {planned}."
    kind = "more" if planned > asked else "fewer"
    return f"{whose} {planned}, {abs(planned - asked)} {kind}."


_WORDS = {
    "reference": "in the reference arm", "experimental": "in the experimental arm",
    "alpha": "type I error", "power": "power", "dropout": "leaving",
}  # fmt: skip


def say_others(outlook: Outlook) -> str:
    """What is assumed otherwise than the protocol does, with its own value; or nothing."""
    return join_words([
        f"{_say_other(each.name, each.value)} (the protocol: {_say_value(each.name, each.written)})"
        for each in outlook.others
    ])  # fmt: skip


def _say_other(name: str, value: float) -> str:
    if name == "sides":
        return f"a {say_sides(int(value))} test"
    if name == "ratio":
        return f"{_say_value(name, value)} experimental to reference patients"
    return f"{_say_value(name, value)} {_WORDS.get(name, 'patients')}"


def _say_value(name: str, value: float) -> str:
    """A value as the table of assumptions has it."""
    if name in _WORDS:
        return percent(value)
    if name == "sides":
        return say_sides(int(value))
    return f"{value:g} to 1" if name == "ratio" else f"{value:g}"


def say_source(outlook: Outlook, *names: str, written: str) -> str:
    """Where an assumption is from: the protocol, or what was asked for instead of it."""
    others = [each for name in names if (each := outlook.other(name)) is not None]
    if not others:
        return written
    own = ", ".join(_say_value(each.name, each.written) for each in others)
    return f"asked for here; the protocol has {own}"


def say_size_wording(outlook: Outlook) -> str:
    """The paragraph on the sample size, for the protocol."""
    size = outlook.size
    plan, rates, sized = size.plan, size.rates, size.sized
    reference, experimental = (small(arm.label) for arm in outlook.arms)
    endpoint = next(e.label for e in outlook.protocol.endpoint if e.role == "primary")
    hazard = outlook.truths[0].truth.hazard_ratio
    return (
        f"Sample size. The primary endpoint is {small(endpoint)} at {outlook.at} after "
        f"randomisation. We assume a probability of {percent(plan.reference)} with {reference} and "
        f"of {percent(plan.experimental)} with {experimental}, which corresponds to a hazard ratio "
        f"of {hazard:.2f} if times are exponential. A {say_sides(rates.sides)} test of two "
        "proportions (normal approximation, pooled variance) at a significance level of "
        f"{percent(rates.alpha)} has a power of {percent(rates.power)} with "
        f"{say_arms((sized.reference, sized.experimental), noun='evaluable patients')}, "
        f"{sized.evaluable} in all. Allowing for {percent(plan.dropout)} of patients who leave "
        f"before they can be evaluated, {sized.enrolled} patients, "
        f"{say_arms((sized.enrolled_reference, sized.enrolled_experimental), noun='')}, will be "
        "randomised."
    )


def say_course_wording(outlook: Outlook) -> str:
    """The paragraph on accrual and duration, for the protocol."""
    size, accrual = outlook.size, outlook.protocol.operations.accrual
    events = outlook.truths[0].row.events
    opened = f", opened {accrual.activation_months:g} months apart," if accrual.sites > 1 else ""
    return (
        f"Duration. {count_of(accrual.sites, one='site')}{opened} randomising "
        f"{accrual.rate_per_month:g} patients a month each are expected to complete the accrual of "
        f"{size.planned} patients in {size.accrual_months:.0f} months. The primary analysis takes "
        f"place {outlook.protocol.cut[0].plus_months:g} months after the last randomisation, about "
        f"month {size.study_months:.0f}, when {events:.0f} events are expected if the assumption "
        "holds."
    )


def say_power_wording(outlook: Outlook) -> str:
    """The paragraph that tells what the size is worth if the assumption is too bold; or nothing."""
    size = outlook.size
    weak = [each.row for each in outlook.truths[1:]
            if each.has_effect and each.row.milestone_power < size.rates.power]  # fmt: skip
    if not weak:
        return ""
    told = join_words([
        f"{write_percent(row.milestone_power, digits=0)} if the hazard ratio is "
        f"{row.hazard_ratio:.2f} ({percent(round(row.reference, 3))} against "
        f"{percent(round(row.experimental, 3))})"
        for row in sorted(weak, key=lambda row: row.hazard_ratio)
    ])  # fmt: skip
    beside = _list_beside(outlook)
    also = f" {capital(beside)} reported beside the primary analysis, whatever its p value."
    return (
        f"Smaller effects. With {size.planned} patients the power of the primary analysis is "
        f"{told}.{also if beside else ''}"
    )


_BESIDE = {
    "cox": "the hazard ratio with its confidence interval",
    "rmst": "the difference of restricted mean times",
}


def _list_beside(outlook: Outlook) -> str:
    """What the plan estimates of the primary endpoint beside its primary analysis, with a verb."""
    primary = {each.id for each in outlook.protocol.endpoint if each.role == "primary"}
    planned = {each.method for each in outlook.protocol.analysis if each.endpoint in primary}
    told = [words for method, words in _BESIDE.items() if method in planned]
    return f"{join_words(told)} {'is' if len(told) == 1 else 'are'}" if told else ""


def say_looks_wording(outlook: Outlook) -> str:
    """The paragraph on interim analyses, for the protocol."""
    if outlook.looks is None:
        return (
            "Interim analyses. The primary endpoint is analysed once; no interim analysis of "
            "efficacy or futility is planned, and the significance level is not divided."
        )
    told, plan = outlook.looks, outlook.looks.looks.design.plan
    early = plan.looks - 1
    futility = "" if plan.futility is None else _say_futility(told)
    return (
        f"Interim analyses. {count_of(early, one='interim analysis', many='interim analyses')} and "
        f"a final analysis by the log-rank test are planned, at {_say_events(told)}. The "
        f"{say_sides(plan.rates.sides)} type I error of {percent(plan.rates.alpha)} is "
        f"divided by {rule_words(plan.efficacy)}: the trial may be stopped for efficacy "
        f"{_say_stops(told)}; the final analysis is significant {_say_bound(told, early)}."
        f"{futility} If the number of events at a look differs from the plan, the bounds are "
        "calculated anew for the events that came; earlier bounds do not change."
    )


def _say_events(told: LooksTold) -> str:
    last = told.looks.events
    return join_words([
        f"{math.ceil(events - 1e-9)} events ({percent(round(share, 3))})" if share < 1
        else f"{last:g} events"
        for events, share in zip(told.looks.events_at, told.looks.design.plan.information,
                                 strict=True)
    ])  # fmt: skip


def _say_stops(told: LooksTold) -> str:
    early = told.looks.design.plan.looks - 1
    if early == 1:
        return f"at the interim analysis {_say_bound(told, 0)}"
    return join_words([f"at look {place + 1} {_say_bound(told, place)}" for place in range(early)])


def _say_bound(told: LooksTold, place: int) -> str:
    bounds = told.looks.upper
    if not math.isfinite(bounds.z[place]):
        return "never"
    sides = told.looks.design.plan.rates.sides
    return (
        f"if the {say_sides(sides)} p value is at most {sides * float(bounds.p[place]):.4f} (z "
        f"{bounds.z[place]:.3f}, hazard ratio about {bounds.hazard_ratio[place]:.2f})"
    )


def _say_futility(told: LooksTold) -> str:
    plan, lower = told.looks.design.plan, told.looks.lower
    assert plan.futility is not None
    assert lower is not None
    early = join_words([
        f"{lower.hazard_ratio[place]:.2f} at look {place + 1}"
        for place in range(plan.looks - 1) if math.isfinite(lower.z[place])
    ])  # fmt: skip
    binding = (
        "is binding" if plan.binding else "is not binding: the level holds if it is not obeyed"
    )
    where = f", if the hazard ratio is above about {early}" if early else ""
    return (
        f" The trial may be stopped for futility by {rule_words(plan.futility)}{where}; this rule "
        f"{binding}."
    )
