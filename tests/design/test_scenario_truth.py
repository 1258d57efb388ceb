"""The truths of the reference trial by name: its assumption, its alternatives, its scenarios."""

import numpy as np
import pytest

from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.event_laws import survival_at, time_of_survival
from equipoise.design.scenario_truth import find_truth, fit_hazard, list_truths
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()


def test_every_truth_has_one_name() -> None:
    found = list_truths(PROTOCOL)

    assert list(found)[:6] == ["design", "null", "pessimistic", "base", "optimistic", "selected"]
    assert {"S1", "S2", "S3", "S4", "scenario:null", "scenario:design"} < set(found)
    assert found["base"] == "Base"


def test_the_assumption_of_the_design_is_a_half_against_four_fifths_at_a_year() -> None:
    truth = find_truth(PROTOCOL, name="design")

    assert survival_at(truth.reference, time=12.0) == pytest.approx(0.5)
    assert survival_at(truth.experimental, time=12.0) == pytest.approx(0.8)
    assert truth.ratio == pytest.approx(np.log(0.8) / np.log(0.5))


def test_an_alternative_has_the_median_shape_and_ratio_of_the_protocol() -> None:
    truth = find_truth(PROTOCOL, name="selected")

    assert time_of_survival(truth.reference, survival=0.5) == pytest.approx(22.0)
    assert survival_at(truth.reference, time=12.0) == pytest.approx(0.661, abs=5e-4)
    assert truth.ratio == 0.65
    null = find_truth(PROTOCOL, name="null")
    assert null.reference == null.experimental


def test_a_scenario_of_lesions_is_that_of_rehearsed_subjects() -> None:
    truth = find_truth(PROTOCOL, name="S2")

    assert truth.ratio is None
    # a few points above the curve without scans: events are seen on the next one
    assert survival_at(truth.reference, time=12.0) == pytest.approx(0.64, abs=0.01)
    assert survival_at(truth.experimental, time=12.0) == pytest.approx(0.74, abs=0.01)
    assert time_of_survival(truth.reference, survival=0.5) == pytest.approx(17.4, abs=0.4)


def test_fitted_hazards_give_back_the_shares_at_every_cut() -> None:
    months = np.random.default_rng(1).exponential(20.0, 4000)

    law = fit_hazard(months)

    for at in (3, 12, 24, 36):
        assert survival_at(law, time=at) == pytest.approx(np.mean(months > at), abs=2e-3)
    assert len(law.rates) == len(law.cuts) + 1


def test_after_the_last_of_them_the_hazard_goes_on() -> None:
    law = fit_hazard(np.full(10, 2.5))

    assert law.rates[:2] == (0.0, 0.0)
    assert law.rates[2] == pytest.approx(2.0)
    assert set(law.rates[3:]) == {law.rates[2]}


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    with pytest.raises(ImpossiblePlanError, match=r"no scenario 'S9'.*design, null") as refusal:
        find_truth(PROTOCOL, name="S9")

    assert refusal.value.findings[0].code == "scenario-unknown"


def test_a_protocol_that_cannot_be_rehearsed_says_what_it_lacks() -> None:
    bare = PROTOCOL.model_copy(update={"radiotherapy": None})

    with pytest.raises(ImpossiblePlanError, match=r"'S2' cannot be rehearsed: .*radiotherapy"):
        find_truth(bare, name="S2")
