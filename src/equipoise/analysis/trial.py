"""One trial made ready for analysis: its derived rows with the arms, and a sample an analysis."""

from dataclasses import dataclass, replace

import polars as pl

from equipoise.analysis.covariates import add_covariates
from equipoise.analysis.gather import DAYS_PER_MONTH, gather_times, order_arms, prepare_replay
from equipoise.analysis.inputs import DerivedData, select_replicate, split_replicates
from equipoise.analysis.occurrences import (
    check_window,
    choose_window,
    gather_occurrences,
    set_clock,
)
from equipoise.analysis.populations import add_arms, select_members
from equipoise.analysis.sample import Question, Sample, common_follow_up
from equipoise.analysis.sides import level_of
from equipoise.analysis.stand_in import select_by_clock
from equipoise.analysis.switches import add_switch
from equipoise.protocol.endpoint_model import Analysis, Endpoint, Population
from equipoise.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The derived rows of one trial with `allocated_arm` and `treated_arm`, and its protocol."""

    protocol: Protocol
    subjects: pl.DataFrame
    times: pl.DataFrame
    intercurrent: pl.DataFrame
    occurrences: pl.DataFrame


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
    return Trial(
        protocol=protocol,
        subjects=add_arms(subjects, allocations=own, protocol=protocol),
        times=select_replicate(datasets.times, replicate=replicate),
        intercurrent=select_replicate(datasets.intercurrent, replicate=replicate),
        occurrences=select_replicate(datasets.occurrences, replicate=replicate),
    )


def prepare_trials(
    datasets: DerivedData, *, protocol: Protocol, allocations: pl.DataFrame
) -> dict[int, Trial]:
    """Every trial among those rehearsed together, by its number, as `prepare_trial` makes it."""
    subjects = split_replicates(datasets.subjects)
    times = split_replicates(datasets.times)
    intercurrent = split_replicates(datasets.intercurrent)
    occurrences = split_replicates(datasets.occurrences)
    arms = split_replicates(allocations)
    return {
        number: Trial(
            protocol=protocol,
            subjects=add_arms(
                own, allocations=arms.get(number, allocations.clear()), protocol=protocol
            ),
            times=times.get(number, datasets.times.clear()),
            intercurrent=intercurrent.get(number, datasets.intercurrent.clear()),
            occurrences=occurrences.get(number, datasets.occurrences.clear()),
        )
        for number, own in subjects.items()
    }


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
    members = select_members(trial.subjects, population=population)
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
    times, told = _select_times(trial, endpoint=endpoint, analysis=analysis, members=members)
    sample = gather_times(
        times,
        members=members,
        protocol=trial.protocol,
        arms=order_arms(trial.protocol, asked=analysis.arms),
    )
    timed = _with_times(question, analysis=analysis, endpoint=endpoint, sample=sample)
    return Gathered(sample=sample, question=timed, members=members, warnings=told)


def _select_times(
    trial: Trial, *, endpoint: Endpoint, analysis: Analysis, members: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The times asked for; those of units that were not at risk are left out."""
    own = trial.times.filter((pl.col("endpoint") == endpoint.id) & pl.col("days").is_not_null())
    if endpoint.reference_origin:
        return select_by_clock(own, members=members, endpoint=endpoint, protocol=trial.protocol)
    convention = choose_convention(endpoint, asked=analysis.convention)
    return own.filter(pl.col("convention").fill_null("") == convention), ()


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
    analysed = members.filter(pl.col("arm").is_in(arms))
    clock = set_clock(analysed, endpoint=endpoint, protocol=trial.protocol)
    sample = gather_occurrences(
        trial.occurrences,
        clock=clock,
        endpoint=endpoint,
        window=window,
        protocol=trial.protocol,
        arms=arms,
    )
    # shares and incidences are read on the window's last day
    end = window.to_day / DAYS_PER_MONTH if window.id else common_follow_up(sample)
    at = analysis.at_months or (() if end is None else (end,))
    told = check_window(sample, clock=clock, window=window)
    timed = replace(question, at=at, headline=end if end in at else (*at[-1:], None)[0])
    return Gathered(
        sample=sample, question=timed, members=clock.members, warnings=clock.words + told
    )
