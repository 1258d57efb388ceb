"""The plan of the protocol carried out: every analysis by its named method."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol as Shape

import polars as pl

from equipoise.analysis.binomial import compare_risks
from equipoise.analysis.competing import compare_incidence
from equipoise.analysis.gather import order_arms
from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.inputs import DerivedData
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.populations import count_members, list_members
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import Estimate, Result, Results
from equipoise.analysis.sample import Question, Sample, select_arms
from equipoise.analysis.subgroups import compare_subgroups
from equipoise.analysis.survival import estimate_follow_up, estimate_medians, estimate_survival
from equipoise.analysis.trial import Trial, gather, prepare_trial
from equipoise.protocol.endpoint_model import Analysis, Method
from equipoise.protocol.model import Protocol


class AnalysisMethod(Shape):
    """A named method: a sample of one or two arms and a question give a result."""

    def __call__(self, sample: Sample, *, question: Question) -> Result:
        """The answer; what cannot be estimated is None, with a warning."""
        ...


METHODS: Mapping[Method, AnalysisMethod] = {
    Method.KAPLAN_MEIER: estimate_survival,
    Method.MILESTONE: compare_at_milestone,
    Method.LOGRANK: compare_by_logrank,
    Method.COX: compare_by_cox,
    Method.RMST: compare_restricted_means,
    Method.MEDIAN: estimate_medians,
    Method.CUMULATIVE_INCIDENCE: compare_incidence,
    Method.RISK_DIFFERENCE: compare_risks,
}


def run(
    datasets: DerivedData,
    protocol: Protocol,
    *,
    allocations: pl.DataFrame,
    seed: int = 1,
    replicate: int = 0,
) -> Results:
    """Every analysis of the plan, the forest, the populations: of one trial.

    `seed` names the resamples. What cannot be estimated is None in its result, with a warning;
    nothing in the data raises. The order of rows never matters.
    """
    trial = prepare_trial(datasets, protocol=protocol, allocations=allocations, replicate=replicate)
    members = list_members(trial.subjects, populations=protocol.population)
    overall, subgroups = _run_forest(trial, seed)
    without = int(trial.subjects["allocated_arm"].null_count())
    return Results(
        results={a.id: run_analysis(trial, analysis=a, seed=seed) for a in protocol.analysis},
        subgroups=subgroups,
        overall=overall,
        populations=_count_populations(members, protocol),
        members=members,
        follow_up=_follow_up(trial, seed),
        reference_arm=protocol.reference_arm.code,
        arms=order_arms(protocol),
        seed=seed,
        warnings=(f"{without} without an allocation: not analysed",) if without else (),
    )


def run_analysis(trial: Trial, *, analysis: Analysis, seed: int = 1) -> Result:
    """One analysis of the plan; with more than two arms, a part for each other arm."""
    found = gather(trial, analysis=analysis, seed=seed)
    result = _answer(found.sample, found.question, METHODS[analysis.method])
    return replace(result, warnings=tuple(dict.fromkeys(found.warnings + result.warnings)))


def _answer(sample: Sample, question: Question, method: AnalysisMethod) -> Result:
    if len(sample.arms) < 3:
        return method(sample, question=question)
    first, *others = sample.arms
    parts = tuple(
        method(
            select_arms(sample, arms=(first, other)),
            question=replace(question, name=f"{question.name}:{other}"),
        )
        for other in others
    )
    arms = (*parts[0].arms, *(arm for part in parts[1:] for arm in part.arms[1:]))
    curves = {curve.arm: curve for part in parts for curve in part.curves}
    return Result(
        name=question.name,
        endpoint=question.endpoint,
        method=parts[0].method,
        measure=parts[0].measure,
        reference_arm=sample.reference,
        arms=arms,
        time_unit=sample.time_unit,
        curves=tuple(curves.values()),
        warnings=tuple(dict.fromkeys(word for part in parts for word in part.warnings)),
        rows=sample.rows,
        parts=parts,
    )


def _count_populations(
    members: pl.DataFrame, protocol: Protocol
) -> Mapping[str, Mapping[str, int]]:
    arms = order_arms(protocol)
    return {
        population.id: count_members(
            members.filter(pl.col("population") == population.id), arms=arms
        )
        for population in protocol.population
    }


def _primary(protocol: Protocol) -> Analysis:
    """The analysis whose role is primary, else the first."""
    named = [analysis for analysis in protocol.analysis if analysis.role == "primary"]
    return (*named, *protocol.analysis)[0]


def _run_forest(trial: Trial, seed: int) -> tuple[Result | None, tuple[Result, ...]]:
    """The unstratified hazard ratio of the primary endpoint, overall and by subgroup."""
    protocol = trial.protocol
    primary = _primary(protocol)
    endpoint = protocol.endpoint_named(primary.endpoint)
    present = tuple(s for s in protocol.subgroup if s.id in trial.subjects.columns)
    if endpoint.kind != "time_to_event":
        return None, ()
    found = gather(trial, analysis=primary, seed=seed)
    arms = found.sample.arms[:2]
    sample = select_arms(found.sample, arms=arms)
    question = replace(found.question, name=endpoint.id, words="", stratified=False)
    overall = compare_by_cox(sample, question=replace(question, name=f"{endpoint.id}/overall"))
    return overall, compare_subgroups(
        sample, members=found.members, subgroups=present, question=question
    )


def _follow_up(trial: Trial, seed: int) -> Mapping[str, Mapping[str, Estimate]]:
    """The follow-up of both arms together, by endpoint of the plan (first analysis of each)."""
    found: dict[str, Mapping[str, Estimate]] = {}
    for analysis in trial.protocol.analysis:
        endpoint = trial.protocol.endpoint_named(analysis.endpoint)
        if endpoint.kind != "time_to_event" or endpoint.id in found:
            continue
        sample = gather(trial, analysis=analysis, seed=seed).sample
        found[endpoint.id] = estimate_follow_up(
            sample.time, event=(sample.cause > 0).astype("int64")
        )
    return found
