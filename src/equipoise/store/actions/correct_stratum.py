"""Record that a stratum was entered wrongly: the subject keeps its arm."""

from collections.abc import Mapping

from equipoise.capture.lifecycle import FormState, step
from equipoise.capture.roles import Verb
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.eligibility import randomisation_place, require_levels
from equipoise.store.entry_place import place_of, require_entry
from equipoise.store.entry_saving import drops_of
from equipoise.store.gate import perform
from equipoise.store.models import Allocation, FormEntry
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import NotEligibleError
from equipoise.store.tables import ITEMS, Plain


def correct_stratum(subject: str, *, strata: Mapping[str, str], deed: Deed) -> Done:
    """The true stratum on record, in the form and beside the one that was used; no arm moves.

    The form loses verification and signature, as by any change; WrongStateError when it is held.
    """

    def decide() -> Decision:
        allocation = Allocation.objects.filter(subject=subject).first()
        if allocation is None:
            raise NotEligibleError(f"{subject} is not randomised: enter the strata when it is")
        protocol = read_version(allocation.protocol_id)
        require_levels(strata, protocol)
        row = require_entry(randomisation_place(subject, protocol))
        true = [strata[factor.name] for factor in protocol.stratum]
        puts = (
            Put(table="allocation", key=(subject,), values={"true_stratum": true}),
            *_form_puts(row, strata, protocol),
        )
        return Decision(puts=puts, protocol=allocation.protocol_id)

    return perform(
        Verb.CORRECT_STRATUM,
        deed=deed,
        place=Place(subject=subject),
        asked={"subject": subject, "strata": dict(strata)},
        decide=lambda _now: decide(),
    )


def _form_puts(row: FormEntry, strata: Mapping[str, str], protocol: Protocol) -> tuple[Put, ...]:
    """The randomisation form with the true strata, and what this change of it drops."""
    form, place = read_version(row.protocol_id).form_named(row.form), place_of(row)
    moved = step(FormState(row.state), verb=Verb.CHANGE_FORM, form=form)
    values: dict[str, Plain] = {
        f"{ITEMS}{factor.item}": strata[factor.name] for factor in protocol.stratum
    }
    values |= {"version": row.version + 1, "state": moved.state.value, "signature": None}
    put = Put(table="form_entry", key=place.row_key, values=values)
    return (put, *drops_of(row, place=place, drops=moved.drops))
