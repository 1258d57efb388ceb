"""Results by hand: which of their numbers are answers to the plan, and under which name."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import ask, build_sample
from equipoise.analysis.agreement import compare_readings
from equipoise.analysis.result import AdjustedTest, ArmResult, Estimate, Family, Result
from equipoise.design.answers import (
    ANSWERS,
    ANY,
    COMPARISON,
    FAMILY,
    Answer,
    Line,
    build_rows,
    read_answers,
    read_family,
)
from simulate.rehearsed import trial

ANALYSIS = next(each for each in trial().analysis if each.id == "pfs_milestone")
ARMS = tuple(
    ArmResult(
        arm=name,
        n=44,
        events=events,
        estimates={
            "median": Estimate(value=16.0),
            "survival": Estimate(value=share, lower=share - 0.1, upper=share + 0.1),
        },
    )
    for name, events, share in (("A", 20, 0.5), ("B", 9, 0.75))
)
RESULT = Result(
    name="pfs_milestone",
    endpoint="pfs",
    method="milestone",
    measure="survival_difference",
    arm_measure="survival",
    reference_arm="A",
    arms=ARMS,
    estimate=Estimate(value=0.25, lower=0.05, upper=0.45),
    p_value=0.04,
    at=12.0,
)


def read(result: Result, *, alpha: float = 0.05) -> list[Answer]:
    analysis = ANALYSIS.model_copy(update={"alpha": alpha})
    return list(read_answers(result, analysis=analysis, cut="DC1"))


def test_a_comparison_and_each_arm_are_answers() -> None:
    compared, *arms = read(RESULT)

    assert (compared.line.name, compared.line.of) == ("pfs_milestone", COMPARISON)
    assert (compared.estimate, compared.lower, compared.upper) == (0.25, 0.05, 0.45)
    assert (compared.p_value, compared.alpha, compared.rejected) == (0.04, 0.05, True)
    assert [(one.line.of, one.estimate, one.n, one.events) for one in arms] == [
        ("A", 0.5, 44, 20),
        ("B", 0.75, 44, 9),
    ]
    assert all(one.line.measure == "survival" and one.rejected is None for one in arms)


@pytest.mark.parametrize(("alpha", "rejected"), [(0.05, True), (0.04, False), (0.0, True)])
def test_a_test_rejects_below_its_own_level_or_five_percent(alpha: float, rejected: bool) -> None:
    assert read(RESULT, alpha=alpha)[0].rejected is rejected


def test_without_a_p_value_nothing_is_tested() -> None:
    assert read(replace(RESULT, p_value=None))[0].rejected is None


def test_each_time_of_several_is_a_line_of_its_own() -> None:
    parts = tuple(replace(RESULT, name=f"pfs_milestone@{at}", at=float(at)) for at in (12, 24))
    lines = [one.line.name for one in read(replace(RESULT, parts=parts))]

    assert lines == ["pfs_milestone@12"] * 3 + ["pfs_milestone@24"] * 3


def test_a_single_time_and_checks_of_assumptions_are_no_lines_of_their_own() -> None:
    one_time = (replace(RESULT, name="pfs_milestone@12"),)
    check = (replace(RESULT, name="pfs_milestone/check", measure="proportional_hazards"),)

    assert read(replace(RESULT, parts=one_time)) == read(RESULT)
    assert read(replace(RESULT, parts=check)) == read(RESULT)


def test_one_arm_alone_and_medians_are_not_compared() -> None:
    alone = read(replace(RESULT, arms=ARMS[1:], estimate=None))
    medians = read(replace(RESULT, measure="median", arm_measure="median", estimate=None))

    assert [one.line.of for one in alone] == ["B"]
    assert [(one.line.of, one.estimate) for one in medians] == [("A", 16.0), ("B", 16.0)]


def test_the_kappa_of_all_is_an_answer_beside_that_of_each_arm() -> None:
    sample = build_sample("A 3\nA 4+\nA 5\nA 6+\nB 3\nB 4+\nB 5\nB 6+")
    told = replace(sample, second_time=sample.time, second_cause=np.array([1, 0, 0, 0, 1, 0, 1, 1]))
    found = {each.line.of: each for each in read(compare_readings(told, question=ask()))}
    assert [found[of].estimate for of in ("A", "B", "comparison")] == [0.5, 0.5, 0.5]
    assert found["comparison"].p_value == pytest.approx(1)


def test_an_estimate_that_cannot_be_had_is_none() -> None:
    arms = (replace(ARMS[0], estimates={}), ARMS[1])
    compared, first, _ = read(replace(RESULT, estimate=None, arms=arms))

    assert compared.estimate is compared.scaled is None
    assert first.estimate is None


def test_the_family_has_a_line_a_test_and_one_for_any_of_them() -> None:
    tests = (
        AdjustedTest(analysis="one", p_value=0.03, adjusted=0.06, is_rejected=False),
        AdjustedTest(analysis="two", p_value=0.01, adjusted=0.02, is_rejected=True),
    )
    found = list(read_family(Family(words="Holm", alpha=0.05, tests=tests)))

    assert [(one.line.name, one.p_value, one.rejected) for one in found] == [
        ("one", 0.06, False),
        ("two", 0.02, True),
        (ANY, None, True),
    ]
    assert {one.line.analysis for one in found} == {FAMILY}
    assert list(read_family(None)) == []


def test_rows_have_the_declared_columns_whatever_is_missing() -> None:
    line = Line(cut="", analysis="a", name="a", of=COMPARISON, measure="hazard_ratio")
    rows = build_rows({3: (Answer(line=line),), 4: tuple(read(RESULT))})

    assert dict(rows.schema) == ANSWERS
    assert rows["replicate"].to_list() == [3, 4, 4, 4]
    assert rows.row(0)[6:] == (None,) * 9
    assert rows.filter(of="B").select("estimate", "n", "events").row(0) == (0.75, 44, 9)
    assert build_rows({}).schema == pl.Schema(ANSWERS)
