"""The ledger as CSV, in which no cell is a formula, and as JSON lines."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from equipoise.store.ledger import canonical

_COLUMNS = (
    "number", "at", "actor", "role", "site", "verb", "subject", "reason", "content", "protocol",
    "previous", "digest",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell starts that a spreadsheet computes


def export_csv(lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A head and a row a line; what would be a formula starts with an apostrophe."""
    yield _row(_COLUMNS)
    for line in lines:
        told = {**line, "content": canonical(line["content"])}
        yield _row(guard_cell(told[name]) for name in _COLUMNS)


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def guard_cell(value: Any) -> str:
    """A cell that a spreadsheet shows and never computes."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def export_jsonl(lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line of JSON a line of the ledger, with its content read."""
    for line in lines:
        yield canonical(line) + "\n"
