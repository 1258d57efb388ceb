"""Marginal models of several events: the twin of their influence, one kind, copies, bad rows."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.hazards.cox import Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.wei_lin_weissfeld import (
    SeveralEvents,
    combine_kinds,
    estimate_marginal_cox,
)
from naive.cox import Person, score_and_information, score_residual


def draw(seed: int, *, n: int = 14, kinds: int = 2) -> SeveralEvents:
    """`n` patients with a row for each kind, in no order, many ties."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n * kinds)
    arm = rng.integers(0, 2, n).astype(float)
    return SeveralEvents(
        time=rng.integers(1, 9, n * kinds)[order],
        event=(rng.random(n * kinds) < 0.7)[order],
        kind=np.repeat(np.arange(kinds), n)[order],
        subject=np.tile(np.arange(n), kinds)[order],
        covariates=np.tile(arm, kinds)[order],
    )


def of_kind(rows: SeveralEvents, kind: int) -> tuple[list[Person], list[int]]:
    own = [i for i, code in enumerate(np.asarray(rows.kind)) if code == kind]
    time, event, x = (np.asarray(v) for v in (rows.time, rows.event, rows.covariates))
    persons = [Person(time=time[i], event=int(event[i]), x=(float(x[i]),)) for i in own]
    return persons, [int(np.asarray(rows.subject)[i]) for i in own]


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from([Ties.EFRON, Ties.BRESLOW]))
def test_the_joint_covariance_is_the_sum_of_the_twins_influences(seed: int, ties: Ties) -> None:
    rows = draw(seed)
    found = estimate_marginal_cox(rows, ties=ties)
    assume(not found.message)
    moved = np.zeros((14, 2))
    for kind in (0, 1):
        persons, who = of_kind(rows, kind)
        beta, efron = [float(found.coefficients[kind, 0])], ties is Ties.EFRON
        score, information = score_and_information(persons, beta, efron)
        assert score[0] == pytest.approx(0, abs=1e-7)
        for i, subject in enumerate(who):
            residual = score_residual(persons, i, beta, efron)[0]
            moved[subject, kind] += residual / information[0][0]

    assert np.allclose(found.covariance[:, 0, :, 0], moved.T @ moved, rtol=1e-6, atol=1e-9)


def test_one_kind_is_the_cox_model_with_robust_errors() -> None:
    rows = draw(5, n=40, kinds=1)
    common = combine_kinds(estimate_marginal_cox(rows))
    fit = estimate_cox(
        rows.time, event=rows.event, covariates=rows.covariates,
        sampling=Sampling(cluster=rows.subject),
    )  # fmt: skip
    assert fit.robust_covariance is not None

    assert common.effect.log_value == pytest.approx(fit.coefficients[0])
    assert common.effect.standard_error**2 == pytest.approx(fit.robust_covariance[0, 0])
    assert common.weight.tolist() == [1]
    assert common.global_test.statistic == pytest.approx(common.effect.z**2)
    assert math.isnan(common.equality_test.p_value)


def test_the_average_lies_between_the_kinds_where_weights_are_positive_and_has_less_variance() -> (
    None
):
    found = estimate_marginal_cox(draw(2, n=80, kinds=3))
    common = combine_kinds(found)
    errors = np.sqrt(np.diag(found.covariance[:, 0, :, 0]))

    assert common.weight.sum() == pytest.approx(1)
    assert common.effect.standard_error <= errors.min()
    assert common.global_test.degrees_of_freedom == 3
    assert common.equality_test.degrees_of_freedom == 2
    total = common.effect.z**2 + common.equality_test.statistic
    assert common.global_test.statistic == pytest.approx(total)


def test_a_kind_without_events_in_one_arm_is_named_and_has_no_weight() -> None:
    rows = draw(7, n=40)
    lost = (np.asarray(rows.kind) == 1) & (np.asarray(rows.covariates) == 1)
    found = estimate_marginal_cox(replace(rows, event=np.where(lost, 0, rows.event)))
    common = combine_kinds(found)

    assert found.message.startswith("kind 1: the likelihood rises without end")
    assert math.isnan(found.coefficients[1, 0])
    assert common.weight.tolist() == [1, 0]
    assert common.global_test.degrees_of_freedom == 1


def test_a_kind_that_copies_another_cannot_be_combined() -> None:
    rows = draw(3, n=30, kinds=1)
    twice = {
        name: np.tile(np.asarray(getattr(rows, name)), 2)
        for name in ("time", "event", "subject", "covariates")
    }
    found = estimate_marginal_cox(SeveralEvents(**twice, kind=np.repeat([0, 1], 30)))

    with pytest.raises(ValueError, match="move together: combine fewer kinds"):
        combine_kinds(found)


def test_no_event_at_all_tells_no_effect() -> None:
    rows = draw(3)
    common = combine_kinds(estimate_marginal_cox(replace(rows, event=np.zeros(28, dtype=int))))

    assert math.isnan(common.effect.value)
    assert math.isnan(common.global_test.p_value)
    assert math.isnan(common.equality_test.p_value)


def test_wrong_rows_are_refused() -> None:
    rows = draw(1)
    with pytest.raises(ValueError, match=r"kind\[0\] is -1"):
        estimate_marginal_cox(replace(rows, kind=np.full(28, -1)))
    with pytest.raises(ValueError, match="subject has shape"):
        estimate_marginal_cox(replace(rows, subject=[1]))
    with pytest.raises(ValueError, match=r"covariates\[0, 0\] is nan"):
        estimate_marginal_cox(replace(rows, covariates=np.full(28, np.nan)))
