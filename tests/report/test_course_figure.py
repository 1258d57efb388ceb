"""The course of a hazard ratio: a point an event, a smooth line, and the ratio that was fitted."""

import math
from dataclasses import replace

import numpy as np

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.result import Result
from equipoise.report.figures.course_of_ratio import (
    CourseLook,
    course_of,
    describe_course,
    render_course,
)
from report.small_curves import SURVIVAL, result_of
from report.svg_reading import named_of, outside_of, overlaps_of, texts_of

LOOK = CourseLook(
    figure_id="course",
    x_label="Months since randomisation",
    favours_low="favours SBRT",
    favours_high="favours control",
)
TWO_EVENTS = "A 3 x\nA 9+ x\nB 5 x\nB 8+ x"


def cox_of(table: str = GOLDEN) -> Result:
    """Cox's model of a small table."""
    return compare_by_cox(build_sample(table), question=ask())


def test_every_event_is_a_point() -> None:
    result = cox_of()
    events = sum(arm.events for arm in result.arms)
    assert render_course(result, look=LOOK).count("<circle") == events + 1  # and that of the key


def test_the_fitted_ratio_the_test_and_the_sides_are_told() -> None:
    texts = texts_of(render_course(cox_of(), look=LOOK))
    assert "Fitted: 0.40 (0.15 to 1.05)" in texts
    assert any(words.startswith("Test of a constant ratio: p") for words in texts)
    assert "Above 1 favours control, below 1 favours SBRT" in texts
    assert "Smoothed, with 95% band" in texts
    assert not any(
        "favours" in words for words in texts_of(render_course(cox_of(), look=CourseLook()))
    )


def test_months_stand_under_the_scale_in_rising_order() -> None:
    texts = texts_of(render_course(cox_of(), look=LOOK))
    months = [float(words) for words in texts if words.isdigit() and int(words) > 2]
    assert len(months) >= 2


def test_the_course_is_told_in_words() -> None:
    title, words = named_of(render_course(cox_of(), look=LOOK))
    assert title == "The hazard ratio over time"
    assert words.startswith("The hazard ratio over months, a point an event. Smoothed: ")
    assert "Fitted: 0.40 (0.15 to 1.05). Test of a constant ratio: p" in words


def test_few_events_have_points_and_no_line() -> None:
    svg = render_course(cox_of(TWO_EVENTS), look=LOOK)
    assert svg.count("<circle") == 3
    assert "Smoothed, with 95% band" not in texts_of(svg)
    assert "<polygon" not in svg
    assert "Smoothed" not in named_of(svg)[1]


def test_a_band_beyond_the_points_is_cut_off_at_the_scale() -> None:
    result = cox_of()
    course = course_of(result)
    assert course is not None
    wide = replace(course, lower=course.lower - 50, upper=course.upper + 50)
    parts = tuple(replace(part, course=wide) for part in result.parts)
    svg = render_course(replace(result, parts=parts), look=LOOK)
    assert outside_of(svg) == []
    band = svg.split('<polygon points="')[1].split('"')[0]
    heights = [float(point.split(",")[1]) for point in band.split()]
    assert 50 <= min(heights) < max(heights) <= 270


def test_a_result_without_a_course_gives_no_figure() -> None:
    assert render_course(result_of(SURVIVAL), look=LOOK) == ""
    assert describe_course(result_of(SURVIVAL)) == "There is no course to draw."
    assert course_of(cox_of("A 3 x\nA 5 x\nB 4+ x\nB 6+ x")) is None


def test_no_word_stands_on_another_for_short_and_long_follow_up() -> None:
    for factor in (1 / 30, 1.0, 40.0):
        sample = build_sample(GOLDEN)
        result = compare_by_cox(replace(sample, time=sample.time * factor), question=ask())
        svg = render_course(result, look=LOOK)
        assert overlaps_of(svg) == []
        assert outside_of(svg) == []


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render_course(cox_of(), look=LOOK) == render_course(cox_of(), look=LOOK)


def test_the_scale_holds_every_point() -> None:
    result = cox_of()
    course = course_of(result)
    assert course is not None
    far = replace(course, effect=np.r_[course.effect[:-1], math.log(1000.0)])
    parts = tuple(replace(part, course=far) for part in result.parts)
    assert "1024" in texts_of(render_course(replace(result, parts=parts), look=LOOK)) or any(
        words in texts_of(render_course(replace(result, parts=parts), look=LOOK))
        for words in ("256", "512")
    )
