"""The ledger: lines that are only ever added, each bound to the one before by a digest."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from equipoise.store.models import LedgerLine
from equipoise.vocab.finding import Finding

GENESIS = "0" * 64  # what the first line has before it
TRIAL_LOCK = 0x65717569  # one lock for all deeds of a trial: a database holds one trial
_FIELDS = tuple(field.name for field in LedgerLine._meta.concrete_fields)
_CANONICAL = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it is read; `at` is an instant in UTC, `content` canonical JSON."""

    number: int
    at: datetime
    actor: str
    role: str
    site: str
    verb: str
    subject: str
    request_id: str | None
    reason: str
    content: str
    protocol: str
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the ledger ends: the number, digest and instant of its last line."""

    number: int
    digest: str
    at: datetime


EMPTY = Head(number=0, digest=GENESIS, at=datetime(1970, 1, 1, tzinfo=UTC))


def canonical(value: Any) -> str:
    """The JSON of `value`, the same text for the same value."""
    return _CANONICAL.encode(value)


def instant(at: datetime) -> str:
    """An instant as it is written everywhere: UTC, microseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def digest_of(line: Line) -> str:
    """The SHA-256 of the digest before and of every field of the line."""
    said = [
        line.previous, line.number, instant(line.at), line.actor, line.role, line.site, line.verb,
        line.subject, line.request_id, line.reason, line.content, line.protocol,
    ]  # fmt: skip
    return hashlib.sha256(canonical(said).encode("utf-8")).hexdigest()


def take_trial_lock() -> None:
    """Waits until no other deed is under way; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TRIAL_LOCK])


def read_head() -> Head:
    """The end of the ledger."""
    last = LedgerLine.objects.order_by("-number").values_list("number", "digest", "at").first()
    return EMPTY if last is None else Head(number=last[0], digest=last[1], at=last[2])


def append(line: Line) -> None:
    """Adds the line; the caller holds the lock and has read the head under it."""
    LedgerLine.objects.create(**asdict(line))


def append_all(lines: Iterable[Line]) -> None:
    """Adds the lines, which follow each other; the caller as for `append`."""
    into = f"COPY ledger_line ({', '.join(_FIELDS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for line in lines:
            copy.write_row([getattr(line, name) for name in _FIELDS])


def read_lines(
    *, after: int = 0, upto: int | None = None, subject: str | None = None
) -> Iterator[Line]:
    """The lines in order (those about a subject), a few thousand at a time."""
    found = LedgerLine.objects.filter(number__gt=after).order_by("number")
    if subject is not None:
        found = found.filter(subject=subject)
    if upto is not None:
        found = found.filter(number__lte=upto)
    texts = found.annotate(instant=Cast("at", TextField()))  # as a text it is read much faster
    names = ["instant" if name == "at" else name for name in _FIELDS]
    for row in texts.values_list(*names).iterator(chunk_size=5000):
        told = dict(zip(_FIELDS, row, strict=True))
        yield Line(**{**told, "at": datetime.fromisoformat(told["at"])})


def find_line(request_id: str) -> Line | None:
    """The line that answered the request, if there is one."""
    row = LedgerLine.objects.filter(request_id=request_id).values_list(*_FIELDS).first()
    return None if row is None else Line(**dict(zip(_FIELDS, row, strict=True)))


def find_lines(request_ids: Iterable[str]) -> dict[str, Line]:
    """The lines that answered these requests, by request id; nothing for an empty one."""
    asked = [request_id for request_id in request_ids if request_id]
    rows = LedgerLine.objects.filter(request_id__in=asked).values_list(*_FIELDS) if asked else ()
    lines = (Line(**dict(zip(_FIELDS, row, strict=True))) for row in rows)
    return {str(line.request_id): line for line in lines}


def check_line(line: Line, *, before: Head) -> Finding | None:
    """What is wrong with a line that should follow `before`; None when it is sound."""
    if line.number != before.number + 1:
        words = f"line {before.number + 1} is missing: line {line.number} follows {before.number}"
        return tell(line.number, code="ledger-gap", message=words)
    if line.previous != before.digest:
        return tell(line.number, code="ledger-unlinked", message="does not follow the line before")
    if digest_of(line) != line.digest:
        return tell(line.number, code="ledger-changed", message="is not what was written")
    if line.at < before.at:
        return tell(line.number, code="ledger-clock", message="is earlier than the line before")
    return None


def check_chain(lines: Iterable[Line]) -> Iterator[Finding]:
    """Every breach of the chain, line by line."""
    before = EMPTY
    for line in lines:
        found = check_line(line, before=before)
        if found is not None:
            yield found
        before = Head(number=line.number, digest=line.digest, at=line.at)


def tell(number: int, *, code: str, message: str) -> Finding:
    """A finding about a line of the ledger."""
    return Finding(
        where=f"ledger line {number}",
        code=code,
        message=message,
        mend="Compare with the last backup, and find out who had the owner's role.",
    )
