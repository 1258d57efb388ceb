"""Step curves of arms: bands, censorings, medians, marked times; rows of numbers around them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from equipoise.analysis.result import Curve, Result
from equipoise.report.figures.arm_rows import (
    LEFT,
    RIGHT,
    ArmRows,
    draw_at_risk,
    draw_rows_above,
    list_comparisons,
    say_comparisons,
    tell_competing,
    tell_medians,
    wrap_notes,
)
from equipoise.report.figures.style import (
    FAINT,
    INK,
    ArmStyle,
    arm_styles,
    line_of,
    month_ticks,
    strip_axes,
    tint,
    wrap,
)
from equipoise.report.figures.svg import figure_layout, write_svg
from equipoise.report.wording import small

WIDTH_INCHES = 7.0
PLOT_INCHES = 3.1
AXIS_INCHES = 0.6
LABEL_CHARACTERS = 42
AREA_TONE = 0.22


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a figure of curves says beside its curves.

    `labels` name the arms (their codes otherwise), `short` the rows of the numbers at risk;
    `milestones` are marked on the curves, in the unit of the result; `shaded_to` shades the area
    between two curves up to that time, instead of bands and medians. `compared` is the comparison
    that is told above the curves (that of the result itself otherwise); `description` the text
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
    shaded_to: float | None = None
    compared: Result | None = None


def value_at(curve: Curve, *, time: float) -> float:
    """The value of the step function at a time."""
    place = int(np.searchsorted(curve.time, time, side="right")) - 1
    return float(curve.estimate[max(place, 0)])


def longest_time(curves: Sequence[Curve]) -> float:
    """The last time of any curve; 0 without curves."""
    return max((float(curve.time[-1]) for curve in curves if curve.time.size), default=0.0)


def describe_curves(result: Result, *, look: Look, rising: bool) -> str:
    """What the figure shows, in words, for a reader who cannot see it."""
    if not result.curves:
        return "There is no row to draw."
    rows = build_rows(result, look=look, rising=rising)
    times = look.milestones or (month_ticks(longest_time(result.curves))[-1] / 2,)
    told = []
    for curve in result.curves:
        points = ", ".join(
            f"{100 * value_at(curve, time=at):.0f}% at {at:g} {result.time_unit}"
            for at in times
            if at <= curve.time[-1]
        )
        said = [f"{rows.name_of(curve)}: {points or 'followed for less than the time marked'}"]
        arm = rows.arms.get(curve.arm)
        said += [f"{arm.events} events in {arm.n}"] if arm else []
        said += [f"{small(rows.heading)} {rows.told[curve.arm]}"] if curve.arm in rows.told else []
        told.append("; ".join(said))
    kind = "Cumulative incidence" if rising else "Probability without event"
    return " ".join(
        [
            f"{kind} by arm over {result.time_unit}.",
            *(f"{s}." for s in told + _notes(result, look=look)),
        ]
    )


def _notes(result: Result, *, look: Look) -> list[str]:
    compared = list_comparisons(look.compared or result)
    return list(say_comparisons(compared, names={**look.labels, **look.short}))


def build_rows(result: Result, *, look: Look, rising: bool) -> ArmRows:
    """The rows of words around the curves: events, medians or competing events, comparisons."""
    tell = tell_competing if rising else tell_medians
    heading, told = ("", {}) if look.shaded_to is not None else tell(result)
    return ArmRows(
        curves=result.curves,
        arms={arm.arm: arm for arm in result.arms},
        styles=arm_styles([c.arm for c in result.curves], reference=result.reference_arm),
        labels=look.labels,
        short=look.short,
        heading=heading,
        told=told,
        notes=wrap_notes(_notes(result, look=look)),
    )


def render_curves(result: Result, *, look: Look, rising: bool) -> str:
    """The curves of a result as SVG with rows of numbers; a sentence where there is none."""
    description = look.description or describe_curves(result, look=look, rising=rising)
    with figure_layout():
        figure = _draw(result, look=look, rising=rising)
        return write_svg(
            figure, figure_id=look.figure_id, title=look.title, description=description
        )


def _draw(result: Result, *, look: Look, rising: bool) -> Figure:
    curves, rows = result.curves, build_rows(result, look=look, rising=rising)
    below = rows.inches_below + AXIS_INCHES
    height = rows.inches_above + PLOT_INCHES + below
    figure = Figure(figsize=(WIDTH_INCHES, height))
    axes = figure.add_axes((LEFT, below / height, RIGHT - LEFT, PLOT_INCHES / height))
    strip_axes(axes)
    ticks = month_ticks(longest_time(curves))
    _set_scales(axes, ticks=ticks, top=_top_of(curves) if rising else 1.0)
    axes.set_xlabel("\n".join(wrap(look.x_label or f"Time, {result.time_unit}", width=72)))
    axes.set_ylabel("\n".join(wrap(look.y_label, width=LABEL_CHARACTERS)))
    if not curves:
        axes.text(0.5, 0.5, "No row to draw", transform=axes.transAxes, ha="center", color=FAINT)
        return figure
    if look.shaded_to is not None:
        _shade_area(axes, rows=rows, until=look.shaded_to)
    elif not rising:
        _mark_medians(axes, rows=rows)
    _mark_milestones(axes, rows=rows, milestones=look.milestones)
    for curve in curves:
        if look.shaded_to is None:
            _draw_band(axes, curve=curve, style=rows.styles[curve.arm], start=1.0 - rising)
        _draw_curve(axes, curve=curve, style=rows.styles[curve.arm])
    draw_rows_above(figure, rows=rows)
    draw_at_risk(figure, axes=axes, rows=rows)
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
    for side in ("bottom", "left"):
        axes.spines[side].set_position(("outward", 4))  # it throws the ticks of its axis away
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylim(0, top * 1.01)
    step = _mark_step(top)
    marks = [step * place for place in range(round(top / step) + 1)]
    axes.set_yticks(marks, [f"{100 * mark:.0f}%" for mark in marks])


def _stretch(values: NDArray[np.float64], start: float) -> NDArray[np.float64]:
    """Limits with the unknown ones before the first known replaced by the start of the curve."""
    filled = values.copy()
    known = np.flatnonzero(~np.isnan(filled))
    filled[: known[0] if known.size else 0] = start
    return filled


def _draw_band(axes: Axes, *, curve: Curve, style: ArmStyle, start: float) -> None:
    lower, upper = _stretch(curve.lower, start), _stretch(curve.upper, start)
    if not np.isnan(lower).all():
        axes.fill_between(
            curve.time, lower, upper, step="post", color=style.colour, alpha=0.13, linewidth=0
        )


def _draw_curve(axes: Axes, *, curve: Curve, style: ArmStyle) -> None:
    axes.step(
        curve.time,
        curve.estimate,
        where="post",
        color=style.colour,
        linewidth=1.5,
        linestyle=line_of(style),
        clip_on=False,
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
        clip_on=False,
    )


def _mark_medians(axes: Axes, *, rows: ArmRows) -> None:
    """A line at one half, from which one falls to each median that is reached."""
    found = {arm: rows.arms[arm].estimates.get("median") for arm in rows.styles if arm in rows.arms}
    medians = {arm: each.value for arm, each in found.items() if each and each.value is not None}
    if not medians:
        return
    axes.plot([0, max(medians.values())], [0.5, 0.5], color=FAINT, linewidth=0.7, zorder=0)
    for arm, median in medians.items():
        axes.plot(
            [median, median], [0, 0.5], color=rows.styles[arm].colour, linewidth=0.8, zorder=0
        )


def _shade_area(axes: Axes, *, rows: ArmRows, until: float) -> None:
    """The area between two curves up to a time, in the tone of the upper one; of one, below it."""
    axes.axvline(until, color=INK, linewidth=0.8, zorder=0)
    if len(rows.curves) > 2:
        return
    first, *others = rows.curves
    inner = [curve.time[curve.time < until] for curve in rows.curves]
    edges = np.unique(np.concatenate([*inner, [0.0, until]]))
    heights = [
        np.array([value_at(curve, time=float(at)) for at in edges[:-1]]) for curve in rows.curves
    ]
    under = heights[1] if others else np.zeros(edges.size - 1)
    time = np.repeat(edges, 2)[1:-1]
    for curve, gain, hatch in (
        (first, heights[0] - under, "\\\\\\"),
        *((other, under - heights[0], "///") for other in others),
    ):
        low = np.where(gain > 0, np.minimum(heights[0], under), np.nan)
        axes.fill_between(
            time,
            np.repeat(low, 2),
            np.repeat(low + gain, 2),
            facecolor=tint(rows.styles[curve.arm].colour, share=AREA_TONE),
            edgecolor=rows.styles[curve.arm].colour,
            hatch=hatch,
            linewidth=0,
        )


def _mark_milestones(axes: Axes, *, rows: ArmRows, milestones: Sequence[float]) -> None:
    right = axes.get_xlim()[1]
    for at in milestones:
        if not 0 < at <= right:
            continue
        axes.axvline(at, color=FAINT, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        for curve in rows.curves:
            if at <= curve.time[-1]:
                value = value_at(curve, time=at)
                _mark_point(axes, at=at, value=value, style=rows.styles[curve.arm])


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
