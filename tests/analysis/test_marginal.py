"""Marginal models of the lesions of a patient, by name: the numbers of the kernel."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.marginal import compare_by_marginal_models, number_lesions
from equipoise.numerics.hazards.wei_lin_weissfeld import (
    SeveralEvents,
    combine_kinds,
    estimate_marginal_cox,
)

WHOLE = build_sample(GOLDEN)
LESIONS = replace(WHOLE, subject=np.array([f"{'AB'[k // 16]}{k % 16 // 2}" for k in range(32)]))


def test_lesions_are_numbered_within_their_patient() -> None:
    mixed = replace(build_sample("A 1\nA 2\nB 3\nA 4"), subject=np.array(["p", "p", "q", "p"]))
    assert number_lesions(mixed).tolist() == [0, 1, 0, 2]


def test_the_common_effect_is_that_of_the_kernel() -> None:
    found = compare_by_marginal_models(LESIONS, question=ask())
    rows = SeveralEvents(
        time=LESIONS.time,
        event=LESIONS.event,
        kind=number_lesions(LESIONS),
        subject=LESIONS.subject,
        covariates=LESIONS.design,
    )
    expected = combine_kinds(estimate_marginal_cox(rows))
    assert found.further["log_hazard_ratio"].value == pytest.approx(expected.effect.log_value)
    assert found.p_value == pytest.approx(expected.effect.p_value)
    assert [part.measure for part in found.parts] == ["global", "equality"]
    assert found.parts[1].p_value == pytest.approx(expected.equality_test.p_value)


def test_one_lesion_a_patient_is_a_robust_cox_model() -> None:
    found = compare_by_marginal_models(WHOLE, question=ask())
    assert [part.measure for part in found.parts] == ["global"]
    assert found.p_value is not None


def test_lesions_that_tell_nothing_are_told() -> None:
    silent = replace(LESIONS, cause=np.zeros(32, dtype=np.int64))
    found = compare_by_marginal_models(silent, question=ask())
    assert found.p_value is None
    assert any("no lesion, first or further, tells" in word for word in found.warnings)
