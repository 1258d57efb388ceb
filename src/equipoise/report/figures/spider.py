"""The spider figure: how the targets of each subject changed over the months, by arm."""

from collections.abc import Iterator, Sequence

from equipoise.report.depth import Course, Point
from equipoise.report.figures.drawing import draw_mark, draw_path, draw_words, with_title
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.panels import (
    LEFT,
    MONTHS,
    RIGHT,
    WIDTH,
    ArmLook,
    Panel,
    draw_limits,
    draw_months,
    draw_panel,
    draw_scale_name,
    highest_of,
    lay_panels,
    place_month,
    write_signed,
)
from equipoise.report.figures.style import FAINT, INK, PAPER, month_ticks
from equipoise.report.wording import count_of

MANY = 150  # subjects of an arm from which lines are fine
TITLE = "Change of the target lesions over time by arm"


def render_spider(courses: Sequence[Course], *, look: ArmLook, figure_id: str = "spider") -> str:
    """A line a subject from 0 % at randomisation through each complete sum, as SVG text.

    A mark where the first progression was: a triangle with a new lesion, else a square. Empty
    where nobody has a change.
    """
    drawn = [course for course in courses if course.points]
    if not drawn:
        return ""
    values = [point.percent for course in drawn for point in course.points]
    arms = [course.arm for course in drawn]
    panels = lay_panels(arms, look=look, below=MONTHS, highest=highest_of(values))
    longest = max(point.months for course in drawn for point in _all_points(course))
    ticks = month_ticks(longest)
    parts = [*draw_scale_name(panels)]
    for panel in panels:
        own = [course for course in drawn if course.arm == panel.arm]
        parts += [*draw_panel(panel), *draw_limits(panel), *draw_months(panel, ticks=ticks)]
        parts += _draw_courses(
            panel, courses=own, colour=look.styles[panel.arm].colour, ticks=ticks
        )
    y = panels[-1].bottom + MONTHS + 8
    parts += _draw_legend(y)
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {y + 8:g}",
        figure_id=figure_id,
        title=TITLE,
        description=describe_spider(drawn, look=look),
    )


def describe_spider(courses: Sequence[Course], *, look: ArmLook) -> str:
    """How many lines each arm has, where they end, and how many progressed, in words."""
    told = []
    for arm, name in look.names.items():
        own = [course for course in courses if course.arm == arm]
        ends = [course.points[-1].percent for course in own]
        progressed = [course for course in own if course.progression is not None]
        new = sum(course.new_lesion for course in progressed)
        words = f"{name}: {count_of(len(own), one='patient')}"
        if own:
            words += f", at the last sum {write_signed(min(ends), digits=1)} to "
            words += f"{write_signed(max(ends), digits=1)} % of change; first progression in "
            words += f"{len(progressed)}, with a new lesion in {new}"
        told.append(f"{words}.")
    return " ".join(told)


def _all_points(course: Course) -> tuple[Point, ...]:
    return (*course.points, *([course.progression] if course.progression else []))


def _draw_courses(
    panel: Panel, *, courses: Sequence[Course], colour: str, ticks: Sequence[float]
) -> Iterator[str]:
    """The lines first and the marks over them, so that no line hides a mark."""
    if not courses:
        middle = ((panel.left + panel.right) / 2, panel.y_of(0) - 6)
        yield draw_words("nobody to show", place=middle, anchor="middle", colour=FAINT)
    width = 0.9 if len(courses) < MANY else 0.35

    def at(point: Point) -> tuple[float, float]:
        return place_month(panel, months=point.months, ticks=ticks), panel.y_of(point.percent)

    for course in courses:
        start = Point(months=0.0, percent=0.0)
        line = draw_path([at(start), *map(at, course.points)], colour=colour, width=width)
        yield with_title([line], words=_say(course))
    for course in courses:
        if course.progression is not None:
            x, y = at(course.progression)
            size = 4.0 if len(courses) < MANY else 2.0
            yield _draw_mark(x, y=y, size=size, new=course.new_lesion, words=_say(course))


def _say(course: Course) -> str:
    last = course.points[-1]
    words = (
        f"{course.subject}: {write_signed(last.percent, digits=1)} % at {last.months:.1f} months"
    )
    if course.progression is None:
        return words
    new = " with a new lesion" if course.new_lesion else ""
    return f"{words}; first progression{new} at {course.progression.months:.1f} months"


def _draw_mark(x: float, *, y: float, size: float, new: bool, words: str) -> str:
    """A triangle for a new lesion, white inside; else a dark square."""
    shape, fill = ("down", PAPER) if new else ("dot", INK)
    return with_title([draw_mark(shape, place=(x, y), size=size, fill=fill)], words=words)


def _draw_legend(y: float) -> Iterator[str]:
    middle = (LEFT + RIGHT) / 2
    for x, new, words in (
        (LEFT + 6, True, "first progression, with a new lesion"),
        (middle, False, "first progression without a new lesion"),
    ):
        yield _draw_mark(x, y=y - 3, size=4.0, new=new, words=words)
        yield draw_words(words, place=(x + 10, y))
