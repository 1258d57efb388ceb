"""Save a draft: as much as is there, sound or not."""

from equipoise.capture.roles import Verb
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_saving import Saving, perform_saving


def save_form(saving: Saving, *, deed: Deed) -> Done:
    """The draft saved; StaleVersionError when someone else saved the entry meanwhile."""
    return perform_saving(Verb.SAVE_FORM, saving=saving, deed=deed)
