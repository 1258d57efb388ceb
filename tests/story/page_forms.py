"""The forms of a page as a browser would send them: nothing can be sent that the page lacks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button: its words, what it adds to the form, and where it sends it if elsewhere."""

    words: str = ""
    name: str = ""
    value: str = ""
    action: str = ""
    method: str = ""
    is_disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageForm:
    """A form of a page: the values that stand in it, and what could be chosen."""

    action: str
    method: str
    values: Pairs = field(default_factory=list)
    choices: dict[str, set[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)

    def button(self, words: str) -> Button | None:
        """The button with these words."""
        return next((each for each in self.buttons if each.words == words), None)

    def filled(self, typed: Mapping[str, str]) -> Pairs:
        """What is sent once this is typed and chosen; AssertionError for what the form has not."""
        for name, text in typed.items():
            assert name in self.names, f"the form has no field {name}: {sorted(self.names)}"
            known = self.choices.get(name)
            assert known is None or text in known, f"{name} offers {known}, not {text}"
        kept = [(name, text) for name, text in self.values if name not in typed]
        return [*kept, *typed.items()]


def read_forms(html: str) -> list[PageForm]:
    """The forms of a page, from top to bottom."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def read_words(html: str) -> str:
    """What a person reads on a page, on one line."""
    shown = re.sub(r"<(script|style|head)\b.*?</\1>", " ", html, flags=re.S)
    reader = _Words()
    reader.feed(shown)
    return " ".join(" ".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select = self._area = ""
        self._option = False  # whether the select has one chosen
        self._first: str | None = None
        self._button: Button | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(action=told.get("action", ""), method=told.get("method", "get"))
            self.forms.append(self._form)
        elif self._form is not None and "disabled" not in told:
            self._note(self._form, tag, told)
        elif self._form is not None and tag == "button":
            self._button = Button(is_disabled=True)

    def _note(self, form: PageForm, tag: str, told: dict[str, str]) -> None:
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "button":
            action, method = told.get("formaction", ""), told.get("formmethod", "")
            self._button = Button(name=name, value=value, action=action, method=method)
        elif tag == "select":
            self._select, self._option, self._first = name, False, None
            form.names.add(name)
            form.choices[name] = set()
        elif tag == "option" and self._select:
            form.choices[self._select].add(value)
            self._first = value if self._first is None else self._first
            if "selected" in told:
                form.values.append((self._select, value))
                self._option = True
        elif tag == "textarea":
            self._area = name
            form.names.add(name)
            form.values.append((name, ""))
        elif tag == "input" and name:
            form.names.add(name)
            if told.get("type") in {"radio", "checkbox"}:
                form.choices.setdefault(name, set()).add(value)
            if told.get("type") not in {"radio", "checkbox"} or "checked" in told:
                form.values.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button = replace(self._button, words=self._button.words + data)
        elif self._area and self._form is not None:
            name, text = self._form.values.pop()
            self._form.values.append((name, (text + data).removeprefix("\n")))

    def handle_endtag(self, tag: str) -> None:
        form = self._form
        if form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "button" and self._button is not None:
            form.buttons.append(replace(self._button, words=" ".join(self._button.words.split())))
            self._button = None
        elif tag == "select" and self._select:
            if not self._option and self._first is not None:
                form.values.append((self._select, self._first))
            self._select = ""


def confirmations(form: PageForm, comment: str) -> Iterator[tuple[str, str]]:
    """A comment to everything that the page asks to be confirmed."""
    for name in form.names:
        if re.fullmatch(r"confirm\.\d+\.comment", name):
            yield name, comment
