"""The stacked incidence figure, an arm a panel: the event, what competes with it, and neither."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.result import Curve, Result
from equipoise.report.figures.arm_rows import at_risk_at
from equipoise.report.figures.drawing import (
    Point,
    draw_line,
    draw_path,
    draw_shape,
    draw_words,
    number,
    width_of,
)
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.plots import Plot, draw_x_axis, draw_y_axis, spread
from equipoise.report.figures.style import (
    FAINT,
    INK,
    arm_styles,
    month_ticks,
    shorten,
    tint,
    wrap,
)
from equipoise.report.wording import write_percent, write_time

WIDTH, LEFT, TOP, HEIGHT = 620.0, 46.0, 32.0, 180.0
BELOW, LABELS, IN_A_ROW = 74.0, 104.0, 2
TITLE_CHARACTERS, LABEL_CHARACTERS = 48, 18
LINE = 10.5
TITLE = "Cumulative incidence by arm, stacked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackLook:
    """The words of the figure: what the layers are, the arms, and the time at which they are told.

    `layers` names the event, what competes, and neither of them.
    """

    figure_id: str = "stacked"
    title: str = TITLE
    x_label: str = ""
    layers: tuple[str, str, str] = ("event", "competing event", "neither")
    at: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def layers_of(curve: Curve) -> NDArray[np.float64]:
    """The upper edge of the event, of what competes above it, and of the rest: shape (3, k)."""
    competing = np.zeros(curve.time.size) if curve.competing is None else curve.competing
    return np.stack([curve.estimate, curve.estimate + competing, np.ones(curve.time.size)])


def shares_at(curve: Curve, *, time: float) -> tuple[float, float, float] | None:
    """The shares with the event, with what competes, with neither; None beyond the follow-up."""
    edges = layers_of(curve)
    if time > curve.time[-1] and edges[1, -1] < 1 - 1e-12:
        return None
    place = max(int(np.searchsorted(curve.time, time, side="right")) - 1, 0)
    event, both = float(edges[0, place]), float(edges[1, place])
    return event, both - event, 1 - both


def render_stacked_incidence(result: Result, *, look: StackLook) -> str:
    """A panel an arm, the shares with the event, with what competes and with neither, as SVG text.

    Empty where no arm has a curve of what competes.
    """
    curves = [curve for curve in result.curves if curve.competing is not None]
    if not curves:
        return ""
    styles = arm_styles([curve.arm for curve in curves], reference=result.reference_arm)
    ticks = month_ticks(max(float(curve.time[-1]) for curve in curves))
    plots = _lay(curves, longest=ticks[-1])
    parts: list[str] = []
    for curve, plot in zip(curves, plots, strict=True):
        colour = styles[curve.arm].colour
        name = f"{look.figure_id}-hatch-{len(parts)}"
        parts += [_hatch(name, colour=colour)]
        parts += [*_draw_layers(plot, curve=curve, fills=(colour, f"url(#{name})", "white"))]
        parts += [*_draw_frame(plot, curve=curve, look=look, ticks=ticks)]
        parts += [*_draw_labels(plot, curve=curve, look=look, unit=result.time_unit)]
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {plots[-1].bottom + BELOW - 12:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=describe_stacked(curves, look=look, unit=result.time_unit),
    )


def describe_stacked(curves: Sequence[Curve], *, look: StackLook, unit: str) -> str:
    """The shares of each arm in words, at the time that is told and at the end."""
    return " ".join(_describe(curve, look=look, unit=unit) for curve in curves)


def _describe(curve: Curve, *, look: StackLook, unit: str) -> str:
    name, last = look.labels.get(curve.arm, curve.arm), float(curve.time[-1])
    times = [last] if look.at is None or look.at >= last else [look.at, last]
    told = []
    for time in times:
        shares = shares_at(curve, time=time)
        assert shares is not None
        said = ", ".join(
            f"{layer} {write_percent(share)}"
            for layer, share in zip(look.layers, shares, strict=True)
        )
        told.append(f"at {write_time(time)} {unit} {said}")
    return f"{name}: {'; '.join(told)}."


def _lay(curves: Sequence[Curve], *, longest: float) -> list[Plot]:
    """A plot an arm, two in a row, with room for the words of the layers at the right."""
    columns = min(len(curves), IN_A_ROW)
    width = (WIDTH - LEFT) / columns
    plots = []
    for place, _ in enumerate(curves):
        left = LEFT + place % columns * width
        top = TOP + place // columns * (HEIGHT + BELOW + TOP - 12)
        plots.append(
            Plot(
                left=left,
                right=left + width - LABELS - (24 if columns > 1 else 0),
                top=top,
                bottom=top + HEIGHT,
                x=(0.0, longest),
                y=(0.0, 1.0),
            )
        )
    return plots


def _hatch(name: str, *, colour: str) -> str:
    """Slanted lines on a light tone, which stay apart from the full tone in grey."""
    return (
        f'<defs><pattern id="{name}" patternUnits="userSpaceOnUse" width="5" height="5" '
        f'patternTransform="rotate(45)"><rect width="5" height="5" '
        f'fill="{tint(colour, share=0.12)}"/><line x1="0" y1="0" x2="0" y2="5" '
        f'stroke="{colour}" stroke-width="1.3"/></pattern></defs>'
    )


def _steps(plot: Plot, *, time: NDArray[np.float64], edge: NDArray[np.float64]) -> list[Point]:
    x, y = np.repeat(time, 2)[1:], np.repeat(edge, 2)[:-1]
    return [plot.at((float(a), float(b))) for a, b in zip(x, y, strict=True)]


def _draw_layers(plot: Plot, *, curve: Curve, fills: tuple[str, str, str]) -> Iterator[str]:
    edges = layers_of(curve)
    lower = np.zeros(curve.time.size)
    for upper, fill in zip(edges, fills, strict=True):
        over = _steps(plot, time=curve.time, edge=upper)
        under = _steps(plot, time=curve.time, edge=lower)
        if (upper - lower).max() > 1e-12:
            yield draw_shape([*over, *reversed(under)], fill=fill, edge="none")
        lower = upper
    for upper in edges[:2]:
        yield draw_path(_steps(plot, time=curve.time, edge=upper), colour=INK, width=0.9)


def _draw_frame(
    plot: Plot, *, curve: Curve, look: StackLook, ticks: Sequence[float]
) -> Iterator[str]:
    room = TITLE_CHARACTERS if plot.right - plot.left < WIDTH / 2 else 2 * TITLE_CHARACTERS
    name = shorten(look.labels.get(curve.arm, curve.arm), width=room)
    yield draw_words(name, place=(plot.left - 4, plot.top - 14), size=10, weight="bold")
    shares = [(share / 5, f"{20 * share}%") for share in range(6)]
    yield from draw_y_axis(plot, ticks=shares)
    yield from draw_x_axis(plot, ticks=[(t, f"{t:g}") for t in ticks], name=look.x_label)
    if look.at is not None and look.at <= plot.x[1]:
        x = plot.x_of(look.at)
        yield draw_line((x, plot.top), end=(x, plot.bottom), dash="1.5 2", colour=INK)
    y = plot.bottom + 48
    yield draw_words("At risk", place=(plot.left - 13, y), size=8.5, anchor="end", colour=FAINT)
    last = -1e9
    for tick in ticks:
        words, x = f"{at_risk_at(curve, time=tick)}", plot.x_of(tick)
        half = width_of(words, size=8.5) / 2
        if x - half >= last + 3:
            yield draw_words(words, place=(x, y), size=8.5, anchor="middle")
            last = x + half


def _draw_labels(plot: Plot, *, curve: Curve, look: StackLook, unit: str) -> Iterator[str]:
    """What each layer is, beside its middle at the end of the curve; a thin line leads there."""
    edges = np.r_[0.0, layers_of(curve)[:, -1]]
    middles = [plot.y_of(float(a + b) / 2) for a, b in pairwise(edges)]
    shares = None if look.at is None else shares_at(curve, time=look.at)
    blocks = []
    for place, layer in enumerate(look.layers):
        lines = wrap(layer, width=LABEL_CHARACTERS, lines=3)
        if shares is not None and look.at is not None:
            lines.append(f"{write_percent(shares[place])} at {write_time(look.at)} {unit}")
        blocks.append(lines)
    tallest = max(len(lines) for lines in blocks) * LINE + 4
    half = tallest / 2
    within = (plot.top + half - 8, plot.bottom - half + 8)
    order = spread(list(reversed(middles)), apart=tallest, within=within)
    start = plot.x_of(float(curve.time[-1]))
    for lines, middle, y in zip(blocks, middles, reversed(order), strict=True):
        end = plot.right + 10
        places = [(start + 1, middle), (max(start + 1, end - 8), middle), (end, y)]
        yield draw_path(places, colour=FAINT, width=0.6)
        first = y - LINE * (len(lines) - 1) / 2 + 3
        for place, words in enumerate(lines):
            spot = (end + 3, float(number(first + LINE * place)))
            weight = "" if shares is not None and place == len(lines) - 1 else "bold"
            yield draw_words(words, place=spot, size=8.5, weight=weight)
