"""A plot drawn by hand: from numbers to places, and its two axes with their ticks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from equipoise.report.figures.drawing import Point, draw_line, draw_words, width_of
from equipoise.report.figures.frame import FONTS
from equipoise.report.figures.style import INK
from equipoise.report.wording import write_number

Tick = tuple[float, str]
TICK, GAP = 4.0, 4.0
SMALL = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A rectangle on the page with the numbers at its edges; what lies beyond stands there."""

    left: float
    right: float
    top: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def x_of(self, value: float) -> float:
        """Where a number stands from left to right."""
        return self.left + (self.right - self.left) * _share(value, self.x)

    def y_of(self, value: float) -> float:
        """Where a number stands from top to bottom."""
        return self.bottom - (self.bottom - self.top) * _share(value, self.y)

    def at(self, point: Point) -> Point:
        """Where a point stands."""
        return self.x_of(point[0]), self.y_of(point[1])


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return min(max((value - low) / (high - low), 0.0), 1.0)


def draw_x_axis(plot: Plot, *, ticks: Sequence[Tick], name: str = "") -> Iterator[str]:
    """The line below the plot with ticks; a tick whose words would touch the last has none."""
    y = plot.bottom + GAP
    yield draw_line((plot.left, y), end=(plot.right, y))
    last = -math.inf
    for value, words in ticks:
        x, half = plot.x_of(value), width_of(words, size=SMALL) / 2
        yield draw_line((x, y), end=(x, y + TICK))
        if x - half >= last + 3:
            yield draw_words(words, place=(x, y + 14), size=SMALL, anchor="middle")
            last = x + half
    if name:
        middle = (plot.left + plot.right) / 2
        yield draw_words(name, place=(middle, y + 28), size=9.5, anchor="middle")


def draw_y_axis(plot: Plot, *, ticks: Sequence[Tick], name: str = "") -> Iterator[str]:
    """The line left of the plot with ticks, and upright what it measures."""
    x = plot.left - GAP
    yield draw_line((x, plot.top), end=(x, plot.bottom))
    for value, words in ticks:
        y = plot.y_of(value)
        yield draw_line((x - TICK, y), end=(x, y))
        yield draw_words(words, place=(x - TICK - 3, y + 3), size=SMALL, anchor="end")
    if name:
        middle = (plot.top + plot.bottom) / 2
        look = f'font-family="{FONTS}" font-size="9.5" text-anchor="middle" fill="{INK}"'
        turned = f'transform="translate({plot.left - 46:g} {middle:g}) rotate(-90)"'
        yield f"<text {turned} {look}>{escape(name)}</text>"


def ratio_ticks(ends: tuple[float, float]) -> list[Tick]:
    """Ticks at powers of two (as natural logs) from one to the other end, about eight at most."""
    first = math.ceil(ends[0] / math.log(2) - 1e-9)
    last = math.floor(ends[1] / math.log(2) + 1e-9)
    step = max(1, math.ceil((last - first) / 8))
    powers = [power for power in range(first, last + 1) if power % step == 0]
    return [(power * math.log(2), _write_power(power)) for power in powers]


def linear_ticks(ends: tuple[float, float], *, factor: float = 1.0) -> list[Tick]:
    """About six ticks at round steps; the words are those of `factor` times as much."""
    low, high = ends
    span = factor * (high - low)
    power = 10.0 ** math.floor(math.log10(span / 6))
    step = next(power * each for each in (1, 2, 5, 10) if span / (power * each) <= 6)
    first, last = math.ceil(factor * low / step - 1e-9), math.floor(factor * high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [
        (place * step / factor, write_number(place * step, digits=digits))
        for place in range(first, last + 1)
    ]


def _write_power(power: int) -> str:
    return f"{2**power}" if power >= 0 else f"1/{2**-power}"


def spread(places: Sequence[float], *, apart: float, within: tuple[float, float]) -> list[float]:
    """Places in rising order moved as little as needed, so that none is closer than `apart`."""
    low, high = within
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + apart if moved else low))
    for position in reversed(range(len(moved))):
        limit = high if position == len(moved) - 1 else moved[position + 1] - apart
        moved[position] = min(moved[position], limit)
    return moved
