"""The answer to the trial's question, in sentences made from the primary result alone."""

from equipoise.analysis.result import ArmResult, Estimate, Result
from equipoise.protocol.endpoint_model import Analysis
from equipoise.report.facts import (
    Facts,
    analyses_of,
    earlier_cut,
    planned_cut,
    primary_analysis,
)
from equipoise.report.page import KeyFigure
from equipoise.report.tables.outcome import sides_of
from equipoise.report.wording import (
    MEASURES,
    say_p,
    small,
    write_interval,
    write_measure,
    write_number,
    write_percent,
    write_probability,
    write_time,
)

_ARM_KEYS = {
    "survival_difference": "survival",
    "incidence_difference": "incidence",
    "risk_difference": "risk",
}


def build_answer(facts: Facts) -> str:
    """What the primary analysis says: both arms, their difference, and what it settles."""
    analysis = primary_analysis(facts.protocol)
    result = facts.results.results[analysis.id]
    told = result.estimate is not None and result.estimate.value is not None
    if not told and not _is_bare_test(result):
        why = "; ".join(result.warnings) or "the comparison cannot be estimated"
        return f"The question cannot be answered from these data: {why}."
    said = [_say_arms(facts, analysis=analysis, result=result)]
    said.append(_say_verdict(facts, analysis=analysis, result=result))
    ratio = _say_ratio(facts, analysis=analysis)
    return " ".join(part for part in (*said, ratio) if part)


def _is_bare_test(result: Result) -> bool:
    """Whether it is a test that estimates nothing, as the log-rank test, and has a p value."""
    unmeasured = result.estimate is None and result.measure not in MEASURES
    return unmeasured and result.p_value is not None


def _arms_of(facts: Facts, result: Result) -> tuple[ArmResult, ...]:
    """The arms that are compared, the other one first."""
    return tuple(sorted(result.arms, key=lambda arm: arm.arm == facts.results.reference_arm))


def _say_arms(facts: Facts, *, analysis: Analysis, result: Result) -> str:
    endpoint = facts.protocol.endpoint_named(analysis.endpoint)
    when = "" if result.at is None else f" at {write_time(result.at)} {result.time_unit}"
    key = _ARM_KEYS.get(result.measure)
    if result.estimate is None or result.estimate.value is None:
        return f"{endpoint.label}: {small(analysis.spec.title)}, {say_p(result.p_value)}."
    if key is None:
        words = write_measure(result.estimate, measure=result.measure)
        told = f"{result.measure.replace('_', ' ')}{when} {words}; {say_p(result.p_value)}"
        return f"{endpoint.label}: {told}."
    by_arm = [
        f"{_probability(arm.estimates.get(key))} with {small(facts.labels.get(arm.arm, arm.arm))}"
        for arm in _arms_of(facts, result)
    ]
    difference = write_number(100 * (result.estimate.value or 0), digits=1)
    return (
        f"{endpoint.label}{when} was {' and '.join(by_arm)}: a difference of {difference} "
        f"percentage points ({_interval(result.estimate, factor=100)}; {say_p(result.p_value)})."
    )


