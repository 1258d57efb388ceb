"""The gate for thousands of new entries at once: the same lines and rows, in few statements."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from django.db import transaction
from django.db.models import Model

from equipoise.store.deed import Decision, Done, Place, Put
from equipoise.store.gate import (
    Request,
    answer_again,
    build_line,
    check_request,
    done_of,
    role_at,
    standing_site,
)
from equipoise.store.ledger import Head, append_all, find_lines, read_head, take_trial_lock
from equipoise.store.tables import TABLES, build_row, row_values

Rows = dict[str, list[Model]]
FindStanding = Callable[[Request], tuple[str, str]]


def perform_new(
    asked: Sequence[tuple[Request, Decision]], *, find_standing: FindStanding | None = None
) -> list[Done]:
    """Carries out deeds that only make rows that are not there: all, or none.

    One after the other as `perform` would, with the same lines; the caller has decided each, under
    the lock of the trial. A request id seen before answers as it did then. `find_standing` is what
    `remember_standings` gave for calls in one transaction in which no role changes.
    """
    rows: Rows = {}
    lines, done = [], []
    with transaction.atomic(savepoint=False):
        take_trial_lock()
        head, standing_of = read_head(), find_standing or remember_standings()
        known = find_lines([request.deed.request_id for request, _ in asked])
        for request, decision in asked:
            check_request(request)
            if before := known.get(request.deed.request_id):
                done.append(answer_again(before, request=request))
                continue
            standing = standing_of(request)
            write = partial(_make, rows)
            line = build_line(request, decision=decision, head=head, standing=standing, write=write)
            lines.append(line)
            done.append(done_of(line))
            head = Head(number=line.number, digest=line.digest, at=line.at)
        for name, made in rows.items():
            TABLES[name].model._default_manager.bulk_create(made, batch_size=1000)
        append_all(lines)
    return done


def remember_standings() -> FindStanding:
    """What tells site and role of a request, asked once for each actor, verb, site and form."""
    find_site = cache(lambda subject, site: standing_site(Place(subject=subject, site=site)))
    roles: dict[tuple[str, ...], str] = {}

    def standing_of(request: Request) -> tuple[str, str]:
        place = request.place
        site = find_site(place.subject, place.site)
        who = (request.deed.actor, request.verb.value, site, place.form)
        if who not in roles:
            roles[who] = role_at(request, site=site)
        return site, roles[who]

    return standing_of


def _make(rows: Rows, put: Put) -> dict[str, Any]:
    """The row that the deed makes, kept for the end; tells each value as [nothing, new]."""
    table = TABLES[put.table]
    row = build_row(table, key=put.key, values=put.values, apart=put.apart)
    rows.setdefault(put.table, []).append(row)
    told = row_values(table, row=row)
    return {
        "table": put.table,
        "key": list(put.key),
        "values": {
            name: [None, value] for name, value in sorted(told.items()) if value is not None
        },
    }
