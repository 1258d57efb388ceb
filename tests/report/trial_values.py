"""A small trial as derived frames, made by arithmetic: what the report reads, without a drawing."""

from dataclasses import dataclass, field, replace

import polars as pl

from equipoise.analysis.plan import run
from equipoise.derive.schemas import SCHEMAS, Datasets, Schema
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.facts import Facts, gather_facts
from equipoise.report.stamp import Stamp
from report.trial_rows import (
    CUT,
    adherence_row,
    aesi_rows,
    assessment_rows,
    dose_row,
    event_row,
    exposure_rows,
    flow_row,
    grade_rows,
    later_row,
    risk_row,
    sbrt_row,
    subject_name,
    subject_row,
    time_rows,
)

STAMP = Stamp(
    protocol_fingerprint="f" * 64,
    protocol_version="1.0",
    data_digest="d" * 64,
    code_version="0.1.0",
    cut="DC1",
    cutoff_date=CUT,
    seed=7,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTrial:
    """Derived frames, allocations and protocol of one trial."""

    frames: Datasets
    allocations: pl.DataFrame
    protocol: Protocol = field(default_factory=shipped_protocol)
    stamp: Stamp = STAMP


def build_small_trial(*, subjects: int = 44) -> SmallTrial:
    """A trial of so many subjects, even numbers in arm A, odd ones in arm B."""
    numbers = range(subjects)
    treated = [n for n in numbers if subject_row(n)["sbrt_started"]]
    rows: dict[str, list[dict[str, object]]] = {
        "times": [row for n in numbers for row in time_rows(n)],
        "assessments": [row for n in numbers for row in assessment_rows(n)],
        "occurrences": [event_row(n) for n in numbers if n % 6 in {1, 2}],
        "worst_grades": [row for n in numbers for row in grade_rows(n)],
        "special_interest": [row for n in numbers for row in aesi_rows(n)],
        "time_at_risk": [risk_row(n) for n in numbers],
        "exposure": [row for n in numbers for row in exposure_rows(n)],
        "sbrt": [sbrt_row(n) for n in treated],
        "dose": [dose_row(n) for n in treated],
        "adherence": [adherence_row(n) for n in treated],
        "later_lines": [later_row(n) for n in numbers],
        "flow": [flow_row(n) for n in numbers],
    }
    frames = Datasets(
        subjects=pl.DataFrame([subject_row(n) for n in numbers], schema=subject_schema()),
        sources={},
        **{name: _frame(schema, rows.get(name, [])) for name, schema in SCHEMAS.items()},
    )
    arms = ["B" if number % 2 else "A" for number in numbers]
    allocations = pl.DataFrame(
        {"replicate": [0] * subjects, "subject": [subject_name(n) for n in numbers], "arm": arms},
        schema={"replicate": pl.Int32, "subject": pl.String, "arm": pl.String},
    )
    return SmallTrial(frames=frames, allocations=allocations)


def subject_schema() -> dict[str, pl.DataType]:
    """The columns of the subjects frame with their types, also for a trial without subjects."""
    whole = pl.DataFrame([subject_row(n) for n in range(20)], infer_schema_length=None)
    fixed: dict[str, pl.DataType] = {"replicate": pl.Int32(), "failed_criteria": pl.List(pl.String)}
    return {**dict(whole.schema), **fixed}


def _frame(schema: Schema, rows: list[dict[str, object]]) -> pl.DataFrame:
    """A derived frame: what a row does not say is null."""
    return pl.DataFrame(rows, schema=schema)


def facts_of(trial: SmallTrial) -> Facts:
    """The facts of a small trial, its plan carried out."""
    results = run(trial.frames, protocol=trial.protocol, allocations=trial.allocations, seed=3)
    return gather_facts(
        trial.frames,
        protocol=trial.protocol,
        results=results,
        allocations=trial.allocations,
        stamp=trial.stamp,
    )


def small_facts(*, subjects: int = 44) -> Facts:
    """The facts of the small trial."""
    return facts_of(build_small_trial(subjects=subjects))


def without_times(trial: SmallTrial, *, endpoint: str) -> SmallTrial:
    """The same trial with no row of an endpoint."""
    times = trial.frames.times.filter(pl.col("endpoint") != endpoint)
    return replace(trial, frames=replace(trial.frames, times=times))


def without_events(trial: SmallTrial, *, arm: str) -> SmallTrial:
    """The same trial with every time of an arm censored."""
    own = trial.allocations.filter(pl.col("arm") == arm)["subject"].to_list()
    censored = pl.when(pl.col("subject").is_in(own)).then(0).otherwise(pl.col("cause"))
    times = trial.frames.times.with_columns(cause=censored.cast(pl.Int8))
    return replace(trial, frames=replace(trial.frames, times=times))


def only_arm(trial: SmallTrial, *, arm: str) -> SmallTrial:
    """The same trial with the subjects of one arm only."""
    own = trial.allocations.filter(pl.col("arm") == arm)
    keep = pl.col("subject").is_in(own["subject"].to_list())
    frames = trial.frames
    kept = replace(
        frames,
        subjects=frames.subjects.filter(keep),
        assessments=frames.assessments.filter(keep),
        times=frames.times.filter(keep),
        occurrences=frames.occurrences.filter(keep),
        worst_grades=frames.worst_grades.filter(keep),
        special_interest=frames.special_interest.filter(keep),
        time_at_risk=frames.time_at_risk.filter(keep),
        exposure=frames.exposure.filter(keep),
        sbrt=frames.sbrt.filter(keep),
        dose=frames.dose.filter(keep),
        adherence=frames.adherence.filter(keep),
        later_lines=frames.later_lines.filter(keep),
        flow=frames.flow.filter(keep),
    )
    return replace(trial, frames=kept, allocations=own)
