"""The queries that the program asks: opened, reopened and closed as findings come and go."""

from collections.abc import Mapping
from datetime import datetime

from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.queries import (
    AutomaticQuery,
    QueryDeed,
    QueryKey,
    QueryState,
    reconcile,
)
from equipoise.capture.roles import Verb
from equipoise.derive.consistency import CHECKS
from equipoise.store.deed import PROGRAM, Put
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import Query
from equipoise.store.read_queries import place_of_query
from equipoise.store.tables import Plain, plain
from equipoise.vocab.finding import Finding

_WHOLE_TRIAL = frozenset(check.code for check in CHECKS)  # what one form alone cannot answer


def settle_queries(
    place: EntryPlace, *, findings: tuple[Finding, ...], confirmations: tuple[Confirmation, ...]
) -> tuple[Put, ...]:
    """The queries of edit checks on an entry that is complete, brought to its findings.

    What was confirmed, and what is found no more, closes its query; questions of consistency wait
    until they are asked again.
    """
    subject, form, key = place.row_key
    asked = Query.objects.filter(subject=subject, form=form, key=key).exclude(code="")
    rows = {automatic(row).key: row for row in asked if row.code not in _WHOLE_TRIAL}
    deeds = reconcile(
        findings,
        queries=[automatic(row) for row in rows.values()],
        complete={place.entry},
        confirmed={place.entry: confirmations},
    )
    return tuple(_close(rows[deed.key]) for deed in deeds if deed.verb is Verb.CLOSE_QUERY)


def automatic(row: Query) -> AutomaticQuery:
    """A query of the program as the rules of queries know it."""
    return AutomaticQuery(
        key=QueryKey(entry=place_of_query(row).entry, item=row.item, code=row.code),
        state=QueryState(row.state),
        found=row.found,
        closed_by_program=row.closed_by == PROGRAM,
    )


def put_of(deed: QueryDeed, *, rows: Mapping[QueryKey, Query], number: int, at: datetime) -> Put:
    """The row of a query after a deed of the program; `number` is for one that is new."""
    row = rows.get(deed.key)
    if deed.verb is Verb.CLOSE_QUERY:
        return _close(rows[deed.key])
    told: dict[str, Plain] = {
        "text": deed.text, "found": deed.found, "severity": deed.severity.value, "closed_by": "",
    }  # fmt: skip
    if row is not None:
        is_asked_again = deed.verb is Verb.REOPEN_QUERY
        state = QueryState.REOPENED.value if is_asked_again else row.state
        return Put(table="query", key=(str(row.number),), values=told | {"state": state})
    form, *key = deed.key.entry.split("/")[1:]
    told |= {"subject": deed.subject, "form": form, "key": key[0] if key else ""}
    told |= {"item": deed.key.item, "code": deed.key.code, "state": QueryState.OPEN.value}
    told |= {"opened_by": PROGRAM, "opened_at": plain(at)}
    return Put(table="query", key=(str(number),), values=told)


def _close(row: Query) -> Put:
    values: dict[str, Plain] = {"state": QueryState.CLOSED.value, "closed_by": PROGRAM}
    return Put(table="query", key=(str(row.number),), values=values)
