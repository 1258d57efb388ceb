"""The forest figure: an estimate and its interval a row, of a ratio or a difference."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from equipoise.analysis.result import Estimate
from equipoise.report.figures.drawing import draw_line, draw_shape, draw_words
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.plots import Plot, Tick, draw_x_axis, linear_ticks
from equipoise.report.figures.style import FAINT, INK, RULE, wrap
from equipoise.report.wording import factor_of, write_measure

WIDTH, ROW, LINE, HEAD, FOOT = 504.0, 17.0, 9.5, 30.0, 46.0
PLOT_LEFT, PLOT_RIGHT = 239.0, 371.0
LABEL_X, COUNTS_X, ESTIMATE_X, P_X = 6.0, (166.0, 212.0), 380.0, 498.0
LABEL_CHARACTERS = 33
SIZE = 8.5
BLUE = "#0072B2"
SCALES = ((0.5, 2.0), (0.25, 4.0), (0.125, 8.0), (0.0625, 16.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One row: a heading has no estimate; a level is indented; `counts` stand reference first."""

    label: str
    heading: bool = False
    level: int = 0
    counts: tuple[str, ...] = ()
    events: int = 0
    estimate: Estimate | None = None
    p: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestLook:
    """The words around a forest: column headings, and which side favours whom.

    `measure` is what the estimates are, which gives scale and unit.
    """

    figure_id: str = "forest"
    title: str = "Hazard ratio by subgroup"
    counts: tuple[str, ...] = ()
    favours_low: str = ""
    favours_high: str = ""
    p_heading: str = "p, interaction"
    row_heading: str = "Subgroup"
    measure: str = "hazard_ratio"

    @property
    def is_ratio(self) -> bool:
        """Whether the scale is that of a ratio, with no difference at 1."""
        return self.measure.endswith("ratio")

    def write(self, estimate: Estimate | None) -> str:
        """An estimate with its interval in the unit of the measure."""
        return write_measure(estimate, measure=self.measure)


def render_forest(rows: Sequence[ForestRow], *, look: ForestLook) -> str:
    """The rows as SVG, a square and a line each; what lies beyond the scale ends in an arrow."""
    lines = max((len(_lines_of(row)) for row in rows), default=1)
    row_height = ROW + LINE * (lines - 1)
    bottom = HEAD + row_height * max(len(rows), 1)
    plot = Plot(
        left=PLOT_LEFT,
        right=PLOT_RIGHT,
        top=HEAD,
        bottom=bottom,
        x=_ends_of(rows, look=look),
        y=(0, 1),
    )
    parts = [*_draw_scale(plot, look=look), *_draw_headings(look)]
    most = max((row.events for row in rows), default=0)
    for place, row in enumerate(rows):
        y = HEAD + row_height * (place + 0.5)
        parts += _draw_words(row, y=y, look=look)
        if row.estimate is not None and row.estimate.value is not None:
            parts += _draw_estimate(plot, row=row, y=y, look=look, most=most)
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {bottom + FOOT:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=_describe(rows, look=look),
    )


def _describe(rows: Sequence[ForestRow], *, look: ForestLook) -> str:
    told = [f"{row.label}: {look.write(row.estimate)}" for row in rows if row.estimate]
    return f"Estimate and confidence interval a row. {'; '.join(told) or 'No row to draw'}."


