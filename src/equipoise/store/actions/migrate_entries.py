"""Carry the entries of a site over to another version of the protocol."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db import transaction

from equipoise.capture.lifecycle import FormState, step
from equipoise.capture.migrate import Migrated, migrate_entry
from equipoise.capture.roles import Verb
from equipoise.capture.signature import entry_digest
from equipoise.protocol.migration import Move, plan_migration
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import place_of, written_entry
from equipoise.store.entry_saving import drops_of
from equipoise.store.gate import perform
from equipoise.store.ledger import take_trial_lock
from equipoise.store.models import Approval, FormEntry
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import ClosedError
from equipoise.store.tables import ITEMS, Plain

_HELD = (FormState.FROZEN, FormState.LOCKED)
_MOVING = (FormState.DRAFT, FormState.COMPLETE, FormState.VERIFIED, FormState.SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A line for each subject whose entries were carried, and what stays behind.

    `undecided` names entries of which a person must say first what becomes of a value, with the
    words why; `held` those that are frozen or locked.
    """

    done: tuple[Done, ...]
    undecided: dict[str, tuple[str, ...]]
    held: tuple[str, ...]


def migrate_entries(site: str, *, to: str, deed: Deed) -> Carried:
    """The entries of the site under the version `to`, which it has approved.

    An entry whose items keep their names keeps verification and signature; one whose items are
    renamed loses them, as with any change. Carrying twice carries nothing.
    """
    with transaction.atomic():
        take_trial_lock()
        if not Approval.objects.filter(site=site, protocol=to).exists():
            raise ClosedError(f"site {site} has not approved this version: approve it there first")
        rows = FormEntry.objects.filter(subject__site=site).exclude(protocol=to)
        undecided: dict[str, tuple[str, ...]] = {}
        carried: dict[str, list[tuple[FormEntry, Migrated]]] = defaultdict(list)
        for row in rows.filter(state__in=_MOVING).order_by("subject", "form", "key"):
            moved = _move(row, to)
            if moved.undecided:
                undecided[place_of(row).entry] = tuple(move.words for move in moved.undecided)
            elif moved.entry.protocol == to:
                carried[row.subject_id].append((row, moved))
        return Carried(
            done=tuple(_carry(subject, moves, to, deed) for subject, moves in carried.items()),
            undecided=undecided,
            held=tuple(place_of(row).entry for row in rows.filter(state__in=_HELD)),
        )


def _move(row: FormEntry, to: str) -> Migrated:
    entry = replace(written_entry(place_of(row), values=row.values), protocol=row.protocol_id)
    return migrate_entry(entry, moves=_moves(row.protocol_id, to), protocol=to)


@lru_cache(maxsize=16)  # versions never change
def _moves(old: str, new: str) -> tuple[Move, ...]:
    return plan_migration(read_version(old), new=read_version(new))


def _carry(subject: str, moved: list[tuple[FormEntry, Migrated]], to: str, deed: Deed) -> Done:
    puts = tuple(put for row, each in moved for put in _puts(row, each, to))
    return perform(
        Verb.MIGRATE_ENTRIES,
        deed=replace(deed, request_id=f"{deed.request_id}-{subject}" if deed.request_id else ""),
        place=Place(subject=subject),
        asked={"subject": subject, "to": to},
        decide=lambda _now: Decision(puts=puts, answer={"entries": len(moved)}, protocol=to),
    )


def _puts(row: FormEntry, moved: Migrated, to: str) -> tuple[Put, ...]:
    place, entry = place_of(row), moved.entry
    values: dict[str, Plain] = {f"{ITEMS}{name}": None for name in row.values}
    values |= {f"{ITEMS}{name}": str(text) for name, text in entry.values.items()}
    values |= {"version": row.version + 1, "protocol": to}
    before = written_entry(place, values=row.values)
    if entry_digest(entry) == entry_digest(before) or row.state == FormState.DRAFT:
        return (Put(table="form_entry", key=place.row_key, values=values),)
    form = read_version(row.protocol_id).form_named(row.form)
    changed = step(FormState(row.state), verb=Verb.CHANGE_FORM, form=form)
    values |= {"state": changed.state.value, "signature": None}
    put = Put(table="form_entry", key=place.row_key, values=values)
    return (put, *drops_of(row, place=place, drops=changed.drops))
