"""Those who stay stand in for those like them who left."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.hazards.cox import Ties, estimate_cox
from equipoise.numerics.sensitivity.censoring_weights import effective_size, weigh_stayers
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from naive.stayers import weight_before

PATIENT = st.tuples(st.integers(1, 8).map(float), st.integers(0, 2), st.integers(-2, 2).map(float))


@given(st.lists(PATIENT, min_size=3, max_size=20))
def test_weights_equal_the_twin(patients: list[tuple[float, int, float]]) -> None:
    time = np.array([t for t, _, _ in patients])
    status = np.array([s for _, s, _ in patients])
    x = np.array([c for _, _, c in patients])
    rows = weigh_stayers(time, event=status == 1, left=status == 2, covariates=x)
    if rows.message or not (status == 2).any():
        assert (rows.weight == 1).all()
        return
    fit = estimate_cox(time, event=status == 2, covariates=x, ties=Ties.BRESLOW)
    leaving = [(t, int(s == 2), c) for t, s, c in patients]
    beta = float(fit.coefficients[0])
    for row, stop, weight in zip(rows.row, rows.time, rows.weight, strict=True):
        assert weight == pytest.approx(weight_before(leaving, beta, float(x[row]), stop), rel=1e-9)


@given(st.lists(PATIENT, min_size=1, max_size=20))
def test_the_rows_of_a_patient_fill_his_time(patients: list[tuple[float, int, float]]) -> None:
    time = np.array([t for t, _, _ in patients])
    status = np.array([s for _, s, _ in patients])
    x = np.array([c for _, _, c in patients])
    rows = weigh_stayers(time, event=status == 1, left=status == 2, covariates=x)

    for patient in range(time.size):
        own = rows.row == patient
        assert rows.entry[own][0] == 0.0
        assert rows.time[own][-1] == time[patient]
        assert (rows.entry[own][1:] == rows.time[own][:-1]).all()
        assert rows.event[own].sum() == (status[patient] == 1)


def test_weights_undo_leaving_that_depends_on_a_covariate() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    x = rng.normal(size=n)
    death = rng.exponential(10 * np.exp(-0.8 * x))
    leaving = rng.exponential(8 * np.exp(-1.0 * x))  # the frail leave early
    time = np.minimum(np.minimum(death, leaving), 15.0)
    event, left = (death <= time), (leaving < death) & (leaving <= 15.0)
    rows = weigh_stayers(time, event=event, left=left & ~event, covariates=x)
    true = float((death > 8.0).mean())
    naive = estimate_kaplan_meier(time, event=event)
    weighed = estimate_kaplan_meier(
        rows.time, event=rows.event, entry=rows.entry, weight=rows.weight, cluster=rows.row
    )
    biased = float(estimate_survival_at(naive, at=[8.0]).survival[0])
    told = estimate_survival_at(weighed, at=[8.0])

    assert biased - true > 0.06
    assert float(told.survival[0]) == pytest.approx(true, abs=0.03)
    assert told.lower[0] < true < told.upper[0]


def test_a_group_that_nobody_leaves_is_not_weighed() -> None:
    time, left = np.array([3.0, 5.0, 2.0, 4.0, 6.0]), np.array([0, 0, 1, 0, 1])
    event = np.array([1, 0, 0, 1, 0])
    rows = weigh_stayers(
        time, event=event, left=left, covariates=[0.0, 1.0, 0.5, -1.0, 1.5], group=[0, 0, 1, 1, 1]
    )

    assert (rows.weight[rows.row < 2] == 1).all()
    assert rows.row[rows.row < 2].tolist() == [0, 1]


def test_a_model_of_leaving_that_does_not_settle_is_told_and_not_used() -> None:
    rows = weigh_stayers([1.0, 2.0, 3.0], event=[0, 0, 1], left=[1, 0, 0], covariates=[9.0, 0, 0])

    assert "group 0: not weighed" in rows.message
    assert rows.weight.tolist() == [1.0, 1.0, 1.0]


def test_who_had_the_event_did_not_leave() -> None:
    with pytest.raises(ValueError, match="row 1 has the event and left"):
        weigh_stayers([1.0, 2.0], event=[0, 1], left=[0, 1], covariates=[0.0, 1.0])


def test_unequal_weights_count_for_fewer_rows() -> None:
    assert effective_size([2.0, 2.0, 2.0]) == 3.0
    assert effective_size([3.0, 1.0]) == pytest.approx(1.6)
    assert math.isnan(effective_size([]))
