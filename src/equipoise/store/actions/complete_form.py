"""Complete a form: nothing hard is left in it, and what is odd was confirmed."""

from equipoise.capture.roles import Verb
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_saving import Saving, perform_saving


def complete_form(saving: Saving, *, deed: Deed) -> Done:
    """The form complete; FindingsError tells everything that stands against it."""
    return perform_saving(Verb.COMPLETE_FORM, saving=saving, deed=deed)
