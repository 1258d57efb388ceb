"""Texts that fill a form, as a person would type them."""

from equipoise.capture.one_entry import check_entry, find_reach
from equipoise.protocol.form_model import Form, Item, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.scope import codes_of
from equipoise.vocab.ctcae import allowed_grades
from equipoise.web.form_builder import Field, Filled, build_fields

TODAY_TEXT = "2026-03-02"


def fill(form: Form, protocol: Protocol, **texts: str) -> Filled:
    """The form with these texts, for subject 01-001 who has no other entry."""
    raw = {"subject": "01-001", **texts}
    checked = check_entry(find_reach(form, protocol), raw=raw, others={})
    return Filled(form=form, protocol=protocol, texts=texts, checked=checked)


def fields(form: str, **texts: str) -> dict[str, Field]:
    """The fields of a form of the reference trial by name."""
    protocol = shipped_protocol()
    filled = fill(protocol.form_named(form), protocol, **texts)
    return {field.name: field for field in build_fields(filled)}


def example_of(item: Item, protocol: Protocol) -> str:
    """A text that the item allows, taken by itself."""
    codes = list(codes_of(item, code_lists=protocol.code_list))
    match item.type:
        case ItemType.CODE:
            return codes[0]
        case ItemType.YES_NO:
            return "Y"
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return TODAY_TEXT
        case ItemType.INTEGER | ItemType.DECIMAL:
            return _number(item)
        case _:
            return _text(item)


def examples(form: Form, protocol: Protocol) -> dict[str, str]:
    """A text for every item that is entered; grades are those of their term."""
    texts = {item.name: example_of(item, protocol) for item in form.entered_items}
    for item in form.entered_items:
        if item.graded_by:
            texts[item.name] = str(min(allowed_grades(texts[item.graded_by]) or {1}))
    return texts


def _number(item: Item) -> str:
    low = item.soft_min if item.soft_min is not None else item.min
    high = item.soft_max if item.soft_max is not None else item.max
    if low is None:
        low = 0 if high is None or high >= 0 else high
    text = f"{low:g}"
    return text if item.type is ItemType.DECIMAL or "." not in text else f"{low + 1:.0f}"


def _text(item: Item) -> str:
    shapes = {
        "": "as in the source",
        "[0-9]{2}": "01",
        "L[0-9]{2}": "L01",
        "N[0-9]{2}": "N01",
        "([01][0-9]|2[0-3]):[0-5][0-9]": "09:30",
        "[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}": "H02AB06",
    }
    return shapes[item.pattern]
