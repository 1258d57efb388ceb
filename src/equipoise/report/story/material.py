"""What stories are told from: the entries and derived rows of a trial, laid out by subject."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from equipoise.analysis.occurrences import set_clock
from equipoise.analysis.populations import add_arms
from equipoise.capture.derived_items import complete
from equipoise.capture.frames import Frames
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Protocol

Row = Mapping[str, Any]
BySubject = Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One trial as of a cut: rows of each form and each derived frame, by subject.

    `arms` is empty where no allocation is known; `clocks` has the first day of each occurrence
    endpoint's clock by subject. `ledger_lines` tells the line that wrote an entry of a data cut.
    """

    protocol: Protocol
    cut: str
    cutoff_date: date | None
    subjects: tuple[str, ...]
    forms: Mapping[str, BySubject]
    derived: Mapping[str, BySubject]
    arms: Mapping[str, str]
    clocks: Mapping[str, Mapping[str, date | None]]
    ledger_lines: Mapping[str, int] = field(default_factory=dict)

    def entered(self, form: str, *, subject: str) -> tuple[Row, ...]:
        """The entries of a form, in the order of their ids; none when there is no such form."""
        return self.forms.get(form, {}).get(subject, ())

    def rows(self, frame: str, *, subject: str) -> tuple[Row, ...]:
        """The rows of a derived frame, in its order."""
        return self.derived.get(frame, {}).get(subject, ())


def gather_material(
    datasets: Datasets,
    protocol: Protocol,
    *,
    frames: Frames,
    allocations: pl.DataFrame,
    cut: str = "",
) -> Material:
    """The material of one trial (replicate 0): entries as they stood at the cut, and derived rows.

    Whatever the order of rows, the material is the same.
    """
    derived = {
        **datasets.sources,  # its assessments have fewer columns than those below
        "subjects": datasets.subjects,
        "assessments": datasets.assessments,
        "progressions": datasets.progressions,
        "lesion_states": datasets.lesion_states,
        "times": datasets.times,
        "occurrences": datasets.occurrences,
        "iresponses": datasets.iresponses,
        "dose": datasets.dose,
        "adherence": datasets.adherence,
        "laboratory_grades": datasets.laboratory_grades,
        "left_out": datasets.left_out,
    }
    known = tuple(datasets.subjects["subject"].unique().sort().to_list())
    dates = datasets.subjects["cutoff_date"].drop_nulls().to_list()
    arms = allocations.unique("subject", keep="first", maintain_order=True)
    return Material(
        protocol=protocol,
        cut=cut,
        cutoff_date=dates[0] if dates else None,
        subjects=known,
        forms={name: _by_subject(frame) for name, frame in _in_order(frames, protocol).items()},
        derived={name: _by_subject(frame) for name, frame in derived.items()},
        arms=dict(arms.select("subject", "arm").iter_rows()),
        clocks=_clocks(datasets.subjects, protocol, allocations=allocations),
    )


def _in_order(frames: Frames, protocol: Protocol) -> Frames:
    ordered = {name: frame.sort("entry") for name, frame in frames.items()}
    return complete(ordered, protocol)


def _by_subject(frame: pl.DataFrame) -> BySubject:
    found: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row["subject"], []).append(row)
    return {subject: tuple(rows) for subject, rows in found.items()}


def _clocks(
    subjects: pl.DataFrame, protocol: Protocol, *, allocations: pl.DataFrame
) -> dict[str, dict[str, date | None]]:
    """The clock of each occurrence endpoint, as the analysis sets it for the arm treated (S9)."""
    own = allocations.select("subject", "arm")
    members = add_arms(subjects, allocations=own, protocol=protocol)
    members = members.with_columns(arm=pl.col("treated_arm"))
    members = members.filter(pl.col("first_treatment_date").is_not_null())
    found = {}
    for endpoint in protocol.endpoint:
        if endpoint.kind == "occurrence":
            clock = set_clock(members, endpoint=endpoint, protocol=protocol)
            found[endpoint.id] = dict(clock.members.select("subject", "origin_date").iter_rows())
    return found
