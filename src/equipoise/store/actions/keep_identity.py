"""Write who a subject is into the vault."""

import hashlib
from dataclasses import dataclass

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.ledger import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """Name and hospital number of a subject: in the vault only."""

    name: str
    hospital_number: str


def keep_identity(subject: str, *, data: PersonalData, salt: str, deed: Deed) -> Done:
    """The identity kept; the ledger tells its salted digest. `salt` is 32 hex digits of chance."""
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
