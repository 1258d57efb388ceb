"""The clocks of serious adverse events: a report in 24 hours, the authority in 7 or 15 days.

Whether an event is a suspected unexpected serious reaction, and how many days the authority is
given, are derived items of the protocol; here they meet the clock of the site.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from equipoise.capture.derived_items import complete_some, order_derived
from equipoise.capture.lifecycle import FormState
from equipoise.protocol.model import Protocol
from equipoise.store import models
from equipoise.store.entry_place import place_of, written_entry
from equipoise.store.read_entries import frame_written
from equipoise.web.shell.places import entry_address

EVENT, REPORT = "ae", "sae"
_NEEDED = {
    "record",
    "aware_date",
    "aware_time",
    "reported_date",
    "authority_days",
    "authority_date",
}
_YES = ("Y", "y", "yes", "true")  # as a page, a file or a person writes it
REPORT_HOURS = 24  # ICH E2A, D7.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Something about a serious event that is to be done by an instant.

    `kind`: `enter` (no report of the event yet), `report` (24 hours), `authority` (7 or 15 days).
    `due_at` is None where nobody has said when the site knew.
    """

    subject: str
    site: str
    record: str
    kind: str
    due_at: datetime | None
    is_overdue: bool
    address: str
    days: int | None = None


def has_clocks(protocol: Protocol) -> bool:
    """Whether the protocol has the forms and items by which the clocks run."""
    forms = {form.form: {item.name for item in form.item} for form in protocol.form}
    return EVENT in forms and forms.get(REPORT, set()) >= _NEEDED


def list_clocks(
    subjects: QuerySet[models.Subject], protocol: Protocol, *, now: datetime
) -> list[Clock]:
    """What still runs, the most urgent first; three queries for any number of subjects."""
    if not has_clocks(protocol):
        return []
    places = dict(subjects.values_list("number", "site_id"))
    zones = dict(models.Site.objects.values_list("code", "time_zone"))
    events, reports = _read_rows(subjects)
    rows = _derive(events, reports, protocol)
    reported = {(row.subject_id, row.key) for row in reports}
    found = [
        _missing(row, site=places[row.subject_id])
        for row in events
        if (row.subject_id, row.key) not in reported
    ]
    for row in rows:
        site = places[row["subject"]]
        found += clocks_of_report(row, site=site, zone=ZoneInfo(zones[site]), now=now)
    return sorted(found, key=lambda c: (c.due_at is not None, c.due_at or now, c.subject, c.record))


def _read_rows(
    subjects: QuerySet[models.Subject],
) -> tuple[list[models.FormEntry], list[models.FormEntry]]:
    """The serious events, and every report of one."""
    rows = models.FormEntry.objects.filter(subject__in=subjects)
    rows = rows.exclude(state=FormState.NOT_STARTED)
    serious = Q(form=EVENT, values__serious__in=_YES)
    both = rows.filter(serious | Q(form=REPORT)).order_by("subject", "form", "key")
    events = [row for row in both if row.form == EVENT]
    return events, [row for row in both if row.form == REPORT]


def _derive(
    events: Iterable[models.FormEntry], reports: Iterable[models.FormEntry], protocol: Protocol
) -> Iterator[Mapping[str, Any]]:
    """The reports with what the protocol derives of them, all in one pass."""
    rows = [written_entry(place_of(row), values=row.values) for row in (*events, *reports)]
    read = frame_written(rows, protocol)
    needed = [place for place in order_derived(protocol) if place[0] in (EVENT, REPORT)]
    done = complete_some(read.frames, protocol, places=needed)
    return done[REPORT].iter_rows(named=True)


def _missing(row: models.FormEntry, *, site: str) -> Clock:
    return Clock(
        subject=row.subject_id,
        site=site,
        record=row.key,
        kind="enter",
        due_at=None,
        is_overdue=False,
        address=entry_address(row.subject_id, REPORT, row.key),
    )


def clocks_of_report(
    row: Mapping[str, Any], *, site: str, zone: ZoneInfo, now: datetime
) -> Iterator[Clock]:
    """What still runs for one report, given with its derived items; `zone` is that of the site."""
    aware = row["aware_date"]
    if aware is None:
        return
    days = row["authority_days"]
    due = {}
    if row["reported_date"] is None:
        due["report"] = _report_due(aware, at=row["aware_time"], zone=zone)
    if days is not None and row["authority_date"] is None:
        due["authority"] = _end_of(aware + timedelta(days=days), zone=zone)
    for kind, instant in due.items():
        yield Clock(
            subject=row["subject"],
            site=site,
            record=str(row["record"]),
            kind=kind,
            due_at=instant,
            is_overdue=now > instant,
            address=entry_address(row["subject"], REPORT, str(row["record"])),
            days=days if kind == "authority" else None,
        )


def _report_due(aware: date, *, at: str | None, zone: ZoneInfo) -> datetime:
    """24 hours after the site knew; where nobody said the hour, the end of the next day."""
    if at is None:
        return _end_of(aware + timedelta(days=1), zone=zone)
    knew = datetime.combine(aware, time.fromisoformat(at), tzinfo=zone).astimezone(UTC)
    return knew + timedelta(hours=REPORT_HOURS)  # hours that pass, whatever clocks are set to


def _end_of(day: date, *, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59), tzinfo=zone)
