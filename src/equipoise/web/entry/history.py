"""The history of an entry as rows that a template can draw, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from equipoise.store.ledger import Line
from equipoise.store.read_history import EntryDeed
from equipoise.web.entry.sheet import Sheet
from equipoise.web.form_builder import spell_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedItem:
    """An item that a deed changed, in words."""

    label: str
    unit: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A deed on the entry: its line, and the state it led to, empty where that did not change."""

    line: Line
    state: str
    items: tuple[ChangedItem, ...]


def build_history(
    deeds: Iterable[EntryDeed], *, sheet: Sheet, item: str = ""
) -> tuple[HistoryRow, ...]:
    """The deeds, newest first; of one item only those that changed it."""
    rows = [_row(deed, sheet, item) for deed in deeds if not item or item in deed.items]
    return tuple(reversed(rows))


def _row(deed: EntryDeed, sheet: Sheet, item: str) -> HistoryRow:
    state = deed.values.get("state", ("", ""))[1]
    changed = tuple(_changed(deed, sheet, item))
    return HistoryRow(line=deed.line, state=str(state or ""), items=changed)


def _changed(deed: EntryDeed, sheet: Sheet, item: str) -> Iterator[ChangedItem]:
    """In the order of the form; an item that this version of the form no longer has comes last."""
    known = {each.name: each for each in sheet.form.item}
    names = [name for name in known if name in deed.items]
    for name in (*names, *(name for name in deed.items if name not in known)):
        if item and name != item:
            continue
        old, new = deed.items[name]
        if name not in known:
            yield ChangedItem(label=name, unit="", old=old, new=new)
            continue
        asked = known[name]
        words = [spell_text(text, item=asked, protocol=sheet.protocol) for text in (old, new)]
        yield ChangedItem(label=asked.label, unit=asked.unit, old=words[0], new=words[1])
