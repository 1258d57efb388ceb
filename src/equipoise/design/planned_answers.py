"""Every planned analysis of rehearsed trials, each at its data cut."""

from collections.abc import Mapping

import polars as pl

from equipoise.analysis.multiplicity import adjust_family
from equipoise.analysis.plan import run_analysis
from equipoise.analysis.result import Result
from equipoise.analysis.trial import Trial, prepare_trials
from equipoise.capture.frames import Frames
from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_endpoints
from equipoise.derive.schemas import Endpoints
from equipoise.design.answers import Answer, read_answers, read_family
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.model import Protocol


def derive_by_cut(frames: Frames, protocol: Protocol) -> dict[str, Endpoints]:
    """What the entries derive to as of each data cut of the protocol, the last cut last."""
    rules = sorted(protocol.cut, key=lambda rule: rule.plus_months)
    return {
        rule.id: derive_endpoints(
            frames, protocol, cutoffs=cut_dates(frames, protocol, cut=rule.id)
        )
        for rule in rules
    }


def plan_by_cut(protocol: Protocol) -> dict[str, tuple[Analysis, ...]]:
    """The analyses at each data cut: those of the endpoints that it names, else at the last.

    Those that are made `once`, of the real trial, are left out.
    """
    rules = sorted(protocol.cut, key=lambda rule: rule.plus_months)
    named = {endpoint for rule in rules for endpoint in rule.endpoint}
    return {
        rule.id: tuple(
            analysis
            for analysis in protocol.analysis
            if not analysis.once
            and (
                analysis.endpoint in rule.endpoint
                or (rule is rules[-1] and analysis.endpoint not in named)
            )
        )
        for rule in rules
    }


def answer_trials(
    by_cut: Mapping[str, Endpoints], protocol: Protocol, *, allocations: pl.DataFrame
) -> dict[int, tuple[Answer, ...]]:
    """What each trial says to the whole plan, by its number."""
    trials = {
        cut: prepare_trials(derived, protocol=protocol, allocations=allocations)
        for cut, derived in by_cut.items()
    }
    numbers = sorted(next(iter(trials.values())))
    # a trial that has answered goes: what its analyses have gathered is many times its rows
    return {
        number: _answer({cut: own.pop(number) for cut, own in trials.items()}, protocol)
        for number in numbers
    }


def _answer(by_cut: Mapping[str, Trial], protocol: Protocol) -> tuple[Answer, ...]:
    answers: list[Answer] = []
    results: dict[str, Result] = {}
    for cut, analyses in plan_by_cut(protocol).items():
        for analysis in analyses:
            result = run_analysis(by_cut[cut], analysis=analysis, figures=False)
            answers += read_answers(result, analysis=analysis, cut=cut)
            results[analysis.id] = result
    return (*answers, *read_family(adjust_family(protocol, results=results)))
