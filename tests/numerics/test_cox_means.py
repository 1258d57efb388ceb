"""What rows of a Cox model saw of the means at risk, by sums over the event times."""

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox_design import CoxDesign, Sampling, build_design
from equipoise.numerics.hazards.cox_firth import sum_firth_likelihood
from equipoise.numerics.hazards.cox_means import mean_covariates
from equipoise.numerics.hazards.cox_sums import relative_risks, split_ties, walk_risk_sets
from naive.cox import Person
from numerics.samples import columns, people

Values = NDArray[np.float64]
BETA = np.array([0.4, -0.3])


def design_of(persons: list[Person], *, efron: bool) -> CoxDesign:
    time, event = columns(persons)
    return build_design(
        time,
        event=event,
        covariates=np.array([p.x for p in persons]),
        stratum=[p.stratum for p in persons],
        sampling=Sampling(weight=[p.weight for p in persons], entry=[p.entry for p in persons]),
        efron=efron,
    )


def seen_by_all(design: CoxDesign) -> tuple[Values, Values, Values]:
    """The same by loops over rows and factors of the likelihood."""
    risk = relative_risks(design, beta=BETA)
    terms = split_ties(design, sets=walk_risk_sets(design, risk=risk, with_sums=True))
    m, p = design.begin.size, design.x.shape[1]
    seen, at_events, bent = np.zeros_like(design.x), np.zeros((m, p)), np.zeros(p)
    for term, k in enumerate(terms.block.tolist()):
        mean = terms.mean[term]
        at_events[k] += mean / np.sum(terms.block == k)
        bent += terms.share[term] * (mean @ mean) * mean
        step = terms.share[term] / terms.total[term] * mean
        for row in range(design.event.size):
            first = design.first[row] if design.first.size else 0
            fails_now = design.begin[k] <= row < design.end[k] and design.event[row] == 1
            alike = _stratum_of(design, row) == design.block_stratum[k]
            if alike and first <= k and row >= design.begin[k]:
                seen[row] += step * (terms.part[term] if fails_now else 1.0)
    return seen, at_events, bent


def _stratum_of(design: CoxDesign, row: int) -> int:
    """The stratum of the event times that a row is last at risk at; -1 for none."""
    inside = np.flatnonzero((design.begin <= row) & (row < design.end))
    return int(design.block_stratum[inside[0]]) if inside.size else -1


@settings(max_examples=25, deadline=None)
@given(people(covariates=2, least=6))
@pytest.mark.parametrize("efron", [True, False])
def test_the_walk_sees_what_loops_see(efron: bool, persons: list[Person]) -> None:
    design = design_of(persons, efron=efron)
    risk = relative_risks(design, beta=BETA)
    sets = walk_risk_sets(design, risk=risk, with_sums=True)
    found = mean_covariates(design, sets=sets, variance=np.eye(2))
    seen, at_events, bent = seen_by_all(design)

    assert np.allclose(found.seen, seen, atol=1e-9)
    assert np.allclose(found.at_events, at_events)
    assert np.allclose(found.bent, bent)


@settings(max_examples=25, deadline=None)
@given(people(covariates=2, least=8))
@pytest.mark.parametrize("efron", [True, False])
def test_firth_s_score_is_the_slope_of_the_penalised_likelihood(
    efron: bool, persons: list[Person]
) -> None:
    design = design_of(persons, efron=efron)
    found = sum_firth_likelihood(design, beta=BETA)
    if np.linalg.eigvalsh(found.information).min() < 1e-2:
        return  # no slope where a coefficient is not told
    for j, unit in enumerate(np.eye(2)):
        near = [
            sum_firth_likelihood(design, beta=BETA + h * unit).log_likelihood for h in (1e-5, -1e-5)
        ]
        assert found.score[j] == pytest.approx((near[0] - near[1]) / 2e-5, abs=1e-4)
