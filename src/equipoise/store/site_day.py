"""The day that it is at a site."""

from collections.abc import Set
from datetime import date, datetime
from zoneinfo import ZoneInfo

from equipoise.store.models import Site, Subject
from equipoise.store.refusals import UnknownError


def day_at(site: str, *, now: datetime) -> date:
    """The local date of an instant at the site."""
    return now.astimezone(zone_at(site)).date()


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
        raise UnknownError(f"there is no subject {subject}: look at the list of subjects")
    return sites
