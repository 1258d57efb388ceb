"""Step curves of arms with their bands, censoring ticks and the table of numbers at risk."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from equipoise.analysis.result import Curve, Result
from equipoise.report.figures.style import (
    FAINT,
    FONT_SIZE,
    INK,
    RULE,
    ArmStyle,
    arm_styles,
    line_of,
    month_ticks,
    shorten,
    strip_axes,
)
from equipoise.report.figures.svg import figure_layout, write_svg

WIDTH_INCHES = 7.0
PLOT_INCHES = 3.5
ROW_INCHES = 0.19
LABEL_CHARACTERS = 21
LEGEND_CHARACTERS = 60
LEFT, RIGHT = 0.235, 0.955


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a figure of curves says beside its curves.

    `labels` name the arms (their codes otherwise), `short` the rows of the numbers at risk;
    `milestones` are marked on the curves, in the unit of the result; `description` is the text
    alternative, built from the curves when empty.
    """

    figure_id: str = "curves"
    title: str = ""
    description: str = ""
    x_label: str = ""
    y_label: str = ""
    milestones: tuple[float, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)


def value_at(curve: Curve, *, time: float) -> float:
    """The value of the step function at a time."""
    place = int(np.searchsorted(curve.time, time, side="right")) - 1
    return float(curve.estimate[max(place, 0)])


def at_risk_at(curve: Curve, *, time: float) -> int:
    """How many are at risk just before a time."""
    place = int(np.searchsorted(curve.time, time, side="left"))
    return int(curve.at_risk[place]) if place < curve.time.size else 0


def censored_before(curve: Curve, *, time: float) -> int:
    """How many were censored before a time."""
    return int(np.count_nonzero(curve.censored < time))


def longest_time(curves: Sequence[Curve]) -> float:
    """The last time of any curve; 0 without curves."""
    return max((float(curve.time[-1]) for curve in curves if curve.time.size), default=0.0)


def describe_curves(result: Result, *, look: Look, rising: bool) -> str:
    """What the figure shows, in words, for a reader who cannot see it."""
    if not result.curves:
        return "There is no row to draw."
    told = []
    for curve in result.curves:
        name = look.labels.get(curve.arm, curve.arm)
        times = look.milestones or (month_ticks(longest_time(result.curves))[-1] / 2,)
        points = ", ".join(
            f"{100 * value_at(curve, time=at):.0f}% at {at:g} {result.time_unit}"
            for at in times
            if at <= curve.time[-1]
        )
        told.append(f"{name}: {points or 'followed for less than the time marked'}")
    kind = "Cumulative incidence" if rising else "Probability without event"
    return f"{kind} by arm over {result.time_unit}. {'. '.join(told)}."


def render_curves(result: Result, *, look: Look, rising: bool) -> str:
    """The curves of a result as SVG, with numbers at risk below; a sentence where there is none."""
    description = look.description or describe_curves(result, look=look, rising=rising)
    with figure_layout():
        figure = _draw(result, look=look, rising=rising)
        return write_svg(
            figure, figure_id=look.figure_id, title=look.title, description=description
        )


def _draw(result: Result, *, look: Look, rising: bool) -> Figure:
    curves = result.curves
    rows = len(curves) + 1
    height = PLOT_INCHES + ROW_INCHES * rows + 0.62
    figure = Figure(figsize=(WIDTH_INCHES, height))
    bottom = (ROW_INCHES * rows + 0.6) / height
    axes = figure.add_axes((LEFT, bottom, RIGHT - LEFT, 1 - bottom - 0.03))
    strip_axes(axes)
    ticks = month_ticks(longest_time(curves))
    _set_scales(axes, ticks=ticks, top=_top_of(curves) if rising else 1.0)
    axes.set_xlabel(look.x_label or f"Time, {result.time_unit}")
    axes.set_ylabel(look.y_label)
    if not curves:
        axes.text(0.5, 0.5, "No row to draw", transform=axes.transAxes, ha="center", color=FAINT)
        return figure
    styles = arm_styles([c.arm for c in curves], reference=result.reference_arm)
    _mark_milestones(axes, result=result, look=look)
    for curve in curves:
        _draw_curve(axes, curve=curve, style=styles[curve.arm], rising=rising)
    _draw_legend(axes, curves=curves, styles=styles, look=look, rising=rising)
    _draw_at_risk(figure, axes=axes, curves=curves, styles=styles, look=look)
    return figure


def _top_of(curves: Sequence[Curve]) -> float:
    """The upper end of the scale of an incidence: never less than 20 %."""
    highest = max((float(np.nanmax(curve.estimate)) for curve in curves), default=0.0)
    bands = [curve.upper[~np.isnan(curve.upper)] for curve in curves]
    highest = max([highest, *(float(band.max()) for band in bands if band.size)])
    step = _mark_step(highest)
    return min(1.0, max(0.2, step * math.ceil(highest / step - 1e-9)))


def _mark_step(top: float) -> float:
    return 0.2 if top > 0.5 else 0.1 if top > 0.2 else 0.05


