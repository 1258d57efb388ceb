"""What rehearsed trials say of a plan, as text for a terminal."""

from collections.abc import Iterator, Mapping

import click

from equipoise.design.answers import COMPARISON
from equipoise.design.expected_course import Spread
from equipoise.design.operating_summary import (
    CutSummary,
    LineSummary,
    Months,
    Summary,
    primary_line,
)
from equipoise.numerics.shares.proportions import Proportion
from equipoise.protocol.model import Protocol

_HEAD = (
    f"{'':30}{'rejects (95 % interval)':>25}{'mean':>9}{'truth':>9}{'bias (+- error)':>20}"
    f"{'interval covers truth':>25}{'silent':>8}"
)


def print_summary(summary: Summary, protocol: Protocol) -> None:
    """Prints the primary analysis in words, then every comparison, then how the trials went."""
    lines = (*_introduce(summary, protocol), *_tell_lines(summary, protocol), *_tell_once(protocol))
    for line in lines:
        click.echo(line)
    click.echo("")
    for line in _tell_course(summary, protocol):
        click.echo(line)


def _introduce(summary: Summary, protocol: Protocol) -> Iterator[str]:
    name = protocol.identity.acronym or protocol.identity.id
    scenario = protocol.scenario_named(summary.scenario)
    yield (
        f"{name}: {summary.trials} trials of {protocol.randomisation.planned_subjects} subjects, "
        f"rehearsed by scenario {summary.scenario} (seed {summary.seed}). "
        "No patient is behind them."
    )
    yield f"{scenario.label}."
    primary = primary_line(summary)
    if primary.rejected is not None:
        yield (
            f"\nThe primary test ({primary.line.name}, two-sided {primary.alpha:g}) rejects in "
            f"{_percent(primary.rejected)} of the trials: its "
            f"{'type I error' if summary.is_null else 'power'}."
        )
    if summary.is_null:
        yield "SBRT does its harm here as in every scenario: of harms there is an effect to find."


def _tell_lines(summary: Summary, protocol: Protocol) -> Iterator[str]:
    labels = {rule.id: f"{rule.id}: {rule.label}" for rule in protocol.cut}
    compared = {each.line.analysis for each in summary.lines if each.line.of == COMPARISON}
    cut = None
    for each in summary.lines:
        if each.line.cut != cut:
            cut = each.line.cut
            yield f"\n{labels.get(cut, 'The tests that share the level')}\n{_HEAD}"
        if each.line.of == COMPARISON or each.line.analysis not in compared:
            yield _line(each)
    yield from _notes(summary)


def _line(each: LineSummary) -> str:
    arm = "" if each.line.of == COMPARISON else f", arm {each.line.of}"
    rejected = "-" if each.rejected is None else _percent(each.rejected)
    covered = "-" if each.covered is None else _percent(each.covered)
    return (
        f"{each.line.name + arm:30}{rejected:>25}{_number(each.mean):>9}{_number(each.truth):>9}"
        f"{_with_error(each.bias, each.bias_error):>20}{covered:>25}{each.unanswered:8.1%}"
    )


def _notes(summary: Summary) -> Iterator[str]:
    truth = (
        f"truth: the mean of {summary.large_trials} large trials in which nobody leaves and no "
        "scan is missed;\nnone (-) of a test without an estimate, or where each trial answers for "
        "a time of its own."
        if summary.large_trials
        else "No truth was asked for (--truth): there is neither bias nor coverage."
    )
    yield (
        "\nrejects: share of all trials, exact interval. mean, bias: of ratios, on the log scale "
        f"(mean: geometric).\nsilent: trials without an answer. {truth}"
    )


def _tell_course(summary: Summary, protocol: Protocol) -> Iterator[str]:
    yield "How the trials go: median (5 to 95 % of them), months from the first site's opening"
    yield f"{'last subject comes':24}{_when(summary.last_subject)}"
    endpoints = _shown(summary, protocol)
    for cut in summary.cuts:
        yield from _tell_cut(cut, endpoints)
    yield f"\n{'by month':>8}{'randomised':>20}" + "".join(
        f"{e + ' events':>22}" for e in endpoints
    )
    for month in summary.course:
        events = "".join(f"{_count(month.events[e]):>22}" for e in endpoints)
        yield f"{month.month:8}{_count(month.randomised):>20}{events}"


def _tell_once(protocol: Protocol) -> Iterator[str]:
    once = [analysis.id for analysis in protocol.analysis if analysis.once]
    if once:
        yield f"Made once, of the real trial, and not in these: {', '.join(once)}."


def _tell_cut(cut: CutSummary, endpoints: list[str]) -> Iterator[str]:
    events = {name: cut.events[name] for name in endpoints if name in cut.events}
    yield f"{cut.cut:24}{_when(cut.months)}"
    yield f"{'  events':24}{_list(events)}"
    yield f"{'  died, left':24}{_count(cut.died)} died, {_list(cut.left)}"
    if cut.missed is not None:
        yield (
            f"{'  scans missed':24}{_count(cut.missed_scans)} of {cut.due.median} due: "
            f"{cut.missed:.1%} over all trials"
        )


def _shown(summary: Summary, protocol: Protocol) -> list[str]:
    """The endpoints of primary and secondary analyses whose events are counted by month."""
    told = [a.endpoint for a in protocol.analysis if a.role in ("primary", "secondary")]
    counted = summary.course[0].events
    return [name for name in dict.fromkeys(told) if name in counted]


def _list(counts: Mapping[str, Spread]) -> str:
    return ", ".join(f"{name} {_count(count)}" for name, count in counts.items())


def _count(count: Spread) -> str:
    return f"{count.median} ({count.low} to {count.high})"


def _when(months: Months) -> str:
    return f"{months.median:.1f} ({months.low:.1f} to {months.high:.1f})"


def _percent(share: Proportion) -> str:
    return f"{100 * share.value:.1f} % ({100 * share.lower:.1f} to {100 * share.upper:.1f})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _with_error(value: float | None, error: float | None) -> str:
    return "-" if value is None or error is None else f"{value:+.4f} +- {error:.4f}"
