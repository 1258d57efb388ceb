"""Note that a copy of the trial is taken."""

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place
from equipoise.store.gate import perform


def note_backup(*, deed: Deed) -> Done:
    """The line that the copy will end with: who took it, and when."""
    return perform(Verb.BACK_UP, deed=deed, place=Place(), asked={}, decide=lambda _now: Decision())
