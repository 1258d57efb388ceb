"""The forest figure: an estimate and its interval a row, of a ratio or a difference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from equipoise.analysis.result import Estimate
from equipoise.report.figures.plots import linear_ticks
from equipoise.report.figures.style import FAINT, FONT_SIZE, INK, RULE, strip_axes, wrap
from equipoise.report.figures.svg import figure_layout, write_svg
from equipoise.report.wording import factor_of, write_measure

ROW_INCHES, LINE_INCHES = 0.235, 0.13
WIDTH_INCHES = 7.0
PLOT_LEFT, PLOT_RIGHT = 0.475, 0.735
LABEL_X, FIRST_X, SECOND_X, ESTIMATE_X, P_X = 0.012, 0.33, 0.42, 0.755, 0.988
LABEL_CHARACTERS = 33
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
    """The rows as SVG, a square and a line each; an interval beyond the scale ends in an arrow."""
    with figure_layout():
        figure = _draw(rows, look=look)
        return write_svg(
            figure,
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


def _ends_of(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """The scale of a difference: as wide on both sides of 0 as the widest estimate or limit."""
    told = [row.estimate for row in rows if row.estimate]
    values = [x for each in told for x in (each.value, each.lower, each.upper) if x is not None]
    widest = 1.05 * max((abs(x) for x in values), default=0.0) or 1.0
    return -widest, widest


def _lines_of(row: ForestRow) -> list[str]:
    return wrap(row.label, width=LABEL_CHARACTERS - 2 * row.level)


def _draw(rows: Sequence[ForestRow], *, look: ForestLook) -> Figure:
    lines = max((len(_lines_of(row)) for row in rows), default=1)
    inches = ROW_INCHES + LINE_INCHES * (lines - 1)
    height = inches * max(len(rows), 1) + 1.6 * ROW_INCHES + 0.72
    figure = Figure(figsize=(WIDTH_INCHES, height))
    bottom = 0.62 / height
    top = (0.62 + inches * max(len(rows), 1)) / height
    axes = figure.add_axes((PLOT_LEFT, bottom, PLOT_RIGHT - PLOT_LEFT, top - bottom))
    _set_scale(axes, rows=rows, look=look)
    for place, row in enumerate(rows):
        y = len(rows) - 0.5 - place
        _write_row(figure, row=row, y=(0.62 + inches * y) / height, look=look)
        if row.estimate and row.estimate.value is not None:
            _draw_estimate(axes, row=row, y=y, most=max(r.events for r in rows))
    _write_headings(figure, look=look, y=top + 0.85 * ROW_INCHES / height)
    return figure


def _set_scale(axes: Axes, *, rows: Sequence[ForestRow], look: ForestLook) -> None:
    strip_axes(axes)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_ylim(0, max(len(rows), 1))
    axes.set_xscale("log" if look.is_ratio else "linear")
    low, high = _scale_of(rows) if look.is_ratio else _ends_of(rows)
    axes.set_xlim(low, high)
    if look.is_ratio:
        powers = range(round(math.log2(low)), round(math.log2(high)) + 1)
        ticks = [(2.0**power, f"{2.0**power:g}") for power in powers]
    else:
        ticks = linear_ticks((low, high), factor=factor_of(look.measure))
    axes.set_xticks(*zip(*ticks, strict=True), fontsize=FONT_SIZE - 1)
    axes.set_xticks([], minor=True)
    axes.axvline(1 if look.is_ratio else 0, color=INK, linewidth=0.7)
    for side, words, place in (
        ("right", f"← {look.favours_low}", 0.485),
        ("left", f"{look.favours_high} →", 0.515),
    ):
        if words.strip("← →"):
            axes.annotate(
                words,
                (place, 0),
                xytext=(0, -26),
                xycoords="axes fraction",
                textcoords="offset points",
                ha=side,
                fontsize=FONT_SIZE - 1.2,
            )


def _draw_estimate(axes: Axes, *, row: ForestRow, y: float, most: int) -> None:
    assert row.estimate is not None
    value, lower, upper = row.estimate.value, row.estimate.lower, row.estimate.upper
    left, right = axes.get_xlim()
    if lower is not None and upper is not None:
        ends = [max(lower, left), min(upper, right)]
        axes.plot(ends, [y, y], color=INK, linewidth=0.9, solid_capstyle="butt")
        for beyond, at, mark in ((lower < left, left, "<"), (upper > right, right, ">")):
            if beyond:
                axes.plot([at], [y], marker=mark, markersize=4, color=INK, clip_on=False)
    size = 3.5 + 4.5 * math.sqrt(row.events / most) if most else 4.0
    assert value is not None
    axes.plot(
        [value],
        [y],
        marker="D" if row.level == 0 else "s",
        markersize=size,
        color="#0072B2",
        markeredgecolor="white",
        markeredgewidth=0.4,
        linestyle="none",
    )


def _write_row(figure: Figure, *, row: ForestRow, y: float, look: ForestLook) -> None:
    weight = "bold" if row.heading or (row.level == 0 and row.estimate) else "normal"
    size = FONT_SIZE - 0.5
    label = "\n".join(_lines_of(row))
    x = LABEL_X + 0.018 * row.level
    figure.text(x, y, label, fontsize=size, va="center", fontweight=weight)
    for count, at in zip(row.counts, (FIRST_X, SECOND_X), strict=False):
        figure.text(at, y, count, fontsize=size, va="center", ha="center")
    if not row.heading:
        figure.text(ESTIMATE_X, y, look.write(row.estimate), fontsize=size, va="center", color=INK)
    if row.p:
        figure.text(P_X, y, row.p, fontsize=size, va="center", ha="right")


def _write_headings(figure: Figure, *, look: ForestLook, y: float) -> None:
    size = FONT_SIZE - 1
    for words, x, side in (
        (look.row_heading, LABEL_X, "left"),
        *[
            ("\n".join(wrap(words, width=12)), at, "center")
            for words, at in zip(look.counts, (FIRST_X, SECOND_X), strict=False)
        ],
        ("Ratio (95% CI)" if look.is_ratio else "Difference (95% CI)", ESTIMATE_X, "left"),
        (look.p_heading, P_X, "right"),
    ):
        figure.text(x, y, words, fontsize=size, va="center", ha=side, color=FAINT, style="italic")
    line = y - 0.7 * ROW_INCHES / figure.get_figheight()
    figure.add_artist(Line2D([LABEL_X, P_X], [line, line], color=RULE, linewidth=0.6))
