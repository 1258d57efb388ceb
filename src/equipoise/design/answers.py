"""What the planned analyses of one trial said, as rows: an estimate, its interval, its test."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from equipoise.analysis.result import ArmResult, Estimate, Family, Result
from equipoise.analysis.sides import RATIOS
from equipoise.protocol.endpoint_model import Analysis

COMPARISON = "comparison"  # of the arms; the other rows are of one arm
FAMILY = "family"
ANY = "any"

ANSWERS: dict[str, pl.DataType] = {
    "replicate": pl.Int32(),
    "cut": pl.String(),
    "analysis": pl.String(),
    "line": pl.String(),
    "of": pl.String(),
    "measure": pl.String(),
    "at": pl.Float64(),
    "estimate": pl.Float64(),
    "lower": pl.Float64(),
    "upper": pl.Float64(),
    "p_value": pl.Float64(),
    "alpha": pl.Float64(),
    "rejected": pl.Boolean(),
    "n": pl.Int64(),
    "events": pl.Int64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is asked in every trial: of a cut and analysis one comparison, or one arm's estimate.

    `name` is the analysis with the time or the arm that it is about, where there are several.
    """

    cut: str
    analysis: str
    name: str
    of: str
    measure: str

    @property
    def is_ratio(self) -> bool:
        """Whether its estimates are averaged on the log scale."""
        return self.measure in RATIOS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one trial says to a line; None: nothing."""

    line: Line
    at: float | None = None
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    alpha: float | None = None
    rejected: bool | None = None
    n: int | None = None
    events: int | None = None

    @property
    def scaled(self) -> float | None:
        """The estimate on the scale on which it is averaged; None where that is not finite."""
        if self.estimate is None or not math.isfinite(self.estimate):
            return None
        if not self.line.is_ratio:
            return self.estimate
        return math.log(self.estimate) if self.estimate > 0 else None


def read_answers(result: Result, *, analysis: Analysis, cut: str) -> Iterator[Answer]:
    """The answers of a planned analysis: a comparison and each arm, at each of its times.

    Parts of another measure (checks of assumptions) are not answers. Estimates of arms are those
    that the analysis compares.
    """
    alpha = analysis.alpha or 0.05
    for name, part in _parts(result):
        line = Line(cut=cut, analysis=analysis.id, name=name, of=COMPARISON, measure=part.measure)
        if len(part.arms) > 1 and part.measure != part.arm_measure:
            yield _compare(line, part, alpha)
        for arm in part.arms if part.arm_measure else ():
            yield _of_arm(part, arm, line)


def read_family(family: Family | None) -> Iterator[Answer]:
    """The tests of the family with p adjusted, and whether any was rejected; none without one."""
    if family is None:
        return
    for test in family.tests:
        yield Answer(
            line=_family_line(test.analysis),
            p_value=test.adjusted,
            alpha=family.alpha,
            rejected=test.is_rejected,
        )
    rejected = any(test.is_rejected for test in family.tests)
    yield Answer(line=_family_line(ANY), alpha=family.alpha, rejected=rejected)


def _family_line(name: str) -> Line:
    return Line(cut="", analysis=FAMILY, name=name, of=COMPARISON, measure="adjusted_p")


def _parts(result: Result) -> list[tuple[str, Result]]:
    """The result at each of its times, or against each other arm, by name; itself where alone."""
    own = [(part.name, part) for part in result.parts if part.measure == result.measure]
    return own if len(own) > 1 else [(result.name, result)]


def _compare(line: Line, part: Result, alpha: float) -> Answer:
    estimate = part.estimate or Estimate(value=None)
    return Answer(
        line=line,
        at=part.at,
        estimate=estimate.value,
        lower=estimate.lower,
        upper=estimate.upper,
        p_value=part.p_value,
        alpha=alpha,
        rejected=None if part.p_value is None else part.p_value < alpha,
    )


def _of_arm(part: Result, arm: ArmResult, line: Line) -> Answer:
    found = arm.estimates.get(part.arm_measure, Estimate(value=None))
    own = Line(
        cut=line.cut,
        analysis=line.analysis,
        name=line.name,
        of=arm.arm,
        measure=part.arm_measure,
    )
    return Answer(
        line=own,
        at=part.at,
        estimate=found.value,
        lower=found.lower,
        upper=found.upper,
        n=arm.n,
        events=arm.events,
    )


def build_rows(answers: Mapping[int, tuple[Answer, ...]]) -> pl.DataFrame:
    """The answers of trials by their number as a frame with the columns `ANSWERS`."""
    rows = [_row(replicate, one) for replicate, own in answers.items() for one in own]
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def _row(replicate: int, one: Answer) -> tuple[object, ...]:
    line = one.line
    return (
        replicate, line.cut, line.analysis, line.name, line.of, line.measure, one.at,
        one.estimate, one.lower, one.upper, one.p_value, one.alpha, one.rejected, one.n, one.events,
    )  # fmt: skip
