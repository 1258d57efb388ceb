"""The trial of 6-mercaptopurine that every textbook of survival analysis works by hand.

Freireich et al. (1963), Blood 21:699: weeks of remission, + censored. The printed figures are those
of Kleinbaum, Klein, Survival analysis, chapters 2 and 3, and of Collett, chapters 2 and 3.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.survival.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.milestone import compare_milestone
from equipoise.numerics.survival.rmst import compare_rmst, estimate_rmst
from numerics.samples import marked

TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
# Product limit of the treated: week, at risk, events, survival
CURVE = """
6  | 21 | 3 | 0.8571
7  | 17 | 1 | 0.8067
10 | 15 | 1 | 0.7529
13 | 12 | 1 | 0.6902
16 | 11 | 1 | 0.6275
22 | 7  | 1 | 0.5378
23 | 6  | 1 | 0.4482
"""
# Greenwood's standard error of the treated: week, error
ERRORS = [(6, 0.0764), (7, 0.0869), (10, 0.0963), (13, 0.1068), (16, 0.1141), (22, 0.1282),
          (23, 0.1346)]  # fmt: skip
# Nobody of the control arm was censored: week, survival
CONTROL = [(1, 19), (2, 17), (3, 16), (4, 14), (5, 12), (8, 8), (11, 6), (12, 4), (15, 3), (17, 2),
           (22, 1), (23, 0)]  # fmt: skip


def both() -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Times, events and groups of both arms, the treated as group 1."""
    (t0, e0), (t1, e1) = marked(PLACEBO), marked(TREATED)
    return np.r_[t0, t1], np.r_[e0, e1], np.repeat([0, 1], [t0.size, t1.size])


@pytest.mark.parametrize("line", CURVE.strip().splitlines())
def test_the_curve_of_the_treated_is_the_printed_one(line: str) -> None:
    week, at_risk, events, survival = (float(cell) for cell in line.split("|"))
    time, event = marked(TREATED)
    curve = estimate_kaplan_meier(time, event=event)
    row = int(np.flatnonzero(curve.time == week)[0])
    assert (curve.at_risk[row], curve.events[row]) == (at_risk, events)
    assert round(float(curve.survival[row]), 4) == survival


@pytest.mark.parametrize(("week", "error"), ERRORS)
def test_the_standard_error_is_that_of_greenwood(week: float, error: float) -> None:
    time, event = marked(TREATED)
    found = estimate_survival_at(estimate_kaplan_meier(time, event=event), at=week)
    assert round(float(found.standard_error[0]), 4) == error


@pytest.mark.parametrize(("week", "left"), CONTROL)
def test_without_censoring_survival_is_the_share_that_is_left(week: float, left: int) -> None:
    time, event = marked(PLACEBO)
    found = estimate_survival_at(estimate_kaplan_meier(time, event=event), at=week)
    share = left / 21
    assert found.survival[0] == pytest.approx(share)
    if left:
        binomial = math.sqrt(share * (1 - share) / 21)
        assert found.standard_error[0] == pytest.approx(binomial)


def test_half_stay_in_remission_for_23_weeks_against_8() -> None:
    medians = []
    for text in (TREATED, PLACEBO):
        time, event = marked(text)
        medians.append(estimate_quantile(estimate_kaplan_meier(time, event=event)).value)
    assert medians == [23, 8]


def test_the_log_rank_test_is_the_printed_one() -> None:
    time, event, group = both()
    found = compare_logrank(time, event=event, group=group)
    assert found.observed.tolist() == [21, 9]
    assert found.expected.round(2).tolist() == [10.75, 19.25]
    assert found.variance[1, 1] == pytest.approx(6.2570, abs=5e-5)
    assert found.test.statistic == pytest.approx(16.79, abs=5e-3)
    assert found.z < 0  # fewer relapses than expected on treatment


# Cox model: coefficient and standard error by each way to break ties
@pytest.mark.parametrize(
    ("ties", "coefficient", "error"),
    [(Ties.BRESLOW, -1.5092, 0.4096), (Ties.EFRON, -1.5721, 0.4124)],
)
def test_the_hazard_ratio_is_the_printed_one(ties: Ties, coefficient: float, error: float) -> None:
    time, event, group = both()
    covariates = group.astype(np.float64)[:, None]
    fit = estimate_cox(time, event=event, covariates=covariates, ties=ties)
    found = estimate_hazard_ratio(fit)
    assert found.log_value == pytest.approx(coefficient, abs=5e-5)
    assert found.standard_error == pytest.approx(error, abs=5e-5)
    assert found.value == pytest.approx(math.exp(coefficient), abs=5e-5)
    assert found.lower < found.value < found.upper < 1


def test_remission_without_treatment_lasts_a_mean_of_eight_and_two_thirds_weeks() -> None:
    time, event = marked(PLACEBO)
    mean = estimate_rmst(estimate_kaplan_meier(time, event=event), horizon=23)
    assert mean.value == pytest.approx(182 / 21)  # nobody censored: the plain mean
    assert mean.standard_error == pytest.approx(time.std() / math.sqrt(21))


def test_every_way_to_compare_the_arms_says_the_same_direction() -> None:
    time, event, group = both()
    curves = [estimate_kaplan_meier(t, event=e) for t, e in map(marked, (PLACEBO, TREATED))]
    gain = compare_rmst(time, event=event, group=group, horizon=22)
    at_ten = compare_milestone(curves[0], second=curves[1], at=10)
    assert gain.difference > 0
    assert gain.ratio > 1
    assert at_ten.difference == pytest.approx(0.7529 - 8 / 21, abs=5e-5)
    assert max(gain.p_value, at_ten.test.p_value) < 0.05
