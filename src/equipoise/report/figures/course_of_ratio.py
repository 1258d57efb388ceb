"""The figure of proportional hazards: how the hazard ratio goes over time, and the fitted one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.result import Estimate, Result
from equipoise.numerics.hazards.effect_over_time import EffectOverTime
from equipoise.report.figures.drawing import (
    Point,
    draw_line,
    draw_path,
    draw_shape,
    draw_words,
    width_of,
)
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.plots import Plot, Tick, draw_x_axis, draw_y_axis, ratio_ticks
from equipoise.report.figures.style import FAINT, INK, RULE, month_ticks, tint
from equipoise.report.wording import say_p, write_estimate, write_number, write_time

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 620.0, 62.0, 610.0, 50.0, 270.0
BLUE = "#0072B2"
TITLE = "The hazard ratio over time"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseLook:
    """The words around the course of a hazard ratio."""

    figure_id: str = "course"
    title: str = TITLE
    x_label: str = ""
    favours_low: str = ""
    favours_high: str = ""


def course_of(result: Result) -> EffectOverTime | None:
    """The course in the check of proportional hazards of a result; None where there is none."""
    return next((part.course for part in result.parts if part.course is not None), None)


def render_course(result: Result, *, look: CourseLook) -> str:
    """Scaled residuals, their smooth line with its band, and the fitted ratio, as SVG text.

    The times stand on the Kaplan-Meier scale, on which events are about evenly spread. Empty where
    the result has no course.
    """
    course = course_of(result)
    if course is None:
        return ""
    plot = Plot(
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        x=_widened(float(course.position.min()), float(course.position.max())),
        y=_scale_of(course),
    )
    parts = [
        *_draw_axes(plot, course=course, look=look),
        *_draw_course(plot, course=course),
        *_draw_fitted(plot, fitted=result.estimate),
        *_draw_legend(_words(result), has_line=_has_line(course)),
    ]
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {BOTTOM + 42:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=describe_course(result),
    )


def describe_course(result: Result) -> str:
    """The smoothed ratio at its ends and in the middle, the fitted one, and the test, in words."""
    course, (fitted, tested) = course_of(result), _words(result)
    if course is None:
        return "There is no course to draw."
    told = [f"The hazard ratio over {result.time_unit}, a point an event"]
    if _has_line(course):
        size = course.line.size
        smooth = ", ".join(
            f"{write_number(math.exp(course.line[place]), digits=2)} at "
            f"{write_time(float(course.line_time[place]))} {result.time_unit}"
            for place in (0, size // 2, size - 1)
        )
        told.append(f"Smoothed: {smooth}")
    return ". ".join([*told, fitted, tested]) + "."


def _words(result: Result) -> tuple[str, str]:
    fitted = f"Fitted: {write_estimate(result.estimate, digits=2)}"
    check = next((part for part in result.parts if part.course is not None), None)
    return fitted, f"Test of a constant ratio: {say_p(check.p_value if check else None)}"


def _has_line(course: EffectOverTime) -> bool:
    return bool(np.isfinite(course.line).all())


def _widened(low: float, high: float) -> tuple[float, float]:
    room = 0.02 * (high - low) or 0.5
    return low - room, high + room


def _scale_of(course: EffectOverTime) -> tuple[float, float]:
    """Logs of whole powers of two around every point; a band beyond them is cut off."""
    told = np.r_[course.effect, course.line[np.isfinite(course.line)], -math.log(2), math.log(2)]
    low, high = np.floor(told.min() / math.log(2)), np.ceil(told.max() / math.log(2))
    return float(low * math.log(2)), float(high * math.log(2))


def _month_ticks(course: EffectOverTime) -> list[Tick]:
    """Whole months, each at the place of the last event up to it."""
    time, first = np.unique(course.time, return_index=True)
    whole = month_ticks(float(time[-1]))
    ticks = sorted({*whole, *(tick / 2 for tick in whole if tick / 2 == int(tick / 2))})
    places = np.interp(ticks, time, course.position[first])
    inside = [tick for tick in ticks if time[0] <= tick <= time[-1]]
    if len(inside) < 2:
        return [(float(course.position[i]), write_time(float(course.time[i]))) for i in (0, -1)]
    return [(float(x), f"{t:g}") for t, x in zip(ticks, places, strict=True) if t in inside]


def _draw_axes(plot: Plot, *, course: EffectOverTime, look: CourseLook) -> Iterator[str]:
    zero = plot.y_of(0.0)
    yield draw_line((plot.left, zero), end=(plot.right, zero), colour=RULE, width=1.0)
    yield from draw_y_axis(plot, ticks=ratio_ticks(plot.y), name="Hazard ratio")
    yield from draw_x_axis(plot, ticks=_month_ticks(course), name=look.x_label)
    if look.favours_low and look.favours_high:
        words = f"Above 1 {look.favours_high}, below 1 {look.favours_low}"
        yield draw_words(words, place=(plot.right, 29), size=9, anchor="end", colour=FAINT)


def _draw_course(plot: Plot, *, course: EffectOverTime) -> Iterator[str]:
    if _has_line(course):
        over = [plot.at(point) for point in _pairs(course.line_position, course.upper)]
        under = [plot.at(point) for point in _pairs(course.line_position, course.lower)]
        yield draw_shape([*over, *reversed(under)], fill=tint(BLUE, share=0.16), edge="none")
    for point in _pairs(course.position, course.effect):
        yield _draw_point(plot.at(point))
    if _has_line(course):
        line = [plot.at(point) for point in _pairs(course.line_position, course.line)]
        yield draw_path(line, colour=BLUE, width=2.0)


def _pairs(one: NDArray[np.float64], other: NDArray[np.float64]) -> list[Point]:
    return [(float(a), float(b)) for a, b in zip(one, other, strict=True)]


def _draw_point(place: Point) -> str:
    at = f'cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="2.4"'
    return f'<circle {at} fill="white" fill-opacity="0.6" stroke="{INK}" stroke-width="0.7"/>'


def _draw_fitted(plot: Plot, *, fitted: Estimate | None) -> Iterator[str]:
    if fitted is not None and fitted.value is not None and fitted.value > 0:
        y = plot.y_of(math.log(fitted.value))
        yield draw_line((plot.left, y), end=(plot.right, y), dash="6 3", width=1.3)


def _draw_legend(words: tuple[str, str], *, has_line: bool) -> Iterator[str]:
    """The looks with their words, in one line; the test of constancy below it."""
    x, y = LEFT, 14.0
    told = [("line", "Smoothed, with 95% band")] if has_line else []
    for look, label in (*told, ("fitted", words[0]), ("point", "One event")):
        if look == "point":
            yield _draw_point((x + 14, y - 3))
        elif look == "line":
            corners = [(x, y - 8), (x + 24, y - 8), (x + 24, y + 2), (x, y + 2)]
            yield draw_shape(corners, fill=tint(BLUE, share=0.16), edge="none")
            yield draw_line((x, y - 3), end=(x + 24, y - 3), colour=BLUE, width=2.0)
        else:
            yield draw_line((x, y - 3), end=(x + 24, y - 3), dash="6 3", width=1.3)
        yield draw_words(label, place=(x + 30, y))
        x += 30 + width_of(label) + 18
    yield draw_words(words[1], place=(LEFT, y + 15))
