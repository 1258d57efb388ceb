"""Words for the templates of an entry: its addresses, and what describes a field."""

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from equipoise.web.entry.sheet import Sheet
from equipoise.web.form_builder import Field

register = template.Library()


@register.simple_tag
def entry_address(name: str, sheet: Sheet) -> str:
    """The address of a page of this entry; of a new one, without a key."""
    key = ".".join(sheet.place.key)
    place = {"subject": sheet.place.subject, "form": sheet.place.form}
    return reverse(name, kwargs=place | ({"key": key} if key else {}))


@register.filter
def describedby(field: Field) -> str:
    """What tells more about a field: its hint, and what is found wrong."""
    hint = [f"hint-{field.name}"] if field.hint else []
    return " ".join([*hint, f"told-{field.name}"])


@register.filter
def code_words(code: str) -> str:
    """What is wrong by its code, ahead of the English sentence that says it exactly.

    Empty in English, and for a check of the protocol, whose words are those of the protocol.
    """
    words = code.replace("-", " ")
    told = _(words)
    return "" if told == words else f"{told}: "
