"""Ask what the data leave open: edit checks and consistency over the whole trial become queries."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.lifecycle import Confirmation, FormState
from equipoise.capture.queries import QueryDeed, reconcile
from equipoise.capture.roles import Verb
from equipoise.derive.consistency import check_consistency
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import place_of
from equipoise.store.gate import perform
from equipoise.store.ledger import take_trial_lock
from equipoise.store.models import FormEntry, Query
from equipoise.store.program_queries import automatic, put_of
from equipoise.store.protocol_read import read_newest
from equipoise.store.read_entries import read_frames
from equipoise.vocab.finding import Finding

_UNASKED = frozenset({FormState.NOT_STARTED, FormState.DRAFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The entries that were asked about: the version of each, what is complete, what confirmed."""

    versions: dict[str, int]
    complete: frozenset[str]
    confirmed: dict[str, tuple[Confirmation, ...]]


def ask_questions(*, deed: Deed) -> list[Done]:
    """The queries of the program brought to the findings as they are now: a line for each subject.

    The checks of the newest version are made before the lock is taken; an entry that somebody
    saved meanwhile is asked about the next time. Asking again when nothing changed writes nothing.
    """
    seen = _see()
    findings = _find(read_newest())
    with transaction.atomic():
        take_trial_lock()
        changed = {entry for entry, version in _see().versions.items()
                   if seen.versions.get(entry) != version}  # fmt: skip
        by_subject: dict[str, list[QueryDeed]] = defaultdict(list)
        for each in _deeds(findings, seen):
            if each.key.entry not in changed:
                by_subject[each.subject].append(each)
        return [_ask(subject, told, deed) for subject, told in sorted(by_subject.items())]


def _see() -> _Seen:
    rows = {str(place_of(row).entry): row for row in FormEntry.objects.all()}
    return _Seen(
        versions={entry: row.version for entry, row in rows.items()},
        complete=frozenset(entry for entry, row in rows.items() if row.state not in _UNASKED),
        confirmed={
            entry: tuple(Confirmation(**each) for each in row.confirmations)
            for entry, row in rows.items()
        },
    )


def _find(protocol: Protocol) -> list[Finding]:
    read = read_frames(protocol)
    datasets = derive_datasets(read.frames, protocol)
    return [
        *read.findings,
        *check_frames(read.frames, protocol),
        *check_consistency(datasets, frames=read.frames, protocol=protocol),
    ]


def _deeds(findings: list[Finding], seen: _Seen) -> tuple[QueryDeed, ...]:
    queries = [automatic(row) for row in Query.objects.exclude(code="").order_by("number")]
    return reconcile(findings, queries=queries, complete=seen.complete, confirmed=seen.confirmed)


def _ask(subject: str, deeds: list[QueryDeed], deed: Deed) -> Done:
    rows = {
        automatic(row).key: row for row in Query.objects.filter(subject=subject).exclude(code="")
    }

    def decide(now: datetime) -> Decision:
        number = Query.objects.count()
        puts: list[Put] = []
        for each in deeds:
            number += each.key not in rows
            puts.append(put_of(each, rows=rows, number=number, at=now))
        return Decision(puts=tuple(puts), answer={"queries": len(puts)})

    asked = {"entries": sorted({each.key.entry for each in deeds})}
    request_id = f"{deed.request_id}-{subject}" if deed.request_id else ""
    return perform(
        Verb.OPEN_QUERY,
        deed=replace(deed, request_id=request_id),
        place=Place(subject=subject),
        asked=asked,
        decide=decide,
    )
