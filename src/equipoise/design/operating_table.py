"""The table of a grid: a row for each cell and statistic, from their tallies."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from equipoise.design.operating_cells import BITS, UNIT, Count, Tally
from equipoise.design.operating_question import ENDPOINTS, Question
from equipoise.design.operating_statistics import STATISTICS
from equipoise.design.scenario_grid import PARAMETERS
from equipoise.design.whole_question import AnyQuestion
from equipoise.numerics.shares.proportions import estimate_clopper_pearson

_SHARES = pl.List(pl.Float64)
# What the laws come to at the milestone; `_alive` of overall survival alone.
TOLD = ("experimental_survival", "reference_alive", "experimental_alive")
# `power`: decided for the experimental arm, with its exact 95 % interval; `against`: for the other
# arm; `level`: both, the type I error where `no_effect`. Whole trials (`engine`) do not tell them
# apart: `power` is that the planned test rejects. `known`: trials in which the statistic
# could be told. Means are those at the end of the trial, early or not; `stopped_*`: the share of
# trials that ended at each look with success, with success of the other arm, for futility.
OPERATING_SCHEMA: dict[str, Any] = {
    "engine": pl.String,
    "scenario": pl.String,
    "label": pl.String,
    "endpoint": pl.String,
    **dict.fromkeys(PARAMETERS, pl.Float64),
    **dict.fromkeys(TOLD, pl.Float64),
    "no_effect": pl.Boolean,
    "statistic": pl.String,
    "statistic_words": pl.String,
    "trials": pl.Int64,
    "known": pl.Int64,
    "power": pl.Float64,
    "power_lower": pl.Float64,
    "power_upper": pl.Float64,
    "against": pl.Float64,
    "level": pl.Float64,
    "level_lower": pl.Float64,
    "level_upper": pl.Float64,
    "mean_events": pl.Float64,
    "mean_subjects": pl.Float64,
    "mean_months": pl.Float64,
    "estimate_of": pl.String,
    "mean_estimate": pl.Float64,
    "sd_estimate": pl.Float64,
    "look_events": pl.List(pl.Int64),
    "stopped_favour": _SHARES,
    "stopped_against": _SHARES,
    "stopped_futile": _SHARES,
    "alpha": pl.Float64,
    "sides": pl.Int64,
    "seed": pl.Int64,
    "protocol": pl.String,
    "program": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the numbers come from: the seed, the fingerprint of the protocol, the program."""

    seed: int
    protocol: str
    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A cell that was simulated."""

    question: AnyQuestion
    tally: Tally


def build_table(answers: Sequence[Answer], *, origin: Origin) -> pl.DataFrame:
    """The rows of all cells, in their order."""
    came = asdict(origin)
    rows = [row | came for answer in answers for row in _rows(answer)]
    return pl.DataFrame(rows, schema=OPERATING_SCHEMA)


def _rows(answer: Answer) -> Iterator[dict[str, Any]]:
    question = answer.question
    told = {name: _finite(value) for name, value in question.values}
    looks = [look.events for look in question.looks] if isinstance(question, Question) else [0]
    cell = {
        "engine": "replicates" if isinstance(question, Question) else "whole",
        "scenario": question.cell.scenario,
        "label": question.label,
        **{name: told.get(name) for name in (*PARAMETERS, *TOLD)},
        "no_effect": question.no_effect,
        "trials": answer.tally.trials,
        "look_events": looks,
        "alpha": question.rates.alpha,
        "sides": question.rates.sides,
    }
    for (asked, is_ratio), count in zip(_asked(question), answer.tally.counts, strict=True):
        yield cell | asked | _row(count, answer.tally.trials, ratio=is_ratio)


def _asked(question: AnyQuestion) -> Iterator[tuple[dict[str, Any], bool]]:
    """What is told of each statistic whatever was counted, and whether it estimates a ratio."""
    if isinstance(question, Question):
        endpoint = ENDPOINTS[question.endpoint]
        for name in question.statistics:
            one = STATISTICS[name]
            yield {
                "endpoint": endpoint, "statistic": name, "statistic_words": one.words,
                "estimate_of": one.estimate or None,
            }, name == "cox"  # fmt: skip
        return
    for line in question.lines:
        yield {
            "endpoint": line.endpoint, "statistic": line.name, "statistic_words": line.words,
            "estimate_of": line.measure.replace("_", " ") or None,
        }, line.is_ratio  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _row(count: Count, trials: int, *, ratio: bool) -> dict[str, Any]:
    favour, against = sum(count.favour), sum(count.against)
    power = estimate_clopper_pearson(favour, n=trials)
    level = estimate_clopper_pearson(favour + against, n=trials)
    mean, sd = _moments(count)
    return {
        "known": count.known,
        "power": power.value,
        "power_lower": power.lower,
        "power_upper": power.upper,
        "against": against / trials,
        "level": level.value,
        "level_lower": level.lower,
        "level_upper": level.upper,
        "mean_events": _mean(count.events, count.timed),
        "mean_subjects": _mean(count.entered, count.timed),
        "mean_months": _mean(count.time, count.timed, unit=UNIT),
        "mean_estimate": math.exp(mean) if ratio and mean is not None else mean,
        "sd_estimate": sd,
        "stopped_favour": [each / trials for each in count.favour],
        "stopped_against": [each / trials for each in count.against],
        "stopped_futile": [each / trials for each in count.futile],
    }


def _mean(total: int, size: int, *, unit: float = 1.0) -> float | None:
    return total * unit / size if size else None


def _moments(count: Count) -> tuple[float | None, float | None]:
    """The mean of the estimates (logs of ratios) and their standard deviation."""
    size = count.estimated
    mean = _mean(count.estimate, size, unit=UNIT)
    if mean is None or size < 2:
        return mean, None
    # in whole numbers, so that the difference of two large sums loses nothing
    spread = (count.square << BITS) * size - count.estimate**2
    return mean, math.sqrt(max(0, spread) / size / (size - 1)) * UNIT
