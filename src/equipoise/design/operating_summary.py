"""What rehearsed trials say of a plan: level or power, bias, coverage, and the expected course."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from equipoise.analysis.gather import DAYS_PER_MONTH, order_arms
from equipoise.design.answers import COMPARISON, FAMILY, Line
from equipoise.design.expected_course import (
    CUT_DAYS,
    DIED,
    DUE,
    EVENTS,
    LAST_SUBJECT,
    LEFT,
    MISSED,
    RANDOMISED,
    Spread,
    last_month,
    read_spread,
)
from equipoise.design.operating_run import Rehearsed
from equipoise.design.tallies import Tally, TrueValue
from equipoise.numerics.shares.proportions import Proportion, estimate_clopper_pearson
from equipoise.protocol.model import Protocol

_EVERY_MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSummary:
    """One question of the plan over all trials; None: nothing can be said.

    `rejected` is the share of all trials in which the test rejects, `unanswered` of those without
    estimate and p value. The mean of ratios is geometric; `spread` (standard deviation over the
    trials), `bias` (mean less truth) and the errors (Monte Carlo) of ratios are of their logarithm.
    `covered` is the share of intervals with the truth inside. Intervals of shares are exact, 95 %.
    """

    line: Line
    role: str
    at: float | None
    alpha: float | None
    unanswered: float
    rejected: Proportion | None
    mean: float | None
    spread: float | None
    truth: float | None
    truth_error: float | None
    bias: float | None
    bias_error: float | None
    covered: Proportion | None
    below: float | None
    above: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """A time in months from the first site's opening: median, 5 and 95 percent of the trials."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSummary:
    """How the trials stand at a data cut; `missed` is the share of all scans that were due."""

    cut: str
    months: Months
    events: dict[str, Spread]
    died: Spread
    left: dict[str, Spread]
    due: Spread
    missed_scans: Spread
    missed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSummary:
    """Subjects randomised and events by endpoint, up to the end of a month."""

    month: int
    randomised: Spread
    events: dict[str, Spread]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The operating characteristics of a plan under a scenario, and the expected course."""

    scenario: str
    seed: int
    trials: int
    large_trials: int
    is_null: bool
    lines: tuple[LineSummary, ...]
    last_subject: Months
    cuts: tuple[CutSummary, ...]
    course: tuple[MonthSummary, ...]


def summarise(found: Rehearsed) -> Summary:
    """The summary of rehearsed trials; lines in the order of the plan."""
    asked, operating = found.asked, found.operating
    protocol = asked.protocol
    lines = sorted(operating.tallies, key=lambda line: _place(line, operating.tallies, protocol))
    rules = sorted(protocol.cut, key=lambda rule: rule.plus_months)
    return Summary(
        scenario=asked.scenario,
        seed=asked.seed,
        trials=operating.trials,
        large_trials=asked.large_trials,
        is_null=protocol.scenario_named(asked.scenario).experimental_as_reference,
        lines=tuple(
            _summarise(line, operating.tallies[line], found.truth.get(line), protocol)
            for line in lines
        ),
        last_subject=_months(_spread(found, LAST_SUBJECT, rules[-1].id)),
        cuts=tuple(_stand(found, rule.id) for rule in rules),
        course=tuple(_go(found)),
    )


def primary_line(summary: Summary) -> LineSummary:
    """The comparison of the primary analysis, else of the first one that has any."""
    compared = [each for each in summary.lines if each.line.of == COMPARISON]
    return next((each for each in compared if each.role == "primary"), compared[0])


def _place(
    line: Line, tallies: Mapping[Line, Tally], protocol: Protocol
) -> tuple[int, int, float, str, int]:
    """Where a line stands: by cut, analysis, time and name, the comparison before the arms."""
    rules = sorted(protocol.cut, key=lambda rule: rule.plus_months)
    cuts = [*(rule.id for rule in rules), ""]
    names = [*(analysis.id for analysis in protocol.analysis), FAMILY]
    of = (COMPARISON, *order_arms(protocol)).index(line.of)
    since = tallies[line].since
    return (
        cuts.index(line.cut),
        names.index(line.analysis),
        -1.0 if since is None else since,
        line.name,
        of,
    )


def _summarise(
    line: Line, tally: Tally, truth: TrueValue | None, protocol: Protocol
) -> LineSummary:
    roles = {analysis.id: analysis.role for analysis in protocol.analysis}
    mean, spread = _moments(tally)
    known = truth if truth is not None and mean is not None else None
    error = math.nan if spread is None else spread / math.sqrt(tally.estimates)
    held = tally.intervals - tally.below - tally.above
    return LineSummary(
        line=line,
        role=roles.get(line.analysis, FAMILY),
        at=tally.since if tally.since == tally.until else None,
        alpha=tally.alpha,
        unanswered=1 - tally.answered / tally.trials,
        rejected=_share(tally.rejected, tally.trials) if tally.tested else None,
        mean=_unscale(line, mean),
        spread=spread,
        truth=None if known is None else _unscale(line, known.value),
        truth_error=None if known is None else known.standard_error,
        bias=None if known is None or mean is None else mean - known.value,
        bias_error=None if known is None else _known(math.hypot(error, known.standard_error)),
        covered=_share(held, tally.intervals) if tally.intervals else None,
        below=tally.below / tally.intervals if tally.intervals else None,
        above=tally.above / tally.intervals if tally.intervals else None,
    )


def _moments(tally: Tally) -> tuple[float | None, float | None]:
    """Mean and standard deviation of the estimates on the line's scale, from exact sums."""
    n = tally.estimates
    if n == 0:
        return None, None
    mean = tally.total / n
    if n == 1:
        return float(mean), None
    return float(mean), math.sqrt((tally.squares - tally.total * mean) / (n - 1))


