"""Every named method has a function, and each gives a well-formed result on any sample."""

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from analysis.hand_data import GOLDEN, adjust, ask, build_sample
from equipoise.analysis.methods import METHODS
from equipoise.analysis.plan import answer
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sample import Sample
from equipoise.protocol.methods.families import METHODS as SPECS
from equipoise.protocol.methods.spec import MethodOptions, Use

SAMPLES = {
    "golden": GOLDEN,
    "no row": "",
    "reference arm only": "A 3\nA 5+",
    "other arm only": "B 3\nB 5+",
    "no event": "A 3+\nA 9+\nB 4+\nB 8+",
    "no event in one arm": "A 3\nA 9+\nB 4+\nB 8+",
    "all events": "A 3\nA 9\nB 4\nB 8",
    "all on one day": "A 3\nA 3\nB 3\nB 3",
    "all competing": "A 3x\nA 9x\nB 4x\nB 8x",
    "on day zero": "A 0\nA 0+\nB 0x\nB 0",
    "one subject an arm": "A 3\nB 4",
    "one row": "B 4",
    "strata with one arm": "A 3 x\nA 4 x\nB 5 y\nB 6 y",
    "lesions of two patients": "A 3 x p\nA 4 x p\nA 9+ x p\nB 5 x q\nB 6+ x q",
}
DESCRIPTIVE = {"survival", "median"}
QUESTIONS = [ask(), ask(5), ask(2, 5, 40), ask(5, stratified=True, level=0.9, seed=9)]


def estimates_of(result: Result) -> Iterator[Estimate]:
    """Every estimate of a result and of its parts."""
    yield from () if result.estimate is None else (result.estimate,)
    yield from result.further.values()
    for arm in result.arms:
        yield from arm.estimates.values()
    for part in result.parts:
        yield from estimates_of(part)


def assert_finite(value: float | None) -> None:
    """A number or nothing: never NaN or infinite."""
    assert value is None or (isinstance(value, float) and math.isfinite(value)), value


def assert_ordered(estimate: Estimate) -> None:
    """The limits stand on their sides of the value."""
    for number in (estimate.value, estimate.lower, estimate.upper, estimate.standard_error):
        assert_finite(number)
    if estimate.value is not None:
        slack = 1e-12
        assert estimate.lower is None or estimate.lower <= estimate.value + slack, estimate
        assert estimate.upper is None or estimate.upper >= estimate.value - slack, estimate


def assert_well_formed(result: Result, sample: Sample) -> None:
    """What every reader of a result may rely on."""
    assert result.name == "asked"
    assert result.method
    if result.estimate is not None and result.arm_measure:
        assert all(result.arm_measure in arm.estimates for arm in result.arms)
    assert result.measure
    assert result.reference_arm == "A"
    assert [arm.arm for arm in result.arms] == list(sample.arms)
    assert sum(arm.n for arm in result.arms) == len(result.rows) == len(set(result.rows))
    lost = set(sample.rows) - set(result.rows)
    assert set(result.rows) <= set(sample.rows)
    assert not lost or f"{len(lost)} " in " ".join(result.warnings)
    assert_finite(result.statistic)
    assert_finite(result.p_value)
    assert result.p_value is None or 0 <= result.p_value <= 1
    for estimate in estimates_of(result):
        assert_ordered(estimate)
    for curve in result.curves:
        assert curve.time[0] == 0
        shapes = {a.shape for a in (curve.time, curve.estimate, curve.lower, curve.upper)}
        assert shapes == {curve.at_risk.shape}
        assert np.isfinite(curve.estimate).all()
    untold = result.estimate is None or result.estimate.value is None
    if untold and result.p_value is None and result.measure not in DESCRIPTIVE:
        assert result.warnings, "nothing estimated and nothing said"


def test_every_method_has_a_function() -> None:
    assert set(METHODS) == set(SPECS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_method_gives_a_well_formed_result(method: str, name: str) -> None:
    sample = build_sample(SAMPLES[name])
    for question in QUESTIONS if name == "golden" else QUESTIONS[2:]:
        assert_well_formed(METHODS[method](sample, question=question), sample)
    if SPECS[method].covariates in (Use.MAY, Use.MUST):
        adjusted = adjust(sample)
        assert_well_formed(METHODS[method](adjusted, question=QUESTIONS[1]), adjusted)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_has_a_p_value_where_its_spec_says_so(method: str) -> None:
    result = METHODS[method](build_sample(SAMPLES["golden"]), question=ask(5))
    if not SPECS[method].tests:
        assert result.p_value is None


def choices_of(method: str) -> Iterator[MethodOptions]:
    """The options of a method with each word and switch turned once, where they go together."""
    kind = SPECS[method].options
    for name, field in kind.model_fields.items():
        values = [True, False] if field.annotation is bool else get_args(field.annotation)
        for value in values:
            if value is not field.default and isinstance(value, bool | str):
                with suppress(ValidationError):
                    yield kind.model_validate({name: value})


@pytest.mark.parametrize("method", METHODS)
def test_every_choice_of_an_option_gives_a_well_formed_result(method: str) -> None:
    for options in choices_of(method):
        for name in ("no event in one arm", "strata with one arm"):
            sample = build_sample(SAMPLES[name])
            for stratified in {False, SPECS[method].strata in (Use.MAY, Use.MUST)}:
                question = ask(5, stratified=stratified, options=options)
                result = answer(sample, question=question, method=METHODS[method])
                assert_well_formed(result, sample)


ROW = st.tuples(st.sampled_from("AB"), st.integers(0, 12), st.sampled_from(["", "+", "x"]))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, max_size=14), method=st.sampled_from(list(METHODS)))
def test_no_sample_makes_a_method_fail(rows: list[tuple[str, int, str]], method: str) -> None:
    sample = build_sample("\n".join(f"{arm} {time}{mark}" for arm, time, mark in rows))
    assert_well_formed(METHODS[method](sample, question=ask(3, 6)), sample)
