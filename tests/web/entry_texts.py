"""Entries sent through the browser of a test, as the form on the page sends them."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def address(name: str, subject: str, form: str, key: str = "") -> str:
    """The address of a page of an entry."""
    place = {"subject": subject, "form": form} | ({"key": key} if key else {})
    return reverse(name, kwargs=place)


def sent(deed: str, texts: Mapping[str, str], *, seen: int = 0, **more: str) -> dict[str, str]:
    """What a browser sends for these texts."""
    named = {f"items.{name}": text for name, text in texts.items()}
    return {**named, "deed": deed, "seen": str(seen), **more}


def send(
    client: Client, place: tuple[str, ...], deed: str, texts: Mapping[str, str], **more: Any
) -> HttpResponse:
    """The answer to an entry that is sent to its page (subject, form, key)."""
    answer: HttpResponse = client.post(address("entry", *place), sent(deed, texts, **more))  # type: ignore[assignment]
    return answer


def html(answer: HttpResponse) -> str:
    """The page as text."""
    return answer.content.decode("utf-8")


def drawn(answer: HttpResponse) -> "Drawn":
    """What a page draws: its fields with their values, labels and ids."""
    reader = Drawn()
    reader.feed(html(answer))
    return reader


def values_of(answer: HttpResponse) -> dict[str, str]:
    """What a browser would send of the items of a page."""
    found = drawn(answer).values
    return {n.removeprefix("items."): v for n, v in found.items() if n.startswith("items.")}


def confirm_all(answer: HttpResponse, comment: str = "as in the source") -> dict[str, str]:
    """A comment on every finding that may be confirmed on the page."""
    found = {n: v for n, v in drawn(answer).values.items() if n.startswith("confirm.")}
    return {n: comment if n.endswith(".comment") else v for n, v in found.items()}


class Drawn(HTMLParser):
    """The values of a form on a page: inputs, chosen options, texts of several lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self.inputs: list[dict[str, str]] = []
        self.labels: set[str] = set()
        self.ids: list[str] = []
        self.described: set[str] = set()
        self.labelled: set[str] = set()
        self.headings: list[int] = []
        self._select = self._area = ""
        self._in_label = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a tag says."""
        told = {name: value or "" for name, value in attrs}
        self.ids += [told["id"]] if "id" in told else []
        self.described |= set(told.get("aria-describedby", "").split())
        self.labelled |= set(told.get("aria-labelledby", "").split())
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self._in_label += 1
            self.labels.add(told.get("for", ""))
        if tag in {"input", "select", "textarea"} and told.get("type") != "hidden":
            self.inputs.append(told | {"inside": "label" if self._in_label else ""})
        self._note(tag, told, {name for name, _ in attrs})

    def _note(self, tag: str, told: dict[str, str], names: set[str]) -> None:
        name = told.get("name", "")
        if tag == "select":
            self._select = name
            self.values.setdefault(name, "")
        elif tag == "option" and "selected" in names:
            self.values[self._select] = told["value"]
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif tag == "input" and (
            told.get("type") not in {"radio", "checkbox"} or "checked" in names
        ):
            self.values[name] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Notes where a label or a text of several lines ends."""
        if tag == "label":
            self._in_label -= 1
        elif tag == "textarea" and self._area:
            self.values[self._area] = self.values[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Notes a text of several lines."""
        if self._area:
            self.values[self._area] += data
