"""The day that it is at a site."""

from collections.abc import Set
from datetime import date, datetime
from zoneinfo import ZoneInfo

from equipoise.store.models import Site, Subject
from equipoise.store.refusals import UnknownError


def day_at(site: str, *, now: datetime) -> date:
    """The local date of an instant at the site."""
    return now.astimezone(zone_at(site)).date()


def site_and_day(subject: str, *, now: datetime) -> tuple[str, date]:
    """The site of a subject, and the local date of an instant there; UnknownError if unknown."""
    found = Subject.objects.filter(number=subject).values_list("site", "site__time_zone").first()
    if found is None:
        raise _no_subject(subject)
    site, zone = found
    return site, now.astimezone(ZoneInfo(zone)).date()


def zone_at(site: str) -> ZoneInfo:
    """The time zone of the site."""
    return ZoneInfo(Site.objects.values_list("time_zone", flat=True).get(code=site))


def site_of(subject: str) -> str:
    """The site of a subject; UnknownError when there is no such subject."""
    return sites_of({subject})[subject]


def sites_of(subjects: Set[str]) -> dict[str, str]:
    """The site of each subject; UnknownError when one of them is not there."""
    found = Subject.objects.filter(number__in=subjects).values_list("number", "site_id")
    sites = dict(found)
    for subject in sorted(subjects - set(sites)):
        raise _no_subject(subject)
    return sites


def _no_subject(subject: str) -> UnknownError:
    return UnknownError(f"there is no subject {subject}: look at the list of subjects")
