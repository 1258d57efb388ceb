"""The one gate for writing: a deed is permission, decision, rows and one ledger line, or nothing.

All deeds of a trial pass one after the other, under one lock of the database. Many deeds become
one transaction inside `transaction.atomic()`: then all of them stand, or none.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.ledger import (
    Head,
    Line,
    append,
    canonical,
    digest_of,
    find_line,
    instant,
    read_head,
    take_trial_lock,
)
from equipoise.store.models import Site, Subject
from equipoise.store.permission import require_role, say
from equipoise.store.protocol_read import read_form
from equipoise.store.refusals import (
    ReasonMissingError,
    RequestReusedError,
    TextRefusedError,
    UnknownError,
)
from equipoise.store.tables import TABLES, find_row, row_values, write_row

Decide = Callable[[datetime], Decision]
# D7.5, ICH E6(R3) 4.2.2: what was complete, decided or given changes only with a reason.
REASONED = frozenset(
    {
        Verb.CHANGE_FORM,
        Verb.DELETE_ENTRY,
        Verb.CORRECT_STRATUM,
        Verb.UNVERIFY,
        Verb.UNFREEZE,
        Verb.UNLOCK,
    }
)


def perform(
    verb: Verb, *, deed: Deed, place: Place, asked: Mapping[str, Any], decide: Decide
) -> Done:
    """Carries out a deed; `decide` is asked under the lock, with the instant that counts.

    `asked` is the request as plain values: a request id seen before answers as it did then, and
    RequestReusedError tells one that asks for something else.
    """
    _check_texts((asked, deed.actor, deed.reason, deed.request_id, place.subject, place.site))
    if verb in REASONED and not deed.reason.strip():
        raise ReasonMissingError(f"say why: without a reason nobody may {say(verb)}")
    fingerprint = hashlib.sha256(canonical([verb, asked]).encode("utf-8")).hexdigest()
    with transaction.atomic(savepoint=False):
        take_trial_lock()
        before = find_line(deed.request_id) if deed.request_id else None
        if before is not None:
            return _answer_again(before, deed=deed, asked=fingerprint)
        site = _site_of(place)
        form = read_form(place.form, site=site) if place.form else None
        role = require_role(deed.actor, verb=verb, site=site, form=form)
        head = read_head()
        decision = decide(max(deed.at, head.at))
        content = _build_content(decision, deed=deed, head=head, asked=fingerprint)
        where = Place(site=site, subject=place.subject or decision.subject)
        line = _build_line(verb, deed=deed, head=head, place=where, role=role)
        return _record(
            replace(line, content=canonical(content), protocol=decision.protocol), content
        )


def _site_of(place: Place) -> str:
    """The site where the deed takes place; UnknownError when subject or site is unknown."""
    if place.subject:
        site = Subject.objects.filter(number=place.subject).values_list("site", flat=True).first()
        if site is None:
            raise UnknownError(f"there is no subject {place.subject}: look at the list of subjects")
        return site
    if place.site and not Site.objects.filter(code=place.site).exists():
        raise UnknownError(f"there is no site {place.site}: look at the list of sites")
    return place.site


def _answer_again(line: Line, *, deed: Deed, asked: str) -> Done:
    content = json.loads(line.content)
    if line.actor != deed.actor or content["asked"] != asked:
        raise RequestReusedError(
            "this request was sent before with other content: load the page again and repeat it"
        )
    return Done(line=line.number, digest=line.digest, answer=content["answer"])


def _build_content(decision: Decision, *, deed: Deed, head: Head, asked: str) -> dict[str, Any]:
    """What the line tells; the rows are written on the way, from exactly these changes."""
    content: dict[str, Any] = {
        "answer": dict(decision.answer),
        "asked": asked,
        "changes": [change for put in decision.puts if (change := _write(put)) is not None],
        "note": dict(decision.note),
    }
    if deed.at < head.at:  # a clock that went back is told, not believed
        content["clock"] = instant(deed.at)
    return content


def _write(put: Put) -> dict[str, Any] | None:
    """Brings a row to what is asked, and tells each value that changed as [old, new]."""
    table = TABLES[put.table]
    row = find_row(table, key=put.key)
    old = row_values(table, row=row) if row is not None else {}
    asked = {name: value for name, value in put.values.items() if value != old.get(name)}
    if row is not None and not asked and not put.apart:
        return None
    new = write_row(table, row=row, key=put.key, values=asked, apart=put.apart)
    names = sorted({*old, *new})
    changed = {n: [old.get(n), new.get(n)] for n in names if old.get(n) != new.get(n)}
    return {"table": put.table, "key": list(put.key), "values": changed}


def _build_line(verb: Verb, *, deed: Deed, head: Head, place: Place, role: str) -> Line:
    return Line(
        number=head.number + 1,
        at=max(deed.at, head.at),
        actor=deed.actor,
        role=role,
        site=place.site,
        verb=verb.value,
        subject=place.subject,
        request_id=deed.request_id or None,
        reason=deed.reason,
        content="",
        protocol="",
        previous=head.digest,
        digest="",
    )


def _record(line: Line, content: Mapping[str, Any]) -> Done:
    sealed = replace(line, digest=digest_of(line))
    append(sealed)
    return Done(line=sealed.number, digest=sealed.digest, answer=content["answer"])


def _check_texts(asked: Any) -> None:
    """TextRefusedError for a text that PostgreSQL or UTF-8 cannot hold."""
    if isinstance(asked, Mapping):
        _check_texts((*asked.keys(), *asked.values()))
    elif isinstance(asked, list | tuple):
        for part in asked:
            _check_texts(part)
    elif isinstance(asked, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in asked):
        raise TextRefusedError("a text holds a character that cannot be kept: type it again")
