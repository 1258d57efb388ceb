"""Randomise a subject: one arm, once, by the sealed sequence."""

from collections.abc import Mapping
from datetime import datetime

from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import Verb
from equipoise.protocol.model import Protocol
from equipoise.randomise.draw import Drawn, allocate_next
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Candidate
from equipoise.randomise.sealed_seed import Seed, commitment_of
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.eligibility import (
    looked_at,
    randomisation_place,
    randomisation_values,
    require_eligible,
    require_signed,
)
from equipoise.store.gate import perform
from equipoise.store.models import Allocation, SealedSeed, Signature
from equipoise.store.protocol_read import fingerprint_at, read_version
from equipoise.store.read_allocations import read_history
from equipoise.store.refusals import AlreadyRandomisedError, ClosedError, NotEligibleError
from equipoise.store.site_day import day_at, site_of
from equipoise.store.tables import ITEMS, Plain, plain


def randomise(subject: str, *, strata: Mapping[str, str], seed: Seed, deed: Deed) -> Done:
    """The arm of the subject; a retried request answers with the same arm.

    AlreadyRandomisedError for any other second request; NotEligibleError until eligibility is
    signed, for these strata, and nothing changed since. The day is the day of the deed: there is
    no back-dating.
    """

    def decide(now: datetime) -> Decision:
        if Allocation.objects.filter(subject=subject).exists():
            raise AlreadyRandomisedError(f"{subject} is randomised already and keeps its arm")
        _require_seed(seed)
        site = site_of(subject)
        fingerprint = fingerprint_at(site, now=now)
        protocol = read_version(fingerprint)
        day = day_at(site, now=now)
        signed = require_signed(subject)
        _require_signed_strata(signed, strata=strata)
        if signed.about != looked_at(strata, protocol=fingerprint, on=day):
            require_eligible(subject, strata=strata, protocol=protocol, on=day)
        drawn = _draw(subject, strata, seed, protocol)
        written = randomisation_values(strata, protocol, on=day)
        puts = (
            _form_put(subject, written, protocol, fingerprint),
            _allocation_put(drawn, now, fingerprint),
        )
        answer: dict[str, Plain] = {"arm": drawn.arm, "number": drawn.sequence}
        return Decision(puts=puts, answer=answer, protocol=fingerprint)

    return perform(
        Verb.RANDOMISE,
        deed=deed,
        place=Place(subject=subject),
        asked={"subject": subject, "strata": dict(strata)},
        decide=decide,
    )


def _require_seed(seed: Seed) -> None:
    """ClosedError unless the seed is the one that the trial is bound to."""
    if not SealedSeed.objects.filter(commitment=commitment_of(seed)).exists():
        raise ClosedError(
            "the sequence is not fixed, or the key opens another one: ask the statistician who "
            "holds the sequence"
        )


def _require_signed_strata(signed: Signature, *, strata: Mapping[str, str]) -> None:
    """NotEligibleError unless these are the strata that eligibility was signed for."""
    if dict(strata) != signed.about["strata"]:
        froze = ", ".join(f"{name} {level}" for name, level in signed.about["strata"].items())
        raise NotEligibleError(
            f"the eligibility of {signed.subject_id} is signed for other strata ({froze}): "
            "randomise with them, or have it signed again"
        )


def _draw(subject: str, strata: Mapping[str, str], seed: Seed, protocol: Protocol) -> Drawn:
    stratum = tuple(strata[factor.name] for factor in protocol.stratum)
    candidate = Candidate(subject=subject, stratum=stratum)
    return allocate_next(read_history(), plan=plan_of(protocol), subject=candidate, seed=seed)


def _form_put(
    subject: str, written: Mapping[str, str], protocol: Protocol, fingerprint: str
) -> Put:
    values: dict[str, Plain] = {f"{ITEMS}{name}": text for name, text in written.items()}
    values |= {"version": 1, "state": FormState.COMPLETE.value, "protocol": fingerprint}
    place = randomisation_place(subject, protocol)
    return Put(table="form_entry", key=place.row_key, values=values)


def _allocation_put(drawn: Drawn, now: datetime, fingerprint: str) -> Put:
    values: dict[str, Plain] = {"number": drawn.sequence, "arm": drawn.arm, "at": plain(now)}
    values |= {"stratum": list(drawn.stratum), "true_stratum": list(drawn.stratum)}
    values["protocol"] = fingerprint
    return Put(table="allocation", key=(drawn.subject,), values=values)
