"""The designs of Cox models: who is last, first and never at risk when, as the twin has it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.hazards.cox_design import CoxDesign, Sampling, build_design, build_designs
from naive.cox import Person, risk_sets
from numerics.samples import columns, people


def designs_of(persons: list[Person], events: list[list[int]]) -> tuple[CoxDesign, ...]:
    return build_designs(
        [p.time for p in persons],
        events=events,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(weight=[p.weight for p in persons], entry=[p.entry for p in persons]),
    )


def seen_by(design: CoxDesign) -> list[set[int]]:
    """The rows, as given, that each event time sees, read from the fields alone."""
    last = np.full(design.order.size, -1)
    for k, (begin, end) in enumerate(zip(design.begin, design.end, strict=True)):
        last[begin:end] = k
    first = design.first if design.first.size else np.zeros(design.order.size, dtype=np.int64)
    stratum = [(design.block_stratum == design.block_stratum[k]) for k in range(len(design.begin))]
    return [
        {
            int(design.order[row])
            for row in range(design.order.size)
            if first[row] <= k <= last[row] and stratum[k][last[row]]
        }
        for k in range(design.begin.size)
    ]


@settings(deadline=None, max_examples=100)
@given(people(covariates=1) | people(covariates=1, late=True))
def test_event_times_see_whom_the_twin_sees(persons: list[Person]) -> None:
    _, event = columns(persons)
    design = designs_of(persons, [list(event)])[0]
    place = {id(person): row for row, person in enumerate(persons)}
    slow = [{place[id(p)] for p in at_risk} for at_risk, _ in risk_sets(persons)]

    assert seen_by(design) == slow
    failed = [{place[id(p)] for p in failing} for _, failing in risk_sets(persons)]
    fields = zip(design.begin, design.end, strict=True)
    found = [{int(design.order[r]) for r in range(b, e) if design.event[r]} for b, e in fields]
    assert found == failed
    never = set(range(len(persons))) - set().union(*slow)
    if design.first.size:
        assert {int(design.order[row]) for row in design.idle} == never
        assert (np.diff(design.first[design.late]) <= 0).all()
        earliest = np.searchsorted(design.block_stratum, [p.stratum for p in persons])
        first = design.first[np.argsort(design.order)]
        come_late = set(np.flatnonzero(first > earliest).tolist()) - never
        assert {int(design.order[row]) for row in design.late} == come_late


@settings(deadline=None, max_examples=50)
@given(people(covariates=2) | people(covariates=2, late=True), st.integers(0, 1000))
def test_several_kinds_of_event_have_the_designs_that_each_has_alone(
    persons: list[Person], seed: int
) -> None:
    cause = np.random.default_rng(seed).integers(0, 3, len(persons))
    events = [(cause == code).astype(int).tolist() for code in (1, 2)]
    for design, event in zip(designs_of(persons, events), events, strict=True):
        alone = designs_of(persons, [event])[0]
        for name in CoxDesign.__slots__:
            assert np.array_equal(getattr(design, name), getattr(alone, name)), name


def test_covariates_reach_as_far_as_the_farthest_row() -> None:
    x = np.array([[1.0, 5.0], [2.0, 5.0], [9.0, 5.0]])
    design = build_design([3.0, 1.0, 2.0], event=[1, 1, 0], covariates=x)

    assert design.reach == pytest.approx(np.abs(design.x).max(axis=0))
    assert design.reach[0] == pytest.approx((9 - 4) / np.std(x[:, 0]))
    assert design.reach[1] == 0.0
