"""Queries read: which are open where and for how long, and what was said in each."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from equipoise.capture.blinding import Telling
from equipoise.capture.queries import QueryState
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_lines
from equipoise.store.models import Query
from equipoise.store.read_telling import queries_in

LIVE = (QueryState.OPEN, QueryState.ANSWERED, QueryState.REOPENED)
_AGES = (7, 30)  # days: up to a week, up to a month, longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a reader may see: the sites (None: all), and nothing of what tells him the arm."""

    sites: frozenset[str] | None
    hidden: Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which queries are asked for; what is empty is not asked. `by` is program or person."""

    state: str = "live"
    site: str = ""
    subject: str = ""
    form: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A query with its site, the days since it was opened, and where it stands."""

    query: Query
    site: str
    age_days: int

    @property
    def place(self) -> EntryPlace:
        """The entry that is asked about."""
        return place_of_query(self.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """The queries of a site that are not closed, by the days since they were opened."""

    site: str
    week: int
    month: int
    longer: int
    answered: int
    oldest_days: int

    @property
    def live(self) -> int:
        """All that are not closed."""
        return self.week + self.month + self.longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was done to a query, by whom and when, with the words of it."""

    line: int
    at: datetime
    actor: str
    role: str
    verb: str
    text: str
    reason: str


def place_of_query(query: Query) -> EntryPlace:
    """The entry that the query is about."""
    key = tuple(query.key.split(".")) if query.key else ()
    return EntryPlace(subject=query.subject_id, form=query.form, key=key)


def list_queries(wanted: Wanted, *, sight: Sight, now: datetime) -> list[Listed]:
    """The queries asked for that the reader may see, the oldest first."""
    found = Query.objects.select_related("subject").order_by("opened_at", "number")
    found = found.exclude(queries_in(sight.hidden))
    if sight.sites is not None:
        found = found.filter(subject__site__in=sight.sites)
    if wanted.state:
        states = LIVE if wanted.state == "live" else (wanted.state,)
        found = found.filter(state__in=states)
    asked = {"subject__site": wanted.site, "subject": wanted.subject, "form": wanted.form}
    found = found.filter(**{name: value for name, value in asked.items() if value})
    if wanted.by:
        found = found.filter(code="") if wanted.by == "person" else found.exclude(code="")
    return [
        Listed(query=query, site=query.subject.site_id, age_days=(now - query.opened_at).days)
        for query in found
    ]


def count_ages(listed: Collection[Listed]) -> list[Ageing]:
    """How old the queries that are not closed are, by site."""
    by_site: dict[str, list[Listed]] = {}
    for each in listed:
        if each.query.state != QueryState.CLOSED:
            by_site.setdefault(each.site, []).append(each)
    return [_age(site, own) for site, own in sorted(by_site.items())]


def _age(site: str, listed: list[Listed]) -> Ageing:
    counts = Counter(sum(each.age_days > limit for limit in _AGES) for each in listed)
    return Ageing(
        site=site,
        week=counts[0],
        month=counts[1],
        longer=counts[2],
        answered=sum(each.query.state == QueryState.ANSWERED for each in listed),
        oldest_days=max(each.age_days for each in listed),
    )


def read_said(query: Query) -> Iterator[Said]:
    """The deeds on a query, oldest first."""
    for line in read_lines(subject=query.subject_id):
        for change in json.loads(line.content)["changes"]:
            if change["table"] == "query" and change["key"] == [str(query.number)]:
                told = change["values"]
                words = (told.get(name, [None, None])[1] for name in ("answer", "text"))
                yield Said(
                    line=line.number,
                    at=line.at,
                    actor=line.actor,
                    role=line.role,
                    verb=line.verb,
                    text=next((str(text) for text in words if text), ""),
                    reason=line.reason,
                )
