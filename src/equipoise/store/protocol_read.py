"""Versions of the protocol as values: which is in force at a site, and what its forms are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from equipoise.capture.one_entry import Reach, find_reach
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import ProtocolRefusedError, parse_protocol
from equipoise.store.models import Approval, ProtocolVersion
from equipoise.store.refusals import UnknownError


@lru_cache(maxsize=16)  # a version never changes: its fingerprint is what it says
def read_version(fingerprint: str) -> Protocol:
    """The protocol of that fingerprint; UnknownError when the trial has no such version."""
    texts = ProtocolVersion.objects.filter(pk=fingerprint).values_list("texts", flat=True).first()
    if texts is None:
        raise UnknownError(f"the trial has no protocol version {fingerprint[:12]}: upload it first")
    parsed = parse_protocol(texts)
    if parsed.protocol is None:
        raise ProtocolRefusedError(parsed.problems)
    return parsed.protocol


@lru_cache(maxsize=256)
def read_reach(fingerprint: str, *, form: str) -> Reach:
    """What the rules of a form can see, in a version."""
    protocol = read_version(fingerprint)
    return find_reach(protocol.form_named(form), protocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The versions that a site approved with their dates, the newest first, and its time zone."""

    site: str
    zone: ZoneInfo
    versions: tuple[tuple[date, str], ...]

    def at(self, now: datetime) -> str:
        """The version in force at the instant; UnknownError before the first."""
        return self.until(now)[0]

    def until(self, now: datetime) -> tuple[str, ...]:
        """The version in force at the instant and those before it, the newest first."""
        today = now.astimezone(self.zone).date()
        found = tuple(version for from_date, version in self.versions if from_date <= today)
        if not found:
            raise UnknownError(
                f"no protocol version is in force at site {self.site}: approve one first"
            )
        return found


def read_approved(sites: Iterable[str]) -> dict[str, Approved]:
    """What each of the sites approved, in one query."""
    rows = Approval.objects.filter(site__in=set(sites)).order_by("-from_date", "-protocol__number")
    told: dict[str, list[tuple[date, str]]] = {site: [] for site in sites}
    zones: dict[str, str] = {}
    columns = rows.values_list("site", "site__time_zone", "from_date", "protocol")
    for site, zone, from_date, fingerprint in columns:
        told[site].append((from_date, fingerprint))
        zones[site] = zone
    return {
        site: Approved(site=site, zone=ZoneInfo(zones.get(site, "UTC")), versions=tuple(versions))
        for site, versions in told.items()
    }


def fingerprint_at(site: str, *, now: datetime) -> str:
    """The version in force at the site at an instant: the last one approved for its day."""
    return read_approved([site])[site].at(now)


def read_protocol_at(site: str, *, now: datetime) -> Protocol:
    """The protocol in force at the site at an instant."""
    return read_version(fingerprint_at(site, now=now))


def read_leading(*, now: datetime) -> Protocol:
    """The newest version in force at any site at the instant; before the first, the newest one.

    What speaks for the trial as a whole reads this: an amendment that no site has approved yet, or
    for a later day only, changes nothing.
    """
    rows = Approval.objects.order_by("-protocol__number")
    for zone, from_date, fingerprint in rows.values_list(
        "site__time_zone", "from_date", "protocol"
    ):
        if from_date <= now.astimezone(ZoneInfo(zone)).date():
            return read_version(fingerprint)
    return read_newest()


def read_newest() -> Protocol:
    """The newest version of the trial, approved or not; UnknownError before the trial is open."""
    newest = ProtocolVersion.objects.order_by("-number").values_list("pk", flat=True).first()
    if newest is None:
        raise UnknownError("the trial is not open yet: open it with a protocol first")
    return read_version(newest)


def read_form(name: str, *, site: str, now: datetime) -> Form:
    """The form as the version in force at the site has it; UnknownError when it never had it.

    A form that an amendment took out is that of the last version with it: its entries stay.
    """
    for fingerprint in read_approved([site])[site].until(now):
        for form in read_version(fingerprint).form:
            if form.form == name:
                return form
    raise UnknownError(f"the protocol of site {site} has no form '{name}'")
