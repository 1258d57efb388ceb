"""The tipping point figure: how the comparison moves as those censored fare worse and worse."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from equipoise.analysis.result import Estimate, Result
from equipoise.report.figures.drawing import draw_line, draw_shape, draw_words
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.plots import (
    Plot,
    Tick,
    draw_x_axis,
    draw_y_axis,
    linear_ticks,
    ratio_ticks,
)
from equipoise.report.figures.style import FAINT, INK, RULE
from equipoise.report.wording import factor_of, say_p, write_measure, write_p

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 620.0, 70.0, 606.0, 34.0, 224.0
BLUE = "#0072B2"
TITLE = "The comparison by the hazard after a censoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingLook:
    """The words around a tipping point."""

    figure_id: str = "tipping"
    title: str = TITLE
    y_label: str = ""


def render_tipping_point(result: Result, *, look: TippingLook) -> str:
    """Estimate and interval under each factor, filled while significant, p below, as SVG text.

    The line marks the factor that tips the conclusion. Empty where no factor has an estimate.
    """
    parts = [part for part in result.parts if part.estimate and part.estimate.value is not None]
    if not parts:
        return ""
    plot = _lay(parts, is_ratio=_is_ratio(result))
    drawn = [*_draw_axes(plot, parts=parts, look=look, result=result)]
    for place, part in enumerate(parts):
        drawn += _draw_factor(plot, part=part, place=place, is_ratio=_is_ratio(result))
    drawn += _draw_tipping(plot, parts=parts, result=result)
    return frame_svg(
        "\n".join(drawn),
        view_box=f"0 0 {WIDTH:g} {BOTTOM + 62:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=describe_tipping_point(result),
    )


def describe_tipping_point(result: Result) -> str:
    """The comparison and p under each factor, and where the conclusion tips, in words."""
    told = [
        f"times {factor_named(part)}: {write_measure(part.estimate, measure=part.measure)}, "
        f"{say_p(part.p_value)}"
        for part in result.parts
    ]
    words = _tipping_words(result)
    return f"Hazard after a censoring {'; '.join(told)}. {words}." if told else "Nothing to draw."


def factor_named(part: Result) -> str:
    """The factor of the hazard of one part, as its name ends."""
    return part.name.rsplit("@", 1)[-1]


def _is_ratio(result: Result) -> bool:
    return result.measure.endswith("ratio")


def _tipping_words(result: Result) -> str:
    point = result.further.get("tipping_point")
    if point is None or point.value is None:
        return "No factor tips the conclusion"
    significant = _is_significant(result)
    return f"Tips at {point.value:g}" if significant else "There is no significant result to tip"


def _is_significant(part: Result) -> bool:
    level = part.estimate.level if part.estimate else 0.95
    return part.p_value is not None and part.p_value < 1 - level


def _lay(parts: Sequence[Result], *, is_ratio: bool) -> Plot:
    told = [part.estimate for part in parts if part.estimate]
    values = [y for each in told for y in _ends(each, is_ratio=is_ratio)] + [0.0]
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 0.5
    return Plot(
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        x=(-0.5, len(parts) - 0.5),
        y=(low - room, high + room),
    )


def _ends(estimate: Estimate, *, is_ratio: bool) -> list[float]:
    """Value and limits on the scale that is drawn; those that are known."""
    known = [x for x in (estimate.value, estimate.lower, estimate.upper) if x is not None]
    return [math.log(x) for x in known if x > 0] if is_ratio else known


def _draw_axes(
    plot: Plot, *, parts: Sequence[Result], look: TippingLook, result: Result
) -> Iterator[str]:
    zero = plot.y_of(0.0)
    yield draw_line((plot.left, zero), end=(plot.right, zero), colour=RULE, width=1.0)
    factor = factor_of(result.measure)
    ticks = ratio_ticks(plot.y) if _is_ratio(result) else linear_ticks(plot.y, factor=factor)
    yield from draw_y_axis(plot, ticks=ticks, name=look.y_label)
    named: list[Tick] = [(float(i), factor_named(part)) for i, part in enumerate(parts)]
    yield from draw_x_axis(plot, ticks=named, name="Hazard after a censoring, times as high")
    y = plot.bottom + 50
    yield draw_words("p", place=(plot.left - 12, y), size=9, anchor="end", colour=FAINT)
    for place, part in enumerate(parts):
        spot = (plot.x_of(float(place)), y)
        yield draw_words(write_p(part.p_value), place=spot, size=9, anchor="middle")


def _draw_factor(plot: Plot, *, part: Result, place: int, is_ratio: bool) -> Iterator[str]:
    assert part.estimate is not None
    x = plot.x_of(float(place))
    value, *limits = (plot.y_of(y) for y in _ends(part.estimate, is_ratio=is_ratio))
    if len(limits) == 2:
        yield draw_line((x, limits[0]), end=(x, limits[1]), width=1.1)
        for y in limits:
            yield draw_line((x - 3, y), end=(x + 3, y), width=1.1)
    corners = [(x - 4, value - 4), (x + 4, value - 4), (x + 4, value + 4), (x - 4, value + 4)]
    yield draw_shape(corners, fill=BLUE if _is_significant(part) else "white", edge=BLUE)


def _draw_tipping(plot: Plot, *, parts: Sequence[Result], result: Result) -> Iterator[str]:
    """The words above, and a line before the first factor that is no longer significant."""
    yield draw_words(_tipping_words(result), place=(plot.left, 14), weight="bold")
    looks = "Filled: p below the level; open: not."
    yield draw_words(looks, place=(plot.right, 14), anchor="end", colour=FAINT)
    point = result.further.get("tipping_point")
    if point is None or point.value is None or not _is_significant(result):
        return
    for place, part in enumerate(parts):
        if float(factor_named(part)) == point.value:
            x = plot.x_of(place - 0.5)
            yield draw_line((x, plot.top), end=(x, plot.bottom), dash="4 2.5", colour=INK)
