"""Ask what the data leave open: edit checks and consistency over the whole trial become queries."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from equipoise.capture.queries import QueryDeed
from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.ledger import take_trial_lock
from equipoise.store.models import Query
from equipoise.store.program_queries import automatic, put_of
from equipoise.store.read_questions import compare_queries, find_findings, see_entries


def ask_questions(*, deed: Deed) -> list[Done]:
    """The queries of the program brought to the findings as they are now: a line for each subject.

    The checks are made before the lock is taken; an entry that somebody
    saved meanwhile is asked about the next time. Asking again when nothing changed writes nothing.
    """
    seen = see_entries()
    findings = find_findings()
    with transaction.atomic():
        take_trial_lock()
        changed = {entry for entry, version in see_entries().versions.items()
                   if seen.versions.get(entry) != version}  # fmt: skip
        by_subject: dict[str, list[QueryDeed]] = defaultdict(list)
        for each in compare_queries(findings, seen=seen):
            if each.key.entry not in changed:
                by_subject[each.subject].append(each)
        return [_ask(subject, told, deed) for subject, told in sorted(by_subject.items())]


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
