"""Keys of entries: which comes next, which visits there are, and which form follows."""

import re
from collections.abc import Collection, Mapping

from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import Verb
from equipoise.capture.schedule import VISIT_ITEM
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol
from equipoise.store.models import FormEntry
from equipoise.web.entry.sheet import Sheet
from equipoise.web.shell.places import entry_address
from equipoise.web.shell.visitor import Visitor

_NUMBERED = re.compile(r"^([A-Za-z]*)\[0-9\]\{(\d)\}$")
Key = tuple[str, ...]


def read_keys(sheet: Sheet) -> tuple[Key, ...]:
    """The keys of the entries of this form that the subject has."""
    rows = FormEntry.objects.filter(subject_id=sheet.place.subject, form=sheet.form.form)
    written = rows.exclude(state=FormState.NOT_STARTED).order_by("pk").values_list("key", flat=True)
    return tuple(tuple(key.split(".")) for key in written)


def propose_key(form: Form, *, keys: Collection[Key], asked: Mapping[str, str]) -> dict[str, str]:
    """A free key for a new entry: what was asked for, else as the last entry, its number next.

    The record after 3 is 4, the lesion after L02 is L03; a visit is never guessed.
    """
    proposed: dict[str, str] = {}
    last = list(keys)[-1] if keys else ()
    for place, name in enumerate(form.key):
        before = tuple(proposed.get(each, "") for each in form.key[:place])
        siblings = [key[place] for key in keys if key[:place] == before]
        if name in asked:
            proposed[name] = asked[name]
        elif place == len(form.key) - 1:
            proposed[name] = _next(form, name, siblings)
        else:
            proposed[name] = last[place] if last and name != VISIT_ITEM else ""
    return {name: text for name, text in proposed.items() if text}


def _next(form: Form, name: str, taken: Collection[str]) -> str:
    item = form.item_named(name)
    numbered = _NUMBERED.match(item.pattern)
    head, width = (numbered[1], int(numbered[2])) if numbered else ("", 0)
    if item.type is not ItemType.INTEGER and not numbered:
        return ""
    numbers = [text.removeprefix(head) for text in taken]
    highest = max((int(each) for each in numbers if each.isdecimal()), default=0)
    return f"{head}{str(highest + 1).zfill(width)}"


def list_visits(form: Form, *, protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """The planned visits at which the form is filled in, as (code, label)."""
    visits = protocol.schedule.visit
    return tuple((v.code, v.label) for v in visits if form.form in v.form or not v.form)


def next_address(sheet: Sheet, visitor: Visitor) -> str:
    """The page of the next form that the visitor may enter; that of the same visit first.

    Empty after the last form.
    """
    forms = [form for form in _order(sheet) if form.form != sheet.protocol.randomisation.form]
    for form in forms:
        if visitor.may(Verb.SAVE_FORM, site=sheet.site, form=form):
            known = [sheet.key_texts[name] for name in form.key if name in sheet.key_texts]
            whole = ".".join(known) if len(known) == len(form.key) else ""
            return entry_address(sheet.place.subject, form.form, whole)
    return ""


def _order(sheet: Sheet) -> list[Form]:
    """The forms after this one: those of its visit, else those of the protocol."""
    visit = sheet.key_texts.get(VISIT_ITEM, "")
    planned = next((v.form for v in sheet.protocol.schedule.visit if v.code == visit), ())
    names = list(planned) if sheet.form.form in planned else []
    names = names or [form.form for form in sheet.protocol.form]
    after = names[names.index(sheet.form.form) + 1 :]
    return [sheet.protocol.form_named(name) for name in after]
