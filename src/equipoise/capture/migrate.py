"""An entry of one version of the protocol as it stands under the next."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from equipoise.capture.entry import FormEntry
from equipoise.protocol.migration import Move, MoveKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """The entry under the new version, and the moves that a person must decide first."""

    entry: FormEntry
    undecided: tuple[Move, ...]


def migrate_entry(entry: FormEntry, *, moves: Collection[Move], protocol: str) -> Migrated:
    """The entry with its items named as in the version of that fingerprint.

    Values are the same, under the new name; those of items that are gone are left behind (the
    ledger keeps them). While something that this entry holds is to be decided, it stays as it is.
    """
    own = [move for move in moves if move.form == entry.form]
    undecided = tuple(move for move in own if _concerns(move, entry))
    if undecided:
        return Migrated(entry=entry, undecided=undecided)
    if any(move.kind is MoveKind.LEAVE and not move.item for move in own):
        return Migrated(entry=entry, undecided=())
    names = {move.item: move.to for move in own if move.kind is MoveKind.CARRY}
    gone = {move.item for move in own if move.kind is MoveKind.LEAVE}
    values = {
        names.get(item, item): value for item, value in entry.values.items() if item not in gone
    }
    return Migrated(entry=replace(entry, values=values, protocol=protocol), undecided=())


def _concerns(move: Move, entry: FormEntry) -> bool:
    if move.kind is not MoveKind.DECIDE:
        return False
    if not move.item:
        return True
    return move.item in entry.values and (not move.codes or entry.values[move.item] in move.codes)
