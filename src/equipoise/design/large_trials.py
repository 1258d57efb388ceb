"""The truth behind a rehearsal: what the plan says of large trials in which all is observed."""

import math
import statistics
from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from equipoise.derive.schemas import Endpoints
from equipoise.design.answers import Answer, Line
from equipoise.design.planned_answers import answer_trials, derive_by_cut
from equipoise.design.tallies import TrueValue
from equipoise.protocol.model import Protocol
from equipoise.simulate.rehearsal import rehearse
from equipoise.simulate.setting import Conditions

LARGE_TRIALS = 10  # the truth is the mean of so many trials ...
PLANNED_IN_ONE = 25  # ... each made of so many planned ones
_FIRST = 2**30  # their numbers: none that anybody asks for


def answer_large_trial(
    protocol: Protocol, *, scenario: str, seed: int, number: int, planned: int = PLANNED_IN_ONE
) -> tuple[Answer, ...]:
    """What large trial `number` says to the plan: the subjects of `planned` trials as one.

    Nobody leaves it, no visit is missed, no lesion unread; treatment, accrual and data cuts are
    those of the trial that is planned.
    """
    conditions = Conditions(everyone_followed=True, first_replicate=_FIRST + number * planned)
    drawn = rehearse(
        protocol, scenario=scenario, seed=seed, replicates=planned, conditions=conditions
    )
    by_cut = derive_by_cut(drawn.frames, protocol)
    joined = {cut: _join(derived) for cut, derived in by_cut.items()}
    allocations = _as_one(drawn.allocations)
    return answer_trials(joined, protocol, allocations=allocations)[0]


def tell_truth(trials: Iterable[tuple[Answer, ...]]) -> dict[Line, TrueValue]:
    """The mean of what large trials say, with its standard error, on the scale of each line.

    A line has no truth where one of them has no estimate, or not at the same time: then the plan
    asks for something that every trial answers for a time of its own.
    """
    answers: dict[Line, list[Answer]] = {}
    count = 0
    for trial in trials:
        count += 1
        for answer in trial:
            answers.setdefault(answer.line, []).append(answer)
    found = {line: _mean(own) for line, own in answers.items() if len(own) == count > 1}
    return {line: value for line, value in found.items() if value is not None}


def _mean(answers: list[Answer]) -> TrueValue | None:
    values = [scaled for answer in answers if (scaled := answer.scaled) is not None]
    if len(values) < len(answers) or len({answer.at for answer in answers}) > 1:
        return None
    error = statistics.stdev(values) / math.sqrt(len(values))
    return TrueValue(value=statistics.fmean(values), standard_error=error, at=answers[0].at)


def _join(derived: Endpoints) -> Endpoints:
    """The derived rows of many trials as those of one."""
    return replace(
        derived,
        subjects=_as_one(derived.subjects),
        times=_as_one(derived.times),
        intercurrent=_as_one(derived.intercurrent),
        occurrences=_as_one(derived.occurrences),
    )


def _as_one(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows as trial 0, their subjects and ids named after the trial they are from."""
    named = [name for name in ("subject", "row") if name in frame.columns]
    own = pl.col("replicate").cast(pl.String) + "/"
    return frame.with_columns(
        *((own + pl.col(name)).alias(name) for name in named),
        replicate=pl.lit(0, dtype=pl.Int32),
    )
