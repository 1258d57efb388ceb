"""What would become of the entries of a site under another version of the protocol."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db.models import QuerySet

from equipoise.capture.lifecycle import FormState
from equipoise.capture.migrate import Migrated, migrate_entry
from equipoise.capture.signature import entry_digest
from equipoise.protocol.migration import Move, plan_migration
from equipoise.store.entry_place import place_of, written_entry
from equipoise.store.models import Approval, FormEntry
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import ClosedError

_HELD = (FormState.FROZEN, FormState.LOCKED)
_MOVING = (FormState.DRAFT, FormState.COMPLETE, FormState.VERIFIED, FormState.SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """An entry as it stands, and as it would stand under the version."""

    row: FormEntry
    moved: Migrated

    @property
    def is_left(self) -> bool:
        """Whether the version has no such form: the entry stays under its own."""
        return not self.moved.undecided and self.moved.entry.protocol == self.row.protocol_id

    @property
    def drops(self) -> bool:
        """Whether verification and signature fall, as with any change of what they covered."""
        before = written_entry(place_of(self.row), values=self.row.values)
        same = entry_digest(self.moved.entry) == entry_digest(before)
        return not same and self.row.state != FormState.DRAFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """The entries of a site under a version: carried; waiting for a decision; frozen or locked.

    `undecided` says in words of which values a person must first say what becomes of them.
    `moves` are the changes of items that concern these entries.
    """

    carried: tuple[Carriage, ...]
    left: tuple[str, ...]
    undecided: Mapping[str, tuple[str, ...]]
    held: tuple[str, ...]
    moves: tuple[Move, ...]


def plan_carrying(site: str, *, to: str) -> Carrying:
    """What carrying the entries of the site over to the version `to` would do; nothing is written.

    ClosedError where the site has not approved the version.
    """
    if not Approval.objects.filter(site=site, protocol=to).exists():
        raise ClosedError(f"site {site} has not approved this version: approve it there first")
    rows = FormEntry.objects.filter(subject__site=site).exclude(protocol=to)
    moving = rows.filter(state__in=_MOVING).order_by("subject", "form", "key")
    looked_at = [Carriage(row=row, moved=_move(row, to)) for row in moving]
    undecided = [each for each in looked_at if each.moved.undecided]
    return Carrying(
        carried=tuple(e for e in looked_at if not e.moved.undecided and not e.is_left),
        left=tuple(place_of(each.row).entry for each in looked_at if each.is_left),
        undecided={
            place_of(each.row).entry: tuple(move.words for move in each.moved.undecided)
            for each in undecided
        },
        held=tuple(place_of(row).entry for row in rows.filter(state__in=_HELD)),
        moves=tuple(dict.fromkeys(_concerning(moving, to))),
    )


def _move(row: FormEntry, to: str) -> Migrated:
    entry = replace(written_entry(place_of(row), values=row.values), protocol=row.protocol_id)
    return migrate_entry(entry, moves=_moves(row.protocol_id, to), protocol=to)


def _concerning(rows: QuerySet[FormEntry], to: str) -> Iterator[Move]:
    """The moves of the forms that were entered, version by version."""
    for old, form in sorted(set(rows.values_list("protocol", "form"))):
        yield from (move for move in _moves(old, to) if move.form == form)


@lru_cache(maxsize=16)  # versions never change
def _moves(old: str, new: str) -> tuple[Move, ...]:
    return plan_migration(read_version(old), new=read_version(new))
