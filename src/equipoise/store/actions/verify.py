"""Verify entries against the source, or take that back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from equipoise.capture.roles import Verb
from equipoise.capture.signature import entry_digest
from equipoise.store.deed import Decision, Deed, Done, Put
from equipoise.store.entry_moves import perform_moves
from equipoise.store.entry_place import EntryPlace, place_of, written_entry
from equipoise.store.models import FormEntry
from equipoise.store.tables import plain


def verify_entries(
    places: Sequence[EntryPlace], *, deed: Deed, seen: Mapping[str, int] | None = None
) -> Done:
    """The entries verified, all of one subject, in the versions that were `seen` by entry."""

    def further(rows: list[FormEntry], now: datetime) -> Decision:
        return Decision(puts=tuple(_put(row, deed.actor, now) for row in rows))

    return perform_moves(Verb.VERIFY, places=places, deed=deed, further=further, seen=seen)


def _put(row: FormEntry, actor: str, now: datetime) -> Put:
    place = place_of(row)
    digest = entry_digest(written_entry(place, values=row.values))
    values = {"by": actor, "at": plain(now), "digest": digest, "is_valid": True}
    return Put(table="verification", key=place.row_key, values=values)


def unverify_entries(places: Sequence[EntryPlace], *, deed: Deed) -> Done:
    """The verification of the entries taken back, and with it their signature."""
    return perform_moves(Verb.UNVERIFY, places=places, deed=deed)
