"""One trial made ready for analysis: its derived rows with the arms, and a sample an analysis."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import polars as pl

from equipoise.analysis.covariates import add_covariates
from equipoise.analysis.gather import (
    DAYS_PER_MONTH,
    Roster,
    gather_times,
    order_arms,
    prepare_replay,
    read_roster,
)
from equipoise.analysis.inputs import DerivedData, SplitFrame, select_replicate
from equipoise.analysis.occurrences import (
    Clock,
    Timeline,
    check_window,
    choose_window,
    gather_occurrences,
    read_timeline,
    set_clock,
)
from equipoise.analysis.populations import add_arms, select_members
from equipoise.analysis.sample import Question, Sample, common_follow_up
from equipoise.analysis.second import add_second
from equipoise.analysis.sides import level_of
from equipoise.analysis.stand_in import select_by_clock
from equipoise.analysis.switches import add_switch
from equipoise.protocol.endpoint_model import Analysis, Endpoint, Population
from equipoise.protocol.methods.spec import Second, SecondEndpoint
from equipoise.protocol.model import Protocol

Rows = TypeVar("Rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The derived rows of one trial with `allocated_arm` and `treated_arm`, and its protocol.

    `members` are the subjects of each population with the `arm` in which they are analysed,
    `counted` the times by endpoint and convention (empty without one), of units at risk. `gathered`
    holds the rows that several analyses share, once one has asked for them.
    """

    protocol: Protocol
    subjects: pl.DataFrame
    times: pl.DataFrame
    intercurrent: pl.DataFrame
    occurrences: pl.DataFrame
    members: Mapping[str, pl.DataFrame]
    counted: Mapping[tuple[str, str], pl.DataFrame]
    gathered: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The rows of one analysis, the question, and what a reader should know of both."""

    sample: Sample
    question: Question
    members: pl.DataFrame
    warnings: tuple[str, ...]


def prepare_trial(
    datasets: DerivedData, *, protocol: Protocol, allocations: pl.DataFrame, replicate: int
) -> Trial:
    """The rows of one replicate, each subject with its arms."""
    own = (
        select_replicate(allocations, replicate=replicate)
        if "replicate" in allocations.columns
        else allocations
    )
    subjects = select_replicate(datasets.subjects, replicate=replicate)
    subjects = add_arms(subjects, allocations=own, protocol=protocol)
    times = select_replicate(datasets.times, replicate=replicate)
    return Trial(
        protocol=protocol,
        subjects=subjects,
        times=times,
        intercurrent=select_replicate(datasets.intercurrent, replicate=replicate),
        occurrences=select_replicate(datasets.occurrences, replicate=replicate),
        members={
            each.id: select_members(subjects, population=each) for each in protocol.population
        },
        counted=_count_by_convention(times).get(replicate, {}),
    )


def prepare_trials(
    datasets: DerivedData, *, protocol: Protocol, allocations: pl.DataFrame
) -> dict[int, Trial]:
    """Every trial among those rehearsed together, by its number, as `prepare_trial` makes it."""
    subjects = add_arms(datasets.subjects, allocations=allocations, protocol=protocol)
    counted = _count_by_convention(datasets.times)
    parts = {
        name: SplitFrame.of(frame)
        for name, frame in (
            ("subjects", subjects),
            ("times", datasets.times),
            ("intercurrent", datasets.intercurrent),
            ("occurrences", datasets.occurrences),
        )
    }
    members = {
        each.id: SplitFrame.of(select_members(subjects, population=each))
        for each in protocol.population
    }
    return {
        number: Trial(
            protocol=protocol,
            members={name: part.trial(number) for name, part in members.items()},
            counted=counted.get(number, {}),
            subjects=parts["subjects"].trial(number),
            times=parts["times"].trial(number),
            intercurrent=parts["intercurrent"].trial(number),
            occurrences=parts["occurrences"].trial(number),
        )
        for number in parts["subjects"].numbers
    }


def _count_by_convention(times: pl.DataFrame) -> dict[int, dict[tuple[str, str], pl.DataFrame]]:
    """The times of units at risk by trial, endpoint and convention."""
    named = ["replicate", "endpoint", "convention"]
    at_risk = times.filter(pl.col("days").is_not_null())
    parts = at_risk.with_columns(pl.col("convention").fill_null("")).partition_by(
        named, as_dict=True, maintain_order=True
    )
    found: dict[int, dict[tuple[str, str], pl.DataFrame]] = {}
    for (number, endpoint, convention), part in parts.items():
        found.setdefault(number, {})[endpoint, convention] = part
    return found


def population_named(protocol: Protocol, *, name: str) -> Population:
    """The population of that id; KeyError when the protocol has none."""
    for population in protocol.population:
        if population.id == name:
            return population
    raise KeyError(f"the protocol has no population '{name}'")


def choose_convention(endpoint: Endpoint, *, asked: str) -> str:
    """The convention asked for; without a name the primary one; empty when there is none."""
    primary = [c.id for c in endpoint.convention if c.role == "primary"]
    return asked or (*primary, "")[0]


def gather(trial: Trial, *, analysis: Analysis, seed: int) -> Gathered:
    """The sample of an analysis in its population, and the question with its times."""
    endpoint = trial.protocol.endpoint_named(analysis.endpoint)
    population = population_named(trial.protocol, name=analysis.population)
    members = trial.members[population.id]
    empty = () if members.height else (f"nobody is in the population {population.label}",)
    options = analysis.asked
    question = Question(
        name=analysis.id,
        endpoint=endpoint.id,
        words=analysis.words,
        stratified=analysis.stratified,
        level=level_of(analysis.alpha, options=options),
        seed=seed,
        options=options,
    )
    collect = _gather_window if endpoint.kind == "occurrence" else _gather_times
    found = collect(trial, analysis=analysis, members=members, question=question)
    if analysis.spec.switch:
        found = replace(
            found,
            sample=add_switch(
                found.sample,
                times=trial.times,
                intercurrent=trial.intercurrent,
                endpoint=endpoint.id,
                event=str(getattr(options, "event", "")),
            ),
        )
    if analysis.spec.second is not Second.NONE:
        found = replace(found, sample=_with_second(trial, sample=found.sample, analysis=analysis))
    if analysis.spec.replay:
        replay = prepare_replay(trial.subjects, protocol=trial.protocol)
        found = replace(found, sample=replace(found.sample, replay=replay))
    if not analysis.covariates:
        return replace(found, warnings=empty + found.warnings)
    adjusted, told = add_covariates(
        found.sample, members=members, names=analysis.covariates, protocol=trial.protocol
    )
    return replace(found, sample=adjusted, warnings=empty + found.warnings + told)


def _gather_times(
    trial: Trial, *, analysis: Analysis, members: pl.DataFrame, question: Question
) -> Gathered:
    """The sample of a time-to-event endpoint by the convention asked for."""
    endpoint = trial.protocol.endpoint_named(analysis.endpoint)
    arms = order_arms(trial.protocol, asked=analysis.arms)

    def work() -> tuple[Sample, tuple[str, ...]]:
        times, told = _select_times(trial, endpoint=endpoint, analysis=analysis, members=members)
        return gather_times(times, roster=_roster(trial, analysis=analysis, arms=arms)), told

    key = ("times", endpoint.id, analysis.convention, analysis.population, *arms)
    sample, told = _once(trial, key=key, work=work)
    timed = _with_times(question, analysis=analysis, endpoint=endpoint, sample=sample)
    return Gathered(sample=sample, question=timed, members=members, warnings=told)


def _with_second(trial: Trial, *, sample: Sample, analysis: Analysis) -> Sample:
    """The sample with the times of the endpoint that the options name; as it is without one."""
    asked = analysis.asked
    if not (isinstance(asked, SecondEndpoint) and asked.second_endpoint):
        return sample
    endpoint = trial.protocol.endpoint_named(asked.second_endpoint)
    convention = choose_convention(endpoint, asked=asked.second_convention)
    times = trial.counted.get((endpoint.id, convention), _no_times(trial))
    read = next((each.label for each in endpoint.convention if each.id == convention), "")
    label = f"{endpoint.label} ({read})" if read else endpoint.label
    return add_second(sample, times=times, label=label)


def _once(trial: Trial, *, key: tuple[str, ...], work: Callable[[], Rows]) -> Rows:
    """The rows by this key, gathered when the first analysis asks for them."""
    if key not in trial.gathered:
        trial.gathered[key] = work()
    found: Rows = trial.gathered[key]
    return found


def _roster(trial: Trial, *, analysis: Analysis, arms: tuple[str, ...]) -> Roster:
    """The members of the population by subject."""
    members = trial.members[analysis.population]
    return _once(
        trial,
        key=("roster", analysis.population, *arms),
        work=lambda: read_roster(members, protocol=trial.protocol, arms=arms),
    )


def _select_times(
    trial: Trial, *, endpoint: Endpoint, analysis: Analysis, members: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The times asked for; those of units that were not at risk are left out."""
    if endpoint.reference_origin:
        both = [part for (name, _), part in trial.counted.items() if name == endpoint.id]
        own = pl.concat([_no_times(trial), *both])
        return select_by_clock(own, members=members, endpoint=endpoint, protocol=trial.protocol)
    convention = choose_convention(endpoint, asked=analysis.convention)
    found = trial.counted.get((endpoint.id, convention))
    return _no_times(trial) if found is None else found, ()


