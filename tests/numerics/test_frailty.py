"""Shared frailty: the twin, the integral, no and strong clustering, strata, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Sampling, estimate_cox
from equipoise.numerics.hazards.frailty import Frailty, estimate_frailty
from equipoise.numerics.hazards.frailty_climb import (
    climb_frailty,
    invert_information,
    solve_information,
)
from equipoise.numerics.hazards.frailty_gamma import climb_gamma, integrate_gamma
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
)
from equipoise.numerics.hazards.frailty_variance import find_variance
from naive.cox import Person
from naive.frailty import gamma_gain, gamma_marginal, penalised

Table = NDArray[np.float64]
LAWS = list(FrailtyLaw)


def draw(
    seed: int, *, clusters: int = 5, size: int = 4, days: bool = True
) -> tuple[Table, NDArray[np.int64], Table, NDArray[np.int64]]:
    """Times, events, an arm and clusters; with `days` there are ties."""
    rng = np.random.default_rng(seed)
    n = clusters * size
    group = np.repeat(np.arange(clusters), size)
    x = rng.integers(0, 2, n).astype(float)
    hazard = np.exp(-0.5 * x + rng.normal(size=clusters)[group])
    time, end = rng.exponential(6 / hazard), rng.uniform(2, 20, n)
    seen = np.minimum(time, end)
    return np.ceil(seen) if days else seen, (time <= end).astype(np.int64), x, group


def fit(
    seed: int,
    law: FrailtyLaw = FrailtyLaw.GAMMA,
    clusters: int = 5,
    size: int = 4,
    days: bool = True,
) -> tuple[Frailty, list[Person], list[int]]:
    time, event, x, group = draw(seed, clusters=clusters, size=size, days=days)
    found = estimate_frailty(
        time, event=event, covariates=x, sampling=Sampling(cluster=group), law=law
    )
    persons = [Person(time=t, event=int(e), x=(a,)) for t, e, a in zip(time, event, x, strict=True)]
    return found, persons, group.tolist()


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.sampled_from(LAWS))
def test_coefficients_and_frailties_are_the_top_of_the_twins_likelihood(
    seed: int, law: FrailtyLaw
) -> None:
    found, persons, groups = fit(seed, law)
    assume(found.converged and found.variance > 0)
    beta, logs = found.coefficients.tolist(), np.log(found.frailty).tolist()

    def value(moved: int, step: float) -> float:
        at = [*beta, *logs]
        at[moved] += step
        return penalised(persons, groups, at[:1], at[1:], found.variance, law is FrailtyLaw.GAMMA)

    for place in range(1 + len(logs)):
        slope = (value(place, 1e-4) - value(place, -1e-4)) / 2e-4
        assert slope == pytest.approx(0, abs=1e-6)


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_the_variance_of_gamma_frailties_is_the_top_of_the_twins_likelihood(seed: int) -> None:
    found, persons, groups = fit(seed)
    assume(found.converged and found.variance > 1e-3)
    deaths = [
        sum(p.event for p, g in zip(persons, groups, strict=True) if g == c) for c in range(5)
    ]
    beta, logs = found.coefficients.tolist(), np.log(found.frailty).tolist()

    def value(step: float) -> float:
        variance = found.variance * math.exp(step)
        return penalised(persons, groups, beta, logs, variance, True) + gamma_gain(deaths, variance)

    assert value(0) == pytest.approx(found.log_likelihood)
    assert (value(1e-4) - value(-1e-4)) / 2e-4 == pytest.approx(0, abs=1e-6)


def test_without_ties_the_likelihood_is_the_integral_over_the_frailties() -> None:
    found, persons, groups = fit(12, clusters=6, days=False)
    logs = np.log(found.frailty).tolist()
    integral = gamma_marginal(persons, groups, float(found.coefficients[0]), logs, found.variance)

    assert found.variance > 0.1
    assert integral == pytest.approx(found.log_likelihood - found.n_events, rel=1e-9)


def model_with_everything(law: FrailtyLaw, seed: int = 3) -> tuple[FrailtyModel, FrailtyState]:
    """Ties, strata and late entry, and the state without frailties."""
    time, event, x, group = draw(seed, clusters=8)
    cox = estimate_cox(
        time, event=event, covariates=x, stratum=np.arange(32) % 2,
        sampling=Sampling(entry=np.floor(time / 3) - (time < 3)),
    )  # fmt: skip
    model = build_frailty_model(cox.model.design, code=group, clusters=8, law=law)
    return model, evaluate_frailty(model, beta=cox.model.beta, logs=np.zeros(8), variance=0.7)


def integrated_likelihood(model: FrailtyModel, state: FrailtyState) -> float:
    if model.law is FrailtyLaw.NORMAL:
        return laplace_likelihood(model, state=state)
    return integrate_gamma(model, state=state).likelihood


def test_laplaces_likelihood_slopes_along_the_variance_as_its_differences_say() -> None:
    model, flat = model_with_everything(FrailtyLaw.NORMAL)
    state = climb_frailty(model, start=flat, variance=0.7)

    def value(step: float) -> float:
        moved = climb_frailty(model, start=state, variance=0.7 * math.exp(step))
        return laplace_likelihood(model, state=moved)

    near, far = value(1e-2) - value(-1e-2), value(2e-2) - value(-2e-2)
    slope = laplace_slope(model, state=state)
    assert slope.whole == pytest.approx((8 * near - far) / 0.12, rel=1e-7)
    assert slope.likelihood == pytest.approx(value(0), rel=1e-12)


def test_laplaces_slope_of_clusters_apart_is_that_of_their_own_information() -> None:
    model, flat = model_with_everything(FrailtyLaw.NORMAL)
    state = climb_frailty(model, start=flat, variance=0.7)

    def value(step: float) -> float:
        moved = climb_frailty(model, start=state, variance=0.7 * math.exp(step))
        own = own_information(model, state=moved) + 1 / moved.variance
        return moved.penalised - float(np.log(own * moved.variance).sum()) / 2

    near, far = value(1e-2) - value(-1e-2), value(2e-2) - value(-2e-2)
    slope = laplace_slope(model, state=state, whole=False)
    assert slope.apart == pytest.approx((8 * near - far) / 0.12, rel=1e-4)
    assert slope.apart != pytest.approx(laplace_slope(model, state=state).whole, rel=1e-3)
    assert math.isnan(slope.whole)


def test_the_gamma_likelihood_slopes_and_bends_along_the_variance_as_its_differences_say() -> None:
    model, flat = model_with_everything(FrailtyLaw.GAMMA)
    logs = np.linspace(-1, 0.8, 8)

    def value(step: float) -> float:
        variance = 0.7 * math.exp(step)
        moved = evaluate_frailty(model, beta=flat.beta, logs=logs, variance=variance)
        return integrate_gamma(model, state=moved).likelihood

    state = evaluate_frailty(model, beta=flat.beta, logs=logs, variance=0.7)
    place = integrate_gamma(model, state=state)
    bend = (value(1e-2) + value(-1e-2) - 2 * value(0)) / 1e-4
    assert (value(1e-3) - value(-1e-3)) / 2e-3 == pytest.approx(place.slope, rel=1e-5)
    assert bend == pytest.approx(place.bend, rel=1e-3)


@pytest.mark.parametrize("law", LAWS)
def test_the_score_is_the_slope_also_where_a_row_is_never_at_risk(law: FrailtyLaw) -> None:
    """With and without others that come late; the value is that of the rows seen."""
    time, event, x, group = draw(9, clusters=6)
    last = time >= np.sort(time[event == 1])[-2]
    time, event = np.where(last, 40.0, time), np.where(last, 0, event)
    late = [np.where(last, 39.0, -1.0), np.where(last, 39.0, np.floor(time / 3) - 0.5)]
    for entry in late:
        cox = estimate_cox(time, event=event, covariates=x, sampling=Sampling(entry=entry))
        design = cox.model.design
        model = build_frailty_model(design, code=group, clusters=6, law=law)
        at = np.r_[cox.model.beta, np.linspace(-0.5, 0.7, 6)]

        def look(at: Table, model: FrailtyModel = model) -> FrailtyState:
            return evaluate_frailty(model, beta=at[:1], logs=at[1:], variance=0.6)

        assert design.idle.size == last.sum()
        for unit, slope in zip(np.eye(7) * 1e-5, look(at).score, strict=True):
            rise = look(at + unit).penalised - look(at - unit).penalised
            assert rise / 2e-5 == pytest.approx(slope, abs=1e-7)
        flat = look(np.r_[cox.model.beta, np.zeros(6)])
        assert flat.penalised == pytest.approx(cox.log_likelihood)


def test_gamma_frailties_climb_to_one_top_from_near_and_far() -> None:
    """Also from where the likelihood bends upwards along the variance."""
    model, flat = model_with_everything(FrailtyLaw.GAMMA, seed=14)
    tops = [
        climb_gamma(model, start=replace(flat, variance=variance))
        for variance in (1e-5, 0.01, 0.3, 5.0, 300.0)
    ]
    for top in tops:
        assert top.words == ""
        assert top.state.variance == pytest.approx(tops[0].state.variance, rel=1e-8)
        assert top.likelihood == pytest.approx(tops[0].likelihood, rel=1e-13)


@pytest.mark.parametrize("law", LAWS)
def test_the_covariance_is_the_block_of_the_inverse(law: FrailtyLaw) -> None:
    model, flat = model_with_everything(law)
    state = climb_frailty(model, start=flat, variance=0.7)
    inverse = np.stack([solve_information(model, state=state, right=unit) for unit in np.eye(9)])

    assert np.allclose(invert_information(model, state=state), inverse[:1, :1], rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_the_variance_found_is_the_top_also_with_strata_and_late_entry(law: FrailtyLaw) -> None:
    model, flat = model_with_everything(law, seed=14)
    top = find_variance(model, null=flat)
    state = top.state
    assert top.words == ""
    assert top.likelihood == pytest.approx(integrated_likelihood(model, state), rel=1e-13)

    def value(step: float) -> float:
        moved = climb_frailty(model, start=state, variance=state.variance * math.exp(step))
        return integrated_likelihood(model, moved)

    near, far = value(1e-2) - value(-1e-2), value(2e-2) - value(-2e-2)
    bend = (value(1e-2) + value(-1e-2) - 2 * value(0)) / 1e-4
    assert bend < -0.01
    assert (8 * near - far) / 0.12 / bend == pytest.approx(0, abs=1e-8)


def test_the_information_of_each_frailty_alone_is_the_diagonal_of_all() -> None:
    model, flat = model_with_everything(FrailtyLaw.NORMAL)
    whole = np.diag(dense_information(model, state=flat)) - 1 / 0.7

    assert np.allclose(own_information(model, state=flat), whole, rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_the_gradients_solve_what_the_whole_matrix_solves(law: FrailtyLaw) -> None:
    """Also with strata and late entry; the covariance is a block of the inverse."""
    model, flat = model_with_everything(law)
    state = climb_frailty(model, start=flat, variance=0.7)
    dense = dense_information(model, state=state)
    unit = np.r_[0.0, np.eye(8)[2]]
    full = np.stack([solve_information(model, state=state, right=u) for u in np.eye(9)])

    assert state.penalised > flat.penalised
    assert np.allclose(np.linalg.inv(full)[1:, 1:], dense, rtol=1e-9, atol=1e-9)
    assert np.allclose(full, full.T, rtol=1e-9, atol=1e-12)
    assert np.allclose(full[3], solve_information(model, state=state, right=unit))


@pytest.mark.parametrize("law", LAWS)
def test_clusters_that_do_not_differ_have_no_frailty(law: FrailtyLaw) -> None:
    """Each cluster has the same times: less than chance between them."""
    time, event, x, _ = draw(6, clusters=1, size=6)
    x[:2] = [0, 1]
    group = np.repeat(np.arange(5), 6)
    time, event, x = np.tile(time, 5), np.tile(event, 5), np.tile(x, 5)
    found = estimate_frailty(
        time, event=event, covariates=x, sampling=Sampling(cluster=group), law=law
    )
    plain = estimate_cox(time, event=event, covariates=x)

    assert found.variance == 0
    assert "no frailty" in found.message
    assert np.array_equal(found.frailty, np.ones(5))
    assert np.allclose(found.coefficients, plain.coefficients)
    assert np.allclose(found.covariance, plain.covariance)
    assert found.variance_test.p_value == 1


@pytest.mark.parametrize("law", LAWS)
def test_clusters_that_are_never_at_risk_beside_others_tell_of_no_frailty(law: FrailtyLaw) -> None:
    """Each a stratum of its own, or one cluster of all: nothing but rounding is left."""
    time, event, x, group = draw(2)
    for stratum, cluster in ((group, group), (None, 0 * group)):
        found = estimate_frailty(
            time, event=event, covariates=x, stratum=stratum, sampling=Sampling(cluster=cluster),
            law=law,
        )  # fmt: skip
        assert found.variance == 0
        assert "no frailty" in found.message


@pytest.mark.parametrize("law", LAWS)
def test_a_variance_beyond_all_bounds_is_said_to_be_so(law: FrailtyLaw) -> None:
    """All of a cluster fail before all of the next; gammas are less wide than normals."""
    time, _, x, group = draw(4, clusters=8, size=6)
    found = estimate_frailty(
        time + 100 * group,
        event=np.ones(48, dtype=int),
        covariates=x,
        sampling=Sampling(cluster=group),
        law=law,
    )

    assert found.converged == (law is FrailtyLaw.GAMMA)
    assert ("without end" in found.message) == (law is FrailtyLaw.NORMAL)
    assert found.variance > 1


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from(LAWS))
def test_no_frailty_is_found_where_the_likelihood_falls_from_the_least_variance_on(
    seed: int, law: FrailtyLaw
) -> None:
    """Whether by its slope at a variance of 0 or by climbs."""
    time, event, x, group = draw(seed, clusters=8, size=3)
    cox = estimate_cox(time, event=event, covariates=x)
    assume(cox.converged)
    model = build_frailty_model(cox.model.design, code=group, clusters=8, law=law)
    flat = evaluate_frailty(model, beta=cox.model.beta, logs=np.zeros(8), variance=1.0)
    found = find_variance(model, null=flat).words
    low, high = (climb_frailty(model, start=flat, variance=v) for v in (1e-5, 1e-3))
    rises = integrated_likelihood(model, high) > integrated_likelihood(model, low)

    assert rises == (not found.startswith("no frailty"))


@pytest.mark.parametrize("law", LAWS)
def test_clusters_that_differ_much_are_seen_and_pull_the_effect_from_one(law: FrailtyLaw) -> None:
    found, _, _ = fit(5, law, clusters=40, size=5)
    time, event, x, _ = draw(5, clusters=40, size=5)
    plain = estimate_cox(time, event=event, covariates=x)

    assert 0.4 < found.variance < 2
    assert found.variance_test.p_value < 1e-4
    assert found.coefficients[0] < plain.coefficients[0] < 0
    assert found.covariance[0, 0] > plain.covariance[0, 0]
    assert found.frailty.min() < 0.5
    assert found.frailty.max() > 1.5


def test_labels_may_be_words_and_columns_without_information_stay_nan() -> None:
    time, event, x, group = draw(7, clusters=6)
    words = np.array(["a", "b", "c", "d", "e", "f"])[group]
    found = estimate_frailty(
        time, event=event, covariates=np.c_[np.ones(24), x], sampling=Sampling(cluster=words)
    )
    alone = estimate_frailty(time, event=event, covariates=x, sampling=Sampling(cluster=group))

    assert found.clusters.tolist() == ["a", "b", "c", "d", "e", "f"]
    assert math.isnan(found.coefficients[0])
    assert found.coefficients[1] == pytest.approx(alone.coefficients[0])
    assert "covariate 0" in found.message


def test_an_arm_without_an_event_tells_nothing() -> None:
    time, event, x, group = draw(8)
    found = estimate_frailty(
        time, event=np.where(x == 1, 0, event), covariates=x, sampling=Sampling(cluster=group)
    )

    assert not found.converged
    assert "without end" in found.message
    assert math.isnan(found.variance)
    assert np.isnan(found.frailty).all()
    assert math.isnan(found.variance_test.p_value)


def test_wrong_samplings_are_refused() -> None:
    time, event, x, group = draw(1)
    for sampling in (Sampling(), Sampling(cluster=group, weight=np.ones(20))):
        with pytest.raises(ValueError, match="shared by a cluster, and have no weights"):
            estimate_frailty(time, event=event, covariates=x, sampling=sampling)
    with pytest.raises(ValueError, match="cluster has shape"):
        estimate_frailty(time, event=event, covariates=x, sampling=Sampling(cluster=[1, 2]))
    n = 2001
    with pytest.raises(ValueError, match="2001 clusters with normal frailties: 2000 at most"):
        estimate_frailty(
            np.arange(n), event=np.ones(n, dtype=int), covariates=np.arange(n) % 2,
            sampling=Sampling(cluster=np.arange(n)), law=FrailtyLaw.NORMAL,
        )  # fmt: skip
