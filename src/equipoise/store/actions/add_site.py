"""Add a site."""

import re
import zoneinfo
from dataclasses import asdict, dataclass

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Site
from equipoise.store.refusals import RefusedError, TakenError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """A hospital; its code stands before the number of each of its subjects."""

    code: str
    name: str
    country: str = ""
    time_zone: str = "UTC"


def add_site(site: NewSite, *, deed: Deed) -> Done:
    """The site added; TakenError when its code is given."""
    if re.fullmatch(r"[A-Z0-9]{1,12}", site.code) is None:
        raise RefusedError(f"'{site.code}' is no code of a site: write capitals and digits")
    if site.time_zone not in zoneinfo.available_timezones():
        raise RefusedError(f"there is no time zone '{site.time_zone}': write one as Asia/Seoul")

    def decide() -> Decision:
        if Site.objects.filter(code=site.code).exists():
            raise TakenError(f"there is a site {site.code}: give this one another code")
        values = {n: v for n, v in asdict(site).items() if n != "code"}
        return Decision(puts=(Put(table="site", key=(site.code,), values=values),))

    return perform(
        Verb.ADD_SITE, deed=deed, place=Place(), asked=asdict(site), decide=lambda _now: decide()
    )
