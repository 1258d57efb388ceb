"""The products of each cluster's share of a Cox score: the twin's, row by row, also far out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.hazards.cox_design import Sampling, build_design
from equipoise.numerics.hazards.cox_means import score_residuals
from equipoise.numerics.hazards.cox_sandwich import sum_score_squares
from equipoise.numerics.row_order import number_clusters
from naive.cox import Person, score_residual
from numerics.samples import columns, people

BETA = (0.4, -0.3)


@settings(deadline=None, max_examples=50)
@given(
    persons=people(covariates=2) | people(covariates=2, late=True),
    labels=st.none() | st.lists(st.integers(0, 3), min_size=60, max_size=60),
)
@pytest.mark.parametrize("efron", [True, False])
def test_products_and_score_equal_the_twin(
    persons: list[Person], labels: list[int] | None, *, efron: bool
) -> None:
    time, event = columns(persons)
    n = len(persons)
    design = build_design(
        time,
        event=event,
        covariates=[p.x for p in persons],
        stratum=[p.stratum for p in persons],
        sampling=Sampling(weight=[p.weight for p in persons], entry=[p.entry for p in persons]),
        efron=efron,
    )
    own = list(range(n)) if labels is None else labels[:n]
    cluster = number_clusters(own, n=n)
    code = cluster[design.order] if cluster.size else cluster
    found, score = sum_score_squares(
        design, beta=np.array(BETA) * design.scale, turn=np.eye(2), cluster=code
    )
    shares = {label: np.zeros(2) for label in own}
    for row, person in enumerate(persons):
        slow = score_residual(persons, row, BETA, efron)
        shares[own[row]] += person.weight * np.array(slow)
    slow_products = sum(np.outer(one, one) for one in shares.values())

    assert np.allclose(found * np.outer(design.scale, design.scale), slow_products, atol=1e-9)
    assert np.allclose(score * design.scale, sum(shares.values()), atol=1e-9)


@pytest.mark.parametrize("steep", [5.0, 20.0, -20.0, 60.0])
def test_rows_whose_hazards_are_far_apart_keep_their_shares(steep: float) -> None:
    """Who leaves is taken out of the sums at risk, which e^60 of others must not swallow."""
    time = np.arange(1, 41) % 23 + 0.5
    x = np.column_stack([np.arange(40) % 2, np.cos(np.arange(40))])
    design = build_design(time, event=np.arange(40) % 3 > 0, covariates=x)
    beta = np.array([steep, 0.2])
    found, score = sum_score_squares(
        design, beta=beta, turn=np.eye(2), cluster=number_clusters(None, n=40)
    )
    shares = score_residuals(design, beta=beta)

    assert found == pytest.approx(shares.T @ shares, rel=1e-10)
    assert score == pytest.approx(shares.sum(axis=0), rel=1e-10)


def test_a_coefficient_that_runs_away_has_a_robust_error_that_is_a_number() -> None:
    group = np.arange(60) % 2
    fit = estimate_cox(
        np.arange(60) % 17 + 1.0,
        event=np.where(group == 1, 0, np.arange(60) % 3 > 0),
        covariates=group,
        sampling=Sampling(robust=True),
    )
    assert not fit.converged
    assert fit.robust_covariance is not None
    assert np.isfinite(fit.robust_covariance).all()


def test_clusters_are_numbered_and_rows_of_their_own_are_none() -> None:
    assert number_clusters(["b", "a", "b"], n=3).tolist() == [1, 0, 1]
    assert number_clusters([7, 5, 9], n=3).size == 0
    assert number_clusters(None, n=3).size == 0
    with pytest.raises(ValueError, match="cluster has shape"):
        number_clusters([1, 2], n=3)
