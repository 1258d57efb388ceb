"""Record what the program sees: departures from windows, visits, arms and doses, each once."""

from collections import defaultdict
from dataclasses import replace

from django.db import transaction
from django.db.models import Count, Sum

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.ledger import take_trial_lock
from equipoise.store.models import Deviation, FormEntry
from equipoise.store.read_deviations import (
    Change,
    Turn,
    compare_deviations,
    count_changes,
    find_deviations,
)


def record_seen_deviations(*, deed: Deed) -> list[Done]:
    """The deviations of the program brought to what the entries show: a line for each subject.

    It looks before the lock is taken; a subject of whom somebody saved an entry
    meanwhile waits for the next time. Again, when nothing changed, nothing is written.
    """
    before = _standing()
    found = find_deviations(now=deed.at)
    with transaction.atomic():
        take_trial_lock()
        moved = {subject for subject, mark in _standing().items() if before.get(subject) != mark}
        by_subject: dict[str, list[Change]] = defaultdict(list)
        for change in compare_deviations(found, now=deed.at, without=moved):
            by_subject[change.subject].append(change)
        return [_record(subject, told, deed) for subject, told in sorted(by_subject.items())]


def count_turns(done: list[Done]) -> dict[str, int]:
    """How many deviations were recorded, changed and seen no more."""
    return {turn.value: sum(int(str(each.answer[turn])) for each in done) for turn in Turn}


def _standing() -> dict[str, tuple[int, int]]:
    """A mark for each subject that no saving leaves as it was: a version only ever grows."""
    marks = FormEntry.objects.order_by().values_list("subject_id")
    told = marks.annotate(Count("pk"), Sum("version"))
    return {subject: (count, versions) for subject, count, versions in told}


def _record(subject: str, changes: list[Change], deed: Deed) -> Done:
    def decide() -> Decision:
        number = Deviation.objects.count()
        puts: list[Put] = []
        for change in changes:
            number += change.number is None
            key = (str(number if change.number is None else change.number),)
            puts.append(Put(table="deviation", key=key, values=change.values))
        return Decision(puts=tuple(puts), answer=count_changes(changes))

    request_id = f"{deed.request_id}-deviations-{subject}" if deed.request_id else ""
    return perform(
        Verb.RECORD_DEVIATION,
        deed=replace(deed, request_id=request_id),
        place=Place(subject=subject),
        asked={"codes": [change.code for change in changes]},
        decide=lambda _now: decide(),
    )
