"""The one gate for writing: a deed is permission, decision, rows and one ledger line, or nothing.

All deeds of a trial pass one after the other, under one lock of the database. Many deeds become
one transaction inside `transaction.atomic()`: then all of them stand, or none.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from equipoise.capture.roles import Verb
from equipoise.protocol.form_model import Form
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
from equipoise.store.models import Site
from equipoise.store.permission import require_role, say
from equipoise.store.protocol_read import read_form
from equipoise.store.refusals import (
    ReasonMissingError,
    RequestReusedError,
    TextRefusedError,
    UnknownError,
)
from equipoise.store.site_day import site_of
from equipoise.store.tables import TABLES, find_row, row_values, write_row

Decide = Callable[[datetime], Decision]
Write = Callable[[Put], dict[str, Any] | None]
_NOT_KEPT = re.compile("[\0\ud800-\udfff]")  # PostgreSQL holds no null, UTF-8 no half of a pair
# D7.5, ICH E6(R3) 4.2.2: what was complete, decided or given changes only with a reason.
REASONED = frozenset(
    {
        Verb.CHANGE_FORM,
        Verb.DELETE_ENTRY,
        Verb.MIGRATE_ENTRIES,
        Verb.CORRECT_STRATUM,
        Verb.UNVERIFY,
        Verb.UNFREEZE,
        Verb.UNLOCK,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the gate: `asked` is the request as plain values."""

    verb: Verb
    deed: Deed
    place: Place
    asked: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """The digest by which a request sent again is known."""
        return hashlib.sha256(canonical([self.verb, self.asked]).encode("utf-8")).hexdigest()


def perform(
    verb: Verb, *, deed: Deed, place: Place, asked: Mapping[str, Any], decide: Decide
) -> Done:
    """Carries out a deed; `decide` is asked under the lock, with the instant that counts.

    `asked` is the request as plain values: a request id seen before answers as it did then, and
    RequestReusedError tells one that asks for something else.
    """
    request = Request(verb=verb, deed=deed, place=place, asked=asked)
    check_request(request)
    with transaction.atomic(savepoint=False):
        take_trial_lock()
        before = find_line(deed.request_id) if deed.request_id else None
        if before is not None:
            return answer_again(before, request=request)
        site = standing_site(place)
        role = role_at(request, site=site)
        head = read_head()
        decision = decide(max(deed.at, head.at))
        line = build_line(
            request, decision=decision, head=head, standing=(site, role), write=_write
        )
        append(line)
        return done_of(line)


def check_request(request: Request) -> None:
    """TextRefusedError for a text that cannot be kept, ReasonMissingError where one is owed."""
    deed, place = request.deed, request.place
    _check_texts(
        (request.asked, deed.actor, deed.reason, deed.request_id, place.subject, place.site)
    )
    if request.verb in REASONED and not deed.reason.strip():
        raise ReasonMissingError(f"say why: without a reason nobody may {say(request.verb)}")


def role_at(request: Request, *, site: str) -> str:
    """The role under which the request is carried out; NotAllowedError when no role allows it."""
    form = _form_at(request, site=site) if request.place.form else None
    return require_role(request.deed.actor, verb=request.verb, site=site, form=form)


def _form_at(request: Request, *, site: str) -> Form:
    return read_form(request.place.form, site=site, now=request.deed.at)


def standing_site(place: Place) -> str:
    """The site where the deed takes place; UnknownError when subject or site is unknown."""
    if place.subject:
        return site_of(place.subject)
    if place.site and not Site.objects.filter(code=place.site).exists():
        raise UnknownError(f"there is no site {place.site}: look at the list of sites")
    return place.site


def answer_again(line: Line, *, request: Request) -> Done:
    """The answer of a request that was done; RequestReusedError when it asks for other things."""
    asked = json.loads(line.content)["asked"]
    if line.actor != request.deed.actor or asked != request.fingerprint:
        raise RequestReusedError(
            "this request was sent before with other content: load the page again and repeat it"
        )
    return done_of(line)


def done_of(line: Line) -> Done:
    """The deed that the line tells."""
    return Done(line=line.number, digest=line.digest, answer=json.loads(line.content)["answer"])


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


def build_line(
    request: Request, *, decision: Decision, head: Head, standing: tuple[str, str], write: Write
) -> Line:
    """The line that tells the deed; `standing` is the site where and the role under which.

    The rows are written on the way by `write`, and the line tells exactly these changes.
    """
    deed, (site, role) = request.deed, standing
    content: dict[str, Any] = {
        "answer": dict(decision.answer),
        "asked": request.fingerprint,
        "changes": [change for put in decision.puts if (change := write(put)) is not None],
        "note": dict(decision.note),
    }
    if deed.at < head.at:  # a clock that went back is told, not believed
        content["clock"] = instant(deed.at)
    line = Line(
        number=head.number + 1,
        at=max(deed.at, head.at),
        actor=deed.actor,
        role=role,
        site=site,
        verb=request.verb.value,
        subject=request.place.subject or decision.subject,
        request_id=deed.request_id or None,
        reason=deed.reason,
        content=canonical(content),
        protocol=decision.protocol,
        previous=head.digest,
        digest="",
    )
    return replace(line, digest=digest_of(line))


def _check_texts(asked: Any) -> None:
    """TextRefusedError for a text that PostgreSQL or UTF-8 cannot hold."""
    if isinstance(asked, Mapping):
        _check_texts((*asked.keys(), *asked.values()))
    elif isinstance(asked, list | tuple):
        for part in asked:
            _check_texts(part)
    elif isinstance(asked, str) and _NOT_KEPT.search(asked):
        raise TextRefusedError("a text holds a character that cannot be kept: type it again")