def _probability(estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return "not estimable"
    return f"{write_percent(estimate.value)} ({_interval(estimate, factor=100)})"


def _interval(estimate: Estimate, *, factor: float = 1.0, digits: int = 1) -> str:
    words = write_interval(estimate, digits=digits, factor=factor)
    return f"{100 * estimate.level:g}% CI {words}" if words else "no interval"


def _say_verdict(facts: Facts, *, analysis: Analysis, result: Result) -> str:
    alpha = analysis.alpha or facts.protocol.design.alpha
    test = f"By the pre-specified test ({sides_of(analysis)} alpha {alpha:g})"
    if result.p_value is None:
        return f"{test} nothing can be said: it has no p value."
    later = planned_cut(facts, endpoint=analysis.endpoint)
    if later is not None:
        return f"The test is planned for data cut {later.id}; nothing is concluded before."
    earlier = earlier_cut(facts, endpoint=analysis.endpoint)
    if earlier is not None:
        return f"The test was that of data cut {earlier.id}; this is an update of it."
    if result.p_value <= alpha:
        return f"{test} the arms differ{_say_direction(facts, result)}."
    return (
        f"{test} the arms do not differ beyond chance; this does not show that they are equal"
        f"{_say_excluded(facts, result)}."
    )


def _say_direction(facts: Facts, result: Result) -> str:
    """In which arm there is more of it; nothing where the measure does not say."""
    if result.measure not in _ARM_KEYS or result.estimate is None:
        return ""
    other = _arms_of(facts, result)[0].arm
    word = "higher" if (result.estimate.value or 0) > 0 else "lower"
    return f": it is {word} with {small(facts.labels.get(other, other))}"


def _say_excluded(facts: Facts, result: Result) -> str:
    """Whether the effect that the trial was planned for lies outside the interval."""
    design = facts.protocol.design
    planned = design.experimental_rate - design.reference_rate
    estimate = result.estimate
    if estimate is None or estimate.lower is None or estimate.upper is None:
        return ""
    if result.measure != "survival_difference":
        return ""
    inside = estimate.lower <= planned <= estimate.upper
    points = write_number(100 * planned, digits=0)
    verb = "remain possible" if inside else "are excluded by the interval"
    return f", and the {points} points for which the trial was planned {verb}"


def _say_ratio(facts: Facts, *, analysis: Analysis) -> str:
    """The hazard ratio of the same endpoint and convention, beside the milestone."""
    if analysis.method == "cox":
        return ""
    asked = ("cox", analysis.convention, analysis.population)
    for planned, result in analyses_of(facts, endpoint=analysis.endpoint):
        same = (planned.method, planned.convention, planned.population) == asked
        if same and result.estimate is not None:
            if result.estimate.value is None:
                return "The hazard ratio cannot be estimated."
            words = write_number(result.estimate.value, digits=2)
            interval = _interval(result.estimate, digits=2)
            return f"Over the whole follow-up the hazard ratio was {words} ({interval})."
    return ""


def build_key_figures(facts: Facts) -> tuple[KeyFigure, ...]:
    """The numbers beside the answer: each arm, the difference, the hazard ratio, the follow-up."""
    analysis = primary_analysis(facts.protocol)
    result = facts.results.results[analysis.id]
    key = _ARM_KEYS.get(result.measure, "")
    when = "" if result.at is None else f", {write_time(result.at)} {result.time_unit}"
    figures = [
        KeyFigure(
            name=f"{facts.short.get(arm.arm, arm.arm)}{when}",
            value=write_probability(arm.estimates.get(key)).split(" (")[0],
            detail=_detail(arm.estimates.get(key), arm=arm),
        )
        for arm in result.arms
    ]
    figures.append(_compared("Difference", result, factor=100 if key else 1.0))
    for planned, other in analyses_of(facts, endpoint=analysis.endpoint):
        if planned.method == "cox" and planned.convention == analysis.convention:
            figures.append(_compared("Hazard ratio", other, factor=1.0))
    return tuple(figures)


def _detail(estimate: Estimate | None, *, arm: ArmResult) -> str:
    events = f"{arm.events} events in {arm.n}"
    if estimate is None or estimate.value is None:
        return events
    return f"{_interval(estimate, factor=100)}; {events}"


def _compared(name: str, result: Result, *, factor: float) -> KeyFigure:
    estimate = result.estimate
    if estimate is None or estimate.value is None:
        return KeyFigure(name=name, value="not estimable", detail="; ".join(result.warnings))
    points = factor == 100
    value = write_number(factor * estimate.value, digits=1 if points else 2)
    interval = _interval(estimate, factor=factor, digits=1 if points else 2)
    return KeyFigure(
        name=name,
        value=f"{value} points" if points else value,
        detail=f"{interval}; {say_p(result.p_value)}",
    )


def build_caveats(facts: Facts) -> tuple[str, ...]:
    """What a reader must know before quoting the answer."""
    analysis = primary_analysis(facts.protocol)
    result = facts.results.results[analysis.id]
    told = [*facts.results.warnings]
    if result.estimate is not None and result.estimate.value is not None:
        told += result.warnings
    follow_up = facts.results.follow_up.get(analysis.endpoint, {}).get("median_follow_up")
    if follow_up is not None and follow_up.value is not None:
        told.append(
            f"median follow-up {write_number(follow_up.value, digits=1)} months "
            "(reverse Kaplan-Meier)"
        )
    later = planned_cut(facts, endpoint=analysis.endpoint)
    earlier = earlier_cut(facts, endpoint=analysis.endpoint)
    if earlier is not None:
        told.append(f"the analysis that tests the question is that of data cut {earlier.id}")
    if later is not None:
        told.append(f"immature: the primary analysis is planned for data cut {later.id}")
    return tuple(dict.fromkeys(told))
