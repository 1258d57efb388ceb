"""Signatures held against what they cover: the digests once more, as the ledger tells it all."""

from collections.abc import Iterator

from equipoise.capture.signature import Meaning, entry_digest, signed_digest
from equipoise.store.entry_place import EntryPlace, written_entry
from equipoise.store.replay import Row, Tables
from equipoise.store.tables import ITEMS
from equipoise.vocab.finding import Finding
from equipoise.vocab.ids import EntryId


def check_signatures(tables: Tables) -> Iterator[Finding]:
    """A finding for each signature that does not bind what it says that it covers.

    Its own digest is that of its meaning and of `covers`, also where it holds no more; each entry
    under it is as it was signed (21 CFR 11.70).
    """
    covered: dict[str, dict[EntryId, str]] = {}
    for (number,), signature in tables["signature"].items():
        covered[number] = _covers_of(signature)
        if _bound(signature, covers=covered[number]) != signature.get("digest"):
            yield _differs(number, words="its digest is not that of the entries that it covers")
    for key, row in tables["form_entry"].items():
        if "signature" in row:
            number, place = str(row["signature"]), _place_at(key)
            if covered.get(number, {}).get(place.entry) != _digest_of(place, row):
                yield _differs(number, words=f"{place.entry} is not as it was signed")


def _covers_of(signature: Row) -> dict[EntryId, str]:
    """The digests by entry; none where lines that are gone told them."""
    covers = signature.get("covers")
    return {EntryId(n): str(d) for n, d in covers.items()} if isinstance(covers, dict) else {}


def _bound(signature: Row, *, covers: dict[EntryId, str]) -> str:
    meaning = signature.get("meaning")
    known = [each for each in Meaning if each.value == meaning]
    return signed_digest(covers, meaning=known[0]) if known else ""


def _place_at(key: tuple[str, ...]) -> EntryPlace:
    subject, form, items = key
    return EntryPlace(subject=subject, form=form, key=tuple(items.split(".")) if items else ())


def _digest_of(place: EntryPlace, row: Row) -> str:
    values = {
        name.removeprefix(ITEMS): str(text) for name, text in row.items() if name.startswith(ITEMS)
    }
    return entry_digest(written_entry(place, values=values))


def _differs(number: str, *, words: str) -> Finding:
    return Finding(
        where=f"signature {number}",
        code="signature-differs",
        message=words,
        mend="Find the change in the ledger, and have the entry verified and signed again.",
    )