def _unscale(line: Line, value: float | None) -> float | None:
    return math.exp(value) if value is not None and line.is_ratio else value


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _share(count: int, n: int) -> Proportion:
    return estimate_clopper_pearson(count, n=n)


def _spread(
    found: Rehearsed, measure: str, cut: str = "", of: str = "", month: int | None = None
) -> Spread:
    spread = read_spread(found.operating.course, measure=measure, cut=cut, of=of, month=month)
    if spread is None:
        raise ValueError(f"{measure} was not counted at {cut or 'any month'}")
    return spread


def _months(days: Spread) -> Months:
    median, low, high = (each / DAYS_PER_MONTH for each in (days.median, days.low, days.high))
    return Months(median=median, low=low, high=high)


def _of(found: Rehearsed, measure: str, cut: str) -> list[str]:
    """The endpoints, or reasons, of which a measure was counted."""
    own = found.operating.course.filter(measure=measure, cut=cut)
    return sorted(own["of"].unique().to_list())


def _stand(found: Rehearsed, cut: str) -> CutSummary:
    due, missed = (_spread(found, measure, cut) for measure in (DUE, MISSED))
    return CutSummary(
        cut=cut,
        months=_months(_spread(found, CUT_DAYS, cut)),
        events={of: _spread(found, EVENTS, cut, of) for of in _of(found, EVENTS, cut)},
        died=_spread(found, DIED, cut),
        left={of: _spread(found, LEFT, cut, of) for of in _of(found, LEFT, cut)},
        due=due,
        missed_scans=missed,
        missed=missed.total / due.total if due.total else None,
    )


def _go(found: Rehearsed) -> list[MonthSummary]:
    """Every sixth month, up to the first after which medians and ranges stay as they are."""
    last = last_month(found.operating.course)
    months = [_reach(found, month) for month in (*range(_EVERY_MONTHS, last, _EVERY_MONTHS), last)]
    while len(months) > 1 and _shown(months[-1]) == _shown(months[-2]):
        months.pop()
    return months


def _shown(month: MonthSummary) -> list[tuple[int, int, int]]:
    counts = (month.randomised, *month.events.values())
    return [(count.median, count.low, count.high) for count in counts]


def _reach(found: Rehearsed, month: int) -> MonthSummary:
    return MonthSummary(
        month=month,
        randomised=_spread(found, RANDOMISED, month=month),
        events={of: _spread(found, EVENTS, of=of, month=month) for of in _of(found, EVENTS, "")},
    )
