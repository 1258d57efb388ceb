"""Who a subject is outside the trial: for its own site, and the ledger notes who looked."""

from dataclasses import replace

from equipoise.capture.roles import Verb
from equipoise.store.actions.keep_identity import PersonalData
from equipoise.store.deed import Decision, Deed, Place
from equipoise.store.gate import perform
from equipoise.store.models import Vault


def read_identity(subject: str, *, reader: Deed) -> PersonalData | None:
    """Name and hospital number; None where none is kept.

    The first reading of a person on a day (UTC) is a line of the ledger; NotAllowedError for who
    has no role for it at the site of the subject.
    """
    row = Vault.objects.filter(subject=subject).first()
    if row is None:
        return None
    once = f"identity {subject} {reader.actor} {reader.at.date().isoformat()}"
    perform(
        Verb.READ_IDENTITY,
        deed=replace(reader, request_id=once),
        place=Place(subject=subject),
        asked={"subject": subject},
        decide=lambda _now: Decision(),
    )
    return PersonalData(name=row.name, hospital_number=row.hospital_number)
