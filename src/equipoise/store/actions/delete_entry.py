"""Take an entry back, with a reason: its values leave the table and stay in the ledger."""

from equipoise.capture.lifecycle import FormState, step
from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import EntryPlace, require_entry, require_version
from equipoise.store.entry_saving import drops_of, form_of
from equipoise.store.gate import perform
from equipoise.store.protocol_read import read_version
from equipoise.store.tables import ITEMS, Plain


def delete_entry(place: EntryPlace, *, seen: int, deed: Deed) -> Done:
    """The entry taken back; it may be entered anew."""

    def decide() -> Decision:
        row = require_entry(place)
        require_version(row, seen=seen, place=place)
        form = form_of(place.form, protocol=read_version(row.protocol_id))
        moved = step(FormState(row.state), verb=Verb.DELETE_ENTRY, form=form)
        values: dict[str, Plain] = {f"{ITEMS}{name}": None for name in row.values}
        values |= {"version": seen + 1, "state": moved.state.value}
        values |= {"signature": None, "confirmations": []}
        puts = (Put(table="form_entry", key=place.row_key, values=values),)
        return Decision(
            puts=puts + drops_of(row, place=place, drops=moved.drops),
            answer={"version": seen + 1, "state": moved.state.value},
            protocol=row.protocol_id,
        )

    return perform(
        Verb.DELETE_ENTRY,
        deed=deed,
        place=Place(subject=place.subject, form=place.form),
        asked={"entry": place.entry, "seen": seen},
        decide=lambda _now: decide(),
    )
