"""Fix the sequence before the first subject: the sealed seed kept, its commitment in the ledger."""

from equipoise.capture.roles import Verb
from equipoise.randomise.sealed_seed import Seed, commitment_of
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import SealedSeed
from equipoise.store.refusals import TakenError


def fix_sequence(seed: Seed, *, sealed: str, deed: Deed) -> Done:
    """The trial bound to the seed for ever; TakenError when it is bound already."""
    commitment = commitment_of(seed)

    def decide() -> Decision:
        if SealedSeed.objects.exists():
            raise TakenError("the sequence of this trial is fixed: it is never drawn again")
        put = Put(table="sealed_seed", key=(commitment,), values={}, apart={"sealed": sealed})
        return Decision(puts=(put,), answer={"commitment": commitment})

    return perform(
        Verb.FIX_SEQUENCE,
        deed=deed,
        place=Place(),
        asked={"commitment": commitment},
        decide=lambda _now: decide(),
    )
