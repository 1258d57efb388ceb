"""The plan of the protocol carried out: every analysis by its named method."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from equipoise.analysis.gather import order_arms
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.inputs import DerivedData
from equipoise.analysis.methods import METHODS, AnalysisMethod
from equipoise.analysis.multiplicity import adjust_family
from equipoise.analysis.populations import count_members, list_members
from equipoise.analysis.result import Estimate, Result, Results
from equipoise.analysis.sample import Question, Sample, select_arms
from equipoise.analysis.second import rows_of_second
from equipoise.analysis.sides import take_side
from equipoise.analysis.subgroups import compare_subgroups
from equipoise.analysis.survival import estimate_follow_up
from equipoise.analysis.trial import Trial, gather, prepare_trial
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.model import Protocol


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
    results = {a.id: run_analysis(trial, analysis=a, seed=seed) for a in protocol.analysis}
    without = int(trial.subjects["allocated_arm"].null_count())
    return Results(
        results=results,
        subgroups=subgroups,
        overall=overall,
        populations=_count_populations(members, protocol),
        members=members,
        follow_up=_follow_up(trial, seed),
        reference_arm=protocol.reference_arm.code,
        arms=order_arms(protocol),
        seed=seed,
        family=adjust_family(protocol, results=results),
        warnings=(f"{without} without an allocation: not analysed",) if without else (),
    )


def run_analysis(
    trial: Trial, *, analysis: Analysis, seed: int = 1, figures: bool = True
) -> Result:
    """One analysis of the plan; with more than two arms, a part for each other arm.

    A method of `whole` trials compares all arms at once. Without `figures` the result has all
    numbers, and no curves to draw.
    """
    found = gather(trial, analysis=analysis, seed=seed)
    found = replace(found, question=replace(found.question, figures=figures))
    method, paired = METHODS[analysis.method], not analysis.spec.whole
    if paired and len(found.sample.arms) > 2:
        result = _answer_in_pairs(found.sample, found.question, method)
    else:
        result = answer(found.sample, question=found.question, method=method)
    return replace(result, warnings=tuple(dict.fromkeys(found.warnings + result.warnings)))


def answer(sample: Sample, *, question: Question, method: AnalysisMethod) -> Result:
    """The answer of a method on the side that the question asks for."""
    result = method(sample, question=question)
    return take_side(result, options=question.options) if question.options else result


def _answer_in_pairs(sample: Sample, question: Question, method: AnalysisMethod) -> Result:
    first, *others = sample.arms
    parts = tuple(
        answer(
            select_arms(sample, arms=(first, other)),
            question=replace(question, name=f"{question.name}:{other}"),
            method=method,
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
        arm_measure=parts[0].arm_measure,
        reference_arm=sample.reference,
        arms=arms,
        time_unit=sample.time_unit,
        curves=tuple(curves.values()),
        warnings=tuple(dict.fromkeys(word for part in parts for word in part.warnings)),
        rows=sample.rows,
        second_rows=rows_of_second(sample),
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
    found = gather(trial, analysis=primary.model_copy(update={"covariates": ()}), seed=seed)
    arms = found.sample.arms[:2]
    sample = select_arms(found.sample, arms=arms)
    question = replace(found.question, name=endpoint.id, words="", stratified=False, options=None)
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
