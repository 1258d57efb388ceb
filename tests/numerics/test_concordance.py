"""Harrell's concordance: the twin, perfect and empty rankings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from equipoise.numerics.hazards.concordance import estimate_concordance
from equipoise.numerics.hazards.cox import Sampling, estimate_cox
from naive.concordance import concordance
from naive.cox import Person
from numerics.samples import columns, marked, people


@settings(deadline=None, max_examples=60)
@given(people(covariates=2, late=True, least=12))
def test_pairs_and_influence_equal_the_twin(persons: list[Person]) -> None:
    time, event = columns(persons)
    x = np.array([p.x for p in persons])
    fit = estimate_cox(
        time,
        event=event,
        covariates=x,
        stratum=[p.stratum for p in persons],
        sampling=Sampling(entry=[p.entry for p in persons], weight=[p.weight for p in persons]),
    )
    if not (fit.converged and np.isfinite(fit.coefficients).all()):
        return
    found = estimate_concordance(fit)
    concordant, discordant, tied, spread = concordance(persons, (x @ fit.coefficients).tolist())

    assert (found.concordant, found.discordant, found.tied) == pytest.approx(
        (concordant, discordant, tied), abs=1e-9
    )
    assert found.standard_error == pytest.approx(math.sqrt(spread), abs=1e-9)


def test_one_arm_ranked_by_hand() -> None:
    time, event = marked("1 4 6+ 2 5+ 7+")
    arm = np.repeat([1, 0], 3)
    found = estimate_concordance(estimate_cox(time, event=event, covariates=arm))

    # day 1 (arm 1): 3 of arm 0 right, 2 alike; day 2 (arm 0): 2 wrong, 2 alike; day 4: 2 and 1
    assert (found.concordant, found.discordant, found.tied) == pytest.approx((5, 2, 5))
    assert found.value == pytest.approx(7.5 / 12)


def test_two_who_fail_on_one_day_are_no_pair() -> None:
    time, event = marked("3 3 5 5 9+ 9+")
    fit = estimate_cox(time, event=event, covariates=[0, 1, 1, 0, 0, 1])
    found = estimate_concordance(fit)

    assert found.concordant + found.discordant + found.tied == pytest.approx(8 + 4)


def test_a_fit_that_did_not_settle_has_none() -> None:
    time, event = marked("1 2 3 4 5+ 6+ 7+")
    fit = estimate_cox(time, event=event, covariates=np.repeat([0, 1], [4, 3]))
    with pytest.raises(ValueError, match="did not settle"):
        estimate_concordance(fit)
