"""What the program would ask: edit checks and consistency over the whole trial, against queries."""

from dataclasses import dataclass

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.lifecycle import Confirmation, FormState
from equipoise.capture.queries import QueryDeed, reconcile
from equipoise.derive.consistency import check_consistency
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.model import Protocol
from equipoise.store.entry_place import place_of
from equipoise.store.models import FormEntry, Query
from equipoise.store.program_queries import automatic
from equipoise.store.protocol_read import read_version
from equipoise.store.read_entries import read_frames, read_written
from equipoise.vocab.finding import Finding
from equipoise.vocab.ids import EntryId

_UNASKED = frozenset({FormState.NOT_STARTED, FormState.DRAFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The entries that are asked about: the version of each, what is complete, what confirmed."""

    versions: dict[str, int]
    complete: frozenset[str]
    confirmed: dict[str, tuple[Confirmation, ...]]


def read_questions() -> tuple[QueryDeed, ...]:
    """What asking now would open, reopen and close; nothing is written."""
    return compare_queries(find_findings(), seen=see_entries())


def see_entries() -> Seen:
    """The entries of the trial as they stand."""
    rows = {str(place_of(row).entry): row for row in FormEntry.objects.all()}
    return Seen(
        versions={entry: row.version for entry, row in rows.items()},
        complete=frozenset(entry for entry, row in rows.items() if row.state not in _UNASKED),
        confirmed={
            entry: tuple(Confirmation(**each) for each in row.confirmations)
            for entry, row in rows.items()
        },
    )


def find_findings() -> list[Finding]:
    """Every finding of the checks of a form and of the whole trial.

    An entry is held to the version under which it was made, as on its page: an amendment asks
    nothing of it before it is carried over.
    """
    versions = {entry.entry: entry.protocol for entry in read_written()}
    return [
        finding
        for fingerprint in sorted(set(versions.values()))
        for finding in _find(read_version(fingerprint))
        if versions.get(EntryId(finding.entry)) == fingerprint
    ]


def _find(protocol: Protocol) -> list[Finding]:
    read = read_frames(protocol)
    datasets = derive_datasets(read.frames, protocol)
    return [
        *read.findings,
        *check_frames(read.frames, protocol),
        *check_consistency(datasets, frames=read.frames, protocol=protocol),
    ]


def compare_queries(findings: list[Finding], *, seen: Seen) -> tuple[QueryDeed, ...]:
    """What brings the queries of the program to the findings."""
    queries = [automatic(row) for row in Query.objects.exclude(code="").order_by("number")]
    return reconcile(findings, queries=queries, complete=seen.complete, confirmed=seen.confirmed)
