"""Rows of words around curves, one an arm: who and how many above, how many at risk below."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from equipoise.analysis.result import ArmResult, Curve, Result
from equipoise.report.figures.style import (
    FAINT,
    FONT_SIZE,
    INK,
    RULE,
    ArmStyle,
    line_of,
    shorten,
    wrap,
)
from equipoise.report.wording import (
    MISSING,
    say_p,
    write_interval,
    write_median,
    write_number,
    write_percent,
    write_time,
)

ROW_INCHES = 0.19
LEFT, RIGHT, EDGE = 0.235, 0.955, 0.012
NAME_X, COUNT_X, LAST_X = 0.08, 0.61, 0.70
NAME_CHARACTERS, SHORT_CHARACTERS, NOTE_CHARACTERS, MOST_NOTES = 46, 21, 102, 4
DIGIT_INCHES = 0.066
_POINTS = frozenset({"survival_difference", "incidence_difference"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRows:
    """The arms of a figure in order, with their names and styles, and what is told of each.

    `short` names the rows of the numbers at risk; `told` is shown in the last column above, under
    `heading`; `notes` are lines below the arms.
    """

    curves: tuple[Curve, ...]
    arms: Mapping[str, ArmResult]
    styles: Mapping[str, ArmStyle]
    labels: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    heading: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def inches_above(self) -> float:
        """How high the rows above the curves are."""
        return ROW_INCHES * (1.4 + len(self.curves) + len(self.notes)) + 0.1

    @property
    def inches_below(self) -> float:
        """How high the rows below the curves are."""
        return ROW_INCHES * (len(self.curves) + 1)

    def name_of(self, curve: Curve) -> str:
        """The name of the curve's arm, its code where it has none."""
        return self.labels.get(curve.arm, curve.arm)


def tell_medians(result: Result) -> tuple[str, dict[str, str]]:
    """The heading and the median of each arm with its interval; empty where none is known."""
    medians = {arm.arm: arm.estimates["median"] for arm in result.arms if "median" in arm.estimates}
    if not medians:
        return "", {}
    level = 100 * next(iter(medians.values())).level
    heading = f"Median, {result.time_unit} ({level:g}% CI)"
    return heading, {arm: write_median(median) for arm, median in medians.items()}


def tell_competing(result: Result) -> tuple[str, dict[str, str]]:
    """The heading and the number of competing events of each arm; empty where none is known."""
    found = {arm.arm: arm.estimates.get("competing_events") for arm in result.arms}
    counts = {arm: f"{each.value:g}" for arm, each in found.items() if each and each.value}
    return (
        ("Competing events", {arm: counts.get(arm, "0") for arm in found}) if counts else ("", {})
    )


def list_comparisons(result: Result) -> list[Result]:
    """The comparison of two arms at each time that has an estimate."""
    if len(result.arms) > 2:
        return [found for part in result.parts for found in list_comparisons(part)]
    timed = result.parts and all(part.at is not None for part in result.parts)
    return [
        part
        for part in (result.parts if timed else (result,))
        if part.at is not None and part.estimate is not None and part.estimate.value is not None
    ]


def say_comparisons(comparisons: Sequence[Result], *, names: Mapping[str, str]) -> tuple[str, ...]:
    """A line a comparison, the first ones: what each arm has, the difference, its interval and p.

    `names` stand before the numbers where the lines compare different arms.
    """
    pairs = {tuple(arm.arm for arm in part.arms) for part in comparisons}
    lines = []
    for part in comparisons[:MOST_NOTES]:
        who = ""
        if len(pairs) > 1:
            pair = [names.get(arm.arm, arm.arm) for arm in part.arms]
            who = f", {' v '.join(shorten(name, width=SHORT_CHARACTERS) for name in pair)}"
        lines.append(_say_comparison(part, who=who))
    return tuple(line for line in lines if line)