def _set_scales(axes: Axes, *, ticks: Sequence[float], top: float) -> None:
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylim(0, top * 1.01)
    step = _mark_step(top)
    marks = [step * place for place in range(round(top / step) + 1)]
    axes.set_yticks(marks, [f"{100 * mark:.0f}%" for mark in marks])
    axes.spines["bottom"].set_position(("outward", 4))
    axes.spines["left"].set_position(("outward", 4))


def _stretch(values: NDArray[np.float64], start: float) -> NDArray[np.float64]:
    """Limits with the unknown ones before the first known replaced by the start of the curve."""
    filled = values.copy()
    known = np.flatnonzero(~np.isnan(filled))
    filled[: known[0] if known.size else 0] = start
    return filled


def _draw_curve(axes: Axes, *, curve: Curve, style: ArmStyle, rising: bool) -> None:
    start = 0.0 if rising else 1.0
    lower, upper = _stretch(curve.lower, start), _stretch(curve.upper, start)
    if not np.isnan(lower).all():
        axes.fill_between(
            curve.time, lower, upper, step="post", color=style.colour, alpha=0.13, linewidth=0
        )
    axes.step(
        curve.time,
        curve.estimate,
        where="post",
        color=style.colour,
        linewidth=1.5,
        linestyle=line_of(style),
    )
    heights = [value_at(curve, time=float(time)) for time in curve.censored]
    axes.plot(
        curve.censored,
        heights,
        linestyle="none",
        marker="|",
        markersize=5,
        markeredgewidth=0.8,
        color=style.colour,
    )


def _mark_milestones(axes: Axes, *, result: Result, look: Look) -> None:
    styles = arm_styles([c.arm for c in result.curves], reference=result.reference_arm)
    right = axes.get_xlim()[1]
    for at in look.milestones:
        if not 0 < at <= right:
            continue
        axes.axvline(at, color=FAINT, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        for curve in result.curves:
            if at <= curve.time[-1]:
                _mark_point(axes, at=at, value=value_at(curve, time=at), style=styles[curve.arm])


def _mark_point(axes: Axes, *, at: float, value: float, style: ArmStyle) -> None:
    axes.plot(
        [at],
        [value],
        marker=style.mark,
        markersize=5,
        markerfacecolor="white",
        markeredgecolor=style.colour,
        markeredgewidth=1.2,
        linestyle="none",
        zorder=5,
    )


def _draw_legend(
    axes: Axes,
    *,
    curves: Sequence[Curve],
    styles: Mapping[str, ArmStyle],
    look: Look,
    rising: bool,
) -> None:
    for curve in curves:
        style = styles[curve.arm]
        label = shorten(look.labels.get(curve.arm, curve.arm), width=LEGEND_CHARACTERS)
        axes.plot([], [], color=style.colour, linestyle=line_of(style), linewidth=1.5, label=label)
    axes.legend(
        loc=_free_corner(axes, curves=curves, rising=rising),
        facecolor="white",
        edgecolor="none",
        framealpha=0.85,
        fontsize=FONT_SIZE,
        handlelength=3.2,
        borderaxespad=0.2,
    )


def _free_corner(
    axes: Axes, *, curves: Sequence[Curve], rising: bool
) -> Literal["upper left", "upper right", "lower left", "lower right"]:
    """The corner that the curves leave free: the usual one, else the opposite."""
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    if rising:
        early = max(value_at(curve, time=0.55 * right) for curve in curves)
        return "upper left" if early < 0.75 * top else "lower right"
    late = max(value_at(curve, time=0.5 * right) for curve in curves)
    low = min(value_at(curve, time=0.6 * right) for curve in curves)
    return "lower left" if late > 0.8 and low > 0.25 else "upper right"


def _draw_at_risk(
    figure: Figure,
    *,
    axes: Axes,
    curves: Sequence[Curve],
    styles: Mapping[str, ArmStyle],
    look: Look,
) -> None:
    height = figure.get_figheight()
    top = ROW_INCHES * (len(curves) + 0.75)
    write = partial(figure.text, fontsize=FONT_SIZE - 0.8, va="center")
    write(0.012, top / height, "At risk (censored)", color=INK, style="italic")
    ticks = axes.get_xticks()
    left, right = axes.get_xlim()
    for row, curve in enumerate(curves, start=1):
        y = (top - ROW_INCHES * row) / height
        colour = styles[curve.arm].colour
        name = {**look.labels, **look.short}.get(curve.arm, curve.arm)
        write(0.012, y, shorten(name, width=LABEL_CHARACTERS), color=colour)
        for tick in ticks:
            x = LEFT + (RIGHT - LEFT) * (tick - left) / (right - left)
            lost = censored_before(curve, time=float(tick))
            write(x, y, f"{at_risk_at(curve, time=float(tick))} ({lost})", ha="center")
    line = (top + ROW_INCHES * 0.6) / height
    figure.add_artist(_rule(line))


def _rule(y: float) -> Line2D:
    return Line2D([0.012, RIGHT], [y, y], color=RULE, linewidth=0.6)
