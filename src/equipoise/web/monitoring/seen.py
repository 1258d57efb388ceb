"""What a forecast is made from: who came when and where, and how each is followed; no arm."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Min, QuerySet

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState
from equipoise.design.planned_openings import plan_openings
from equipoise.protocol.model import Protocol
from equipoise.store.models import Allocation, Approval, FormEntry, Site, Subject
from equipoise.store.read_telling import entries_in
from equipoise.vocab.partial_date import parse_partial_date

EVENT, LEFT, FOLLOWED = "event", "left", "followed"
_SOURCES = {"rs", "dth"}  # what tells progression, as the investigator saw it, or death


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A subject's days since randomisation, the first counted, and how they end."""

    days: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that a forecast knows: days of randomisation by site, follow-up, today.

    `closed` are the days at sites that randomise no more; `waiting` the days since when open sites
    have been without a subject; `opening` those on which further sites will open.
    """

    today: date
    sites: tuple[tuple[date, ...], ...]
    follow_up: tuple[FollowUp, ...]
    closed: tuple[tuple[date, ...], ...] = ()
    waiting: tuple[date, ...] = ()
    opening: tuple[date, ...] = ()

    @property
    def days(self) -> list[date]:
        """The days of randomisation in order."""
        return sorted(day for own in (*self.sites, *self.closed) for day in own)

    @property
    def events(self) -> int:
        """How many had the event."""
        return sum(each.status == EVENT for each in self.follow_up)


def read_seen(
    subjects: QuerySet[Subject],
    *,
    days: Mapping[str, list[date]],
    hidden: Telling,
    protocol: Protocol,
    today: date,
) -> Seen:
    """What complete forms tell of progression, death and leaving, without those kept from a reader.

    Follow-up is empty where a form that tells the event is one of these.
    """
    follow_up: list[FollowUp] = []
    if not hidden.forms & _SOURCES:
        told = _read_dates(subjects, hidden, protocol, today)
        arms = Allocation.objects.filter(subject__in=subjects).values_list("subject_id", "at")
        follow_up = [_follow(at.date(), told.get(who, {}), today) for who, at in sorted(arms)]
    return replace(_read_sites(days, protocol=protocol, today=today), follow_up=tuple(follow_up))


def _read_sites(days: Mapping[str, list[date]], *, protocol: Protocol, today: date) -> Seen:
    """Who came where; a site without subjects is open from its first approved protocol on.

    What of the planned sites has no approval yet opens as the protocol plans.
    """
    is_open = dict(Site.objects.filter(code__in=days).values_list("code", "is_open"))
    approvals = Approval.objects.filter(site__in=days).values_list("site")
    since: dict[str, date] = dict(approvals.annotate(first=Min("from_date")))
    came = {code: tuple(sorted(own)) for code, own in sorted(days.items()) if own}
    idle = [since[code] for code in sorted(since) if code not in came and is_open[code]]
    first = min((day for own in came.values() for day in own), default=today)
    known = len({*came, *since})
    planned = plan_openings(protocol.operations.accrual, known=known, first_date=first, today=today)
    return Seen(
        today=today,
        sites=tuple(own for code, own in came.items() if is_open[code]),
        closed=tuple(own for code, own in came.items() if not is_open[code]),
        waiting=tuple(day for day in idle if day <= today),
        opening=tuple(sorted([*(day for day in idle if day > today), *planned])),
        follow_up=(),
    )


def _read_dates(
    subjects: QuerySet[Subject], hidden: Telling, protocol: Protocol, today: date
) -> dict[str, dict[str, list[date]]]:
    """The dates of each subject's complete forms: of events, of leaving, of anything else.

    A date whose day is unknown counts as the first that it can be.
    """
    items = {form.form: form.date_item for form in protocol.form if form.date_item}
    rows = FormEntry.objects.filter(subject__in=subjects, form__in=items.keys())
    rows = rows.exclude(state__in=(FormState.NOT_STARTED, FormState.DRAFT))
    found: dict[str, dict[str, list[date]]] = {}
    for subject, form, values in rows.exclude(entries_in(hidden)).values_list(
        "subject_id", "form", "values"
    ):
        try:
            day = parse_partial_date(values.get(items[form]) or "").earliest
        except ValueError:  # missing
            continue
        is_event = form == "dth" or (form == "rs" and values.get("overall") == "PD")
        kind = EVENT if is_event else LEFT if form == "eos" else FOLLOWED
        if day <= today:
            found.setdefault(subject, {}).setdefault(kind, []).append(day)
    return found


def _follow(randomised: date, told: Mapping[str, list[date]], today: date) -> FollowUp:
    """Up to the event, to leaving, or to the last form; nobody is followed for less than a day."""
    if EVENT in told:
        until, status = min(told[EVENT]), EVENT
    elif LEFT in told:
        until, status = min(told[LEFT]), LEFT
    else:
        until, status = min(max([randomised, *told.get(FOLLOWED, [])]), today), FOLLOWED
    return FollowUp(days=max((until - randomised).days + 1, 1), status=status)
