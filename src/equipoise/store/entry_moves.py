"""Entries of a subject brought to another state together: verified, signed, frozen, locked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from equipoise.capture.lifecycle import Drop, FormState, step
from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import EntryPlace, place_of, require_entry, require_version
from equipoise.store.entry_saving import drops_of
from equipoise.store.gate import perform
from equipoise.store.models import FormEntry
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import UnknownError
from equipoise.store.tables import Plain

Further = Callable[[list[FormEntry], datetime], Decision]


def perform_moves(
    verb: Verb,
    *,
    places: Sequence[EntryPlace],
    deed: Deed,
    further: Further | None = None,
    seen: Mapping[str, int] | None = None,
) -> Done:
    """The deed on all entries, or on none where one of them is in a wrong state.

    `further` adds what the deed writes beside the states, and its answer. `seen` are the versions
    by entry that the person looked at: StaleVersionError where one is another by now.
    """
    subjects = {place.subject for place in places}
    if len(subjects) != 1:
        raise UnknownError("name entries of one subject")
    (subject,) = subjects

    def decide(now: datetime) -> Decision:
        rows = [require_entry(place) for place in dict.fromkeys(places)]
        for place, row in zip(dict.fromkeys(places), rows, strict=True):
            require_version(row, seen=(seen or {}).get(place.entry, row.version), place=place)
        puts = tuple(put for row in rows for put in _move(verb, row))
        added = further(rows, now) if further else Decision()
        return Decision(
            puts=(*puts, *added.puts), answer=added.answer, protocol=rows[-1].protocol_id
        )

    asked = {"entries": [place.entry for place in places]}
    return perform(verb, deed=deed, place=Place(subject=subject), asked=asked, decide=decide)


def _move(verb: Verb, row: FormEntry) -> tuple[Put, ...]:
    place = place_of(row)
    form = read_version(row.protocol_id).form_named(row.form)
    moved = step(FormState(row.state), verb=verb, form=form)
    values: dict[str, Plain] = {"state": moved.state.value}
    if Drop.SIGNATURE in moved.drops:
        values["signature"] = None
    put = Put(table="form_entry", key=place.row_key, values=values)
    return (put, *(drops_of(row, place=place, drops=moved.drops) if moved.drops else ()))
