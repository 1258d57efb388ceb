"""Enrol a subject in screening: the next number of the site."""

from datetime import datetime
from zoneinfo import ZoneInfo

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Site
from equipoise.store.protocol_read import fingerprint_at
from equipoise.store.refusals import ClosedError


def enrol(site: str, *, deed: Deed) -> Done:
    """The new subject's number, `site-nnn`; no number is given twice, whoever asks at once."""

    def decide(now: datetime) -> Decision:
        row = Site.objects.get(code=site)
        if not row.is_open:
            raise ClosedError(f"site {site} is closed: enrol at a site that is open")
        count = row.screened + 1
        number = f"{site}-{count:03d}"
        screened = now.astimezone(ZoneInfo(row.time_zone)).date().isoformat()
        subject = {"site": site, "screened_date": screened}
        puts = (
            Put(table="site", key=(site,), values={"screened": count}),
            Put(table="subject", key=(number,), values=subject),
        )
        return Decision(
            puts=puts,
            answer={"subject": number},
            subject=number,
            protocol=fingerprint_at(site, now=now),
        )

    return perform(
        Verb.ENROL, deed=deed, place=Place(site=site), asked={"site": site}, decide=decide
    )
