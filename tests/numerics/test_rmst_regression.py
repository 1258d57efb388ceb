"""Adjusted mean times: the areas without covariates, the weights of Tian, Zhao and Wei by hand."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.survival.pseudo_values import Link
from equipoise.numerics.survival.rmst import compare_rmst
from equipoise.numerics.survival.rmst_regression import regress_rmst

RNG = np.random.default_rng(11)
N = 40
TIME = RNG.permutation(np.arange(1, N + 1)).astype(np.float64)
EVENT = RNG.integers(0, 2, N)
GROUP = np.arange(N) % 2
AGE = RNG.normal(size=N)
HORIZON = 30.0


def chance_not_censored(rows: NDArray[np.int64], time: float) -> float:
    """Kaplan-Meier of censoring just before a time, one risk set after another."""
    kept = 1.0
    for row in rows[np.argsort(TIME[rows])]:
        if TIME[row] < min(time, HORIZON) and EVENT[row] == 0:
            kept *= 1 - 1 / np.sum(TIME[rows] >= TIME[row])
    return kept


def twin(link: Link) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients and covariance, the censoring terms row by row."""
    design = np.c_[np.ones(N), GROUP, AGE]
    known = (EVENT == 1) | (TIME >= HORIZON)
    outcome = np.minimum(TIME, HORIZON)
    arms = [np.flatnonzero(arm == GROUP) for arm in (0, 1)]
    weight = np.array(
        [k / chance_not_censored(arms[g], t) for k, g, t in zip(known, GROUP, TIME, strict=True)]
    )
    beta = np.r_[math.log(outcome.mean()) if link is Link.LOG else 0.0, 0, 0]
    for _ in range(60):
        mean = np.exp(design @ beta) if link is Link.LOG else design @ beta
        slope = mean if link is Link.LOG else np.ones(N)
        hessian = (design * (weight * slope)[:, None]).T @ design
        beta = beta + np.linalg.solve(hessian, design.T @ (weight * (outcome - mean)))
    score = design * (weight * (outcome - mean))[:, None]
    total = np.zeros((3, 3))
    for rows in arms:
        for row in rows:
            moved = score[row].copy()
            for other in rows[~known[rows] & (TIME[rows] <= TIME[row])]:
                later = rows[TIME[rows] >= TIME[other]]
                moved -= score[later].sum(axis=0) / later.size**2
            if not known[row]:
                later = rows[TIME[rows] >= TIME[row]]
                moved += score[later].sum(axis=0) / later.size
            total += np.outer(moved, moved)
    bread = np.linalg.inv((design * slope[:, None]).T @ design)
    return beta, bread @ total @ bread


@pytest.mark.parametrize("link", [Link.IDENTITY, Link.LOG])
def test_coefficients_and_covariance_equal_the_twin(link: Link) -> None:
    found = regress_rmst(TIME, event=EVENT, group=GROUP, horizon=HORIZON, covariates=AGE, link=link)
    beta, covariance = twin(link)

    assert found.coefficient == pytest.approx(beta, rel=1e-10)
    assert found.covariance == pytest.approx(covariance, rel=1e-9)


def test_without_covariates_it_is_the_difference_of_the_areas_ties_or_not() -> None:
    time = np.ceil(TIME / 4)  # events and censorings on one day
    areas = compare_rmst(time, event=EVENT, group=GROUP, horizon=7)
    difference = regress_rmst(time, event=EVENT, group=GROUP, horizon=7)
    ratio = regress_rmst(time, event=EVENT, group=GROUP, horizon=7, link=Link.LOG)

    assert difference.coefficient[0] == pytest.approx(areas.groups[0].value)
    assert difference.coefficient[1] == pytest.approx(areas.difference)
    assert difference.standard_error[1] == pytest.approx(areas.standard_error, rel=0.02)
    assert math.exp(ratio.coefficient[1]) == pytest.approx(areas.ratio)


@pytest.mark.parametrize(("changed", "words"), [
    ({"group": np.zeros(N, int)}, "group 1 has no row"),
    ({"horizon": math.inf}, "horizon must be finite"),
    ({"link": Link.LOGIT}, "differences or ratios"),
    ({"covariates": np.c_[AGE, 2 * AGE]}, r"covariates\[:, 1\] is determined"),
    ({"covariates": np.where(AGE > 1, np.nan, AGE)}, r"covariates\[\d+, 0\] is nan"),
])  # fmt: skip
def test_what_cannot_be_fitted_is_refused(changed: dict[str, object], words: str) -> None:
    wanted: dict[str, object] = {"event": EVENT, "group": GROUP, "horizon": HORIZON, **changed}
    with pytest.raises(ValueError, match=words):
        regress_rmst(TIME, **wanted)  # type: ignore[arg-type]


def test_a_follow_up_that_ends_before_the_horizon_leaves_all_open() -> None:
    event = np.where(TIME > 38, 0, EVENT)
    found = regress_rmst(TIME, event=event, group=GROUP, horizon=41.0, covariates=AGE)

    assert found.message.startswith("the follow-up of group ")
    assert np.isnan(found.coefficient).all()
    assert np.isnan(found.p_value).all()


def test_groups_without_events_before_the_horizon_have_no_test() -> None:
    found = regress_rmst([5.0, 6, 7, 8], event=[0, 1, 0, 1], group=[0, 1, 0, 1], horizon=4.0)

    assert found.coefficient == pytest.approx([4, 0])
    assert found.standard_error.tolist() == [0, 0]
    assert np.isnan(found.z).all()
