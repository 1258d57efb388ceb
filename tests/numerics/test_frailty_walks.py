"""The walks over the risk sets and back: written out by hand, and each the other's transpose."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Sampling, Ties, climb_cox, estimate_cox, summarise_top
from equipoise.numerics.hazards.cox_design import CoxDesign, build_design
from equipoise.numerics.hazards.frailty_gamma import climb_gamma
from equipoise.numerics.hazards.frailty_sums import (
    FrailtyLaw,
    build_frailty_model,
    evaluate_frailty,
)
from equipoise.numerics.hazards.frailty_walks import (
    build_walk,
    collect_risk,
    spread_steps,
    sum_of_products,
)

N = 20
Table = NDArray[np.float64]
SEEDS = st.integers(0, 10_000)


def design_of(seed: int, *, late: bool) -> tuple[CoxDesign, NDArray[np.int64]]:
    """Twenty rows in whole days, half may come on their last; and their strata."""
    rng = np.random.default_rng(seed)
    time, event = rng.integers(1, 7, N) + 0.0, rng.integers(0, 2, N)
    entry = np.where(rng.uniform(size=N) < 0.5, 0.5, time - 1) if late else None
    stratum = rng.integers(0, 1 + seed % 3, N)
    sampling = Sampling(entry=entry)
    design = build_design(time, event=event, covariates=time, stratum=stratum, sampling=sampling)
    return design, stratum[design.order]


def at_risk(design: CoxDesign, stratum: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows (n,) each event time (m,) sees, from the times alone."""
    entry = design.entry if design.entry.size else np.full(N, -1.0)
    return np.array([
        (stratum == stratum[begin]) & (design.time >= design.time[begin])
        & (entry < design.time[begin]) for begin in design.begin
    ]).reshape(-1, N)  # fmt: skip


@settings(max_examples=40)
@given(SEEDS, st.booleans())
def test_the_sums_over_who_stays_and_who_fails_are_those_written_out(seed: int, late: bool) -> None:
    design, stratum = design_of(seed, late=late)
    value, totals = np.random.default_rng(seed).normal(size=N), np.empty((design.begin.size, 2))
    collect_risk(build_walk(design), value, np.empty(N), totals)
    for k, seen in enumerate(at_risk(design, stratum)):
        fails = seen & (design.event == 1) & (design.time == design.time[design.begin[k]])
        assert totals[k] == pytest.approx([value[seen & ~fails].sum(), value[fails].sum()])


@settings(max_examples=40)
@given(SEEDS, st.booleans())
def test_either_walk_is_the_transpose_of_the_other(seed: int, late: bool) -> None:
    """A value at risk meets the same steps whether it is summed or they are, strata or not."""
    (design, _), rng = design_of(seed, late=late), np.random.default_rng(seed)
    walk, m = build_walk(design), design.begin.size
    value, seen, totals = rng.normal(size=N), np.empty(N), np.empty((m, 2))
    steps = np.append(rng.normal(size=2 * m), 0.0)
    collect_risk(walk, value, np.empty(N), totals)
    product = float(steps[:-1] @ totals.ravel())
    spread_steps(walk, steps, seen)

    assert float(value @ seen) == pytest.approx(product, abs=1e-12)
    assert sum_of_products(value, seen) == pytest.approx(product, abs=1e-12)


@pytest.mark.parametrize("size", [0, 1, 3, 4, 9])
def test_four_sums_side_by_side_are_the_one(size: int) -> None:
    a = np.arange(size, dtype=np.float64) + 1
    b = a - 3
    assert sum_of_products(a, b) == (a * b).sum()


def test_a_top_is_summarised_as_the_estimate_is() -> None:
    design, stratum = design_of(5, late=False)
    top = climb_cox(design, ties=Ties.EFRON)
    given = np.argsort(design.order)
    fit = estimate_cox(
        design.time[given], event=design.event[given],
        covariates=design.x[given] * design.scale + design.centre,
        stratum=stratum[given],
    )  # fmt: skip
    found = summarise_top(top)

    assert top.path is not None
    assert found.coefficients == pytest.approx(fit.coefficients, rel=1e-10)
    assert found.score_test.statistic == pytest.approx(fit.score_test.statistic)


def test_a_top_of_nothing_told_says_so() -> None:
    design = build_design([1.0, 2, 3], event=[1, 1, 0], covariates=[2.0, 2, 2])
    top = climb_cox(design, ties=Ties.EFRON)

    assert top.path is None
    assert "no event has covariates that differ" in summarise_top(top).message


def test_a_climb_starts_where_hazards_are_so_large_that_only_few_are_left() -> None:
    """A variance times a hazard of hundreds is cut: the start is finite, and the top is found."""
    rng = np.random.default_rng(4)
    code, x = np.repeat(np.arange(40), 5), rng.normal(size=200)
    time = rng.exponential(np.exp(rng.normal(size=40))[code] * np.exp(-0.5 * x))
    design = build_design(time, event=np.ones(200, dtype=int), covariates=x)
    model = build_frailty_model(design, code=code, clusters=40, law=FrailtyLaw.GAMMA)
    null = evaluate_frailty(model, beta=np.zeros(1), logs=np.zeros(40), variance=1.0)
    tops = [climb_gamma(model, start=replace(null, variance=v)) for v in (1e-4, 1.0, 200.0)]

    assert null.hazard.max() * 200 > 1000
    assert tops[0].likelihood == pytest.approx(tops[1].likelihood, rel=1e-12)
    assert tops[2].state.variance == pytest.approx(tops[1].state.variance, rel=1e-8)
