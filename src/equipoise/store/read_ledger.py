"""The ledger browsed: the lines that were asked for, of the sites of the reader."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from equipoise.capture.blinding import Telling
from equipoise.store.ledger import Line
from equipoise.store.models import LedgerLine
from equipoise.store.read_trail import tell_line

_FIELDS = tuple(field.name for field in fields(Line))
_TEXTS = "texts"  # of a protocol version: they tell what sites never see


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesWanted:
    """Which lines are asked for; what is empty is not asked. Days are of the reader's zone."""

    subject: str = ""
    verb: str = ""
    actor: str = ""
    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSight:
    """What a reader may see: the sites (None: all), and the texts of the protocol.

    `hidden` is what tells the arm where he may not know it; None for who may.
    """

    sites: frozenset[str] | None
    hidden: Telling | None
    with_texts: bool
    zone: ZoneInfo


def select_lines(wanted: LinesWanted, *, sight: LedgerSight) -> QuerySet[LedgerLine]:
    """The lines asked for, the newest first; who sees one site sees the lines of that site."""
    asked: dict[str, Any] = {
        "subject": wanted.subject, "verb": wanted.verb, "actor": wanted.actor,
        "at__gte": _start(wanted.from_date, sight.zone),
        "at__lt": _start(wanted.to_date, sight.zone, days=1),
    }  # fmt: skip
    found = LedgerLine.objects.filter(**{name: value for name, value in asked.items() if value})
    if sight.sites is not None:
        found = found.filter(site__in=sight.sites)
    return found.order_by("-number")


def _start(day: date | None, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days), time(), tzinfo=zone)


def tell_row(row: LedgerLine, *, sight: LedgerSight) -> dict[str, Any]:
    """A line as plain values, without what the reader may not know."""
    line = Line(**{name: getattr(row, name) for name in _FIELDS})
    told = tell_line(line, hidden=sight.hidden)
    if not sight.with_texts:
        for change in told["content"]["changes"]:
            change["values"].pop(_TEXTS, None)
    return told


def tell_rows(rows: QuerySet[LedgerLine], *, sight: LedgerSight) -> Iterator[dict[str, Any]]:
    """The lines told one by one, however many there are."""
    for row in rows.iterator(chunk_size=2000):
        yield tell_row(row, sight=sight)
