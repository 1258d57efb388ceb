"""Rehearsed trials through derivation and analysis as they stand: what the plan is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from equipoise.design.answers import Line, build_rows
from equipoise.design.expected_course import add_courses, count_course
from equipoise.design.planned_answers import answer_trials, derive_by_cut
from equipoise.design.tallies import Tally, Truth, merge_tallies, tally_answers
from equipoise.protocol.model import Protocol
from equipoise.simulate.rehearsal import rehearse
from equipoise.simulate.setting import Conditions, build_setting

MOST_TRIALS = 2**30


class PlanRefusedError(Exception):
    """A protocol whose plan cannot be tried; the message says what it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """What rehearsed trials said to every line of the plan, and how they went (`COURSE`).

    Those of other trials merge to one (`merge`), the same in whatever parts they were made.
    """

    trials: int
    tallies: Mapping[Line, Tally]
    course: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A range of rehearsed trials: what they said as sums, and each answer as a row (`ANSWERS`)."""

    operating: Operating
    rows: pl.DataFrame


def check_plan(protocol: Protocol, *, scenario: str) -> None:
    """Nothing where the plan can be tried by the scenario.

    Raises PlanRefusedError, RehearsalRefusedError, or KeyError for an unknown scenario.
    """
    if not protocol.analysis:
        raise PlanRefusedError("the protocol plans no analysis: add an [[analysis]]")
    if not protocol.cut:
        raise PlanRefusedError("the protocol plans no data cut: add a [[cut]]")
    build_setting(protocol, scenario=scenario, conditions=Conditions())


def operate(protocol: Protocol, *, scenario: str, seed: int, trials: range, truth: Truth) -> Chunk:
    """Rehearse, derive and analyse the trials with these numbers: every planned analysis.

    Each analysis is made at the data cuts that name its endpoint, else at the last one, with the
    resamples that `analyse` takes. A trial is the same alone and among others; trial 0 is that of
    `rehearse`. Without a truth (`tell_truth`) there is no coverage.
    """
    if trials.step != 1 or not 0 <= trials.start < trials.stop <= MOST_TRIALS:
        raise ValueError(f"trials are numbered one by one from 0 to {MOST_TRIALS}, not {trials}")
    check_plan(protocol, scenario=scenario)
    drawn = rehearse(
        protocol,
        scenario=scenario,
        seed=seed,
        replicates=len(trials),
        conditions=Conditions(first_replicate=trials.start),
    )
    by_cut = derive_by_cut(drawn.frames, protocol)
    answers = answer_trials(by_cut, protocol, allocations=drawn.allocations)
    said = (answer for own in answers.values() for answer in own)
    operating = Operating(
        trials=len(trials),
        tallies=tally_answers(said, truth=truth),
        course=count_course(by_cut, protocol),
    )
    return Chunk(operating=operating, rows=build_rows(answers))


def merge(parts: Sequence[Operating]) -> Operating:
    """The trials of all parts together."""
    return Operating(
        trials=sum(part.trials for part in parts),
        tallies=merge_tallies([part.tallies for part in parts]),
        course=add_courses([part.course for part in parts]),
    )
