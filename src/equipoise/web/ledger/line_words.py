"""A line of the ledger in words: what it changed, value by value."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from equipoise.store.tables import ITEMS

_LONGEST = 300  # signs of a value on a page; an export has all


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWords:
    """One value that changed: of which table and row, which column, from what to what."""

    table: str
    key: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWords:
    """A line as a page shows it: its fields, its changes, and what else it holds."""

    told: Mapping[str, Any]
    at: datetime
    changes: tuple[ChangeWords, ...]
    note: str


def tell_words(told: Mapping[str, Any]) -> LineWords:
    """The words of a line told as plain values."""
    content = told["content"]
    beside = {**content.get("answer", {}), **content.get("note", {})}
    return LineWords(
        told=told,
        at=datetime.fromisoformat(told["at"]),
        changes=tuple(_tell_changes(content["changes"])),
        note=" · ".join(f"{name}: {_shown(value)}" for name, value in beside.items()),
    )


def _tell_changes(changes: list[dict[str, Any]]) -> Iterator[ChangeWords]:
    for change in changes:
        for column, (old, new) in change["values"].items():
            yield ChangeWords(
                table=change["table"].replace("_", " "),
                key=" · ".join(part for part in change["key"] if part),
                column=_name(column),
                old=_shown(old),
                new=_shown(new),
            )


def _name(column: str) -> str:
    """An item by its name in the protocol, another column in words."""
    is_item = column.startswith(ITEMS)
    return column.removeprefix(ITEMS) if is_item else column.replace("_", " ")


def _shown(value: Any) -> str:
    if value in (None, ""):
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
