"""What an electronic signature covers, and what it says (21 CFR 11.50, 11.70)."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from equipoise.capture.entry import FormEntry, Value
from equipoise.vocab.ids import EntryId
from equipoise.vocab.missing import Missing


class Meaning(StrEnum):
    """Why somebody signs; the value is how the ledger writes it."""

    ELIGIBILITY = "eligibility"
    CASEBOOK = "casebook"


SAYS = {
    Meaning.ELIGIBILITY: "I have examined the eligibility of this subject: every criterion of the "
    "protocol is met, and the subject may be randomised.",
    Meaning.CASEBOOK: "I have reviewed the entries of this subject listed with this signature: "
    "they are complete and agree with the source documents.",
}


def entry_digest(entry: FormEntry) -> str:
    """The SHA-256 of what an entry says: subject, form, key and values, in whatever order.

    An item that is not yet known says nothing, whether it is left out or marked so. The version
    of the protocol is not part of it: a migration that leaves the values alone drops nothing.
    """
    values = {
        name: _written(value)
        for name, value in entry.values.items()
        if value is not Missing.NOT_YET
    }
    return _digest([entry.subject, entry.form, list(entry.key), values])


def digests_of(entries: Iterable[FormEntry]) -> dict[EntryId, str]:
    """The digest of each entry that a signature covers; ValueError when one stands twice."""
    covered: dict[EntryId, str] = {}
    for entry in entries:
        if entry.entry in covered:
            raise ValueError(f"the entry {entry.entry} stands twice")
        covered[entry.entry] = entry_digest(entry)
    return covered


def signed_digest(covered: dict[EntryId, str], *, meaning: Meaning) -> str:
    """The SHA-256 to which a signature is bound: its meaning, its words, what it covers."""
    return _digest([meaning.value, SAYS[meaning], covered])


def changed_since(covered: dict[EntryId, str], *, entries: Iterable[FormEntry]) -> list[EntryId]:
    """The entries covered that are no longer as they were signed, or no longer there."""
    now = digests_of(entries)
    return [entry for entry, digest in covered.items() if now.get(entry) != digest]


def _written(value: Value | Missing) -> list[str]:
    """A value with its kind, so that `true`, "true" and 1 are three values."""
    match value:
        case Missing():
            return ["missing", value.value]
        case bool():
            return ["yes_no", "true" if value else "false"]
        case int() | float():
            return ["number", repr(float(value))]
        case date():
            return ["date", value.isoformat()]
        case str():
            return ["text", value]


def _digest(said: object) -> str:
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
