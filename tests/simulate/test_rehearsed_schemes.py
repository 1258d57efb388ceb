"""A rehearsed trial is randomised by the scheme and the strata of its protocol, whichever it is."""

import numpy as np
import pytest

from equipoise.numerics.streams import draw_uniforms
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.randomise.allocate import allocate_in_order
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Candidate
from equipoise.randomise.schemes import SCHEMES
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.rehearsal import rehearse

SETTINGS: dict[str, dict[str, object]] = {
    "permuted_blocks": {"block_sizes": (4, 6)},
    "minimisation": {"imbalance": "range", "preferred_chance": 0.9},
    "simple": {},
    "big_stick": {"max_imbalance": 2},
    "block_urn": {"urn_sets": 2},
}


def with_scheme(scheme: str) -> Protocol:
    trial = shipped_protocol()
    update = {"scheme": scheme, "block_sizes": (), **SETTINGS[scheme]}
    return trial.model_copy(update={"randomisation": trial.randomisation.model_copy(update=update)})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_arms_are_those_of_the_scheme_on_the_strata_that_were_entered(scheme: str) -> None:
    protocol = with_scheme(scheme)
    drawn = rehearse(protocol, scenario="S2", seed=11)
    entered = drawn.frames["rand"]
    factors = [factor.item for factor in protocol.stratum]
    people = [
        Candidate(subject=row["subject"], stratum=tuple(row[item] for item in factors))
        for row in entered.sort("randomised_date", maintain_order=True).iter_rows(named=True)
    ]
    count = protocol.randomisation.planned_subjects
    uniforms = draw_uniforms(
        11,
        replicate=np.zeros(count, dtype=np.int64),
        subject=np.arange(count),
        purpose=Purpose.ALLOCATION.value,
        count=1,
    )
    arms = allocate_in_order(
        people, plan=plan_of(protocol), scheme=SCHEMES[scheme], uniforms=uniforms[:, 0].tolist()
    )
    allocated = dict(drawn.allocations.select("subject", "arm").iter_rows())
    assert [allocated[each.subject] for each in people] == list(arms)


def test_another_scheme_changes_arms_and_no_patient() -> None:
    first, other = (
        rehearse(with_scheme(name), scenario="S2", seed=12) for name in ("simple", "big_stick")
    )
    assert not first.allocations.equals(other.allocations)
    assert first.frames["dm"].equals(other.frames["dm"])
    assert first.frames["les_bl"].equals(other.frames["les_bl"])
