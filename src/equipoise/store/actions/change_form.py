"""Change a complete form, with a reason; verification and signature fall in the same line."""

from equipoise.capture.roles import Verb
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_saving import Saving, perform_saving


def change_form(saving: Saving, *, deed: Deed) -> Done:
    """The form changed; ReasonMissingError without a reason."""
    return perform_saving(Verb.CHANGE_FORM, saving=saving, deed=deed)
