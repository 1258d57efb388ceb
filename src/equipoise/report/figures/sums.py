"""Lesion sizes and their sum over time, with what counts as progression and partial response."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from equipoise.report.figures.drawing import (
    Point,
    draw_line,
    draw_path,
    draw_shape,
    draw_words,
    with_title,
)
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.lanes import LEFT, MONTH_DAYS, RIGHT, WIDTH, Timeline, place_day
from equipoise.report.figures.style import FAINT, INK, RULE, month_ticks
from equipoise.report.story.values import AssessmentTold, Story
from equipoise.report.story.words import write_mm

TOP, HEIGHT = 12.0, 150.0
SUM_COLOUR, LIMIT_COLOUR = "#222222", "#D55E00"
_STEPS_MM = (2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """Where days and sizes stand."""

    timeline: Timeline
    start: date
    most_tenths: int

    def at(self, day: float, tenths: float) -> Point:
        """The point of a size on a day."""
        return (
            place_day(self.timeline, day=day),
            TOP + HEIGHT * (1 - tenths / self.most_tenths),
        )

    def day_of(self, told: AssessmentTold) -> int:
        """Days since randomisation of an assessment."""
        assert told.first_date is not None
        return (told.first_date - self.start).days


def progression_limit(nadir_tenths: int) -> int:
    """The smallest sum that is progression: a fifth and 5 mm over the nadir (RECIST 1.1, 4.3.1)."""
    return max(-(-12 * nadir_tenths // 10), nadir_tenths + 50)


def render_sums(story: Story, *, timeline: Timeline, figure_id: str = "sums") -> str:
    """The sizes of the targets and their sum over the same days as the time line, as SVG text.

    Empty where no sum is known after baseline.
    """
    start = story.person.randomised_date
    known = [
        each for each in story.assessments if each.first_date and each.sum_tenths_mm is not None
    ]
    if start is None or len(known) < 2:
        return ""
    limits = [progression_limit(each.nadir_tenths_mm) for each in known if each.nadir_tenths_mm]
    most = max([100, *[each.sum_tenths_mm or 0 for each in known], *limits])
    plot = _Plot(timeline=timeline, start=start, most_tenths=round(1.08 * most))
    parts = [*_draw_axes(plot), *_draw_limits(plot, known), *_draw_lesions(plot, story)]
    parts += _draw_sum(plot, known)
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {TOP + HEIGHT + 52:g}",
        figure_id=figure_id,
        title=f"Target lesions of subject {story.person.subject} over time",
        description=describe_sums(known),
    )


def describe_sums(known: Sequence[AssessmentTold]) -> str:
    """Each sum with its date, in words."""
    told = [f"{each.first_date} {write_mm(each.sum_tenths_mm)}" for each in known]
    return f"Sum of the target lesions: {'; '.join(told)}."


def _draw_axes(plot: _Plot) -> Iterator[str]:
    timeline, bottom = plot.timeline, TOP + HEIGHT
    most_mm = plot.most_tenths / 10
    step = next((each for each in _STEPS_MM if most_mm / each <= 6), 500)
    for mm in range(0, int(most_mm) + 1, step):
        _, y = plot.at(0, 10 * mm)
        yield draw_line((LEFT, y), end=(RIGHT, y), colour=RULE, width=0.5)
        yield draw_words(f"{mm}", place=(LEFT - 6, y + 3.5), anchor="end")
    yield draw_words("mm", place=(LEFT - 32, TOP + HEIGHT / 2), anchor="end")
    yield draw_words("Sum of target lesions", place=(4, TOP + 10), size=10)
    yield draw_words("and each target", place=(4, TOP + 23), size=10)
    for month in month_ticks(timeline.last / MONTH_DAYS):
        day = month * MONTH_DAYS
        if timeline.first <= day <= timeline.last:
            x = place_day(timeline, day=day)
            yield draw_line((x, bottom), end=(x, bottom + 4))
            yield draw_words(f"{month:g}", place=(x, bottom + 15), anchor="middle")
    middle = ((LEFT + RIGHT) / 2, bottom + 29)
    yield draw_words("Months since randomisation", place=middle, anchor="middle")
    zero = place_day(timeline, day=0)
    yield draw_line((zero, TOP), end=(zero, bottom), width=1.0)
    y = bottom + 44
    for x, colour, dash, words in (
        (4.0, SUM_COLOUR, "", "sum"),
        (70.0, FAINT, "1.5 2", "each target"),
        (170.0, LIMIT_COLOUR, "5 2", "progression from here (a fifth and 5 mm over the nadir)"),
        (470.0, FAINT, "7 2 1.5 2", "partial response from here (30 % under baseline)"),
    ):
        yield draw_line((x, y - 3), end=(x + 18, y - 3), colour=colour, width=1.4, dash=dash)
        yield draw_words(words, place=(x + 23, y))


def _draw_limits(plot: _Plot, known: Sequence[AssessmentTold]) -> Iterator[str]:
    """The limit of progression as it stood before each scan, and that of partial response."""
    points: list[Point] = []
    last = plot.day_of(known[0])
    for each in known:
        if each.nadir_tenths_mm is not None:
            limit = progression_limit(each.nadir_tenths_mm)
            points += [plot.at(last, limit), plot.at(plot.day_of(each), limit)]
            last = plot.day_of(each)
    if points:
        yield draw_path(points, colour=LIMIT_COLOUR, width=1.4, dash="5 2")
    first = known[0]
    if first.baseline and first.sum_tenths_mm:
        level = 0.7 * first.sum_tenths_mm
        ends = [plot.at(plot.day_of(first), level), plot.at(plot.day_of(known[-1]), level)]
        yield draw_path(ends, colour=FAINT, width=1.0, dash="7 2 1.5 2")


def _draw_lesions(plot: _Plot, story: Story) -> Iterator[str]:
    """Each target by itself, thin, with its name at its last size."""
    ends: list[tuple[Point, str]] = []
    for told in story.lesions:
        points = [
            plot.at((step.scan_date - plot.start).days, step.tenths_mm)
            for step in told.steps
            if step.scan_date is not None and step.tenths_mm is not None
        ]
        is_target = any(
            reading.role == "target"
            for each in story.assessments[:1]
            for reading in each.readings
            if reading.lesion == told.lesion.lesion
        )
        if is_target and len(points) > 1:
            yield draw_path(points, colour=FAINT, width=1.0, dash="1.5 2")
            ends.append((points[-1], told.lesion.lesion))
    for (x, y), name in _apart(ends):
        yield draw_words(name, place=(x + 4, y + 3), size=8.5, colour=FAINT)


def _apart(ends: list[tuple[Point, str]]) -> list[tuple[Point, str]]:
    """The names moved so far up that none covers another."""
    placed: list[tuple[Point, str]] = []
    for (x, y), name in sorted(ends, key=lambda end: (-end[0][1], end[1])):
        low = min([y, *[other - 9 for (_, other), _ in placed]])
        placed.append(((x, low), name))
    return placed


def _draw_sum(plot: _Plot, known: Sequence[AssessmentTold]) -> Iterator[str]:
    """The sum, thick, a point a scan with its response above."""
    points = [plot.at(plot.day_of(each), each.sum_tenths_mm or 0) for each in known]
    yield draw_path(points, colour=SUM_COLOUR, width=1.8)
    for each, (x, y) in zip(known, points, strict=True):
        corners = [(x - 3, y - 3), (x + 3, y - 3), (x + 3, y + 3), (x - 3, y + 3)]
        fill = LIMIT_COLOUR if each.counts else "#ffffff" if each.counts is False else INK
        words = f"{each.label}, {each.first_date}: {write_mm(each.sum_tenths_mm)}"
        yield with_title([draw_shape(corners, fill=fill)], words=words)
