"""Freeze signed entries (soft lock), or unfreeze them."""

from collections.abc import Sequence

from equipoise.capture.roles import Verb
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_moves import perform_moves
from equipoise.store.entry_place import EntryPlace


def freeze_entries(places: Sequence[EntryPlace], *, deed: Deed) -> Done:
    """The entries frozen: nobody changes them until they are unfrozen."""
    return perform_moves(Verb.FREEZE, places=places, deed=deed)


def unfreeze_entries(places: Sequence[EntryPlace], *, deed: Deed) -> Done:
    """The entries signed as before."""
    return perform_moves(Verb.UNFREEZE, places=places, deed=deed)
