"""What binds the trial to its sequence, and the proof that every arm follows from it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from equipoise.capture.roles import Verb
from equipoise.randomise.draw import prove_allocations
from equipoise.randomise.sealed_seed import Seed
from equipoise.store.models import Allocation, LedgerLine
from equipoise.store.read_allocations import read_history
from equipoise.vocab.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """The commitment to the seed as the ledger tells it: its line, when and by whom.

    `first` is the line that tells of the first subject randomised; 0 before there is one.
    """

    commitment: str
    line: int
    at: datetime
    actor: str
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The allocations in their order, and what speaks against them: nothing, when all is well."""

    allocations: Sequence[Allocation]
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> frozenset[str]:
        """The subjects of which a finding tells."""
        return frozenset(finding.subject for finding in self.findings if finding.subject)


def read_fixed() -> Fixed | None:
    """What the ledger tells of the sequence; None until it is fixed."""
    line = LedgerLine.objects.filter(verb=Verb.FIX_SEQUENCE.value).order_by("number").first()
    if line is None:
        return None
    randomised = LedgerLine.objects.filter(verb=Verb.RANDOMISE.value).order_by("number")
    return Fixed(
        commitment=json.loads(line.content)["answer"]["commitment"],
        line=line.number,
        at=line.at,
        actor=line.actor,
        first=randomised.values_list("number", flat=True).first() or 0,
    )


def prove_sequence(seed: Seed) -> Proof:
    """Every allocation replayed from the seed that the ledger committed to."""
    fixed = read_fixed()
    assert fixed is not None, "a seed was opened: it was fixed before"
    findings = prove_allocations(read_history(), seed=seed, commitment=fixed.commitment)
    return Proof(allocations=list(Allocation.objects.order_by("number")), findings=findings)
