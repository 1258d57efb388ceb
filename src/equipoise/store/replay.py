"""Replay: the tables as the ledger says that they are, and every difference from how they are."""

import json
from collections.abc import Iterable, Iterator, Mapping

from equipoise.store.ledger import EMPTY, Head, Line, check_line, tell
from equipoise.store.tables import TABLES, Plain, Table, row_key, row_values, stored_rows
from equipoise.vocab.finding import Finding

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
    is_true = True
    for change in json.loads(line.content)["changes"]:
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


def verify(lines: Iterable[Line], *, head: str = "") -> Iterator[Finding]:
    """Every breach of the chain, and every difference of the tables from what the lines replay to.

    `head` is a digest noted before (in a report, a backup): a finding when no line has it. Memory
    holds the rows of the trial, not its lines.
    """
    tables: Tables = {name: {} for name in TABLES}
    before, is_known = EMPTY, not head
    for line in lines:
        found = check_line(line, before=before)
        if found is not None:
            yield found
        if not apply_line(tables, line=line):
            words = "tells old values that were not there"
            yield tell(line.number, code="ledger-untrue", message=words)
        before = Head(number=line.number, digest=line.digest, at=line.at)
        is_known |= line.digest == head
    if not is_known:
        words = f"no line has the digest {head}: the ledger was cut or written anew"
        yield tell(before.number, code="ledger-head-missing", message=words)
    for table in TABLES.values():
        yield from _compare(table, told=tables[table.name])


def _compare(table: Table, *, told: Rows) -> Iterator[Finding]:
    """The rows that are not as the ledger says: changed, made or removed behind its back."""
    left = set(told)
    for row in stored_rows(table):
        key = row_key(table, row=row)
        left.discard(key)
        if key not in told:
            yield _differs(table, key=key, words="is not in the ledger")
        elif (stored := row_values(table, row=row)) != told[key]:
            names = {*stored, *told[key]}
            wrong = sorted(n for n in names if stored.get(n) != told[key].get(n))
            yield _differs(table, key=key, words=f"differs from the ledger in {', '.join(wrong)}")
    for key in sorted(left):
        yield _differs(table, key=key, words="is missing, the ledger has it")


def _differs(table: Table, *, key: tuple[str, ...], words: str) -> Finding:
    return Finding(
        where=f"{table.name} {'/'.join(part for part in key if part)}",
        code="table-differs",
        message=f"the row {words}",
        mend="Restore the last backup whose verification was clean.",
    )
