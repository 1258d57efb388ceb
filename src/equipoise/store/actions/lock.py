"""Lock frozen entries (hard lock), or unlock them."""

from collections.abc import Sequence

from equipoise.capture.roles import Verb
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_moves import perform_moves
from equipoise.store.entry_place import EntryPlace


def lock_entries(places: Sequence[EntryPlace], *, deed: Deed) -> Done:
    """The entries locked."""
    return perform_moves(Verb.LOCK, places=places, deed=deed)


def unlock_entries(places: Sequence[EntryPlace], *, deed: Deed) -> Done:
    """The entries frozen as before."""
    return perform_moves(Verb.UNLOCK, places=places, deed=deed)
