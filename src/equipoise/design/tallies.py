"""What many trials said to the same question: sums that are exact, so that parts never matter."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from equipoise.design.answers import Answer, Line

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueValue:
    """What an endless trial would say to a line, on its scale (ratios: log), and its error.

    `at` is the time that it is about, where it is about one.
    """

    value: float
    standard_error: float
    at: float | None = None

    def is_about(self, at: float | None) -> bool:
        """Whether an estimate is of the same time."""
        if self.at is None or at is None:
            return self.at is at
        return math.isclose(self.at, at)


Truth = Mapping[Line, TrueValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts and sums of the answers to a line; those of other trials add to one.

    `total` and `squares` are of the estimates on the line's scale: fractions, whose sums do not
    depend on the order. `intervals` counts those beside a truth, `below` and `above` the intervals
    that lie wholly on one side of it; `since` and `until` bound the times asked at.
    """

    trials: int = 0
    answered: int = 0
    tested: int = 0
    rejected: int = 0
    estimates: int = 0
    total: Fraction = _NOTHING
    squares: Fraction = _NOTHING
    intervals: int = 0
    below: int = 0
    above: int = 0
    alpha: float | None = None
    since: float | None = None
    until: float | None = None


def tally_answer(answer: Answer, *, truth: TrueValue | None) -> Tally:
    """The tally of one answer."""
    scaled = answer.scaled
    value = _NOTHING if scaled is None else Fraction(scaled)
    below, above = _sides(answer, truth)
    has_both = answer.lower is not None and answer.upper is not None
    known = truth is not None and has_both and truth.is_about(answer.at)
    return Tally(
        trials=1,
        answered=int(answer.estimate is not None or answer.rejected is not None),
        tested=int(answer.rejected is not None),
        rejected=int(bool(answer.rejected)),
        estimates=int(scaled is not None),
        total=value,
        squares=value * value,
        intervals=int(known),
        below=int(known and below),
        above=int(known and above),
        alpha=answer.alpha,
        since=answer.at,
        until=answer.at,
    )


def _sides(answer: Answer, truth: TrueValue | None) -> tuple[bool, bool]:
    """Whether the whole interval lies below the truth, and above it."""
    if truth is None or answer.lower is None or answer.upper is None:
        return False, False
    value = math.exp(truth.value) if answer.line.is_ratio else truth.value
    return answer.upper < value, answer.lower > value


def add_tallies(parts: Sequence[Tally]) -> Tally:
    """The tally of the trials of all parts: exact, in any order; that of no trial without any."""
    return Tally(
        trials=sum(part.trials for part in parts),
        answered=sum(part.answered for part in parts),
        tested=sum(part.tested for part in parts),
        rejected=sum(part.rejected for part in parts),
        estimates=sum(part.estimates for part in parts),
        total=sum((part.total for part in parts), _NOTHING),
        squares=sum((part.squares for part in parts), _NOTHING),
        intervals=sum(part.intervals for part in parts),
        below=sum(part.below for part in parts),
        above=sum(part.above for part in parts),
        alpha=min(_known(part.alpha for part in parts), default=None),
        since=min(_known(part.since for part in parts), default=None),
        until=max(_known(part.until for part in parts), default=None),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def tally_answers(answers: Iterable[Answer], *, truth: Truth) -> dict[Line, Tally]:
    """The tallies of many answers by the line that they answer."""
    found: dict[Line, list[Tally]] = {}
    for answer in answers:
        own = tally_answer(answer, truth=truth.get(answer.line))
        found.setdefault(answer.line, []).append(own)
    return {line: add_tallies(own) for line, own in found.items()}


def merge_tallies(parts: Sequence[Mapping[Line, Tally]]) -> dict[Line, Tally]:
    """The tallies of the trials of all parts, by line."""
    lines = dict.fromkeys(line for part in parts for line in part)
    return {line: add_tallies([part[line] for part in parts if line in part]) for line in lines}
