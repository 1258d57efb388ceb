"""Entries and their forms in words, and the words that a person must give."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from equipoise.store.protocol_read import read_newest
from equipoise.store.read_queries import Listed
from equipoise.store.refusals import RefusedError
from equipoise.web.shell.places import entry_address

_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """A query of the list, with the words of its entry and the page of it."""

    listed: Listed
    title: str
    address: str


def form_titles() -> dict[str, str]:
    """The titles of the forms of the newest version, by name."""
    return {form.form: form.title for form in read_newest().form}


def tell_entry(listed: Listed, *, titles: dict[str, str]) -> QueryRow:
    """A row of the list."""
    place = listed.place
    title = " · ".join((titles.get(place.form, place.form), *place.key))
    return QueryRow(listed=listed, title=title, address=entry_address(*place.row_key))


def require_text(request: HttpRequest) -> str:
    """What was typed; RefusedError when it is empty or longer than anybody reads."""
    text = request.POST.get("text", "").strip()
    if not text:
        raise RefusedError(_("Write what you ask or answer: an empty text helps nobody."))
    if len(text) > _LONGEST:
        raise RefusedError(
            _("The text has more than %(most)d signs: shorten it.") % {"most": _LONGEST}
        )
    return text