def _no_times(trial: Trial) -> pl.DataFrame:
    return trial.times.clear()


def _occurred(trial: Trial, *, endpoint: Endpoint) -> pl.DataFrame:
    """The events of an occurrence endpoint."""
    by_endpoint = _once(
        trial,
        key=("occurrences",),
        work=lambda: trial.occurrences.partition_by("endpoint", as_dict=True),
    )
    found = by_endpoint.get((endpoint.id,))
    return trial.occurrences.clear() if found is None else found


def _with_times(
    question: Question, *, analysis: Analysis, endpoint: Endpoint, sample: Sample
) -> Question:
    """The times of the plan, else the endpoint's horizon, else the common follow-up."""
    horizon = endpoint.horizon_months
    common = common_follow_up(sample)
    fallback = (horizon,) if horizon else (common,) if common else ()
    at = analysis.at_months or fallback
    headline = horizon if horizon in at else (*at[-1:], None)[0]
    return replace(question, at=at, headline=headline)


def _gather_window(
    trial: Trial, *, analysis: Analysis, members: pl.DataFrame, question: Question
) -> Gathered:
    """The sample of an occurrence endpoint in its window, counted on each arm's clock."""
    arms = order_arms(trial.protocol, asked=analysis.arms)
    endpoint = trial.protocol.endpoint_named(analysis.endpoint)
    window = choose_window(endpoint, asked=analysis.window)

    def tell() -> tuple[Clock, Timeline]:
        analysed = members.filter(pl.col("arm").is_in(arms)) if analysis.arms else members
        clock = set_clock(analysed, endpoint=endpoint, protocol=trial.protocol)
        return clock, read_timeline(_occurred(trial, endpoint=endpoint), clock=clock)

    key = (endpoint.id, analysis.population, *arms)
    clock, timeline = _once(trial, key=("timeline", *key), work=tell)
    roster = _roster(trial, analysis=analysis, arms=arms)
    sample = _once(
        trial,
        key=("window", window.id, *key),
        work=lambda: gather_occurrences(timeline, roster=roster, endpoint=endpoint, window=window),
    )
    # shares and incidences are read on the window's last day
    end = window.to_day / DAYS_PER_MONTH if window.id else common_follow_up(sample)
    at = analysis.at_months or (() if end is None else (end,))
    told = check_window(sample, clock=clock, window=window)
    timed = replace(question, at=at, headline=end if end in at else (*at[-1:], None)[0])
    return Gathered(
        sample=sample, question=timed, members=clock.members, warnings=clock.words + told
    )
