"""The pages of an entry: fill in, check while one types, look up codes, take back, its history."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.store.actions.delete_entry import delete_entry
from equipoise.store.read_history import read_history
from equipoise.store.site_day import zone_at
from equipoise.web.entry.drawing import draw_saved, told_live
from equipoise.web.entry.history import build_history
from equipoise.web.entry.keys import propose_key, read_keys
from equipoise.web.entry.posted import read_posted
from equipoise.web.entry.saving import answer_sent
from equipoise.web.entry.sheet import Sheet, read_sheet, with_texts
from equipoise.web.form_builder import search_codes
from equipoise.web.shell.access import ANYONE, page
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.visitor import Visitor


@page(Verb.READ_FORMS, post=Verb.SAVE_FORM)
def entry_page(
    request: HttpRequest, visitor: Visitor, *, subject: str, form: str, key: str = ""
) -> HttpResponse:
    """An entry to read or fill in; without a key, a new one of a form that repeats."""
    sheet = read_sheet(visitor, subject=subject, form=form, key=key)
    if request.method == "POST":
        return answer_sent(request, sheet, visitor=visitor)
    if sheet.is_new:
        asked = {name: request.GET[name] for name in sheet.form.key if request.GET.get(name)}
        keys = read_keys(sheet)
        sheet = with_texts(sheet, propose_key(sheet.form, keys=keys, asked=asked))
    return draw_saved(request, sheet, visitor=visitor)


@page(Verb.SAVE_FORM, post=Verb.SAVE_FORM)
def check_page(
    request: HttpRequest, visitor: Visitor, *, subject: str, form: str, key: str = ""
) -> HttpResponse:
    """What changes on the page for what was typed so far; nothing is saved."""
    sheet = read_sheet(visitor, subject=subject, form=form, key=key)
    if request.method != "POST":
        return redirect(entry_address(subject, form, key))
    posted = read_posted(sheet.form, post=request.POST)
    return render(request, "entry/live.html", told_live(sheet, posted=posted))


@page(Verb.READ_FORMS)
def codes_page(
    request: HttpRequest, visitor: Visitor, *, subject: str, form: str, item: str
) -> HttpResponse:
    """The codes of a long list that hold what was typed."""
    sheet = read_sheet(visitor, subject=subject, form=form)
    found = next((each for each in sheet.form.entered_items if each.name == item), None)
    if found is None:
        raise Http404
    typed = request.GET.get(f"items.{item}", "")
    choices = search_codes(found, protocol=sheet.protocol, typed=typed[:200])
    context = {"name": item, "choices": choices, "typed": typed}
    return render(request, "entry/found_codes.html", context)


@page(Verb.READ_FORMS, post=Verb.DELETE_ENTRY)
def take_back_page(
    request: HttpRequest, visitor: Visitor, *, subject: str, form: str, key: str = ""
) -> HttpResponse:
    """An entry to be taken back, with the reason."""
    sheet = _require_there(read_sheet(visitor, subject=subject, form=form, key=key))
    if request.method != "POST":
        return render(request, "entry/take_back.html", {"sheet": sheet})
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else -1
    delete_entry(sheet.place, seen=version, deed=visitor.deed(request))
    messages.success(request, _("The entry is taken back; its history stays."))
    return redirect(entry_address(subject, form))


@page(Verb.READ_FORMS)
def history_page(
    request: HttpRequest, visitor: Visitor, *, subject: str, form: str, key: str = ""
) -> HttpResponse:
    """Every change of an entry, or of one item of it: old, new, who, when, why."""
    sheet = read_sheet(visitor, subject=subject, form=form, key=key)
    item = request.GET.get("item", "")
    if sheet.version == 0 or (item and item not in {i.name for i in sheet.form.item}):
        raise Http404
    rows = build_history(read_history(sheet.place), sheet=sheet, item=item)
    template = (
        "entry/history_rows.html" if request.headers.get("HX-Request") else "entry/history.html"
    )
    asked = sheet.form.item_named(item) if item else None
    zone = zone_at(sheet.site)
    with timezone.override(zone):
        context = {"sheet": sheet, "rows": rows, "item": asked, "zone": zone.key}
        return render(request, template, context)


@page(ANYONE)
def keys_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """The keys by which a form is filled in without a mouse."""
    return render(request, "entry/keys.html")


def _require_there(sheet: Sheet) -> Sheet:
    if not sheet.is_there:
        raise Http404
    return sheet
