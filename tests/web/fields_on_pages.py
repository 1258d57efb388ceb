"""The forms that stand on a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str]
_UNSENT = frozenset({"submit", "button", "reset", "image"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageForm:
    """A form: where to, how, and its fields by name with their kind and what stands in them.

    A button has a name, a value, and where it sends the form to instead.
    """

    action: str
    method: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


def read_forms(page: str) -> list[PageForm]:
    """The forms of the page in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[PageForm] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = told.get("method", "get").lower()
            self.forms.append(PageForm(action=told.get("action", ""), method=method))
        elif self.forms and tag in {"input", "textarea", "select", "button", "option"}:
            self._note(tag, told)

    def _note(self, tag: str, told: Attributes) -> None:
        form, name = self.forms[-1], told.get("name", "")
        kind = told.get("type", "text") if tag == "input" else tag
        if tag == "button" or kind in _UNSENT:
            form.buttons.append((name, told.get("value", ""), told.get("formaction", "")))
        elif tag == "option":
            _, value = form.fields.get(self._select, ("", ""))
            if "selected" in told or not value:
                form.fields[self._select] = ("select", told.get("value", ""))
        elif name:
            self._select = name if tag == "select" else self._select
            form.fields.setdefault(name, (kind, told.get("value", "")))
