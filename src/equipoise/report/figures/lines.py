"""A plot of lines with their names at their ends: power, courses, bounds, forecasts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from equipoise.report.figures.drawing import (
    Point,
    draw_line,
    draw_path,
    draw_shape,
    draw_words,
    width_of,
)
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.plots import Plot, Tick, draw_x_axis, draw_y_axis, spread
from equipoise.report.figures.style import FAINT, INK, RULE, wrap

WIDTH, LEFT, TOP, HEIGHT = 640.0, 62.0, 24.0, 250.0
NAMES, SIZE = 162.0, 9.0  # room for the names of lines, and their size
# Okabe, Ito (2008); in grey the dash tells them, and the name beside the end.
LOOKS = (
    (INK, ""),
    ("#0072B2", "7 3"),
    ("#D55E00", "2 2.5"),
    ("#009E73", "9 3 2 3"),
    ("#AA4499", "4.5 2"),
    ("#7a5c00", "12 3"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points joined in their order; `told` are words at each point, which then has a mark.

    Words stand above a point, or `below`, a row a line. `look` is the place of colour and dash in
    `LOOKS`. Without a label no name stands at its end.
    """

    label: str
    points: tuple[Point, ...]
    look: int = 0
    told: tuple[str, ...] = ()
    marked: bool = False
    joined: bool = True
    below: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A shaded area between two lines, over the same places."""

    lower: tuple[Point, ...]
    upper: tuple[Point, ...]
    colour: str = "#e4ecf2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A straight line across the plot (upright: at a place of x), with its words."""

    value: float
    words: str = ""
    upright: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an axis measures, its ends and its ticks."""

    name: str
    ends: tuple[float, float]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesLook:
    """The words and axes around the lines; `description` is for those who cannot see them."""

    figure_id: str
    title: str
    description: str
    x: Axis
    y: Axis
    guides: tuple[Guide, ...] = ()
    names: float = NAMES
    height: float = HEIGHT


def render_lines(lines: Sequence[Line], *, look: LinesLook, bands: Sequence[Band] = ()) -> str:
    """The lines over their bands and guides as SVG text; what lies beyond an axis stands at it."""
    plot = Plot(
        left=LEFT,
        right=WIDTH - look.names,
        top=TOP,
        bottom=TOP + look.height,
        x=look.x.ends,
        y=look.y.ends,
    )
    parts = [*_draw_bands(plot, bands), *_draw_guides(plot, look.guides)]
    parts += draw_y_axis(plot, ticks=look.y.ticks, name=look.y.name)
    parts += draw_x_axis(plot, ticks=look.x.ticks, name=look.x.name)
    for line in lines:
        parts += _draw_one(plot, line)
    parts += _draw_names(plot, [line for line in lines if line.label and line.points])
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {plot.bottom + 40:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=look.description,
    )


def _draw_bands(plot: Plot, bands: Sequence[Band]) -> Iterator[str]:
    for band in bands:
        corners = [plot.at(point) for point in (*band.upper, *reversed(band.lower))]
        yield draw_shape(corners, fill=band.colour, edge="none")


def _draw_guides(plot: Plot, guides: Sequence[Guide]) -> Iterator[str]:
    for guide in guides:
        if guide.upright:
            x = plot.x_of(guide.value)
            yield draw_line((x, plot.top), end=(x, plot.bottom), colour=FAINT, dash="1.5 2.5")
            yield draw_words(guide.words, place=(x, plot.top - 6), size=SIZE, anchor="middle")
        else:
            y = plot.y_of(guide.value)
            yield draw_line((plot.left, y), end=(plot.right, y), colour=RULE, width=1.0)
            if guide.words:
                yield draw_words(guide.words, place=(plot.left + 4, y - 3), size=SIZE, colour=FAINT)


def _draw_one(plot: Plot, line: Line) -> Iterator[str]:
    colour, dash = LOOKS[line.look % len(LOOKS)]
    places = [plot.at(point) for point in line.points]
    if line.joined and len(places) > 1:
        yield draw_path(places, colour=colour, width=1.7, dash=dash)
    for place, (x, y) in enumerate(places):
        if line.marked or line.told:
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="white" '
                f'stroke="{colour}" stroke-width="1.4"/>'
            )
        if line.told:
            yield from _draw_told(plot, line.told[place], at=(x, y), below=line.below)


def _draw_told(plot: Plot, told: str, *, at: Point, below: bool) -> Iterator[str]:
    """The rows of words above or below a point, kept within the plot."""
    rows = told.split("\n")
    half = max(width_of(words, size=SIZE) for words in rows) / 2
    x = min(max(at[0], plot.left + half), plot.right - half + 8)
    first = at[1] + SIZE + 6 if below else at[1] - 7 - 1.15 * SIZE * (len(rows) - 1)
    for place, words in enumerate(rows):
        spot = (x, first + 1.15 * SIZE * place)
        yield draw_words(words, place=spot, size=SIZE, anchor="middle")


def _draw_names(plot: Plot, lines: Sequence[Line]) -> Iterator[str]:
    """Each name beside the end of its line, moved apart, with a piece of its line before it."""
    ends = sorted(((plot.at(line.points[-1]), line) for line in lines), key=lambda one: one[0][1])
    apart = 2.6 * SIZE
    high = max(plot.bottom, plot.top + apart * len(ends))
    spots = spread([y for (_, y), _ in ends], apart=apart, within=(plot.top, high))
    for ((end, y), line), spot in zip(ends, spots, strict=True):
        colour, dash = LOOKS[line.look % len(LOOKS)]
        x = plot.right + 5
        if not math.isclose(y, spot, abs_tol=1.0) or end < plot.right - 1:
            yield draw_line((end + 2, y), end=(x + 5, spot), colour=RULE, width=0.6)
        yield draw_line((x + 6, spot), end=(x + 26, spot), colour=colour, width=1.7, dash=dash)
        rows = wrap(line.label, width=25)
        for place, words in enumerate(rows):
            at = (x + 31, spot + 3 + SIZE * 1.15 * (place - (len(rows) - 1) / 2))
            yield draw_words(words, place=at, size=SIZE)
