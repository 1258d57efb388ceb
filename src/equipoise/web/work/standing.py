"""How each subject stands: what is owed at its visits, kept until something of it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from equipoise.capture.blinding import Telling
from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import Held, Owed, PlannedVisit, build_schedule
from equipoise.protocol.model import Protocol
from equipoise.store.circumstances import circumstances_of, read_held
from equipoise.store.models import LedgerLine, Site, Subject
from equipoise.store.protocol_read import read_approved, read_version
from equipoise.store.read_telling import read_telling
from equipoise.vocab.ids import EntryId

_OPEN = (Owed.OVERDUE, Owed.DUE, Owed.STARTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A subject and what is open: visits with the cells that are due, started or overdue.

    `drafts` are the entries not complete yet of forms that no such cell holds, as (form, entry).
    """

    subject: str
    site: str
    fingerprint: str
    today: date
    visits: tuple[PlannedVisit, ...]
    drafts: tuple[tuple[str, EntryId], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a standing was made of; while all of it is the same, so is the standing."""

    head: str
    protocol: str
    today: date
    arm: str | None


# By subject, and whether the arm is told: a value of another stamp is replaced, so there are
# never more than two for each subject of the trial. The ledger says when one is out of date.
_kept: dict[tuple[str, bool], tuple[Stamp, Standing]] = {}


def read_standings(
    subjects: QuerySet[Subject], *, arms: Mapping[str, str] | None, now: datetime
) -> list[Standing]:
    """How the subjects stand now, in order of their numbers; `arms` None for who may not know them.

    A handful of queries for any number of subjects; only those changed since are looked at again.
    """
    stamps = _read_stamps(subjects, arms=arms, now=now)
    told = arms is not None
    telling = Telling() if told else Telling(visits=read_telling().visits)
    stale = {
        number: stamp
        for number, (_, stamp) in stamps.items()
        if not stamp.head or (kept := _kept.get((number, told))) is None or kept[0] != stamp
    }
    for fingerprint in sorted({stamp.protocol for stamp in stale.values()}):
        own = {n: stamp for n, stamp in stale.items() if stamp.protocol == fingerprint}
        protocol = read_version(fingerprint)
        for number, held in read_held(own, protocol).items():
            site, stamp = stamps[number]
            seen = [h for h in held if not telling.has_entry(h.entry.form, key=h.entry.key)]
            standing = _stand(number, seen, protocol=protocol, site=site, stamp=stamp)
            _kept[(number, told)] = (stamp, standing)
    return [_kept[(number, told)][1] for number in stamps]


def _read_stamps(
    subjects: QuerySet[Subject], *, arms: Mapping[str, str] | None, now: datetime
) -> dict[str, tuple[str, Stamp]]:
    newest = LedgerLine.objects.filter(subject=OuterRef("number")).order_by("-number")
    rows = list(
        subjects.annotate(head=Subquery(newest.values("digest")[:1]))
        .order_by("number")
        .values_list("number", "site_id", "head")
    )
    sites = {site for _, site, _ in rows}
    zones = dict(Site.objects.filter(code__in=sites).values_list("code", "time_zone"))
    days = {site: now.astimezone(ZoneInfo(zone)).date() for site, zone in zones.items()}
    approved = read_approved(sites)
    return {
        number: (
            site,
            Stamp(
                head=head or "",
                protocol=approved[site].at(now),
                today=days[site],
                arm=arms.get(number) if arms is not None else None,
            ),
        )
        for number, site, head in rows
    }


def _stand(
    number: str, held: list[Held], *, protocol: Protocol, site: str, stamp: Stamp
) -> Standing:
    given = circumstances_of(held, today=stamp.today, arm=stamp.arm)
    planned = build_schedule(held, protocol, given=given)
    visits = tuple(
        replace(visit, cells=cells)
        for visit in planned
        if (cells := tuple(cell for cell in visit.cells if cell.owed in _OPEN))
    )
    shown = {entry for visit in visits for cell in visit.cells for entry in cell.entries}
    return Standing(
        subject=number,
        site=site,
        fingerprint=stamp.protocol,
        today=stamp.today,
        visits=visits,
        drafts=tuple(
            (each.entry.form, each.entry.entry)
            for each in held
            if each.state is FormState.DRAFT and each.entry.entry not in shown
        ),
    )
