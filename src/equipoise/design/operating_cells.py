"""What a plan is worth, counted: replicates of a cell in whole numbers that add up in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.design.operating_question import Question
from equipoise.design.operating_statistics import (
    STATISTICS,
    decide_maxcombo,
    read_estimate,
    read_z,
)
from equipoise.simulate.replicates import Replicates, simulate_replicates
from equipoise.simulate.trial_model import Run

BITS = 24
UNIT = 2.0**-BITS  # of the sums: times, estimates and their squares, rounded to it
_SAFE = 2.0**62

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One statistic over trials. Tuples have one number a look; sums are in `UNIT`.

    Trials that end at a look with success, with success of the other arm, for futility; those in
    which the statistic could be told at its end; events, subjects and time there, and how many had
    such a time; estimates, their sum and that of their squares.
    """

    favour: Counts
    against: Counts
    futile: Counts
    known: int
    events: int
    entered: int
    timed: int
    time: int
    estimated: int
    estimate: int
    square: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many trials of a cell, one count a statistic, in the order of the question."""

    trials: int
    counts: tuple[Count, ...]


def run_cell(question: Question, *, run: Run) -> Tally:
    """The replicates of a cell that `run` names, counted.

    Whole numbers, so that the tallies of parts add up to that of the whole, whoever made them.
    """
    found = simulate_replicates(
        question.model, looks=question.looks, reading=question.reading, run=run
    ).of(question.endpoint)
    counts = tuple(_count(question, found, name) for name in question.statistics)
    return Tally(trials=run.trials, counts=counts)


def add_tallies(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    first, *others = tallies
    for other in others:
        first = Tally(
            trials=first.trials + other.trials,
            counts=tuple(_add(a, b) for a, b in zip(first.counts, other.counts, strict=True)),
        )
    return first


def _add(one: Count, other: Count) -> Count:
    added: dict[str, Any] = {}
    for each in fields(Count):
        a, b = getattr(one, each.name), getattr(other, each.name)
        is_each_look = isinstance(a, tuple)
        added[each.name] = tuple(map(sum, zip(a, b, strict=True))) if is_each_look else a + b
    return Count(**added)


def _count(question: Question, found: Replicates, name: str) -> Count:
    favour, against, futile, known = _decide(question, found, name)
    ends = favour | against | futile
    ends[:, -1] = True
    end = ends.argmax(axis=1)
    trials = np.arange(end.size)
    is_end = np.zeros_like(ends)
    is_end[trials, end] = True
    time = found.time[trials, end]
    events = found.events[trials, end, 0].sum(axis=-1)
    timed = np.isfinite(time)
    estimates = read_estimate(found, name=name)
    estimate = np.empty(0) if estimates is None else estimates[trials, end]
    estimate = estimate[np.isfinite(estimate)]
    return Count(
        favour=_by_look(favour & is_end),
        against=_by_look(against & is_end),
        futile=_by_look(futile & is_end),
        known=int(known[trials, end].sum()),
        events=int(events[timed].sum()),
        entered=int(found.entered[trials, end][timed].sum()),
        timed=int(timed.sum()),
        time=add_exactly(time[timed]),
        estimated=estimate.size,
        estimate=add_exactly(estimate),
        square=add_exactly(estimate * estimate),
    )


def _by_look(flags: Flags) -> Counts:
    return tuple(int(count) for count in flags.sum(axis=0))


def add_exactly(values: Floats) -> int:
    """The sum of values, each rounded to `UNIT`: the same in any order and in any parts."""
    scaled = np.rint(values / UNIT)
    if np.abs(scaled).max(initial=0.0) * scaled.size < _SAFE:
        return int(scaled.astype(np.int64).sum())
    return sum(map(int, scaled.tolist()))


def _decide(question: Question, found: Replicates, name: str) -> tuple[Flags, Flags, Flags, Flags]:
    """By trial and look: success, success of the other arm, futility, whether it could be told."""
    none = np.zeros(found.time.shape, dtype=np.bool_)
    if name == "maxcombo":
        favour, against = none.copy(), none.copy()
        favour[:, -1], against[:, -1] = decide_maxcombo(found, level=question.rates.one_sided)
        return favour, against if question.rates.sides == 2 else none, none, ~none
    better = -read_z(found, name=name)
    upper, lower = _bounds(question, name)
    is_two_sided = question.rates.sides == 2
    against = -better >= upper if is_two_sided else none
    futile = (np.abs(better) if is_two_sided else better) < lower
    futile[:, -1] = False
    return better >= upper, against, futile, ~np.isnan(better)


def _bounds(question: Question, name: str) -> tuple[Floats, Floats]:
    """The bounds of z at each look: one that does not stop the trial is tested at the last."""
    upper, lower = np.array(question.upper), np.array(question.lower)
    if not STATISTICS[name].stops:
        upper, lower = np.full(upper.size, np.inf), np.full(upper.size, -np.inf)
        upper[-1] = question.rates.critical
    return upper, lower
