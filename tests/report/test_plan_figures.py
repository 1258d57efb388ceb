"""Figures of a plan: bounds of every kind, power and course, legible and read aloud."""

import re
from dataclasses import replace

import pytest

from equipoise.design.spending import BoundRule
from equipoise.report.figures.lines import LOOKS as LOOKS_OF_LINES
from equipoise.report.plan.figures import (
    render_bounds,
    render_course,
    render_power_by_ratio,
    render_power_by_subjects,
)
from equipoise.report.plan.outlook import LooksTold
from report.plans import looked_at, plain, small
from report.svg_reading import SVG, named_of, outside_of, overlaps_of, read_svg, texts_of

LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
ONE_SIDED = (("sides", 1), ("alpha", 0.025))


def looks_of(*, sides: int = 2, **plan: object) -> LooksTold:
    asked = {"design": ONE_SIDED if sides == 1 else (), "information": (0.5, 1.0), **plan}
    told = looked_at(**asked).looks
    assert told is not None
    return told


def count(svg: str, tag: str) -> int:
    return sum(1 for _ in read_svg(svg).iter(f"{SVG}{tag}"))


@pytest.mark.parametrize(
    ("sides", "futility", "names", "areas"),
    [
        (1, None, {"Stop for efficacy"}, 1),
        (2, None, {"Stop for efficacy", "Stop for harm"}, 2),
        (1, LATE_BETA, {"Stop for efficacy", "Stop for futility"}, 2),
        (2, LATE_BETA, {"Stop for efficacy", "Stop for futility", "Stop for harm"}, 4),
    ],
)
def test_each_bound_has_a_name_and_an_area_beyond_it(
    sides: int, futility: BoundRule | None, names: set[str], areas: int
) -> None:
    svg = render_bounds(looks_of(sides=sides, futility=futility))

    assert {words for words in texts_of(svg) if words.startswith("Stop")} == names
    assert count(svg, "polygon") == areas


def test_points_tell_z_and_hazard_ratio() -> None:
    words = texts_of(render_bounds(looks_of(futility=LATE_BETA)))

    assert {"2.96", "HR 0.19", "1.97", "HR 0.46", "0.47"} <= set(words)


@pytest.mark.parametrize("looks", [1, 3, 8])
@pytest.mark.parametrize("futility", [None, LATE_BETA])
def test_no_words_hide_each_other_whatever_the_number_of_looks(
    looks: int, futility: BoundRule | None
) -> None:
    shares = tuple((place + 1) / looks for place in range(looks))
    svg = render_bounds(looks_of(sides=1, information=shares, futility=futility))

    assert overlaps_of(svg) == []
    assert outside_of(svg) == []
    assert re.findall(r"nan|inf", svg) == []


def test_a_bound_that_is_not_there_has_no_point() -> None:
    rule = BoundRule(name="shares", values=(0.0, 0.4, 1.0))
    svg = render_bounds(looks_of(sides=1, information=(0.3, 0.6, 1.0), efficacy=rule))

    assert count(svg, "circle") == 2
    assert "inf" not in svg
    assert "at 7.8 events no stop for efficacy" in named_of(svg)[1]


def test_bounds_are_read_aloud_look_by_look() -> None:
    _, description = named_of(render_bounds(looks_of(futility=LATE_BETA)))

    assert "at 13.0 events efficacy from z 2.96, futility below 0.47" in description
    assert "at 26.0 events efficacy from z 1.97" in description


def test_power_by_ratio_marks_the_assumption() -> None:
    svg = render_power_by_ratio(small())
    _, description = named_of(svg)

    assert {"Log-rank test", "Test at 12 months", "True hazard ratio"} <= set(texts_of(svg))
    assert count(svg, "circle") == 1
    assert "Power of 88 patients by the true hazard ratio: at 0.15 95%" in description


def test_power_by_patients_has_a_line_a_truth_with_an_effect() -> None:
    assert count(render_power_by_subjects(plain()), "polyline") == 5
    assert count(render_power_by_subjects(small()), "polyline") == 1
    _, description = named_of(render_power_by_subjects(small()))
    assert description.startswith("Assumption of the design: 50% with 44, ")


def test_the_course_shows_the_assumption_and_the_extremes() -> None:
    told = texts_of(render_course(plain()))
    words = " ".join(told)
    alone = " ".join(texts_of(render_course(small())))

    assert "Events: No effect" in words
    assert "Events: Selected oligometastatic patients" in words.replace("  ", " ")
    assert "Base" not in words
    assert {"Patients randomised", "last patient", "analysis"} <= set(told)
    assert "No effect" not in alone


def test_a_trial_without_an_effect_has_nothing_to_draw_by_patients() -> None:
    (first,) = small().truths
    null = replace(first, truth=replace(first.truth, hazard_ratio=1))
    svg = render_power_by_subjects(replace(small(), truths=(null,)))

    assert count(svg, "polyline") == 0


def test_no_two_lines_look_alike_in_grey() -> None:
    dashes = [dash for _, dash in LOOKS_OF_LINES]

    assert len(set(dashes)) == len(dashes) == 6
