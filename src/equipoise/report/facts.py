"""What every table reads: the trial's subjects with their arms, its derived frames, its results."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from equipoise.analysis.inputs import select_replicate
from equipoise.analysis.populations import add_arms
from equipoise.analysis.result import Result, Results
from equipoise.derive.schemas import Datasets
from equipoise.protocol.endpoint_model import Analysis, Endpoint, Population
from equipoise.protocol.model import Arm, CutRule, Protocol
from equipoise.report.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One trial as the report sees it. Arms stand with the reference first.

    `subjects` has `allocated_arm` and `treated_arm`, and so has every other frame; all hold one
    replicate. `screened` counts those assessed for eligibility, None where nobody recorded it.
    `pages` is the folder of the subjects' pages beside the report, empty where there are none.
    """

    protocol: Protocol
    results: Results
    stamp: Stamp
    arms: tuple[Arm, ...]
    subjects: pl.DataFrame
    assessments: pl.DataFrame
    times: pl.DataFrame
    occurrences: pl.DataFrame
    worst_grades: pl.DataFrame
    special_interest: pl.DataFrame
    time_at_risk: pl.DataFrame
    exposure: pl.DataFrame
    sbrt: pl.DataFrame
    dose: pl.DataFrame
    adherence: pl.DataFrame
    later_lines: pl.DataFrame
    flow: pl.DataFrame
    best_responses: pl.DataFrame
    target_changes: pl.DataFrame
    progression_patterns: pl.DataFrame
    left_out: pl.DataFrame
    screened: int | None = None
    pages: str = ""

    @property
    def labels(self) -> Mapping[str, str]:
        """The name of each arm by its code."""
        return {arm.code: arm.label for arm in self.arms}

    @property
    def short(self) -> Mapping[str, str]:
        """The short name of each arm by its code."""
        return {arm.code: arm.short for arm in self.arms}

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the arms, the reference first."""
        return tuple(arm.code for arm in self.arms)

    @property
    def cut(self) -> CutRule | None:
        """The data cut of the report; None when every entry counts."""
        return self.protocol.cut_named(self.stamp.cut) if self.stamp.cut else None


def gather_facts(
    datasets: Datasets,
    *,
    protocol: Protocol,
    results: Results,
    allocations: pl.DataFrame,
    stamp: Stamp,
    replicate: int = 0,
) -> Facts:
    """The facts of one trial among those rehearsed together."""
    own = (
        select_replicate(allocations, replicate=replicate)
        if "replicate" in allocations.columns
        else allocations
    )
    subjects = select_replicate(datasets.subjects, replicate=replicate)
    with_arms = add_arms(subjects, allocations=own, protocol=protocol).sort("subject")
    arm_of = with_arms.select("subject", "allocated_arm", "treated_arm")

    def of_trial(frame: pl.DataFrame) -> pl.DataFrame:
        rows = select_replicate(frame, replicate=replicate)
        return rows.join(arm_of, on="subject", how="left", maintain_order="left")

    return Facts(
        protocol=protocol,
        results=results,
        stamp=stamp,
        arms=tuple(sorted(protocol.arm, key=lambda arm: arm.role != "reference")),
        subjects=with_arms,
        assessments=of_trial(datasets.assessments),
        times=of_trial(datasets.times).sort("row"),
        occurrences=of_trial(datasets.occurrences).sort("row"),
        worst_grades=of_trial(datasets.worst_grades),
        special_interest=of_trial(datasets.special_interest),
        time_at_risk=of_trial(datasets.time_at_risk),
        exposure=of_trial(datasets.exposure),
        sbrt=of_trial(datasets.sbrt),
        dose=of_trial(datasets.dose),
        adherence=of_trial(datasets.adherence),
        later_lines=of_trial(datasets.later_lines),
        flow=of_trial(datasets.flow),
        best_responses=of_trial(datasets.best_responses),
        target_changes=of_trial(datasets.target_changes),
        progression_patterns=of_trial(datasets.progression_patterns),
        left_out=of_trial(datasets.left_out),
    )


def analyses_of(facts: Facts, *, endpoint: str) -> tuple[tuple[Analysis, Result], ...]:
    """The planned analyses of an endpoint with their results, in the order of the plan."""
    found = [a for a in facts.protocol.analysis if a.endpoint == endpoint]
    return tuple((a, facts.results.results[a.id]) for a in found if a.id in facts.results.results)


def primary_analysis(protocol: Protocol) -> Analysis:
    """The analysis whose role is primary, else the first of the plan."""
    return next((a for a in protocol.analysis if a.role == "primary"), protocol.analysis[0])


def population_of(protocol: Protocol, *, name: str) -> Population | None:
    """The population of that id; None when the protocol has none."""
    return next((each for each in protocol.population if each.id == name), None)


def convention_of(endpoint: Endpoint, *, asked: str) -> str:
    """The convention asked for, else the primary one, else empty."""
    return asked or next((c.id for c in endpoint.convention if c.role == "primary"), "")


def name_arms(facts: Facts, *, words: str) -> str:
    """The words with the short name of an arm after its code: `arm A (Systemic)`."""
    for code, name in facts.short.items():
        words = re.sub(rf"\barm {re.escape(code)}\b", partial(_with_name, name=name), words)
    return words


def earlier_cut(facts: Facts, *, endpoint: str) -> CutRule | None:
    """The earlier data cut at which an endpoint was due; None when this one is it."""
    cut = facts.cut
    planned = [each for each in facts.protocol.cut if endpoint in each.endpoint]
    first = next(iter(sorted(planned, key=lambda each: each.plus_months)), None)
    if cut is None or first is None or first.plus_months >= cut.plus_months:
        return None
    return first


def _with_name(found: re.Match[str], *, name: str) -> str:
    return f"{found.group()} ({name})"


def planned_cut(facts: Facts, *, endpoint: str) -> CutRule | None:
    """The later data cut for which an endpoint is planned; None when its time has come.

    Without a data cut nothing is called immature: all entries were asked for.
    """
    cut = facts.cut
    if cut is None:
        return None
    planned = [each for each in facts.protocol.cut if endpoint in each.endpoint]
    if any(each.plus_months <= cut.plus_months for each in planned):
        return None
    return next(iter(sorted(planned, key=lambda each: each.plus_months)), None)
