"""Kernels of shared frailty beside their slow twins: ties, strata, late entry, rows not seen."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Sampling, estimate_cox
from equipoise.numerics.hazards.frailty_climb import invert_information, solve_information
from equipoise.numerics.hazards.frailty_gamma import integrate_gamma
from equipoise.numerics.hazards.frailty_pairs import (
    dense_information,
    laplace_likelihood,
    laplace_slope,
    own_information,
)
from equipoise.numerics.hazards.frailty_sums import (
    FrailtyLaw,
    FrailtyModel,
    FrailtyState,
    build_frailty_model,
    evaluate_frailty,
    move_hazards,
)
from naive.cox import Person
from naive.frailty import gamma_gain, laplace, penalised, penalised_slopes

CLUSTERS, COLUMNS = 4, 2
LAWS = list(FrailtyLaw)
Drawn = tuple[FrailtyModel, FrailtyState, list[Person], list[int]]


def draw(seed: int, law: FrailtyLaw) -> Drawn:
    """Sixteen rows in whole days, the half of them late, in one stratum or two."""
    rng = np.random.default_rng(seed)
    n = 16
    time = rng.integers(1, 7, n).astype(float)
    event = rng.integers(0, 2, n)
    x = rng.normal(size=(n, COLUMNS))
    entry = np.where(rng.uniform(size=n) < 0.5, -1.0, np.floor(time * rng.uniform(size=n)))
    stratum = rng.integers(0, 2, n) * (seed % 2)
    group = rng.integers(0, CLUSTERS, n)
    fit = estimate_cox(
        time, event=event, covariates=x, stratum=stratum, sampling=Sampling(entry=entry)
    )
    assume(fit.model.kept.size == COLUMNS)
    design = fit.model.design
    model = build_frailty_model(design, code=group, clusters=CLUSTERS, law=law)
    beta, logs = rng.normal(size=COLUMNS) / 2, rng.normal(size=CLUSTERS) / 2
    state = evaluate_frailty(model, beta=beta, logs=logs, variance=0.6)
    scaled = (x - design.centre) / design.scale
    people = [
        Person(time=time[i], event=int(event[i]), stratum=int(stratum[i]), entry=entry[i],
               x=tuple(scaled[i]))
        for i in range(n)
    ]  # fmt: skip
    return model, state, people, group.tolist()


def twin_of(drawn: Drawn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The twin's score and penalised information at the state."""
    model, state, people, groups = drawn
    gamma = model.law is FrailtyLaw.GAMMA
    beta, logs = state.beta.tolist(), state.logs.tolist()
    score, information = penalised_slopes(people, groups, beta, logs, state.variance, gamma)
    return np.array(score), np.array(information)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(LAWS))
def test_likelihood_score_and_hazards_are_the_twins(seed: int, law: FrailtyLaw) -> None:
    drawn = draw(seed, law)
    _, state, people, groups = drawn
    beta, logs = state.beta.tolist(), state.logs.tolist()
    value = penalised(people, groups, beta, logs, state.variance, law is FrailtyLaw.GAMMA)
    score, information = twin_of(drawn)

    assert state.penalised == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert state.score == pytest.approx(score, rel=1e-9, abs=1e-10)
    # alone a column has at least the information that it has beside those at risk with it
    assert (state.alone >= np.diag(information) - 1e-10).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(LAWS))
def test_moves_and_the_informations_are_the_twins(seed: int, law: FrailtyLaw) -> None:
    drawn = draw(seed, law)
    model, state, _, _ = drawn
    _, information = twin_of(drawn)
    penalty = np.r_[np.zeros(COLUMNS), (state.alone[COLUMNS:] - state.hazard)]
    images = [move_hazards(model, state=state, towards=unit).image for unit in np.eye(6)]
    block = information[COLUMNS:, COLUMNS:]

    assert np.stack(images) + np.diag(penalty) == pytest.approx(information, abs=1e-9)
    assert dense_information(model, state=state) == pytest.approx(block, abs=1e-9)
    own = own_information(model, state=state) + penalty[COLUMNS:]
    assert own == pytest.approx(np.diag(block), abs=1e-9)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(LAWS))
def test_solutions_and_the_covariance_are_those_of_the_twins_matrix(
    seed: int, law: FrailtyLaw
) -> None:
    drawn = draw(seed, law)
    model, state, _, _ = drawn
    inverse = np.linalg.inv(twin_of(drawn)[1])
    right = np.linspace(-1, 2, 6)
    found = solve_information(model, state=state, right=right)
    near = solve_information(model, state=state, right=right, tolerance=0.1)

    assert found == pytest.approx(inverse @ right, rel=1e-6, abs=1e-8)
    assert near == pytest.approx(found, abs=0.5 * float(np.abs(found).max()))
    block = inverse[:COLUMNS, :COLUMNS]
    assert invert_information(model, state=state) == pytest.approx(block, rel=1e-8, abs=1e-10)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_the_likelihoods_with_frailties_integrated_out_are_the_twins(seed: int) -> None:
    model, state, people, groups = draw(seed, FrailtyLaw.NORMAL)
    beta, logs = state.beta.tolist(), state.logs.tolist()
    normal = laplace(people, groups, beta, logs, state.variance)
    assert laplace_likelihood(model, state=state) == pytest.approx(normal, rel=1e-11)
    assert laplace_slope(model, state=state).likelihood == pytest.approx(normal, rel=1e-11)

    model, state, people, groups = draw(seed, FrailtyLaw.GAMMA)
    gain = gamma_gain(model.deaths.tolist(), state.variance)
    gamma = penalised(people, groups, state.beta.tolist(), state.logs.tolist(), 0.6, True) + gain
    assert integrate_gamma(model, state=state).likelihood == pytest.approx(gamma, rel=1e-11)
