"""Record that a stratum was entered wrongly: the subject keeps its arm."""

from collections.abc import Mapping

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.eligibility import randomisation_place, require_levels
from equipoise.store.entry_place import require_entry
from equipoise.store.gate import perform
from equipoise.store.models import Allocation
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import NotEligibleError
from equipoise.store.tables import ITEMS, Plain


def correct_stratum(subject: str, *, strata: Mapping[str, str], deed: Deed) -> Done:
    """The true stratum on record, in the form and beside the one that was used; no arm moves."""

    def decide() -> Decision:
        allocation = Allocation.objects.filter(subject=subject).first()
        if allocation is None:
            raise NotEligibleError(f"{subject} is not randomised: enter the strata when it is")
        protocol = read_version(allocation.protocol_id)
        require_levels(strata, protocol)
        place = randomisation_place(subject, protocol)
        version = require_entry(place).version + 1
        values: dict[str, Plain] = {
            f"{ITEMS}{factor.item}": strata[factor.name] for factor in protocol.stratum
        }
        true = [strata[factor.name] for factor in protocol.stratum]
        puts = (
            Put(table="allocation", key=(subject,), values={"true_stratum": true}),
            Put(table="form_entry", key=place.row_key, values=values | {"version": version}),
        )
        return Decision(puts=puts, protocol=allocation.protocol_id)

    return perform(
        Verb.CORRECT_STRATUM,
        deed=deed,
        place=Place(subject=subject),
        asked={"subject": subject, "strata": dict(strata)},
        decide=lambda _now: decide(),
    )
