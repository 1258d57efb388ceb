"""Axes as they are written, the cells they have, and what no grid can be."""

import pytest

from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.scenario_grid import MOST_CELLS, PARAMETERS, Axis, build_cells, parse_axis

TWO = Axis(name="subjects", values=(60.0, 88.0))
THREE = Axis(name="hazard_ratio", values=(0.5, 0.6, 0.7))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("subjects=60,88,120", (60, 88, 120)),
        ("hazard_ratio=0.5:1.0:0.1", (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        ("hazard_ratio = 1.0:0.5:-0.25, 0.4", (1.0, 0.75, 0.5, 0.4)),
        ("dropout=0", (0,)),
        ("delay=0:5:2", (0, 2, 4)),
        ("accrual=1e1", (10,)),
        ("subjects=60,60", (60,)),
    ],
)
def test_an_axis_is_a_list_or_a_range_with_both_ends(text: str, values: tuple[float, ...]) -> None:
    assert parse_axis(text) == Axis(name=text.split("=", maxsplit=1)[0].strip(), values=values)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("colour=1,2", "parameter-unknown", "Name one of subjects, ratio, hazard_ratio"),
        ("", "parameter-unknown", "'' cannot vary"),
        ("subjects=", "values-unreadable", "there is no value"),
        ("subjects", "values-unreadable", "name=60,88,120"),
        ("subjects=many", "values-unreadable", "'many' is neither a number nor a range"),
        ("subjects=1:2", "values-unreadable", "'1:2' is neither"),
        ("subjects=60:88:0", "values-unreadable", "'60:88:0' is neither"),
        ("delay=nan", "values-unreadable", "'nan' is neither"),
        ("delay=0:inf:1", "values-unreadable", "'0:inf:1' is neither"),
        ("hazard_ratio=1:0.5:0.1", "range-impossible", "0.1 steps from 1 do not lead to 0.5"),
        ("hazard_ratio=0:1:1e-9", "range-impossible", "too many"),
        ("hazard_ratio=0,0.5", "value-impossible", "numbers above 0, below 1000"),
        ("hazard_ratio=-1", "value-impossible", "hazard_ratio cannot be -1"),
        ("subjects=60.5", "value-impossible", "whole numbers from 2 on"),
        ("subjects=1", "value-impossible", "subjects cannot be 1"),
        ("dropout=1", "value-impossible", "numbers from 0 on, below 1"),
    ],
)
def test_an_axis_that_cannot_be_says_why_and_how_to_write_it(
    text: str, code: str, words: str
) -> None:
    with pytest.raises(ImpossiblePlanError, match="grid") as refusal:
        parse_axis(text)

    (finding,) = refusal.value.findings
    assert finding.code == code
    assert words in str(finding)


def test_a_cell_is_a_scenario_with_a_value_of_each_axis() -> None:
    cells = build_cells(["base", "null", "base"], axes=[TWO, THREE])

    assert len(cells) == 12
    assert [str(cell) for cell in cells[:4]] == [
        "base, subjects 60, hazard_ratio 0.5",
        "base, subjects 60, hazard_ratio 0.6",
        "base, subjects 60, hazard_ratio 0.7",
        "base, subjects 88, hazard_ratio 0.5",
    ]
    assert [cell.scenario for cell in build_cells(["a", "b"], axes=[])] == ["a", "b"]


def codes(scenarios: list[str], axes: list[Axis]) -> list[str]:
    with pytest.raises(ImpossiblePlanError) as refusal:
        build_cells(scenarios, axes=axes)
    return [finding.code for finding in refusal.value.findings]


def test_a_grid_without_scenario_with_an_axis_twice_or_two_that_contradict_is_refused() -> None:
    median = Axis(name="reference_median", values=(12.0,))
    survival = Axis(name="reference_survival", values=(0.5,))

    assert codes([], [TWO]) == ["scenario-missing"]
    assert codes(["base"], [TWO, TWO, median, survival]) == ["axis-twice", "axes-contradict"]


def test_a_grid_of_more_than_a_hundred_thousand_cells_is_refused() -> None:
    wide = Axis(name="delay", values=tuple(map(float, range(400))))
    long = Axis(name="cured", values=tuple(place / 1000 for place in range(251)))

    assert codes(["base"], [wide, long]) == ["too-many-cells"]
    assert MOST_CELLS == 100_000


def test_every_parameter_says_its_range() -> None:
    for name, parameter in PARAMETERS.items():
        assert parameter.words
        assert not parameter.allows(parameter.high), name
        assert parameter.allows(parameter.low) is parameter.closed, name
        assert not parameter.allows(parameter.low - 1), name
        assert f"{parameter.low:g}" in parameter.range
