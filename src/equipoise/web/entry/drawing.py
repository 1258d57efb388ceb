"""What the templates of an entry are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from equipoise.capture.one_entry import CheckedEntry
from equipoise.capture.roles import Verb
from equipoise.store.read_history import read_history, values_at
from equipoise.web.entry.conflict import list_differences
from equipoise.web.entry.keys import list_visits, next_address
from equipoise.web.entry.posted import Posted, tell_both
from equipoise.web.entry.sheet import Sheet, check_sheet, fill
from equipoise.web.form_builder import (
    Choice,
    Control,
    Field,
    Filled,
    build_fields,
    count_missing,
    search_codes,
    spell_text,
    told_beside,
)
from equipoise.web.shell.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said above the fields: a status, and why the request was not carried out."""

    status: int = 200
    lines: Sequence[str] = field(default_factory=tuple)
    reason: str = ""


def draw_saved(request: HttpRequest, sheet: Sheet, *, visitor: Visitor) -> HttpResponse:
    """The entry as it is saved; a new one with nothing said against it yet."""
    texts = sheet.values
    checked = check_sheet(sheet, texts=texts)
    if not sheet.is_there:
        checked = replace(checked, findings=())
    filled = fill(sheet, texts=texts, checked=checked)
    return _draw(request, sheet, filled=filled, visitor=visitor, words=Words())


def draw_typed(
    request: HttpRequest, sheet: Sheet, *, visitor: Visitor, posted: Posted, words: Words
) -> HttpResponse:
    """The entry as it was typed and not saved, with all that is wrong; nothing typed is lost."""
    filled = fill_typed(sheet, posted=posted)
    return _draw(request, sheet, filled=filled, visitor=visitor, words=words)


def fill_typed(sheet: Sheet, *, posted: Posted) -> Filled:
    """What was typed, over what is saved."""
    texts = {**sheet.values, **posted.texts}
    checked = check_sheet(sheet, texts=texts)
    both = tell_both(posted, form=sheet.form)
    filled = fill(sheet, texts=texts, checked=_with(checked, both))
    return replace(
        filled,
        comments={**sheet.comments, **posted.comments},
        kinds=posted.kinds,
        tells_missing=posted.tells_missing,
    )


def draw_conflict(request: HttpRequest, sheet: Sheet, *, posted: Posted) -> HttpResponse:
    """Both versions side by side; what is chosen is sent to the same address."""
    before = values_at(sheet.place, version=posted.seen)
    *_, saved = None, *read_history(sheet.place)  # nobody, where a version was made up
    context = {
        "sheet": sheet,
        "saved": saved,
        "posted": posted,
        "differences": list_differences(
            sheet.form,
            protocol=sheet.protocol,
            mine=posted.texts,
            theirs=sheet.values,
            before=before,
        ),
        "reason": request.POST.get("reason", ""),
        "confirmations": posted.confirmations,
        "can_save": posted.deed in {verb.value for verb in sheet.deeds},
    }
    return render(request, "entry/conflict.html", context, status=409)


def told_live(sheet: Sheet, *, posted: Posted) -> dict[str, Any]:
    """What changes on the page while one types: findings, branching, derived items, the count."""
    filled = fill_typed(sheet, posted=posted)
    return {
        "fields": build_fields(filled),
        "beside": told_beside(filled),
        "missing": count_missing(filled.checked),
        "is_open": sheet.is_open,
        "is_live": True,
    }


def _draw(
    request: HttpRequest, sheet: Sheet, *, filled: Filled, visitor: Visitor, words: Words
) -> HttpResponse:
    fields = tuple(_completed(each, sheet) for each in build_fields(filled))
    context = {
        "sheet": sheet,
        "fields": fields,
        "beside": told_beside(filled),
        "missing": count_missing(filled.checked),
        "tells_missing": filled.tells_missing,
        "refused": [each for each in fields if each.told] if words.lines else [],
        "words": words,
        "is_open": sheet.is_open,
        "deeds": {verb.value for verb in sheet.deeds},
        "why_closed": _why_closed(sheet),
        "next_address": next_address(sheet, visitor),
        "may_ask": sheet.is_there
        and visitor.may(Verb.OPEN_QUERY, site=sheet.site, form=sheet.form),
        "about_entry": sheet.queries.get("", ()),
    }
    return render(request, "entry/entry.html", context, status=words.status)


def _completed(drawn: Field, sheet: Sheet) -> Field:
    """Beside what the form builder knows: visits to choose from, codes found, words to read."""
    item = sheet.form.item_named(drawn.name)
    if not sheet.is_open or drawn.control is Control.FIXED:
        whole = drawn.text or next((kind.value for kind in drawn.kinds if kind.is_chosen), "")
        if drawn.control is not Control.DERIVED:
            whole = spell_text(whole, item=item, protocol=sheet.protocol)
        return replace(drawn, text=whole)
    if drawn.control is Control.SEARCH and drawn.is_refused:
        found = search_codes(item, protocol=sheet.protocol, typed=drawn.text)
        return replace(drawn, choices=found)
    if drawn.name == "visit" and drawn.name in sheet.form.key:
        visits = list_visits(sheet.form, protocol=sheet.protocol)
        return replace(drawn, choices=tuple(Choice(value=c, label=w) for c, w in visits))
    return drawn


def _with(checked: CheckedEntry, further: Sequence[Any]) -> CheckedEntry:
    return replace(checked, findings=(*checked.findings, *further))


def _why_closed(sheet: Sheet) -> str:
    """Why nothing can be typed here; empty where it can."""
    if sheet.is_open:
        return ""
    if sheet.form.form == sheet.protocol.randomisation.form:
        return _("This form is written by randomising.")
    held: Mapping[str, str] = {
        "frozen": _("This form is frozen: ask the data manager to unfreeze it."),
        "locked": _("This form is locked: ask the data manager to unlock it."),
    }
    return held.get(sheet.state.value, _("You may read this form, and not change it."))
