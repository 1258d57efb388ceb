"""Adjusted incidence, all arms at a time, strata of rates, and limits of shares."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.adjusted_incidence import compare_adjusted_incidence
from equipoise.analysis.binomial import compare_risks
from equipoise.analysis.incidence_differences import compare_incidence_at
from equipoise.analysis.milestone import compare_all_at_milestone, compare_at_milestone
from equipoise.analysis.rates import compare_by_rate_ratio
from equipoise.analysis.result import Result
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidence_band import estimate_incidence_band
from equipoise.numerics.competing.incidence_comparison import estimate_incidence_pseudo_values
from equipoise.numerics.competing.incidences import estimate_incidences
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.rates.stratified_rates import compare_rate_ratios
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from equipoise.numerics.survival.pseudo_values import Link, regress_pseudo_values
from equipoise.protocol.methods.competing import (
    AdjustedIncidenceOptions,
    IncidenceDifferenceOptions,
)
from equipoise.protocol.methods.proportions import RiskDifferenceOptions
from equipoise.protocol.methods.survival import MilestoneOptions, ScaleOptions

COMPETING = adjust(
    build_sample("\n".join(
        line.replace("+", "x") if place % 2 else line
        for place, line in enumerate(GOLDEN.strip().splitlines())
    ))
)  # fmt: skip


def value_of(result: Result) -> float:
    """The estimate, which must be there."""
    assert result.estimate is not None
    assert result.estimate.value is not None
    return result.estimate.value


def test_without_censoring_the_adjusted_incidence_is_that_of_least_squares() -> None:
    sample = adjust(build_sample("A 2\nA 5x\nA 8\nA 3\nB 4x\nB 6\nB 7x\nB 9x\nB 1x"))
    found = compare_adjusted_incidence(sample, question=ask(6.5))
    happened = ((sample.cause == 1) & (sample.time <= 6.5)).astype(float)
    design = np.column_stack([np.ones(happened.size), sample.design])
    beta, *_ = np.linalg.lstsq(design, happened, rcond=None)
    assert value_of(found) == pytest.approx(beta[1])
    gap = happened - design @ beta
    bread = np.linalg.inv(design.T @ design)
    sandwich = bread @ (design.T * gap**2) @ design @ bread
    assert found.estimate is not None
    assert found.estimate.standard_error == pytest.approx(math.sqrt(sandwich[1, 1]))
    assert [arm.estimates["incidence"].value for arm in found.arms] == pytest.approx([1 / 2, 1 / 5])
    assert found.arms[1].estimates["competing_events"].value == 4


@pytest.mark.parametrize(
    ("contrast", "link", "measure"),
    [
        ("difference", Link.IDENTITY, "incidence_difference"),
        ("ratio", Link.LOG, "incidence_ratio"),
        ("hazard_ratio", Link.LOG_LOG, "subdistribution_hazard_ratio"),
    ],
)
def test_adjusted_incidence_gives_the_numbers_of_the_kernels(
    contrast: str, link: Link, measure: str
) -> None:
    options = AdjustedIncidenceOptions.model_validate({"contrast": contrast})
    found = compare_adjusted_incidence(COMPETING, question=ask(12, options=options))
    pseudo = estimate_incidence_pseudo_values(COMPETING.time, cause=COMPETING.cause, at=12)
    outcome = 1 - pseudo if link is Link.LOG_LOG else pseudo
    model = regress_pseudo_values(outcome, covariates=COMPETING.design, link=link)
    told = float(model.coefficient[1])
    assert value_of(found) == pytest.approx(told if contrast == "difference" else math.exp(told))
    assert found.p_value == pytest.approx(model.p_value[1])
    assert found.measure == measure
    assert "adjusted for Sex: male and Age" in found.method
    # arm B fails later, on each of the scales
    assert told < 0


def test_the_band_of_an_incidence_is_that_of_the_kernel() -> None:
    options = IncidenceDifferenceOptions(band="equal precision")
    found = compare_incidence_at(COMPETING, question=ask(12, seed=5, options=options))
    plain = compare_incidence_at(COMPETING, question=ask(12, seed=5))
    for place, (curve, pointwise) in enumerate(zip(found.curves, plain.curves, strict=True)):
        own = COMPETING.arm == place
        kernel = estimate_incidence_band(
            estimate_incidences(
                COMPETING.time[own], cause=COMPETING.cause[own],
                sampling=Sampling(cluster=COMPETING.subject[own]), causes=2,
            ),
            resampling=Resampling(seed=5),
        )  # fmt: skip
        assert curve.band == "equal precision"
        assert curve.lower[1:] == pytest.approx(kernel.lower, nan_ok=True)
        assert curve.upper[1:] == pytest.approx(kernel.upper, nan_ok=True)
        told = np.isfinite(curve.upper) & np.isfinite(pointwise.upper)
        assert told.sum() > 5
        assert (curve.upper[told] > pointwise.upper[told]).all()
    assert found.estimate == plain.estimate


def test_one_event_is_too_few_for_a_band() -> None:
    options = IncidenceDifferenceOptions(band="equal precision")
    sample = build_sample("A 3\nA 5+\nB 2\nB 4\nB 6\nB 9+")
    first, second = compare_incidence_at(sample, question=ask(4, options=options)).curves
    assert np.isnan(first.lower).all()
    assert np.isfinite(second.lower).any()


def test_a_margin_of_a_ratio_is_above_nothing() -> None:
    with pytest.raises(ValueError, match="above 0"):
        AdjustedIncidenceOptions(contrast="ratio", margin=-0.1, alternative="less")


def test_all_arms_at_a_time_are_compared_by_hand() -> None:
    rows = [f"{arm} {time}" for arm in "ABC" for time in (1, 2, 3, 4)]
    events = "\n".join(f"{row}{'' if place % 5 else '+'}" for place, row in enumerate(rows))
    sample = build_sample(events, arms=("A", "B", "C"))
    options = ScaleOptions(scale="plain")
    found = compare_all_at_milestone(sample, question=ask(2.5, options=options))
    values, variances = [], []
    for arm in range(3):
        own = sample.arm == arm
        curve = estimate_kaplan_meier(sample.time[own], event=sample.event[own])
        point = estimate_survival_at(curve, at=[2.5])
        values.append(float(point.survival[0]))
        variances.append(float(point.standard_error[0]) ** 2)
    shares = [arm.estimates["survival"].value for arm in found.arms]
    assert shares == pytest.approx(values)
    assert values[0] == pytest.approx(2 / 3)  # one censored at 1, one of three gone at 2
    weight = 1 / np.array(variances)
    mean = weight @ np.array(values) / weight.sum()
    statistic = float(weight @ (np.array(values) - mean) ** 2)
    assert found.statistic == pytest.approx(statistic)
    assert found.degrees_of_freedom == 2
    assert found.p_value == pytest.approx(math.exp(-statistic / 2))


def test_two_arms_at_a_time_have_the_test_of_the_milestone() -> None:
    sample = build_sample(GOLDEN)
    for scale in ("log-log", "arcsine"):
        whole = compare_all_at_milestone(
            sample, question=ask(12, options=ScaleOptions.model_validate({"scale": scale}))
        )
        pair = compare_at_milestone(
            sample, question=ask(12, options=MilestoneOptions.model_validate({"scale": scale}))
        )
        assert whole.statistic == pytest.approx(pair.statistic)
        assert whole.estimate is None


def test_an_arm_without_rows_or_follow_up_is_told() -> None:
    sample = build_sample("A 1\nA 3+\nB 2\nB 9+", arms=("A", "B", "C"))
    assert "arm C has no row" in " ".join(
        compare_all_at_milestone(sample, question=ask(2)).warnings
    )
    pair = build_sample("A 1\nA 3+\nB 2\nB 9+")
    late = compare_all_at_milestone(pair, question=ask(5))
    assert late.p_value is None
    assert any("arm A" in words for words in late.warnings)


def test_strata_of_rates_are_tested_for_one_ratio() -> None:
    rows = [
        *(("A 10 x", "B 10 x") * 6), *("A 10+ x",) * 8, *("B 10+ x",) * 9,
        *("A 12 y",) * 7, *("B 12 y",) * 2, *("A 12+ y",) * 3, *("B 12+ y",) * 9,
    ]  # fmt: skip
    sample = build_sample("\n".join(rows))
    found = compare_by_rate_ratio(sample, question=ask(stratified=True))
    (part,) = found.parts
    years = [[140 / 12, 150 / 12], [120 / 12, 132 / 12]]
    kernel = compare_rate_ratios([[6, 6], [7, 2]], time=years)
    assert part.p_value == pytest.approx(kernel.test.p_value)
    assert part.degrees_of_freedom == 1
    assert part.measure == "homogeneity"
    assert compare_by_rate_ratio(sample, question=ask()).parts == ()
    # by hand: given the events of each stratum those of B are binomial, at the common ratio
    (a, b), (c, d) = years
    ratio = min(
        np.linspace(0.2, 1.2, 100_001),
        key=lambda r: abs(12 * r * b / (r * b + a) + 9 * r * d / (r * d + c) - 8),
    )
    statistic = 0.0
    for seen, m, (a, b) in zip((6, 2), (12, 9), years, strict=True):
        share = ratio * b / (ratio * b + a)
        statistic += (seen - m * share) ** 2 / (m * share * (1 - share))
    assert part.statistic == pytest.approx(statistic, rel=1e-4)


def test_a_stratum_alone_is_not_tested_for_one_ratio() -> None:
    sample = build_sample("A 3 x\nB 4 x\nA 5+ y\nB 6+ y")
    (part,) = compare_by_rate_ratio(sample, question=ask(stratified=True)).parts
    assert part.p_value is None
    assert part.warnings


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [
        ("wilson", 0.0566821514544, 0.5098375284634),
        ("clopper_pearson", 0.0252107263268, 0.5560954623076),
        ("mid_p", 0.0349983007985, 0.5195096631171),
        ("jeffreys", 0.0440594135526, 0.5027744964400),
        ("agresti_coull", 0.0458872704839, 0.5206324094338),
    ],
)
def test_limits_of_an_arm_are_those_asked_for(name: str, lower: float, upper: float) -> None:
    sample = build_sample("\n".join(["A 3"] * 2 + ["A 9+"] * 8 + ["B 2"] * 5 + ["B 9+"] * 5))
    options = RiskDifferenceOptions.model_validate({"arm_interval": name})
    found = compare_risks(replace(sample), question=ask(5, options=options))
    own = found.arms[0].estimates["risk"]  # 2 of 10; limits by R 4.2.2
    assert own.value == pytest.approx(0.2)
    assert (own.lower, own.upper) == pytest.approx((lower, upper), rel=1e-10)
    assert value_of(found) == pytest.approx(0.3)
    first = {"clopper_pearson": "Clopper", "mid_p": "mid-p", "agresti_coull": "Agresti-Coull"}
    assert f"{first.get(name, name.capitalize())}" in found.method
