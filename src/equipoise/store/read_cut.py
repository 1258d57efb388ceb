"""A data cut: the entries as they stood at a line of the ledger, for who may cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction

from equipoise.capture.blinding import Telling
from equipoise.capture.entry import FormEntry
from equipoise.capture.roles import Verb, sites_of
from equipoise.store.deed import Decision, Deed, Place
from equipoise.store.gate import perform
from equipoise.store.ledger import read_head, read_lines
from equipoise.store.permission import find_grants
from equipoise.store.read_allocations import read_allocations
from equipoise.store.read_entries import written_in
from equipoise.store.read_rehearsed import Rehearsed, read_rehearsed
from equipoise.store.read_telling import read_telling
from equipoise.store.refusals import UnknownError
from equipoise.store.replay import Tables, apply_changes, read_changes
from equipoise.store.tables import Plain

_REPLAYED = ("form_entry", "approval", "protocol_version", "site")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCut:
    """The trial as of a ledger line, as far as its reader may see it.

    `entries` have their values as texts, `lines` is the ledger line that last wrote each of them.
    `protocol` is the newest version in force at any site on the day of that line. `left_out` are
    the forms that tell arms, `visits_left_out` the visits of some arms only, where the reader is
    `blinded`; `allocations` is None unless they were asked for. `rehearsal` tells how a trial
    without patients was drawn.
    """

    line: int
    head: str
    protocol: str
    entries: tuple[FormEntry, ...]
    lines: Mapping[str, int]
    blinded: bool
    left_out: tuple[str, ...]
    visits_left_out: tuple[str, ...]
    allocations: pl.DataFrame | None
    rehearsal: Rehearsed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stood:
    """What the ledger came to at a line of that instant, read once."""

    at: datetime
    tables: Tables
    lines: Mapping[tuple[str, ...], int]


def read_cut(reader: Deed, *, upto: int | None = None, with_arms: bool = False) -> DataCut:
    """The cut at ledger line `upto` (None: the last one); the ledger notes who cut what.

    NotAllowedError for who may not cut, and with arms for who may not know them; UnknownError
    where the ledger has no such line, or no protocol was in force.
    """
    line, head = _find_line(upto)
    note: dict[str, Plain] = {"upto": line, "head": head, "arms": with_arms}
    with transaction.atomic():  # both readings are noted, or neither
        perform(
            Verb.CUT, deed=reader, place=Place(), asked=note, decide=lambda _: Decision(note=note)
        )
        arms = read_allocations(reader, upto=line) if with_arms else None
    stood = _stand(line)
    fingerprint = _in_force(stood)
    blinded = sites_of(find_grants(reader.actor), verb=Verb.READ_ALLOCATIONS) == frozenset()
    hidden = read_telling() if blinded else Telling()
    entries = tuple(
        entry
        for entry in written_in(stood.tables["form_entry"])
        if not hidden.has_entry(entry.form, key=entry.key)
    )
    return DataCut(
        line=line,
        head=head,
        protocol=fingerprint,
        entries=entries,
        lines={e.entry: stood.lines[e.subject, e.form, ".".join(e.key)] for e in entries},
        blinded=blinded,
        left_out=tuple(sorted(hidden.forms)),
        visits_left_out=tuple(sorted({visit for *_, visit in hidden.visits})),
        allocations=arms,
        rehearsal=read_rehearsed(),
    )


def _find_line(upto: int | None) -> tuple[int, str]:
    """The line with its digest."""
    head = read_head()
    if upto is None or upto == head.number:
        return head.number, head.digest
    for line in read_lines(after=upto - 1, upto=upto):
        return line.number, line.digest
    raise UnknownError(f"the ledger has lines 1 to {head.number}: name one of them")


def _stand(upto: int) -> _Stood:
    tables: Tables = {name: {} for name in _REPLAYED}
    written: dict[tuple[str, ...], int] = {}
    at = datetime.min.replace(tzinfo=UTC)
    for line in read_lines(upto=upto):
        changes = read_changes(line)
        apply_changes(tables, changes=changes)
        for change in changes:
            if change["table"] == "form_entry" and "version" in change["values"]:
                written[tuple(change["key"])] = line.number
        at = line.at
    return _Stood(at=at, tables=tables, lines=written)


def _in_force(stood: _Stood) -> str:
    """The newest version that any site had approved for that day or before, as its clocks say."""
    tables = stood.tables
    numbers = {key[0]: row["number"] for key, row in tables["protocol_version"].items()}
    zones = {key[0]: ZoneInfo(str(row["time_zone"])) for key, row in tables["site"].items()}
    approved = {
        protocol
        for (site, protocol), row in tables["approval"].items()
        if str(row["from_date"]) <= stood.at.astimezone(zones[site]).date().isoformat()
    }
    if not approved:
        raise UnknownError("no protocol was in force at any site yet: cut at a later line")
    return max(approved, key=lambda fingerprint: int(str(numbers[fingerprint])))