def _say_comparison(part: Result, *, who: str) -> str:
    estimate = part.estimate
    if estimate is None or estimate.value is None or part.at is None:
        return ""
    when = f"{write_time(part.at)} {part.time_unit}"
    points = part.measure in _POINTS
    values = [arm.estimates.get(part.arm_measure) for arm in part.arms]
    write = partial(write_percent, digits=1) if points else partial(write_number, digits=1)
    said = " v ".join(write(each.value if each else None) for each in values)
    factor, digits = (100, 1) if points else (1, 2 if part.measure.endswith("ratio") else 1)
    value = write_number(factor * estimate.value, digits=digits)
    interval = write_interval(estimate, digits=digits, factor=factor)
    interval = f" ({100 * estimate.level:g}% CI {interval})" if interval else ""
    what = "ratio" if part.measure.endswith("ratio") else "difference"
    unit = " percentage points" if points else ""
    first = "At" if points else "Mean up to"
    p = f", {say_p(part.p_value)}" if part.p_value is not None else ""
    return f"{first} {when}{who}: {said}; {what} {value}{unit}{interval}{p}"


def draw_rows_above(figure: Figure, *, rows: ArmRows) -> None:
    """A row an arm with its line, its events and what is told of it; then the notes."""
    height = figure.get_figheight()
    write = partial(figure.text, fontsize=FONT_SIZE - 0.5, va="center")
    head = partial(write, color=FAINT, style="italic")
    y = 1 - ROW_INCHES * 0.6 / height
    head(COUNT_X, y, "Events/n", ha="center")
    head(LAST_X, y, rows.heading)
    for curve in rows.curves:
        y -= ROW_INCHES / height
        style = rows.styles[curve.arm]
        figure.add_artist(
            Line2D(
                [EDGE, NAME_X - 0.012],
                [y, y],
                color=style.colour,
                linestyle=line_of(style),
                linewidth=1.6,
            )
        )
        write(NAME_X, y, shorten(rows.name_of(curve), width=NAME_CHARACTERS))
        arm = rows.arms.get(curve.arm)
        write(COUNT_X, y, f"{arm.events}/{arm.n}" if arm else MISSING, ha="center")
        if rows.heading:
            write(LAST_X, y, rows.told.get(curve.arm, MISSING))
    for note in rows.notes:
        y -= ROW_INCHES / height
        write(EDGE, y, note, color=INK)


def wrap_notes(notes: Sequence[str]) -> tuple[str, ...]:
    """The notes broken into lines that fit the figure."""
    return tuple(line for note in notes for line in wrap(note, width=NOTE_CHARACTERS, lines=3))


def at_risk_at(curve: Curve, *, time: float) -> int:
    """How many are at risk just before a time."""
    place = int(np.searchsorted(curve.time, time, side="left"))
    return int(curve.at_risk[place]) if place < curve.time.size else 0


def censored_before(curve: Curve, *, time: float) -> int:
    """How many were censored before a time."""
    return int(np.count_nonzero(curve.censored < time))


def draw_at_risk(figure: Figure, *, axes: Axes, rows: ArmRows) -> None:
    """A row an arm under the ticks: how many are at risk, and how many were censored before."""
    height = figure.get_figheight()
    top = ROW_INCHES * (len(rows.curves) + 0.75)
    write = partial(figure.text, fontsize=FONT_SIZE - 0.8, va="center")
    write(EDGE, top / height, "At risk (censored)", color=INK, style="italic")
    left, right = axes.get_xlim()
    ticks = [float(tick) for tick in axes.get_xticks()]
    cells = {
        curve.arm: [
            f"{at_risk_at(curve, time=tick)} ({censored_before(curve, time=tick)})"
            for tick in ticks
        ]
        for curve in rows.curves
    }
    step = _every([cell for row in cells.values() for cell in row], ticks=len(ticks))
    for row, curve in enumerate(rows.curves, start=1):
        y = (top - ROW_INCHES * row) / height
        name = {**rows.labels, **rows.short}.get(curve.arm, curve.arm)
        colour = rows.styles[curve.arm].colour
        write(EDGE, y, shorten(name, width=SHORT_CHARACTERS), color=colour)
        for tick, cell in list(zip(ticks, cells[curve.arm], strict=True))[::step]:
            x = LEFT + (RIGHT - LEFT) * (tick - left) / (right - left)
            write(x, y, cell, ha="center")
    line = (top + ROW_INCHES * 0.6) / height
    figure.add_artist(Line2D([EDGE, RIGHT], [line, line], color=RULE, linewidth=0.6))


def _every(cells: Sequence[str], *, ticks: int) -> int:
    """Under every which tick a number stands, so that none touches the next."""
    room = (RIGHT - LEFT) * 7.0 / max(ticks - 1, 1)
    widest = DIGIT_INCHES * (max((len(cell) for cell in cells), default=1) + 1)
    return max(1, math.ceil(widest / room))
