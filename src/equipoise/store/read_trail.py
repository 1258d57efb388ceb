"""The ledger read: the trail of a field, the lines of a subject, the head."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from equipoise.capture.blinding import Telling
from equipoise.capture.roles import Verb
from equipoise.store.ledger import Line, instant, read_lines
from equipoise.store.tables import ITEMS, Plain

_ON_ENTRIES = ("form_entry", "verification")
_MAY_TELL = ("allocation", "deviation", "query", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that changed: from what to what, and the line that tells who, when and why."""

    line: Line
    old: Plain
    new: Plain


def tell_line(line: Line, *, hidden: Telling | None) -> dict[str, Any]:
    """A line as plain values with its content read; without arms, nothing in it tells one.

    `hidden` is what tells the arm where the reader may not know it: None for who may.
    """
    content = json.loads(line.content)
    if hidden is not None:
        kept = [change for change in content["changes"] if not _tells(change, hidden)]
        if line.verb == Verb.RANDOMISE or len(kept) < len(content["changes"]):
            content["answer"] = {}
        content["changes"] = kept
    return {**asdict(line), "at": instant(line.at), "content": content}


def _tells(change: dict[str, Any], hidden: Telling) -> bool:
    """Whether a change tells the arm: what persons write, and what a signature covers, may."""
    if change["table"] in _ON_ENTRIES:
        _, form, key = change["key"]
        return hidden.has_entry(form, key=tuple(key.split(".")))
    return change["table"] in _MAY_TELL


def read_subject_lines(subject: str) -> Iterator[Line]:
    """Every line about the subject, in order."""
    return read_lines(subject=subject)


def read_trail(table: str, *, key: tuple[str, ...], column: str, subject: str) -> Iterator[Change]:
    """How a value came to be what it is, oldest first; `column` is `items.<item>` in an entry."""
    for line in read_lines(subject=subject):
        for change in json.loads(line.content)["changes"]:
            if change["table"] == table and tuple(change["key"]) == key:
                pair = change["values"].get(column)
                if pair is not None:
                    yield Change(line=line, old=pair[0], new=pair[1])


def read_item_trail(entry: tuple[str, str, str], *, item: str) -> Iterator[Change]:
    """The trail of an item of an entry (subject, form, key)."""
    return read_trail("form_entry", key=entry, column=f"{ITEMS}{item}", subject=entry[0])
