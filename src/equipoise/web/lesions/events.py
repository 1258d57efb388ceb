"""Adverse events of a subject, the newest first, with the state of their reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from equipoise.capture.frames import Frames
from equipoise.protocol.model import Protocol
from equipoise.web.shell.places import entry_address

EVENT, REPORT = "ae", "sae"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An adverse event as entered; `report` is the address of its report where it is serious."""

    record: int
    term: str
    grade: int | None
    onset: str
    end: str
    ongoing: bool
    serious: bool
    related: tuple[str, ...]
    outcome: str
    address: str
    is_reported: bool
    report: str


def list_events(frames: Frames, protocol: Protocol, *, subject: str) -> list[EventRow]:
    """The events by onset, the newest first; severe ones are told by their grade."""
    reported = set(frames[REPORT]["record"]) if REPORT in frames else set()
    rows = [
        _tell(row, protocol, subject=subject, reported=row["record"] in reported)
        for row in frames[EVENT].iter_rows(named=True)
    ]
    return sorted(rows, key=lambda row: (row.onset, row.record), reverse=True)


def _tell(row: Mapping[str, Any], protocol: Protocol, *, subject: str, reported: bool) -> EventRow:
    form = protocol.form_named(EVENT)
    has_report = REPORT in {each.form for each in protocol.form}
    outcome = row["outcome"] or ""
    record = str(row["record"])
    return EventRow(
        record=row["record"],
        term=row["term"] or "",
        grade=row["grade"],
        onset=row["onset_date"] or "",
        end=row["end_date"] or "",
        ongoing=bool(row["ongoing"]),
        serious=bool(row["serious"]),
        related=tuple(_relations(row, protocol)),
        outcome=form.item_named("outcome").codes.get(outcome, outcome),
        address=entry_address(subject, EVENT, record),
        is_reported=reported,
        report=entry_address(subject, REPORT, record) if has_report and row["serious"] else "",
    )


def _relations(row: Mapping[str, Any], protocol: Protocol) -> list[str]:
    """What the event is related to at least possibly, in the words of the form."""
    words = protocol.code_list.get("relation", {})
    told = (
        (item.label, row[item.name])
        for item in protocol.form_named(EVENT).item
        if item.name.startswith("related_") and item.name in row
    )
    return [f"{label}: {words.get(code, code)}" for label, code in told
            if code in ("possible", "probable", "definite")]  # fmt: skip
