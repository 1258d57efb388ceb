"""Accrual against the plan of the protocol, by month and by site; no arm is read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from equipoise.protocol.model import Protocol
from equipoise.store.models import Allocation, Site, Subject

_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """A month: who was randomised in it, up to its end, and how many the plan expects by then."""

    month: str
    randomised: int
    in_all: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site: its subjects, those randomised, and the day of the last one."""

    site: str
    name: str
    screened: int
    randomised: int
    last_date: date | None


def planned_by(day: date, *, protocol: Protocol, first_date: date) -> int:
    """The subjects that the plan expects by a day, had the first site opened on `first_date`."""
    plan = protocol.operations.accrual
    months = (day - first_date).days / _MONTH_DAYS
    opened = (max(months - place * plan.activation_months, 0) for place in range(plan.sites))
    return min(round(plan.rate_per_month * sum(opened)), protocol.randomisation.planned_subjects)


def list_sites(subjects: QuerySet[Subject], *, sites: list[Site]) -> list[SiteRow]:
    """The sites with their subjects."""
    screened = Counter(subjects.values_list("site_id", flat=True))
    days = read_days(subjects, sites=sites)
    return [
        SiteRow(
            site=site.code,
            name=site.name,
            screened=screened[site.code],
            randomised=len(days[site.code]),
            last_date=max(days[site.code], default=None),
        )
        for site in sites
    ]


def read_days(subjects: QuerySet[Subject], *, sites: list[Site]) -> Mapping[str, list[date]]:
    """The days of randomisation by site, each in the time zone of its site."""
    zones = {site.code: ZoneInfo(site.time_zone) for site in sites}
    days: dict[str, list[date]] = {code: [] for code in zones}
    rows = Allocation.objects.filter(subject__in=subjects).values_list("subject__site", "at")
    for site, at in rows:
        days[site].append(at.astimezone(zones[site]).date())
    return days


def list_months(days: list[date], *, protocol: Protocol, now: datetime) -> list[MonthRow]:
    """Every month from the first randomisation to now, the newest first."""
    if not days:
        return []
    counts = Counter(day.replace(day=1) for day in days)
    rows, in_all = [], 0
    for month in _months(min(counts), max(now.date(), *days)):
        in_all += counts[month]
        planned = planned_by(_after(month), protocol=protocol, first_date=min(days))
        rows.append(
            MonthRow(
                month=month.strftime("%Y-%m"),
                randomised=counts[month],
                in_all=in_all,
                planned=planned,
            )
        )
    return rows[::-1]


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = _after(first)


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
