"""Cox's model on designs that separate the patients or hold wild values: words, no exception."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Sampling, Ties, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.hazards.cox_design import build_design
from equipoise.numerics.hazards.cox_residuals import estimate_residuals
from equipoise.numerics.hazards.cox_sums import sum_partial_likelihood
from equipoise.numerics.hazards.proportional_hazards import compare_hazards_over_time
from equipoise.numerics.streams import draw_uniforms
from naive.cox import Person, score_and_information
from numerics.samples import columns, marked

Design = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def design(seed: int, heavy: bool, ordered: bool) -> Design:
    """Times, events, two covariates (with Cauchy tails if heavy) and strata of a few patients."""
    n = 2 + seed % 20
    rows = np.arange(n, dtype=np.int64)
    u = draw_uniforms(seed, replicate=0 * rows, subject=rows, purpose=9, count=5)
    x = np.asarray(np.tan(math.pi * (u[:, :2] - 0.5)) * 100 if heavy else np.floor(3 * u[:, :2]))
    time = np.argsort(np.argsort(-x[:, 0])) if ordered else np.floor(10 * u[:, 2])
    event, stratum = (u[:, 3] < 0.7).astype(np.int64), np.floor(3 * u[:, 4]).astype(np.int64)
    return time.astype(np.float64), event, x.astype(np.float64), stratum


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_no_design_raises_and_each_that_fails_says_why(
    heavy: bool, ordered: bool, ties: Ties
) -> None:
    for seed in range(150):
        time, event, x, stratum = design(seed, heavy, ordered)
        sampling = Sampling(cluster=np.arange(time.size) // 2) if seed % 2 else None
        fit = estimate_cox(
            time, event=event, covariates=x, stratum=stratum, sampling=sampling, ties=ties
        )
        ratios = [estimate_hazard_ratio(fit, column=column) for column in (0, 1)]
        slopes = compare_hazards_over_time(fit)

        assert fit.converged or fit.message
        assert fit.converged or math.isnan(slopes.overall.p_value)
        assert all(not ratio.standard_error <= 0 for ratio in ratios)
        if fit.converged and not fit.message and sampling is None:
            assert all(0 < ratio.lower <= ratio.value <= ratio.upper for ratio in ratios)


def test_times_in_the_order_of_the_covariate_have_no_largest_likelihood() -> None:
    x = np.array([1.0, 2, 3, 4, 5, 600])
    fit = estimate_cox(-x + 1000, event=np.ones(6, dtype=np.int64), covariates=x)

    assert not fit.converged
    assert "rises without end along covariate 0" in fit.message
    assert fit.coefficients[0] > 0


def test_the_largest_likelihood_is_found_in_spite_of_a_wild_value() -> None:
    x = np.array([0.0, 1, 2, 3, 4, 1e6])
    time = np.array([3.0, 1, 5, 2, 4, 6])
    fit = estimate_cox(time, event=np.array([1, 1, 1, 1, 1, 0]), covariates=x)

    assert fit.converged or "rises without end" in fit.message


def test_one_cluster_alone_has_no_robust_variance() -> None:
    fit = estimate_cox(
        [1.0, 2, 3, 4], event=[1, 1, 1, 0], covariates=[0, 1, 0, 1],
        sampling=Sampling(cluster=[7, 7, 7, 7]),
    )  # fmt: skip

    assert fit.robust_covariance is not None
    assert fit.robust_covariance[0, 0] == pytest.approx(0, abs=1e-12)


def test_an_enormous_hazard_leaves_nothing_behind_in_risk_sets_before_its_entry() -> None:
    # taken out again by mere subtraction, e^60 would leave 1e10 in place of a risk of about 5
    persons = [
        Person(time=time, entry=entry, event=event, x=(x,))
        for time, entry, event, x in [
            (1.0, 0.0, 1, 0.0), (2.0, 0.0, 1, 1.0), (3.0, 1.0, 1, 0.5), (4.0, 0.0, 0, -1.0),
            (6.0, 5.0, 1, 60.0), (9.0, 0.0, 1, 0.0), (9.0, 0.0, 0, 1.0), (8.0, 0.0, 1, 0.3),
        ]
    ]  # fmt: skip
    time, event = columns(persons)
    design = build_design(
        time,
        event=event,
        covariates=[p.x for p in persons],
        sampling=Sampling(entry=[p.entry for p in persons]),
    )
    found = sum_partial_likelihood(design, beta=design.scale)
    score, information = score_and_information(persons, [1.0], True)

    assert found.score * design.scale == pytest.approx(score, rel=1e-12)
    assert found.information[0, 0] * design.scale[0] ** 2 == pytest.approx(
        information[0][0], rel=1e-11
    )


@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_the_same_patient_in_one_row_or_cut_in_three_is_the_same(ties: Ties) -> None:
    time, event = marked("3 5 8+ 9 12 4 6 7+ 12 15+")
    x = np.c_[np.repeat([0.0, 1.0], 5), [3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3]]
    whole = estimate_cox(time, event=event, covariates=x, ties=ties)
    cuts = np.stack([np.zeros(10), time / 3, time / 2, time], axis=1)
    last = np.array([0, 0, 1])
    cut = estimate_cox(
        cuts[:, 1:].ravel(),
        event=(event[:, None] * last).ravel(),
        covariates=np.repeat(x, 3, axis=0),
        sampling=Sampling(entry=cuts[:, :-1].ravel(), cluster=np.repeat(np.arange(10), 3)),
        ties=ties,
    )
    alone = estimate_cox(time, event=event, covariates=x, sampling=Sampling(robust=True), ties=ties)

    assert cut.coefficients == pytest.approx(whole.coefficients, rel=1e-12)
    assert cut.covariance == pytest.approx(whole.covariance, rel=1e-12)
    assert cut.robust_covariance == pytest.approx(alone.robust_covariance, rel=1e-12)


def test_arrays_that_are_not_contiguous_or_not_writable_give_the_same() -> None:
    time, event = marked("3 5 8+ 9 12 4 6 7+ 12 15+")
    x = np.c_[np.repeat([0.0, 1.0], 5), [3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3]]
    plain = estimate_cox(time, event=event, covariates=x)
    turned = np.asfortranarray(x)
    turned.setflags(write=False)
    spread = np.repeat(time, 2)[::2]
    strange = estimate_cox(spread, event=np.repeat(event, 3)[::3], covariates=turned)

    assert strange.coefficients.tolist() == plain.coefficients.tolist()
    assert strange.covariance.tolist() == plain.covariance.tolist()


@pytest.mark.parametrize(("entry", "words"), [
    ([0.0, 2.0], r"entry\[1\] is 2.0: a row enters before its time, 2.0"),
    ([0.0, np.nan], r"entry\[1\] is nan"),
    ([0.0], "entry has shape"),
    ([0.0, 2.0 - 1e-9], r"entry\[1\] is .*closer to time 2.0 than times are told apart"),
])  # fmt: skip
def test_entries_that_cannot_be_are_refused(entry: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_cox([1.0, 2.0], event=[1, 1], covariates=[0, 1], sampling=Sampling(entry=entry))


def test_who_comes_after_the_last_event_or_before_none_tells_nothing() -> None:
    time, event = marked("3 5 8+ 9 12 4 6 7+ 12 15+")
    arm = np.repeat([0, 1], 5)
    base = estimate_cox(time, event=event, covariates=arm)
    more = estimate_cox(
        np.r_[time, 20, 2],
        event=np.r_[event, 0, 0],
        covariates=np.r_[arm, 1, 0],
        sampling=Sampling(entry=np.r_[np.full(10, -1.0), 13, 0], robust=True),
    )

    assert more.coefficients == pytest.approx(base.coefficients, rel=1e-12)
    assert more.covariance == pytest.approx(base.covariance, rel=1e-12)
    assert (estimate_residuals(more).martingale[-2:] == 0).all()
