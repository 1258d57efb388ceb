"""The casebook of a subject: verified, signed, frozen and locked, in the order of D7.2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import Verb
from equipoise.capture.signature import SAYS, Meaning
from equipoise.store.actions.freeze import freeze_entries, unfreeze_entries
from equipoise.store.actions.lock import lock_entries, unlock_entries
from equipoise.store.actions.sign import sign_entries
from equipoise.store.actions.verify import unverify_entries, verify_entries
from equipoise.store.deed import Deed, Done
from equipoise.store.entry_place import EntryPlace
from equipoise.store.gate import REASONED
from equipoise.store.read_casebook import CasebookRow, read_casebook, read_signatures
from equipoise.store.refusals import RefusedError
from equipoise.web.shell.access import View, page
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.reauthenticate import FIELD, PasswordWrongError, require_password
from equipoise.web.shell.sight import hidden_from
from equipoise.web.shell.tags import in_words
from equipoise.web.shell.visitor import Visitor

_ORDER = (  # of the buttons: forward in the life of an entry, then back
    Verb.VERIFY, Verb.SIGN, Verb.FREEZE, Verb.LOCK, Verb.UNLOCK, Verb.UNFREEZE, Verb.UNVERIFY,
)  # fmt: skip
_TWO_WAYS = {
    Verb.UNVERIFY: unverify_entries,
    Verb.FREEZE: freeze_entries,
    Verb.UNFREEZE: unfreeze_entries,
    Verb.LOCK: lock_entries,
    Verb.UNLOCK: unlock_entries,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The entries that somebody marked, and the version of each that was on the screen."""

    places: tuple[EntryPlace, ...]
    seen: Mapping[str, int]


@page(Verb.READ_FORMS)
def casebook(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """Every entry of the subject; those of one visit or state, marked, where they are asked for."""
    visit, state = request.GET.get("visit"), request.GET.get("state", "")
    hidden = hidden_from(visitor)
    rows = read_casebook(subject, hidden=hidden)
    shown = [
        row for row in rows if visit in {None, "all", row.visit} and state in {"", row.state.value}
    ]
    context = {
        "rows": [_drawn(row) for row in shown],
        "are_marked": visit is not None or bool(state),  # asked for: "Show and mark"
        "visit": visit,
        "visits": sorted({row.visit for row in rows}),
        "state": state,
        "states": [each for each in FormState if any(row.state is each for row in rows)],
        "deeds": [verb.value for verb in _ORDER if visitor.may(verb)],
        "needs_reason": any(visitor.may(verb) for verb in _ORDER if verb in REASONED),
        "signatures": read_signatures(subject),
        "subject": subject,
        "may_ask": visitor.may(Verb.OPEN_QUERY),
    }
    return render(request, "queries/casebook.html", context)


def _drawn(row: CasebookRow) -> dict[str, Any]:
    return {"row": row, "mark": spell_mark(row), "address": entry_address(*row.place.row_key)}


def spell_mark(row: CasebookRow) -> str:
    """An entry and its version as one word, for a box to mark."""
    key = f"/{'.'.join(row.place.key)}" if row.place.key else ""
    return f"{row.form.form}{key}@{row.version}"


def read_marked(request: HttpRequest, *, subject: str) -> Marked:
    """The entries marked in the request; RefusedError when there is none, or one is no entry."""
    told = request.POST if request.method == "POST" else request.GET
    seen: dict[EntryPlace, int] = {}
    for mark in told.getlist("entry"):
        name, _at, version = mark.rpartition("@")
        form, _slash, key = name.partition("/")
        if not form or not (version.isascii() and version.isdecimal() and len(version) < 10):
            raise RefusedError(_("An entry was named wrongly: load the page again."))
        place = EntryPlace(subject=subject, form=form, key=tuple(key.split(".")) if key else ())
        seen[place] = int(version)
    if not seen:
        raise RefusedError(_("Mark at least one entry first."))
    return Marked(places=tuple(seen), seen={place.entry: n for place, n in seen.items()})


@page(Verb.SIGN, post=Verb.SIGN)
def casebook_sign(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """What will be signed, the sentence, and the password again; then the signature.

    What is marked comes by POST, as the address of a large casebook would be too long.
    """
    marked = read_marked(request, subject=subject)
    if FIELD not in request.POST:
        return _draw_signing(request, visitor, marked)
    try:
        require_password(request, visitor=visitor)
    except PasswordWrongError as wrong:
        return _draw_signing(request, visitor, marked, wrong=str(wrong))
    deed = visitor.deed(request)
    done = sign_entries(marked.places, password=request.POST[FIELD], deed=deed, seen=marked.seen)
    told = _("Signed: signature %(number)s on %(count)d entries.")
    values = {"number": done.answer["signature"], "count": len(marked.places)}
    messages.success(request, told % values)
    return redirect("casebook", subject=subject)


def _draw_signing(
    request: HttpRequest, visitor: Visitor, marked: Marked, *, wrong: str = ""
) -> HttpResponse:
    subject = marked.places[0].subject
    rows = {row.place: row for row in read_casebook(subject, hidden=hidden_from(visitor))}
    known = [rows[place] for place in marked.places if place in rows]
    context = {
        "subject": subject,
        "rows": [_drawn(row) for row in known],
        "too_early": [row for row in known if Verb.SIGN not in row.deeds],
        "changed": [row for row in known if row.version != marked.seen[row.place.entry]],
        "sentence": SAYS[Meaning.CASEBOOK],
        "name": visitor.name,
        "password_wrong": wrong,
    }
    return render(request, "queries/sign.html", context, status=403 if wrong else 200)


def _do(verb: Verb, marked: Marked, deed: Deed) -> Done:
    if verb is Verb.VERIFY:
        return verify_entries(marked.places, deed=deed, seen=marked.seen)
    return _TWO_WAYS[verb](marked.places, deed=deed)


def _build_move(verb: Verb) -> View:
    def move(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
        if request.method == "POST":
            marked = read_marked(request, subject=subject)
            _do(verb, marked, visitor.deed(request))
            told = _("Done (%(deed)s): %(count)d entries.")
            values = {"deed": in_words(verb.value), "count": len(marked.places)}
            messages.success(request, told % values)
        return redirect("casebook", subject=subject)

    return page(Verb.READ_FORMS, post=verb)(move)


MOVES = {verb: _build_move(verb) for verb in _ORDER if verb is not Verb.SIGN}
