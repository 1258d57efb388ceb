"""The day that it is at a site."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from equipoise.store.models import Site, Subject


def day_at(site: str, *, now: datetime) -> date:
    """The local date of an instant at the site."""
    zone = Site.objects.values_list("time_zone", flat=True).get(code=site)
    return now.astimezone(ZoneInfo(zone)).date()


def site_of(subject: str) -> str:
    """The site of a subject that is known."""
    return Subject.objects.values_list("site_id", flat=True).get(number=subject)
