"""A time line of lanes as SVG: bars, marks and lines over days since randomisation."""

from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.report.figures.drawing import (
    draw_box,
    draw_line,
    draw_mark,
    draw_shape,
    draw_words,
    width_of,
    with_title,
)
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.style import FAINT, INK, RULE, month_ticks, shorten

MONTH_DAYS = 30.4375
WIDTH, LEFT, RIGHT, TOP, LANE = 720.0, 172.0, 700.0, 26.0, 23.0
LABEL_CHARACTERS = 30
SIZE = 5.0  # of a mark
CLOSE = 19.0  # codes nearer than this stand on two rows
# name of a look -> fill, edge, dash; dark, middle and white stay apart in grey
LOOKS = {
    "given": ("#0072B2", "#0072B2", ""),
    "reduced": ("#9CC7E3", "#0072B2", ""),
    "held": ("#ffffff", "#0072B2", "2.5 1.5"),
    "sbrt": ("#D55E00", "#D55E00", ""),
    "event": ("#6b6b6b", "#222222", ""),
    "severe": ("#222222", "#222222", ""),
    "open": ("#ffffff", "#222222", ""),
    "counted": ("#D55E00", "#222222", ""),
    "plain": ("#222222", "#222222", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of days; `open_end` where it goes on. `look` is one of LOOKS."""

    first: int
    last: int
    look: str
    words: str
    open_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A day: `shape` is tick, down, diamond, cross, dot or code (then `label` is drawn there)."""

    day: int
    shape: str
    look: str
    words: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the time line with its name."""

    label: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Lanes from `first` to `last` day since randomisation (0); `cut` is the day of the data cut.

    `legend` pairs a look or shape with its words; `description` says the same for who cannot see.
    """

    figure_id: str
    title: str
    description: str
    first: int
    last: int
    lanes: tuple[Lane, ...]
    legend: tuple[tuple[str, str, str], ...] = ()
    cut: int | None = None


def place_day(timeline: Timeline, *, day: float) -> float:
    """Where a day stands from left to right."""
    span = max(timeline.last - timeline.first, 1)
    return LEFT + (RIGHT - LEFT) * (day - timeline.first) / span


def render_lanes(timeline: Timeline) -> str:
    """The time line as SVG text, a lane a row, months below, the legend under them."""
    bottom = TOP + LANE * len(timeline.lanes)
    parts = [*_draw_frame(timeline, bottom=bottom)]
    for place, lane in enumerate(timeline.lanes):
        parts += _draw_lane(timeline, lane=lane, y=TOP + LANE * place)
    legend, height = _draw_legend(timeline, y=bottom + 46)
    return frame_svg(
        "\n".join([*parts, *legend]),
        view_box=f"0 0 {WIDTH:g} {height:g}",
        figure_id=timeline.figure_id,
        title=timeline.title,
        description=timeline.description,
    )


def _draw_frame(timeline: Timeline, *, bottom: float) -> Iterator[str]:
    """Rules between lanes, months, and the lines of randomisation and data cut."""
    for place in range(len(timeline.lanes) + 1):
        y = TOP + LANE * place
        yield draw_line((4, y), end=(RIGHT, y), colour=RULE, width=0.5)
    for month in month_ticks(timeline.last / MONTH_DAYS):
        day = month * MONTH_DAYS
        if timeline.first <= day <= timeline.last:
            x = place_day(timeline, day=day)
            yield draw_line((x, bottom), end=(x, bottom + 4))
            yield draw_words(f"{month:g}", place=(x, bottom + 15), anchor="middle")
    words = "Months since randomisation"
    yield draw_words(words, place=((LEFT + RIGHT) / 2, bottom + 29), anchor="middle")
    zero = place_day(timeline, day=0)
    yield draw_line((zero, TOP - 6), end=(zero, bottom), width=1.0)
    yield draw_words("randomised", place=(zero, TOP - 10), anchor="middle")
    if timeline.cut is not None and timeline.cut <= timeline.last:
        x = place_day(timeline, day=timeline.cut)
        yield draw_line((x, TOP - 6), end=(x, bottom), width=1.0, dash="4 2")
        yield draw_words("data cut", place=(x, TOP - 10), anchor="end")


def _draw_lane(timeline: Timeline, *, lane: Lane, y: float) -> Iterator[str]:
    label = shorten(lane.label, width=LABEL_CHARACTERS)
    yield draw_words(label, place=(4, y + 15), size=10)
    for bar in lane.bars:
        yield _draw_bar(timeline, bar=bar, y=y)
    rows = _rows_of(timeline, marks=lane.marks)
    for place, mark in enumerate(lane.marks):
        following = lane.marks[place + 1].day if place + 1 < len(lane.marks) else None
        yield _draw_mark(timeline, mark=mark, y=y, row=rows[place], following=following)


def _rows_of(timeline: Timeline, *, marks: tuple[Mark, ...]) -> list[float]:
    """How far down each code stands: in the middle, or on two rows where some are too close."""
    rows: list[int] = []
    last = [float("-inf"), float("-inf")]
    for mark in marks:
        x = place_day(timeline, day=mark.day)
        row = 0 if x - last[0] >= CLOSE else 1
        rows.append(row)
        last[row] = x
    return [(10.0, 20.5)[row] if any(rows) else 15.0 for row in rows]


def _draw_bar(timeline: Timeline, *, bar: Bar, y: float) -> str:
    fill, edge, dash = LOOKS[bar.look]
    left = place_day(timeline, day=max(bar.first, timeline.first))
    right = place_day(timeline, day=min(bar.last, timeline.last))
    width = max(right - left, 1.6)
    parts = [draw_box((left, y + 6), size=(width, LANE - 12), fill=fill, edge=edge, dash=dash)]
    if bar.open_end:
        end, middle = left + width, y + LANE / 2
        tip = [(end, middle - 5.5), (end + 6, middle), (end, middle + 5.5)]
        parts.append(draw_shape(tip, fill=fill, edge=edge))
    return with_title(parts, words=bar.words)


def _draw_mark(
    timeline: Timeline, *, mark: Mark, y: float, row: float, following: int | None
) -> str:
    x, middle = place_day(timeline, day=mark.day), y + LANE / 2
    fill, edge, _ = LOOKS[mark.look]
    if mark.shape == "code":
        heavy = "bold" if mark.look == "counted" else ""
        colour = FAINT if mark.look == "open" else INK
        place = (x, y + row)
        code = draw_words(
            mark.label, place=place, size=9, anchor="middle", colour=colour, weight=heavy
        )
        return with_title([code], words=mark.words)
    parts = [_draw_shape_at(mark.shape, x=x, y=middle, fill=fill, edge=edge)]
    room = (RIGHT if following is None else place_day(timeline, day=following)) - x - 10
    if mark.label and width_of(mark.label, size=9) <= room:
        parts.append(draw_words(mark.label, place=(x + 7, middle + 3.5), size=9))
    return with_title(parts, words=mark.words)


def _draw_shape_at(shape: str, *, x: float, y: float, fill: str, edge: str) -> str:
    if shape == "tick":
        return draw_line((x, y - 7), end=(x, y + 7), colour=edge, width=1.8)
    return draw_mark(shape, place=(x, y), size=SIZE, fill=fill, edge=edge)


def _draw_legend(timeline: Timeline, *, y: float) -> tuple[list[str], float]:
    """The legend, as many entries a row as fit; and where the figure ends."""
    parts: list[str] = []
    x = 4.0
    for shape, look, words in timeline.legend:
        width = 24 + width_of(words)
        if x + width > RIGHT and x > 4.0:
            x, y = 4.0, y + 16
        fill, edge, dash = LOOKS[look]
        if shape == "bar":
            parts.append(draw_box((x, y - 8), size=(13, 9), fill=fill, edge=edge, dash=dash))
        else:
            parts.append(_draw_shape_at(shape, x=x + 6, y=y - 3.5, fill=fill, edge=edge))
        parts.append(draw_words(words, place=(x + 18, y)))
        x += width
    return parts, y + (8 if timeline.legend else -10)
