"""The comparison of two arms, as JSON values and as lines for a terminal."""

from typing import Any

import click

from equipoise.analysis.result import ArmResult, Estimate, Result
from equipoise.analysis.two_arms import TwoArms

_NOTHING = Estimate(value=None)
_DASH = "-"


def comparison_values(result: TwoArms) -> dict[str, Any]:
    """Every number of the comparison as plain values; None where nothing can be said."""
    reference, other = result.medians.arms
    return {
        "reference_arm": reference.arm,
        "other_arm": other.arm,
        "time_unit": result.medians.time_unit,
        "arms": {arm.arm: _arm_values(arm) for arm in result.medians.arms},
        "cox": _cox_values(result.cox),
        "logrank": {
            "chi_square": result.logrank.statistic,
            "degrees_of_freedom": result.logrank.degrees_of_freedom,
            "p": result.logrank.p_value,
            "method": result.logrank.method,
        },
        "milestone": _timed_values(result.milestone, time="at", name="survival"),
        "milestones": [
            _timed_values(part, time="at", name="survival") for part in result.milestone.parts
        ],
        "rmst": _timed_values(result.rmst, time="tau", name="rmst"),
        "warnings": list(result.warnings),
    }


def _arm_values(arm: ArmResult) -> dict[str, Any]:
    median = arm.estimates["median"]
    return {
        "n": arm.n,
        "events": arm.events,
        "median": median.value,
        "median_lower": median.lower,
        "median_upper": median.upper,
        "median_follow_up": arm.estimates["median_follow_up"].value,
        "longest_follow_up": arm.estimates["longest_follow_up"].value,
    }


def _cox_values(cox: Result) -> dict[str, Any]:
    ratio = cox.estimate or _NOTHING
    log_ratio = cox.further.get("log_hazard_ratio", _NOTHING)
    return {
        "hazard_ratio": ratio.value,
        "lower": ratio.lower,
        "upper": ratio.upper,
        "p": cox.p_value,
        "log_hazard_ratio": log_ratio.value,
        "standard_error": log_ratio.standard_error,
        "proportional_hazards_p": cox.parts[0].p_value if cox.parts else None,
        "method": cox.method,
    }


def _timed_values(part: Result, *, time: str, name: str) -> dict[str, Any]:
    """A comparison at a time: the difference and each arm's own estimate."""
    difference = part.estimate or _NOTHING
    arms = {arm.arm: arm.estimates.get(name, _NOTHING) for arm in part.arms}
    return {
        time: part.at,
        "arms": {
            arm: {name: own.value, "lower": own.lower, "upper": own.upper}
            for arm, own in arms.items()
        },
        "difference": difference.value,
        "lower": difference.lower,
        "upper": difference.upper,
        "p": part.p_value,
        "method": part.method,
    }


def print_comparison(result: TwoArms) -> None:
    """Prints the comparison as a small table, then the comparisons, then the warnings."""
    unit = result.medians.time_unit
    reference, other = result.medians.arms
    click.echo(f"{other.arm} against {reference.arm} (reference); time in {unit}\n")
    width = max(len(reference.arm), len(other.arm), 3)
    click.echo(f"{'arm':{width}}  {'n':>6}  {'events':>6}  median (95 % interval)")
    for arm in result.medians.arms:
        median = write_interval(arm.estimates["median"], nothing="not reached")
        click.echo(f"{arm.arm:{width}}  {arm.n:>6}  {arm.events:>6}  {median}")
    click.echo("")
    print_lines(
        ("Hazard ratio", write_interval(result.cox.estimate), result.cox.p_value),
        ("Log-rank chi-square", write_number(result.logrank.statistic), result.logrank.p_value),
        *(_timed_line(part, "Survival", "survival") for part in result.milestone.parts),
        *(_timed_line(part, "Restricted mean", "rmst") for part in result.rmst.parts),
    )
    for word in result.warnings:
        click.echo(f"Note: {word}.")


def _timed_line(part: Result, words: str, name: str) -> tuple[str, str, float | None]:
    values = [write_number(arm.estimates[name].value) for arm in part.arms]
    told = f"{values[1]} less {values[0]} = {write_interval(part.estimate)}"
    return f"{words}, {part.at:g}", told, part.p_value


def print_lines(*lines: tuple[str, str, float | None]) -> None:
    """Prints name, numbers and p of each comparison, one under the other."""
    names, numbers = max(len(line[0]) for line in lines), max(len(line[1]) for line in lines)
    for name, told, p_value in lines:
        p = _DASH if p_value is None else "<0.0001" if p_value < 1e-4 else f"{p_value:.4f}"
        click.echo(f"{name:{names}}  {told:{numbers}}  p {p}")


def write_number(value: float | None) -> str:
    """A number to four digits; a dash where there is none."""
    return _DASH if value is None else f"{value:.4g}"


def write_interval(estimate: Estimate | None, *, nothing: str = "not estimable") -> str:
    """An estimate with its interval in brackets."""
    if estimate is None or (estimate.value is None and estimate.lower is None):
        return nothing
    value, lower, upper = map(write_number, (estimate.value, estimate.lower, estimate.upper))
    return f"{value} ({lower} to {upper})"