def _scale_of(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """The narrowest scale that holds every estimate; intervals may end in arrows."""
    values = [row.estimate.value for row in rows if row.estimate and row.estimate.value]
    for low, high in SCALES:
        if all(low <= value <= high for value in values) and low <= 0.25:
            return low, high
    return SCALES[-1]


def _ends_of(rows: Sequence[ForestRow], *, look: ForestLook) -> tuple[float, float]:
    """The ends of the scale as drawn: logs of a ratio; of a difference as wide on both sides."""
    if look.is_ratio:
        low, high = _scale_of(rows)
        return math.log(low), math.log(high)
    told = [row.estimate for row in rows if row.estimate]
    values = [x for each in told for x in (each.value, each.lower, each.upper) if x is not None]
    widest = 1.05 * max((abs(x) for x in values), default=0.0) or 1.0
    return -widest, widest


def _lines_of(row: ForestRow) -> list[str]:
    return wrap(row.label, width=LABEL_CHARACTERS - 2 * row.level)


def _draw_scale(plot: Plot, *, look: ForestLook) -> Iterator[str]:
    """The axis with its ticks, the line of no difference, and which side favours whom."""
    none = plot.x_of(0.0)
    yield draw_line((none, plot.top), end=(none, plot.bottom + 4))
    yield from draw_x_axis(plot, ticks=_ticks_of(plot, look=look))
    for words, shift, anchor in (
        (f"← {look.favours_low}" if look.favours_low else "", -3, "end"),
        (f"{look.favours_high} →" if look.favours_high else "", 3, "start"),
    ):
        if words:
            place = (none + shift, plot.bottom + 34)
            yield draw_words(words, place=place, size=SIZE - 0.5, anchor=anchor)


def _ticks_of(plot: Plot, *, look: ForestLook) -> list[Tick]:
    if not look.is_ratio:
        return linear_ticks(plot.x, factor=factor_of(look.measure))
    low, high = (round(end / math.log(2)) for end in plot.x)
    return [(power * math.log(2), f"{2.0**power:g}") for power in range(low, high + 1)]


def _draw_estimate(
    plot: Plot, *, row: ForestRow, y: float, look: ForestLook, most: int
) -> Iterator[str]:
    """A line from limit to limit, arrows where they lie beyond the scale, and a square."""
    assert row.estimate is not None
    told = (row.estimate.lower, row.estimate.upper, row.estimate.value)
    lower, upper, value = (_on_scale(x, look=look) for x in told)
    if lower is not None and upper is not None:
        yield draw_line((plot.x_of(lower), y), end=(plot.x_of(upper), y), width=0.9)
    low, high = plot.x
    if any(x is not None and x < low for x in (lower, value)):
        tip = plot.left - 4
        yield draw_shape([(tip, y), (tip + 5, y - 2.6), (tip + 5, y + 2.6)], fill=INK)
    if any(x is not None and x > high for x in (upper, value)):
        tip = plot.right + 4
        yield draw_shape([(tip, y), (tip - 5, y - 2.6), (tip - 5, y + 2.6)], fill=INK)
    if value is not None and low <= value <= high:
        half = 1.8 + 2.3 * math.sqrt(row.events / most) if most else 2.0
        yield _draw_mark(plot.x_of(value), y=y, half=half, is_square=row.level > 0)


def _on_scale(value: float | None, *, look: ForestLook) -> float | None:
    """A number as it is drawn, the log of a ratio; None where there is none."""
    if value is None or not look.is_ratio:
        return value
    return math.log(value) if value > 0 else -math.inf


def _draw_mark(x: float, *, y: float, half: float, is_square: bool) -> str:
    if is_square:
        corners = [
            (x - half, y - half),
            (x + half, y - half),
            (x + half, y + half),
            (x - half, y + half),
        ]
    else:
        wide = 1.35 * half
        corners = [(x - wide, y), (x, y - wide), (x + wide, y), (x, y + wide)]
    return draw_shape(corners, fill=BLUE, edge="white")


def _draw_words(row: ForestRow, *, y: float, look: ForestLook) -> Iterator[str]:
    weight = "bold" if row.heading or (row.level == 0 and row.estimate) else ""
    lines = _lines_of(row)
    for place, words in enumerate(lines):
        spot = (LABEL_X + 9 * row.level, y + 3 + LINE * (place - (len(lines) - 1) / 2))
        yield draw_words(words, place=spot, size=SIZE, weight=weight)
    for count, x in zip(row.counts, COUNTS_X, strict=False):
        yield draw_words(count, place=(x, y + 3), size=SIZE, anchor="middle")
    if not row.heading:
        yield draw_words(look.write(row.estimate), place=(ESTIMATE_X, y + 3), size=SIZE)
    if row.p:
        yield draw_words(row.p, place=(P_X, y + 3), size=SIZE, anchor="end")


def _draw_headings(look: ForestLook) -> Iterator[str]:
    """What each column holds, above a rule; those of the counts may take two lines."""
    what = "Ratio (95% CI)" if look.is_ratio else "Difference (95% CI)"
    for words, x, anchor in (
        (look.row_heading, LABEL_X, "start"),
        *((words, at, "middle") for words, at in zip(look.counts, COUNTS_X, strict=False)),
        (what, ESTIMATE_X, "start"),
        (look.p_heading, P_X, "end"),
    ):
        lines = wrap(words, width=12) if anchor == "middle" else [words]
        for place, line in enumerate(lines):
            spot = (x, 15 + LINE * (place - (len(lines) - 1) / 2))
            yield draw_words(line, place=spot, size=SIZE - 0.5, anchor=anchor, colour=FAINT)
    yield draw_line((LABEL_X, HEAD - 4), end=(P_X, HEAD - 4), colour=RULE, width=0.6)
