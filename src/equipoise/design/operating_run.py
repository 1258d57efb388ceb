"""Many rehearsed trials in chunks, on as many workers as there are; the numbers are the same."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import repeat

import polars as pl

from equipoise.design.answers import Answer
from equipoise.design.large_trials import PLANNED_IN_ONE, answer_large_trial, tell_truth
from equipoise.design.tallies import Truth
from equipoise.design.whole_protocol import Chunk, Operating, check_plan, merge, operate
from equipoise.protocol.model import Protocol

CHUNK = 100  # trials that a worker holds at once: the memory of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsing:
    """What is rehearsed: a protocol by one of its scenarios, so many trials, from a seed.

    The truth is told from so many `large_trials`; 0: there is neither bias nor coverage.
    """

    protocol: Protocol
    scenario: str
    seed: int
    trials: int
    large_trials: int

    @property
    def steps(self) -> int:
        """The planned trials that are drawn in all: those, and the ones in large trials."""
        return self.trials + self.large_trials * PLANNED_IN_ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What all trials said and how they went, and the truth beside them."""

    asked: Rehearsing
    operating: Operating
    truth: Truth


def run_rehearsing(
    asked: Rehearsing,
    *,
    executor: Executor,
    keep: Callable[[pl.DataFrame], None],
    tell: Callable[[int], None],
) -> Rehearsed:
    """All trials through the protocol, the large ones first.

    `keep` gets the rows of the trials (`ANSWERS`), chunk after chunk in their order; `tell` how
    many of `asked.steps` are done. Memory does not grow with the number of trials.
    """
    check_plan(asked.protocol, scenario=asked.scenario)
    truth = tell_truth(_draw_large(asked, executor, tell)) if asked.large_trials else {}
    operating: list[Operating] = []
    for chunk in _draw(asked, executor, truth):
        operating = [merge([*operating, chunk.operating])]
        keep(chunk.rows)
        tell(chunk.operating.trials)
    return Rehearsed(asked=asked, operating=operating[0], truth=truth)


def _draw_large(
    asked: Rehearsing, executor: Executor, tell: Callable[[int], None]
) -> Iterator[tuple[Answer, ...]]:
    for answers in executor.map(_answer_large, repeat(asked), range(asked.large_trials)):
        tell(PLANNED_IN_ONE)
        yield answers


def _answer_large(asked: Rehearsing, number: int) -> tuple[Answer, ...]:
    return answer_large_trial(
        asked.protocol, scenario=asked.scenario, seed=asked.seed, number=number
    )


def _draw(asked: Rehearsing, executor: Executor, truth: Truth) -> Iterator[Chunk]:
    return executor.map(_operate, repeat(asked), split_trials(asked.trials), repeat(truth))


def split_trials(trials: int) -> Iterator[range]:
    """The trials in chunks that become smaller towards the end, so that no worker waits long.

    A quarter of what is left, at most `CHUNK` and at least a quarter of it: small chunks cost more.
    Source: Polychronopoulos, Kuck (1987), guided self-scheduling.
    """
    start = 0
    while start < trials:
        size = min(CHUNK, max((trials - start) // 4, CHUNK // 4, 1))
        yield range(start, min(start + size, trials))
        start += size


def _operate(asked: Rehearsing, trials: range, truth: Truth) -> Chunk:
    return operate(
        asked.protocol, scenario=asked.scenario, seed=asked.seed, trials=trials, truth=truth
    )
