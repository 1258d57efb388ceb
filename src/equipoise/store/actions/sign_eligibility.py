"""Sign that a subject is eligible, bound to everything that is entered of it."""

from collections.abc import Mapping
from datetime import datetime

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place
from equipoise.store.eligibility import looked_at, require_eligible
from equipoise.store.gate import perform
from equipoise.store.models import Allocation
from equipoise.store.protocol_read import fingerprint_at, read_version
from equipoise.store.read_entries import read_written
from equipoise.store.refusals import AlreadyRandomisedError
from equipoise.store.signing import require_password, signature_put
from equipoise.store.site_day import day_at, site_of
from equipoise.store.tables import Plain


def sign_eligibility(subject: str, *, strata: Mapping[str, str], password: str, deed: Deed) -> Done:
    """Eligibility signed; NotEligibleError names each criterion that is not met or not known.

    `strata` are the levels by factor, as they will be randomised.
    """
    require_password(deed.actor, password=password)
    return record_eligibility(subject, strata=strata, deed=deed)


def record_eligibility(
    subject: str, *, strata: Mapping[str, str], deed: Deed, is_checked: bool = False
) -> Done:
    """The signature of who gave the password already: for many subjects at once.

    `is_checked`: the caller has held the criteria of all of them against their entries.
    """

    def decide(now: datetime) -> Decision:
        if Allocation.objects.filter(subject=subject).exists():
            raise AlreadyRandomisedError(f"{subject} is randomised: eligibility was signed before")
        site = site_of(subject)
        fingerprint = fingerprint_at(site, now=now)
        day = day_at(site, now=now)
        if not is_checked:
            require_eligible(subject, strata=strata, protocol=read_version(fingerprint), on=day)
        put = signature_put(
            read_written(subject=subject),
            subject=subject,
            signer=deed.actor,
            now=now,
            about=looked_at(strata, protocol=fingerprint, on=day),
        )
        answer: dict[str, Plain] = {"signature": int(put.key[0])}
        return Decision(puts=(put,), answer=answer, protocol=fingerprint)

    return perform(
        Verb.SIGN_ELIGIBILITY,
        deed=deed,
        place=Place(subject=subject),
        asked={"subject": subject, "strata": dict(strata)},
        decide=decide,
    )
