"""Write who a subject is into the vault."""

import hashlib
import hmac
from dataclasses import dataclass

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.ledger import canonical, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """Name and hospital number of a subject: in the vault only."""

    name: str
    hospital_number: str


def keep_identity(subject: str, *, data: PersonalData, secret: str, deed: Deed) -> Done:
    """The identity kept; the ledger tells its salted digest.

    The salt is of the request and the `secret` of the site, which stands nowhere in the database:
    a request sent again has the same digest, and nobody can try names against it.
    """
    salt = _salt(subject, secret=secret, deed=deed)
    said = canonical([salt, subject, data.name, data.hospital_number])
    digest = hashlib.sha256(said.encode("utf-8")).hexdigest()
    apart = {"name": data.name, "hospital_number": data.hospital_number, "salt": salt}
    put = Put(table="vault", key=(subject,), values={"digest": digest}, apart=apart)
    return perform(
        Verb.KEEP_IDENTITY,
        deed=deed,
        place=Place(subject=subject),
        asked={"digest": digest},
        decide=lambda _now: Decision(puts=(put,)),
    )


def _salt(subject: str, *, secret: str, deed: Deed) -> str:
    """32 hex digits, others for each request."""
    request = canonical([subject, deed.request_id or instant(deed.at)])
    return hmac.new(secret.encode(), request.encode(), hashlib.sha256).hexdigest()[:32]
