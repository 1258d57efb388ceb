"""Verification: the chain of the ledger, what it replays to against the tables, the signatures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from equipoise.store.ledger import EMPTY, GENESIS, Head, check_line, read_lines, tell
from equipoise.store.refusals import DigestRefusedError
from equipoise.store.replay import Rows, Tables, apply_line
from equipoise.store.signed_entries import check_signatures
from equipoise.store.tables import TABLES, Table, row_key, row_values, stored_rows
from equipoise.vocab.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The lines that there are, the digest of the last one, and everything that is wrong."""

    lines: int
    head: str
    findings: tuple[Finding, ...]


def verify_trial(*, head: str = "") -> Verified:
    """The ledger held against its chain, its replay against the tables, as of one instant.

    `head` is a digest noted before (in a report, a backup): a finding when no line has it, and
    DigestRefusedError when it is none. Memory holds the rows of the trial, not its lines.
    """
    head = _read_digest(head)
    with transaction.atomic():
        with connection.cursor() as cursor:  # deeds go on meanwhile, and are not seen
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables: Tables = {name: {} for name in TABLES}
        findings, end = _check_lines(tables, head)
        for table in TABLES.values():
            findings += _compare(table, told=tables[table.name])
        findings += check_signatures(tables)
    return Verified(lines=end.number, head=end.digest, findings=tuple(findings))


def _read_digest(text: str) -> str:
    """A digest as it was noted, spaces and capitals aside; empty where none was given."""
    digest = text.strip().lower()
    if digest and re.fullmatch(r"[0-9a-f]{64}", digest) is None:
        raise DigestRefusedError(
            "A digest has 64 digits, 0 to 9 and a to f. The foot of a page shows the first 12 of "
            "them: take the whole one from the stamp at the end of the report."
        )
    return digest


def _check_lines(tables: Tables, head: str) -> tuple[list[Finding], Head]:
    findings = []
    before, is_known = EMPTY, head in {"", GENESIS}
    for line in read_lines():
        found = check_line(line, before=before)
        if found is not None:
            findings.append(found)
        if not apply_line(tables, line=line):
            words = "tells old values that were not there"
            findings.append(tell(line.number, code="ledger-untrue", message=words))
        before = Head(number=line.number, digest=line.digest, at=line.at)
        is_known |= line.digest == head
    if not is_known:
        words = f"no line has the digest {head}: the ledger was cut or written anew"
        findings.append(tell(before.number, code="ledger-head-missing", message=words))
    return findings, before


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
