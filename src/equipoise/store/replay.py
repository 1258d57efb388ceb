"""Replay: the tables as the lines of the ledger say that they are."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from equipoise.store.ledger import Line
from equipoise.store.tables import TABLES, Plain

Row = dict[str, Plain]
Rows = dict[tuple[str, ...], Row]
Tables = dict[str, Rows]


def replay(lines: Iterable[Line], *, only: frozenset[str] = frozenset(TABLES)) -> Tables:
    """The rows of the tables `only` after these lines, by table and key; no nulls."""
    tables: Tables = {name: {} for name in sorted(only)}
    for line in lines:
        apply_line(tables, line=line)
    return tables


def apply_line(tables: Tables, *, line: Line) -> bool:
    """Brings the tables to what the line says; False where an old value is not what was there."""
    return apply_changes(tables, changes=read_changes(line))


def read_changes(line: Line) -> list[dict[str, Any]]:
    """The changes of a line: table, key and values as [old, new]."""
    return json.loads(line.content)["changes"]  # type: ignore[no-any-return]


def apply_changes(tables: Tables, *, changes: Iterable[Mapping[str, Any]]) -> bool:
    """Brings the tables to what the changes say; False where an old value was not there."""
    is_true = True
    for change in changes:
        rows = tables.get(change["table"])
        if rows is not None:
            row = rows.setdefault(tuple(change["key"]), {})
            is_true &= _apply(row, change["values"])
    return is_true


def _apply(row: Row, values: Mapping[str, list[Plain]]) -> bool:
    is_true = True
    for name, (old, new) in values.items():
        is_true &= row.get(name) == old
        if new is None:
            row.pop(name, None)
        else:
            row[name] = new
    return is_true
