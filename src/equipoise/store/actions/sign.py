"""Sign entries of a subject: the casebook, or what of it is verified."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Put
from equipoise.store.entry_moves import perform_moves
from equipoise.store.entry_place import EntryPlace, place_of, written_entry
from equipoise.store.models import FormEntry
from equipoise.store.signing import require_password, signature_put


def sign_entries(
    places: Sequence[EntryPlace],
    *,
    password: str,
    deed: Deed,
    seen: Mapping[str, int] | None = None,
) -> Done:
    """The entries signed, bound to their digests; answers with the number of the signature.

    `seen` are the versions by entry that the signer had before him.
    """
    require_password(deed.actor, password=password)
    return record_signature(places, deed=deed, seen=seen)


def record_signature(
    places: Sequence[EntryPlace], *, deed: Deed, seen: Mapping[str, int] | None = None
) -> Done:
    """The signature of who gave the password already: for many subjects at once."""

    def further(rows: list[FormEntry], now: datetime) -> Decision:
        entries = [written_entry(place_of(row), values=row.values) for row in rows]
        signature = signature_put(
            entries,
            subject=rows[0].subject_id,
            signer=deed.actor,
            now=now,
        )
        number = int(signature.key[0])
        marks = (
            Put(table="form_entry", key=place_of(row).row_key, values={"signature": number})
            for row in rows
        )
        return Decision(puts=(signature, *marks), answer={"signature": number})

    return perform_moves(Verb.SIGN, places=places, deed=deed, further=further, seen=seen)
