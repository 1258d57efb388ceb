"""Whether a trial is a rehearsal: said in the line that opened it, and nowhere else."""

import json
from dataclasses import dataclass
from functools import lru_cache

from equipoise.capture.roles import Verb
from equipoise.store.models import LedgerLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """By which scenario and seed the patients of a trial were drawn."""

    scenario: str
    seed: int


def read_rehearsed() -> Rehearsed | None:
    """How the trial was drawn; None for one with patients, and before it is open."""
    opened = LedgerLine.objects.filter(verb=Verb.OPEN_TRIAL).order_by("number")
    line = opened.values_list("number", "digest").first()
    return None if line is None else _read(*line)


@lru_cache(maxsize=8)  # the line holds the protocol, and no line ever changes
def _read(number: int, digest: str) -> Rehearsed | None:
    content = LedgerLine.objects.values_list("content", flat=True).get(number=number, digest=digest)
    said = json.loads(content)["note"].get("rehearsal")
    return Rehearsed(scenario=said["scenario"], seed=said["seed"]) if said else None
