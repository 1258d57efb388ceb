"""Carry the entries of a site over to another version of the protocol."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from equipoise.capture.lifecycle import FormState, step
from equipoise.capture.roles import Verb
from equipoise.store.carrying import Carriage, plan_carrying
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import place_of
from equipoise.store.entry_saving import drops_of
from equipoise.store.gate import perform
from equipoise.store.ledger import take_trial_lock
from equipoise.store.protocol_read import read_version
from equipoise.store.tables import ITEMS, Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A line for each subject whose entries were carried, and what stays behind.

    `undecided` names entries of which a person must say first what becomes of a value, with the
    words why; `held` those that are frozen or locked.
    """

    done: tuple[Done, ...]
    undecided: Mapping[str, tuple[str, ...]]
    held: tuple[str, ...]


def migrate_entries(site: str, *, to: str, deed: Deed) -> Carried:
    """The entries of the site under the version `to`, which it has approved; with the reason why.

    An entry whose items keep their names keeps verification and signature; one whose items are
    renamed loses them, as with any change. Carrying twice carries nothing.
    """
    with transaction.atomic():
        take_trial_lock()
        plan = plan_carrying(site, to=to)
        by_subject: dict[str, list[Carriage]] = defaultdict(list)
        for each in plan.carried:
            by_subject[each.row.subject_id].append(each)
        return Carried(
            done=tuple(_carry(subject, moves, to, deed) for subject, moves in by_subject.items()),
            undecided=plan.undecided,
            held=plan.held,
        )


def _carry(subject: str, carried: list[Carriage], to: str, deed: Deed) -> Done:
    puts = tuple(put for each in carried for put in _puts(each, to))
    return perform(
        Verb.MIGRATE_ENTRIES,
        deed=replace(deed, request_id=f"{deed.request_id}-{subject}" if deed.request_id else ""),
        place=Place(subject=subject),
        asked={"subject": subject, "to": to},
        decide=lambda _now: Decision(puts=puts, answer={"entries": len(carried)}, protocol=to),
    )


def _puts(each: Carriage, to: str) -> tuple[Put, ...]:
    row, place = each.row, place_of(each.row)
    values: dict[str, Plain] = {f"{ITEMS}{name}": None for name in row.values}
    values |= {f"{ITEMS}{name}": str(text) for name, text in each.moved.entry.values.items()}
    values |= {"version": row.version + 1, "protocol": to}
    if not each.drops:
        return (Put(table="form_entry", key=place.row_key, values=values),)
    form = read_version(row.protocol_id).form_named(row.form)
    changed = step(FormState(row.state), verb=Verb.CHANGE_FORM, form=form)
    values |= {"state": changed.state.value, "signature": None}
    put = Put(table="form_entry", key=place.row_key, values=values)
    return (put, *drops_of(row, place=place, drops=changed.drops))
