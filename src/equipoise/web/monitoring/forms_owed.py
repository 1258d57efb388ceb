"""Forms that sites owe, and how soon forms are complete after what they tell."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from equipoise.capture.blinding import Telling
from equipoise.capture.roles import Verb, is_owed_by_site
from equipoise.capture.schedule import Owed
from equipoise.store.models import FormEntry, LedgerLine, Site, Subject
from equipoise.store.protocol_read import read_leading, read_version
from equipoise.store.read_telling import entries_in
from equipoise.web.work.standing import Standing, read_standings

TIMELY_DAYS = 90  # how far back timeliness looks
_LATE_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRow:
    """The forms that a site owes; `oldest_days` after the window of the oldest one closed."""

    site: str
    overdue: int
    due: int
    started: int
    oldest_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelyRow:
    """Forms completed lately at a site: days from the date of the entry to completion."""

    site: str
    forms: int
    median_days: float
    late: int
    longest_days: int


def list_owed(subjects: QuerySet[Subject], *, hidden: Telling, now: datetime) -> list[OwedRow]:
    """What each site owes; forms of one arm alone are left out, as they would tell it."""
    by_site: dict[str, list[Standing]] = {}
    for each in read_standings(subjects, arms=None, now=now):
        by_site.setdefault(each.site, []).append(each)
    return [_owed(site, own, hidden) for site, own in sorted(by_site.items())]


def _owed(site: str, standings: list[Standing], hidden: Telling) -> OwedRow:
    counts: Counter[Owed] = Counter()
    oldest = 0
    for each in standings:
        protocol = read_version(each.fingerprint)
        owing = {form.form for form in protocol.form if is_owed_by_site(form)} - hidden.forms
        owing -= {protocol.randomisation.form}  # the deed itself writes it
        counts[Owed.STARTED] += sum(form in owing for form, _ in each.drafts)
        for visit in each.visits:
            owed = [cell.owed for cell in visit.cells if cell.form in owing]
            counts.update(owed)
            if Owed.OVERDUE in owed and visit.window is not None:
                oldest = max(oldest, (each.today - visit.window.closes_date).days)
    return OwedRow(
        site=site,
        overdue=counts[Owed.OVERDUE],
        due=counts[Owed.DUE],
        started=counts[Owed.STARTED],
        oldest_days=oldest,
    )


def list_timely(
    subjects: QuerySet[Subject], *, sites: list[Site], hidden: Telling, now: datetime
) -> list[TimelyRow]:
    """How soon forms were complete at each site, of those completed in the last 90 days."""
    zones = {site.code: ZoneInfo(site.time_zone) for site in sites}
    since = now - timedelta(days=TIMELY_DAYS)
    lines = LedgerLine.objects.filter(
        verb=Verb.COMPLETE_FORM, at__gte=since, site__in=zones, subject__in=subjects
    )
    dates = _entry_dates(subjects, hidden, now)
    days: dict[str, list[int]] = {}
    for site, at, content in lines.values_list("site", "at", "content").iterator():
        for key in _completed(content):
            if key in dates:
                done = at.astimezone(zones[site]).date()
                days.setdefault(site, []).append((done - dates[key]).days)
    return [_timely(site, days[site]) for site in sorted(days)]


def _completed(content: str) -> Iterator[tuple[str, ...]]:
    for change in json.loads(content)["changes"]:
        if change["table"] == "form_entry":
            yield tuple(change["key"])


def _entry_dates(
    subjects: QuerySet[Subject], hidden: Telling, now: datetime
) -> dict[tuple[str, ...], date]:
    """The date of each entry that has a whole one, by subject, form and key."""
    items = {form.form: form.date_item for form in read_leading(now=now).form if form.date_item}
    rows = FormEntry.objects.filter(subject__in=subjects, form__in=items.keys())
    rows = rows.exclude(entries_in(hidden))
    told: dict[tuple[str, ...], date] = {}
    for subject, form, key, values in rows.values_list("subject_id", "form", "key", "values"):
        try:
            told[(subject, form, key)] = date.fromisoformat(values.get(items[form]) or "")
        except ValueError:  # partial, missing, or a draft that holds anything
            continue
    return told


def _timely(site: str, days: list[int]) -> TimelyRow:
    return TimelyRow(
        site=site,
        forms=len(days),
        median_days=median(days),
        late=sum(each > _LATE_DAYS for each in days),
        longest_days=max(days),
    )
