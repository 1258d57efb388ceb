"""The waterfall figure: the best change of the targets of each subject, sorted, by arm."""

import statistics
from collections.abc import Iterator, Sequence

from equipoise.derive.best_response import ORDER
from equipoise.report.depth import Course
from equipoise.report.figures.drawing import draw_block, draw_shape, draw_words, with_title
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.panels import (
    LEFT,
    PROGRESSION,
    RESPONSE,
    WIDTH,
    ArmLook,
    Panel,
    draw_limits,
    draw_panel,
    draw_scale_name,
    highest_of,
    lay_panels,
    write_signed,
)
from equipoise.report.figures.style import FAINT, INK

ROW = 11.0
WIDEST_BAR = 26.0
TITLE = "Best change of the target lesions by arm"
_SHORT = {"NON-CR/NON-PD": "NN"}


def render_waterfall(
    courses: Sequence[Course], *, look: ArmLook, figure_id: str = "waterfall"
) -> str:
    """A bar a subject, from the most growth to the deepest response, as SVG text.

    Below the bars a row a best response, with a tick under each bar that had it. A bar beyond
    the scale ends in a tip. Empty where nobody has a best change.
    """
    drawn = [course for course in courses if course.best is not None]
    if not drawn:
        return ""
    codes = [code for code in ORDER if any(course.response == code for course in drawn)]
    below = 8 + ROW * len(codes)
    values = [course.best for course in drawn if course.best is not None]
    arms = [course.arm for course in drawn]
    panels = lay_panels(arms, look=look, below=below, highest=highest_of(values))
    parts = [*draw_scale_name(panels)]
    for panel in panels:
        parts += [*draw_panel(panel), *_draw_bars(panel, courses=drawn, look=look, codes=codes)]
        parts += draw_limits(panel)
    height = panels[-1].bottom + below + 4
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {height:g}",
        figure_id=figure_id,
        title=TITLE,
        description=describe_waterfall(drawn, look=look),
    )


def describe_waterfall(courses: Sequence[Course], *, look: ArmLook) -> str:
    """The depth of response of each arm in words and numbers."""
    return " ".join(
        _describe_arm(
            [c.best for c in courses if c.arm == arm and c.best is not None],
            name=name,
            size=look.sizes.get(arm, 0),
        )
        for arm, name in look.names.items()
    )


def sort_bars(courses: Sequence[Course], *, arm: str) -> list[Course]:
    """The courses of an arm with a best change, the most growth first, ties by subject."""
    own = [course for course in courses if course.arm == arm and course.best is not None]
    return sorted(own, key=lambda course: (-(course.best or 0.0), course.subject))


def _describe_arm(values: Sequence[float], *, name: str, size: int) -> str:
    if not values:
        return f"{name}: none of {size} patients has a change to show."
    middle = write_signed(statistics.median(values), digits=1)
    ends = f"{write_signed(min(values), digits=1)} to {write_signed(max(values), digits=1)} %"
    shrunk = sum(value <= RESPONSE for value in values)
    grown = sum(value >= PROGRESSION for value in values)
    return (
        f"{name}: {len(values)} of {size} patients, median {middle} % ({ends}); "
        f"smaller by 30 % or more in {shrunk}, larger by 20 % or more in {grown}."
    )


def _draw_bars(
    panel: Panel, *, courses: Sequence[Course], look: ArmLook, codes: Sequence[str]
) -> Iterator[str]:
    own = sort_bars(courses, arm=panel.arm)
    colour = look.styles[panel.arm].colour
    yield from _draw_rows(panel, codes=codes)
    if not own:
        middle = ((panel.left + panel.right) / 2, panel.y_of(0) - 6)
        yield draw_words("nobody to show", place=middle, anchor="middle", colour=FAINT)
        return
    step = min(WIDEST_BAR, (panel.right - panel.left) / len(own))
    width = step * (0.78 if step > 2 else 1.0)
    for place, course in enumerate(own):
        x = panel.left + place * step
        parts = [*_draw_bar(panel, course=course, x=x, width=width, fill=colour)]
        row = codes.index(course.response) if course.response in codes else None
        if row is not None:
            y = panel.bottom + 8 + ROW * row
            parts.append(draw_block((x, y + 1.5), size=(width, ROW - 4), fill=INK))
        yield with_title(parts, words=_say(course))


def _say(course: Course) -> str:
    change = write_signed(course.best or 0.0, digits=1)
    return f"{course.subject}: {change} %, best response {course.response}"


def _draw_bar(panel: Panel, *, course: Course, x: float, width: float, fill: str) -> Iterator[str]:
    assert course.best is not None
    zero, end = panel.y_of(0), panel.y_of(course.best)
    top, height = min(zero, end), max(abs(end - zero), 1.2)
    yield draw_block((x, top), size=(width, height), fill=fill)
    if course.best > panel.highest:
        tip = [(x, top), (x + width / 2, top - min(6.0, 2 + width)), (x + width, top)]
        yield draw_shape(tip, fill=fill, edge=fill)


def _draw_rows(panel: Panel, *, codes: Sequence[str]) -> Iterator[str]:
    if panel.left == LEFT:
        for row, code in enumerate(codes):
            y = panel.bottom + 8 + ROW * row + 8
            label = _SHORT.get(code, code)
            yield draw_words(label, place=(panel.left - 6, y), size=9, anchor="end")
