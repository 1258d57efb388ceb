"""Power over one parameter: a panel a statistic, a line a scenario or value, with intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from equipoise.report.figures.drawing import draw_line, draw_path, draw_words, width_of
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.plots import Plot, Tick, draw_x_axis, draw_y_axis, linear_ticks
from equipoise.report.figures.style import FAINT, RULE, shorten
from equipoise.report.wording import write_percent

WIDTH, LEFT, GAP, HEIGHT, BETWEEN = 720.0, 50.0, 66.0, 190.0, 74.0
LINE, SIZE = 16.0, 9.5
MOST_CURVES = 6
_NAME, _TITLE = 44, 50  # characters
# Okabe, Ito (2008); the dash and the mark tell them apart in grey.
_LOOKS = (
    ("#0072B2", "", "circle"),
    ("#D55E00", "7 3", "square"),
    ("#009E73", "2 2.5", "tip"),
    ("#AA4499", "9 3 2 3", "circle"),
    ("#7a5c00", "4.5 2", "square"),
    ("#222222", "12 3", "tip"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerPoint:
    """The power at a value, with its interval."""

    at: float
    power: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCurve:
    """Points in the order of their values; `label` says whose."""

    label: str
    points: tuple[PowerPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerPanel:
    """The curves of one statistic; those of every panel have the same labels."""

    title: str
    curves: tuple[PowerCurve, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLook:
    """The words around the curves, and the levels that are marked: alpha, the power wanted."""

    figure_id: str
    title: str
    x_name: str
    marks: tuple[float, ...] = ()


def render_power_curves(panels: Sequence[PowerPanel], *, look: PowerLook) -> str:
    """The panels, two in a row, under one legend, as SVG text."""
    labels = [curve.label for curve in panels[0].curves]
    legend, top = _draw_legend(labels)
    ends = _ends(panels)
    parts = [*legend]
    for place, panel in enumerate(panels):
        plot = _lay(place, len(panels), top=top, ends=ends)
        parts += _draw_frame(plot, panel.title, look)
        for number, curve in enumerate(panel.curves):
            parts += _draw_curve(plot, curve, number)
    rows = (len(panels) + 1) // 2
    height = top + rows * (HEIGHT + BETWEEN)
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {height:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=describe_power_curves(panels, look=look),
    )


def describe_power_curves(panels: Sequence[PowerPanel], *, look: PowerLook) -> str:
    """The ends of every curve in words."""
    told = [f"Power by {look.x_name}"]
    for panel in panels:
        said = [
            f"{curve.label or 'all'} {write_percent(curve.points[0].power)} at "
            f"{curve.points[0].at:g} to {write_percent(curve.points[-1].power)} at "
            f"{curve.points[-1].at:g}"
            for curve in panel.curves
            if curve.points
        ]
        told.append(f"{panel.title}: {'; '.join(said)}")
    return ". ".join(told) + "."


def _ends(panels: Sequence[PowerPanel]) -> tuple[float, float]:
    values = [p.at for panel in panels for curve in panel.curves for p in curve.points]
    room = 0.03 * (max(values) - min(values)) or 0.5
    return min(values) - room, max(values) + room


def _lay(place: int, count: int, *, top: float, ends: tuple[float, float]) -> Plot:
    columns = min(count, 2)
    width = (WIDTH - LEFT - 28 - GAP * (columns - 1)) / columns
    left = LEFT + (place % 2) * (width + GAP)
    high = top + (place // 2) * (HEIGHT + BETWEEN) + 18
    return Plot(left=left, right=left + width, top=high, bottom=high + HEIGHT, x=ends, y=(0, 1))


def _draw_frame(plot: Plot, title: str, look: PowerLook) -> Iterator[str]:
    yield draw_words(
        shorten(title, width=_TITLE), place=(plot.left - 4, plot.top - 9), weight="bold"
    )
    for mark in look.marks:
        y = plot.y_of(mark)
        yield draw_line((plot.left, y), end=(plot.right, y), colour=FAINT, dash="1.5 2.5")
        words = write_percent(mark, digits=1 if mark < 0.1 else 0)
        yield draw_words(words, place=(plot.right + 3, y + 3), size=8.5, colour=FAINT)
    for place in range(1, 6):
        y = plot.y_of(place / 5)
        yield draw_line((plot.left, y), end=(plot.right, y), colour=RULE, width=0.4)
    yield from draw_y_axis(plot, ticks=[(place / 5, f"{20 * place}%") for place in range(6)])
    inside: list[Tick] = [
        tick for tick in linear_ticks(plot.x) if plot.x[0] <= tick[0] <= plot.x[1]
    ]
    yield from draw_x_axis(plot, ticks=inside, name=look.x_name)


def _draw_curve(plot: Plot, curve: PowerCurve, number: int) -> Iterator[str]:
    colour, dash, mark = _LOOKS[number % len(_LOOKS)]
    spots = [plot.at((point.at, point.power)) for point in curve.points]
    if len(spots) > 1:
        yield draw_path(spots, colour=colour, width=1.5, dash=dash)
    for point, (x, y) in zip(curve.points, spots, strict=True):
        ends = plot.y_of(point.lower), plot.y_of(point.upper)
        yield draw_line((x, ends[0]), end=(x, ends[1]), colour=colour, width=0.9)
        yield _draw_mark(x, y, mark=mark, colour=colour)


def _draw_mark(x: float, y: float, *, mark: str, colour: str) -> str:
    if mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>'
    shapes = {
        "square": [(-2.4, -2.4), (2.4, -2.4), (2.4, 2.4), (-2.4, 2.4)],
        "tip": [(0.0, -3.2), (2.9, 2.3), (-2.9, 2.3)],
    }
    places = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in shapes[mark])
    return f'<polygon points="{places}" fill="{colour}"/>'


def _draw_legend(labels: Sequence[str]) -> tuple[list[str], float]:
    """The looks with their labels, in as many lines as they need, and where the panels begin."""
    parts: list[str] = []
    x, y = LEFT - 4, LINE
    if list(labels) in ([""], []):
        return parts, 4.0
    for number, label in enumerate(labels):
        words = shorten(label, width=_NAME)
        room = 34 + width_of(words, size=SIZE) + 14
        if x + room > WIDTH and x > LEFT:
            x, y = LEFT - 4, y + LINE
        colour, dash, mark = _LOOKS[number % len(_LOOKS)]
        parts.append(
            draw_line((x, y - 3), end=(x + 26, y - 3), colour=colour, width=1.5, dash=dash)
        )
        parts.append(_draw_mark(x + 13, y - 3, mark=mark, colour=colour))
        parts.append(draw_words(words, place=(x + 32, y), size=SIZE))
        x += room
    return parts, y + 16
