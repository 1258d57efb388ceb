"""Close a site: nobody is enrolled there any more."""

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform


def close_site(code: str, *, deed: Deed) -> Done:
    """The site closed to new subjects; those it has stay."""
    put = Put(table="site", key=(code,), values={"is_open": False})
    return perform(
        Verb.CLOSE_SITE,
        deed=deed,
        place=Place(site=code),
        asked={"site": code},
        decide=lambda _now: Decision(puts=(put,)),
    )
