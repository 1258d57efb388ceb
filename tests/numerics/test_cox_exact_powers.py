"""Exact ties where rows come late: against subsets counted row by row, with risks far apart."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.hazards import cox_exact_powers
from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.cox_design import CoxDesign, build_design
from equipoise.numerics.hazards.cox_exact import sum_exact_likelihood

Floats = NDArray[np.float64]


class Sample:
    """Rows of a made-up trial: some come late, times are rounded up to whole numbers."""

    def __init__(self, seed: int, *, n: int, mean: float, spread: float = 1.0) -> None:
        rng = np.random.default_rng(seed)
        self.time = np.ceil(mean * rng.exponential(size=n))
        self.event = (rng.random(n) < 0.7).astype(np.int64)
        self.event[0] = 1
        self.entry = np.floor(self.time * rng.random(n) * 0.6)
        self.x = spread * rng.normal(size=(n, 2))
        self.stratum = rng.integers(0, 2, n)

    def design(self) -> CoxDesign:
        return build_design(
            self.time,
            event=self.event,
            covariates=self.x,
            stratum=self.stratum,
            sampling=Sampling(entry=self.entry),
        )


def counted(sample: Sample, beta: Floats) -> tuple[float, Floats, Floats]:
    """Log likelihood, score and information: subsets row by row, their sums as polynomials."""
    eta = (sample.x - sample.x.mean(axis=0)) @ beta
    x, value = sample.x - sample.x.mean(axis=0), 0.0
    score, information = np.zeros(2), np.zeros((2, 2))
    for time, stratum in {
        (t, s) for t, s, e in zip(sample.time, sample.stratum, sample.event, strict=True) if e
    }:
        at_risk = (sample.time >= time) & (sample.entry < time) & (sample.stratum == stratum)
        own = at_risk & (sample.time == time) & (sample.event == 1)
        failed, risk = int(own.sum()), np.exp(eta[at_risk])
        unit = risk.sum() / failed
        # a subset of m: its sum, that of its x, and that of the products of its x
        sums = np.zeros((failed + 1, 1 + 2 + 4))
        sums[0, 0] = 1.0
        for share, row in zip(risk / unit, x[at_risk], strict=True):
            before = sums.copy()
            sums[1:, 0] += share * before[:-1, 0]
            sums[1:, 1:3] += share * (before[:-1, 1:3] + np.outer(before[:-1, 0], row))
            cross = before[:-1, 1:3, None] * row + row[:, None] * before[:-1, None, 1:3]
            square = before[:-1, 0, None] * np.outer(row, row).ravel()
            sums[1:, 3:] += share * (before[:-1, 3:] + cross.reshape(failed, 4) + square)
        mean = sums[failed, 1:3] / sums[failed, 0]
        value += float(eta[own].sum()) - math.log(sums[failed, 0]) - failed * math.log(unit)
        score += x[own].sum(axis=0) - mean
        information += (sums[failed, 3:] / sums[failed, 0]).reshape(2, 2) - np.outer(mean, mean)
    return value, score, information


def assert_as_counted(sample: Sample, beta: Floats) -> None:
    design = sample.design()
    value, score, information = counted(sample, beta)
    found = sum_exact_likelihood(design, beta=beta * design.scale)

    rounding = 1e-14 * float(np.square(sample.x).sum())  # where nearly all is told by one row
    assert design.late.size
    assert found.log_likelihood == pytest.approx(value, rel=1e-12)
    assert found.score * design.scale == pytest.approx(
        score, abs=1e-11 * math.sqrt(information.max()) + rounding
    )
    assert found.information * np.outer(design.scale, design.scale) == pytest.approx(
        information, abs=1e-11 * information.max() + rounding
    )


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32),
    st.integers(10, 80),
    st.sampled_from([2.0, 10.0, 60.0]),
    st.floats(-1.5, 1.5),
)
def test_subsets_of_those_at_risk_are_those_counted_row_by_row(
    seed: int, n: int, mean: float, beta: float
) -> None:
    sample = Sample(seed, n=n, mean=mean)
    if sample.design().late.size:
        assert_as_counted(sample, np.array([beta, 0.4]))


@pytest.mark.parametrize("mean", [3.0, 6.0, 20.0])
def test_many_that_tie_among_many_take_no_more_powers_than_matter(mean: float) -> None:
    """600 rows, of whom up to a hundred tie: sixteen powers, or none where these do not do."""
    assert_as_counted(Sample(5, n=600, mean=mean), np.array([0.3, -0.2]))


@pytest.mark.parametrize("spread", [4.0, 9.0])
def test_risks_far_apart_that_come_and_go_leave_nothing_behind(spread: float) -> None:
    """Beside a row with 1e15 and more of their risk, the others' own have too few digits."""
    for seed in range(20):
        assert_as_counted(Sample(seed, n=60, mean=9.0, spread=spread), np.array([2.0, 1.0]))


def test_a_risk_that_leaves_takes_its_powers_along() -> None:
    """A row a trillion times riskier than all others is there at late times only."""
    sample = Sample(2, n=40, mean=6.0)
    sample.x[7] = 28.0, 0.0
    sample.time[7], sample.event[7], sample.stratum[7] = sample.time.max() + 1, 1, 0
    sample.entry[7] = sample.time[7] - 2
    assert_as_counted(sample, np.array([1.0, 0.0]))


def test_steps_before_a_row_came_do_not_blur_its_own() -> None:
    """Eight patients, coefficients that run away: steps of 1e25 where risks are 1e-25."""
    for seed in range(40):
        sample = Sample(seed, n=8, mean=100.0, spread=3.0)
        if sample.design().late.size:
            assert_as_counted(sample, np.array([6.0, -5.0]))


def test_risks_that_all_leave_the_floats_are_no_likelihood() -> None:
    """Nobody has a risk at the first time that floats can tell from none."""
    time, event, entry = [1.0, 1.0, 2.0, 3.0], [1, 1, 1, 0], [0.0, 0.0, 1.0, 0.0]
    design = build_design(
        time,
        event=event,
        covariates=[-900.0, -900.0, 900.0, -900.0],
        sampling=Sampling(entry=entry),
    )
    sums = sum_exact_likelihood(design, beta=design.scale)

    assert sums.log_likelihood == -np.inf
    assert np.isnan(sums.score).all()


def test_powers_and_subsets_give_the_same_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample(11, n=200, mean=15.0)

    def fit() -> Cox:
        return estimate_cox(
            sample.time,
            event=sample.event,
            covariates=sample.x,
            stratum=sample.stratum,
            sampling=Sampling(entry=sample.entry),
            ties=Ties.EXACT,
        )

    by_powers = fit()
    monkeypatch.setattr(cox_exact_powers, "_POWERS", 1)
    by_one = fit()

    assert by_powers.converged
    assert by_powers.coefficients == pytest.approx(by_one.coefficients, rel=1e-12)
    assert by_powers.covariance == pytest.approx(by_one.covariance, rel=1e-11)
