"""Censored times completed under an assumption, and the assumption that tips a conclusion."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.imputed import find_tipping_point, impute_censored
from equipoise.analysis.measures import measure
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sample import Sample
from equipoise.protocol.methods.sensitivity import DeltaOptions, Measure, TippingOptions


def two_arms(n: int = 300, ratio: float = 0.5, seed: int = 5) -> Sample:
    """Exponential times, half of the patients lost before month 12 at random."""
    rng = np.random.default_rng(seed)
    lines = []
    for arm, median in (("A", 10.0), ("B", 10.0 / ratio)):
        true = rng.exponential(median / math.log(2), n)
        lost = np.where(rng.random(n) < 0.5, rng.uniform(1, 12, n), 30.0)
        for t, c in zip(true, lost, strict=True):
            lines.append(f"{arm} {min(t, c):.3f}{'' if t <= c else '+'}")
    return build_sample("\n".join(lines))


def value(found: Result) -> Estimate:
    assert found.estimate is not None
    assert found.estimate.value is not None
    return found.estimate


@pytest.mark.parametrize("compared", ["milestone", "rmst", "cox"])
def test_without_a_change_of_hazard_the_completed_data_say_what_the_censored_did(
    compared: Measure,
) -> None:
    sample = two_arms()
    question = ask(12.0, options=DeltaOptions(compared=compared, imputations=40))
    found = value(impute_censored(sample, question=question))
    plain = measure(sample, compared=compared, at=12.0)
    assert found.value is not None
    moved = (math.log(found.value) if compared == "cox" else found.value) - plain.value

    assert abs(moved) < 0.5 * math.sqrt(plain.variance)
    if compared != "cox":
        assert found.standard_error == pytest.approx(math.sqrt(plain.variance), rel=0.25)


def test_a_worse_fate_of_the_censored_takes_the_difference_away() -> None:
    sample = two_arms()
    told = [
        value(impute_censored(sample, question=ask(12.0, options=DeltaOptions(hazard_ratio=ratio))))
        for ratio in (0.5, 1.0, 3.0)
    ]
    differences = [one.value for one in told if one.value is not None]

    assert differences == sorted(differences, reverse=True)


def test_donors_of_the_reference_arm_bring_the_arms_together() -> None:
    sample = two_arms()
    own = value(impute_censored(sample, question=ask(12.0, options=DeltaOptions())))
    control = value(
        impute_censored(sample, question=ask(12.0, options=DeltaOptions(donors="reference")))
    )

    assert control.value is not None
    assert own.value is not None
    assert 0 < control.value < own.value


def test_nothing_to_complete_leaves_the_comparison_as_it_is() -> None:
    sample = build_sample("A 3\nA 5\nA 20+\nA 7\nB 9\nB 14\nB 20+\nB 20+")
    found = impute_censored(sample, question=ask(12.0))
    plain = compare_at_milestone(sample, question=ask(12.0))

    assert value(found).value == pytest.approx(value(plain).value)
    assert found.further["completed"].value == 0
    assert found.further["missing_information"].value == 0


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    sample = build_sample(GOLDEN)
    first, again, other = (
        value(impute_censored(sample, question=ask(12.0, seed=seed))).value for seed in (1, 1, 2)
    )

    assert first == again != other


def test_the_tipping_point_is_the_first_factor_without_significance() -> None:
    sample = two_arms(n=150, ratio=0.4)
    ratios = (1.0, 2.0, 4.0, 8.0, 16.0)
    found = find_tipping_point(
        sample, question=ask(12.0, options=TippingOptions(hazard_ratios=ratios))
    )
    significant = [part.p_value is not None and part.p_value < 0.05 for part in found.parts]
    tipped = found.further["tipping_point"].value

    assert significant[0]
    assert not all(significant)
    assert tipped == ratios[significant.index(False)]
    assert any(f"is {tipped:g} times as high" in words for words in found.warnings)
    assert found.estimate == found.parts[0].estimate


def test_a_conclusion_that_nothing_tips_is_told() -> None:
    found = find_tipping_point(
        two_arms(), question=ask(12.0, options=TippingOptions(hazard_ratios=(1.0, 1.1)))
    )

    assert found.further["tipping_point"].value is None
    assert "no factor up to 1.1 tips the conclusion" in found.warnings


def test_without_significance_there_is_nothing_to_tip() -> None:
    found = find_tipping_point(two_arms(n=40, ratio=1.0), question=ask(12.0))

    assert "there is no significant result to tip" in found.warnings


def test_without_a_time_nothing_is_completed() -> None:
    found = impute_censored(build_sample(GOLDEN), question=ask())

    assert found.estimate == Estimate(value=None)
    assert "the plan names no time to compare at" in found.warnings


def test_who_never_has_the_event_tells_nothing() -> None:
    sample = build_sample("A 3+\nA 4+\nB 5+\nB 6+")
    found = impute_censored(sample, question=replace(ask(12.0), options=DeltaOptions()))

    assert found.p_value is None
    assert "20 completed data sets tell no survival_difference" in found.warnings
