"""What became of an entry: every value that changed, who changed it, when and why (D7.5)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import Line, read_lines
from equipoise.store.tables import ITEMS, Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDeed:
    """A deed on an entry: the line that tells it, and what it changed as {column: (old, new)}."""

    line: Line
    values: Mapping[str, tuple[Plain, Plain]]

    @property
    def items(self) -> dict[str, tuple[str, str]]:
        """The items that changed, as (old, new) texts; "" where there was nothing."""
        return {
            name.removeprefix(ITEMS): (str(old or ""), str(new or ""))
            for name, (old, new) in self.values.items()
            if name.startswith(ITEMS)
        }

    @property
    def version(self) -> int | None:
        """The version of the entry that the deed made; None where it made none."""
        made = self.values.get("version", (None, None))[1]
        return made if isinstance(made, int) else None


def read_history(place: EntryPlace) -> Iterator[EntryDeed]:
    """The deeds that changed the entry, in order."""
    key = list(place.row_key)
    for line in read_lines(subject=place.subject):
        for change in json.loads(line.content)["changes"]:
            if change["table"] == "form_entry" and change["key"] == key:
                told = {name: (old, new) for name, (old, new) in change["values"].items()}
                yield EntryDeed(line=line, values=told)


def values_at(place: EntryPlace, *, version: int) -> dict[str, str]:
    """The texts of the entry as they were at a version of it."""
    texts: dict[str, str] = {}
    for change in read_history(place):
        if change.version is not None and change.version > version:
            break
        texts |= {name: new for name, (_, new) in change.items.items()}
    return {name: text for name, text in texts.items() if text}
