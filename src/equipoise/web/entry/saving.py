"""An entry that was sent: saved, or told why not with all that was typed."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from equipoise.capture.lifecycle import FormState, WrongStateError
from equipoise.capture.roles import Verb
from equipoise.store.actions.change_form import change_form
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.save_form import save_form
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_place import EntryPlace, find_entry
from equipoise.store.entry_saving import Saving
from equipoise.store.refusals import (
    FindingsError,
    NotAllowedError,
    RefusedError,
    StaleVersionError,
    UnknownError,
)
from equipoise.web.entry.drawing import Words, draw_conflict, draw_typed
from equipoise.web.entry.keys import next_address
from equipoise.web.entry.posted import Posted, read_posted
from equipoise.web.entry.sheet import Sheet, read_sheet
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.refusals import lines_of, status_of
from equipoise.web.shell.visitor import Visitor

ACTIONS: Mapping[str, Callable[..., Done]] = {
    Verb.SAVE_FORM.value: save_form,
    Verb.COMPLETE_FORM.value: complete_form,
    Verb.CHANGE_FORM.value: change_form,
}


def answer_sent(request: HttpRequest, sheet: Sheet, *, visitor: Visitor) -> HttpResponse:
    """A page for what was sent: on to the saved entry, or back to what was typed."""
    posted = read_posted(sheet.form, post=request.POST)
    if posted.deed not in ACTIONS:  # Enter in the middle, or a search: looked at, nothing saved
        return draw_typed(request, sheet, visitor=visitor, posted=posted, words=Words())
    if posted.kinds:
        words = Words(status=422, lines=(_("Nothing is saved yet: see below."),))
        return draw_typed(request, sheet, visitor=visitor, posted=posted, words=words)
    try:
        done = _save(sheet, posted=posted, deed=visitor.deed(request))
    except (NotAllowedError, UnknownError):
        raise
    except StaleVersionError:
        return _answer_stale(request, sheet, visitor=visitor, posted=posted)
    except (RefusedError, WrongStateError) as refusal:
        return _answer_refused(request, sheet, visitor=visitor, refusal=refusal)
    return _go_on(request, sheet, visitor=visitor, done=done)


def _save(sheet: Sheet, *, posted: Posted, deed: Deed) -> Done:
    place = _place_of(sheet, posted)
    saving = Saving(
        place=place,
        values={n: text for n, text in posted.texts.items() if n not in sheet.key_texts},
        seen=_seen(place, posted) if sheet.is_new else posted.seen,
        confirmations=posted.confirmations,
    )
    return ACTIONS[posted.deed](saving, deed=deed)


def _place_of(sheet: Sheet, posted: Posted) -> EntryPlace:
    """Where it is saved: the key of a new entry is what was typed."""
    if not sheet.is_new:
        return sheet.place
    key = tuple(posted.texts.get(name, "") for name in sheet.form.key)
    return replace(sheet.place, key=key)


def _seen(place: EntryPlace, posted: Posted) -> int:
    """The version seen of a new entry: one that was taken back before is new to the person."""
    row = find_entry(place)
    is_free = row is not None and row.state == FormState.NOT_STARTED
    return row.version if row is not None and is_free else posted.seen


def _answer_stale(
    request: HttpRequest, sheet: Sheet, *, visitor: Visitor, posted: Posted
) -> HttpResponse:
    """Both versions; a new entry whose key is taken shows the one that is there."""
    place = _place_of(sheet, posted)
    key = ".".join(text.strip() for text in place.key)
    fresh = read_sheet(visitor, subject=place.subject, form=place.form, key=key)
    return draw_conflict(request, fresh, posted=posted)


def _answer_refused(
    request: HttpRequest, sheet: Sheet, *, visitor: Visitor, refusal: Exception
) -> HttpResponse:
    posted = read_posted(sheet.form, post=request.POST)
    lines = lines_of(refusal)
    if isinstance(refusal, FindingsError):
        lines = [_blocked(posted)]
        is_whole = posted.deed != Verb.SAVE_FORM
        posted = replace(posted, tells_missing=posted.tells_missing or is_whole)
    words = Words(
        status=status_of(refusal), lines=tuple(lines), reason=request.POST.get("reason", "")
    )
    return draw_typed(request, sheet, visitor=visitor, posted=posted, words=words)


def _blocked(posted: Posted) -> str:
    if posted.deed == Verb.SAVE_FORM:
        return _("The entry cannot be saved under this key.")
    return _("Not complete yet: correct what is wrong, and confirm what is odd with a comment.")


def _go_on(request: HttpRequest, sheet: Sheet, *, visitor: Visitor, done: Done) -> HttpResponse:
    said = {
        Verb.SAVE_FORM.value: _("Draft saved."),
        Verb.COMPLETE_FORM.value: _("The form is complete."),
        Verb.CHANGE_FORM.value: _("The change is saved."),
    }
    messages.success(request, said[request.POST["deed"]])
    key = str(done.answer["entry"]).split("/", 2)[2:]
    if request.POST.get("then") == "next" and (address := next_address(sheet, visitor)):
        return redirect(address)
    return redirect(entry_address(sheet.place.subject, sheet.form.form, *key))
