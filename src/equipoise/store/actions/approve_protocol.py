"""Put a version of the protocol into force at a site from a date on."""

from datetime import date

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.protocol_read import read_version


def approve_protocol(site: str, *, protocol: str, from_date: date, deed: Deed) -> Done:
    """The version in force at the site; forms already entered keep theirs."""

    def decide() -> Decision:
        read_version(protocol)
        values = {"from_date": from_date.isoformat()}
        put = Put(table="approval", key=(site, protocol), values=values)
        return Decision(puts=(put,), protocol=protocol)

    return perform(
        Verb.APPROVE_PROTOCOL,
        deed=deed,
        place=Place(site=site),
        asked={"site": site, "protocol": protocol, "from_date": from_date.isoformat()},
        decide=lambda _now: decide(),
    )
