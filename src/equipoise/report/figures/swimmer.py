"""The swimmer plot: a lane a patient, from randomisation to death or the last contact, by arm."""

from collections.abc import Iterator, Sequence

from equipoise.report.figures.drawing import (
    draw_block,
    draw_line,
    draw_mark,
    draw_words,
    width_of,
    with_title,
)
from equipoise.report.figures.frame import frame_svg
from equipoise.report.figures.panels import (
    IN_A_ROW,
    LEFT,
    MONTHS,
    RIGHT,
    WIDTH,
    ArmLook,
    Panel,
    draw_months,
    draw_title,
    lay_panels,
    place_month,
)
from equipoise.report.figures.style import FAINT, INK, PAPER, RULE, month_ticks, shorten, tint
from equipoise.report.follow_up import FollowUp, Stretch
from equipoise.report.wording import count_of

TITLE = "Follow-up of each patient by arm"
TALLEST = 560.0  # all panels one below the other, however many lanes they have
# the height of a lane; from which on its subject is named, and its response has an edge
LANE, LEAST_NAMED, LEAST_EDGED = 10.0, 6.0, 3.0
NAME_CHARACTERS = 9
LIGHT = 0.28  # the tone of follow-up without the trial's therapy
# in ink and paper, so that they stand out from any tone
_MARKS = {
    "progression": ("dot", INK),
    "new": ("down", PAPER),
    "later": ("diamond", PAPER),
    "death": ("cross", INK),
    "on": ("arrow", INK),
}
_LEGEND = (
    ("follow-up", "followed"),
    ("therapy", "systemic therapy of the trial"),
    ("sbrt", "SBRT"),
    ("response", "in response"),
    ("progression", "first progression"),
    ("new", "with a new lesion"),
    ("later", "next systemic therapy"),
    ("death", "death"),
    ("on", "alive, in follow-up"),
)


def render_swimmer(
    followed: Sequence[FollowUp], *, look: ArmLook, figure_id: str = "swimmer"
) -> str:
    """A lane a patient, the longest followed first, as SVG text; empty where nobody is.

    Lanes become thinner the more there are, so that the figure is never taller than a page.
    """
    if not followed:
        return ""
    arms = [each.arm for each in followed]
    most, rows = max(arms.count(arm) for arm in look.names), -(-len(look.names) // IN_A_ROW)
    lane = min(LANE, TALLEST / (most * rows))
    panels = lay_panels(arms, look=look, below=MONTHS, height=lane * most)
    ticks = month_ticks(max(_last_month(each) for each in followed))
    parts: list[str] = []
    for panel in panels:
        own = sort_lanes(followed, arm=panel.arm)
        parts += [draw_title(panel), *_draw_rules(panel, ticks=ticks)]
        parts += _draw_lanes(panel, followed=own, lane=lane, look=look, ticks=ticks)
    legend, height = _draw_legend(
        panels[-1].bottom + MONTHS + 10, colour=look.styles[panels[-1].arm].colour
    )
    return frame_svg(
        "\n".join([*parts, *legend]),
        view_box=f"0 0 {WIDTH:g} {height:g}",
        figure_id=figure_id,
        title=TITLE,
        description=describe_swimmer(followed, look=look),
    )


def sort_lanes(followed: Sequence[FollowUp], *, arm: str) -> list[FollowUp]:
    """The patients of an arm, the longest followed first, ties by subject."""
    own = [each for each in followed if each.arm == arm]
    return sorted(own, key=lambda each: (-each.months, each.subject))


def describe_swimmer(followed: Sequence[FollowUp], *, look: ArmLook) -> str:
    """How long each arm was followed and what happened to how many, in words."""
    told = []
    for arm, name in look.names.items():
        own = sort_lanes(followed, arm=arm)
        words = f"{name}: {count_of(len(own), one='patient')}"
        if own:
            words += f", followed {own[-1].months:.1f} to {own[0].months:.1f} months; "
            words += f"{sum(each.response is not None for each in own)} responded, "
            words += f"{sum(each.progression is not None for each in own)} progressed "
            words += f"({sum(_is_new(each) for each in own)} with a new lesion), "
            words += f"{sum(each.later is not None for each in own)} had a next systemic therapy, "
            words += f"{sum(each.died for each in own)} died; "
            words += f"alive in follow-up: {sum(each.goes_on for each in own)}"
        told.append(f"{words}.")
    return " ".join(told)


def _is_new(each: FollowUp) -> bool:
    return each.progression is not None and each.new_lesion


def _last_month(each: FollowUp) -> float:
    stretches = [s for s in (each.therapy, each.sbrt, each.response) if s is not None]
    marks = [month for month in (each.progression, each.later) if month is not None]
    return max([each.months, *marks, *(stretch[1] for stretch in stretches)])


def _draw_rules(panel: Panel, *, ticks: Sequence[float]) -> Iterator[str]:
    for months in ticks:
        x = place_month(panel, months=months, ticks=ticks)
        yield draw_line((x, panel.top), end=(x, panel.bottom), colour=RULE, width=0.4)
    yield from draw_months(panel, ticks=ticks)


def _draw_lanes(
    panel: Panel,
    *,
    followed: Sequence[FollowUp],
    lane: float,
    look: ArmLook,
    ticks: Sequence[float],
) -> Iterator[str]:
    if not followed:
        middle = ((panel.left + panel.right) / 2, panel.top + 12)
        yield draw_words("nobody to show", place=middle, anchor="middle", colour=FAINT)
    colour = look.styles[panel.arm].colour
    for place, each in enumerate(followed):
        y = panel.top + lane * (place + 0.5)
        parts = [*_draw_bars(panel, each=each, y=y, lane=lane, colour=colour, ticks=ticks)]
        parts += _draw_marks(panel, each=each, y=y, lane=lane, ticks=ticks)
        yield with_title(parts, words=_say(each))
        if lane >= LEAST_NAMED:
            name = shorten(each.subject, width=NAME_CHARACTERS)
            where = (panel.left - 3, y + 2.2)
            yield draw_words(name, place=where, size=min(6.5, lane - 2), anchor="end", colour=FAINT)


def _draw_bars(
    panel: Panel, *, each: FollowUp, y: float, lane: float, colour: str, ticks: Sequence[float]
) -> Iterator[str]:
    """Follow-up in a light tone, therapy in full tone over it, response and SBRT over both."""
    followed: Stretch = (0.0, each.months)
    for stretch, share, fill in (
        (followed, 0.78, tint(colour, share=LIGHT)),
        (each.therapy, 0.78, colour),
        (each.response, 0.3, PAPER),
        (each.sbrt, 0.78, INK),
    ):
        if stretch is not None:
            left, right = (place_month(panel, months=month, ticks=ticks) for month in stretch)
            edge = INK if fill == PAPER and lane >= LEAST_EDGED else ""
            size = (max(right - left, 0.8), share * lane)
            yield draw_block((left, y - size[1] / 2), size=size, fill=fill, edge=edge)


def _draw_marks(
    panel: Panel, *, each: FollowUp, y: float, lane: float, ticks: Sequence[float]
) -> Iterator[str]:
    size = max(1.2, min(3.6, 0.42 * lane))
    end = place_month(panel, months=each.months, ticks=ticks)
    if each.goes_on:
        yield _mark("on", x=end, y=y, size=size)
    if each.later is not None:
        yield _mark("later", x=place_month(panel, months=each.later, ticks=ticks), y=y, size=size)
    if each.progression is not None:
        x = place_month(panel, months=each.progression, ticks=ticks)
        yield _mark("new" if each.new_lesion else "progression", x=x, y=y, size=size)
    if each.died:
        yield _mark("death", x=end, y=y, size=size)


def _mark(kind: str, *, x: float, y: float, size: float) -> str:
    shape, fill = _MARKS[kind]
    return draw_mark(shape, place=(x, y), size=size, fill=fill)


def _say(each: FollowUp) -> str:
    told = [f"followed {each.months:.1f} months"]
    if each.therapy is not None:
        told.append(f"systemic therapy {_span(each.therapy)}")
    if each.sbrt is not None:
        told.append(f"SBRT {_span(each.sbrt)}")
    if each.response is not None:
        told.append(f"response {_span(each.response)}")
    if each.progression is not None:
        new = " with a new lesion" if each.new_lesion else ""
        told.append(f"first progression{new} at {each.progression:.1f}")
    if each.later is not None:
        told.append(f"next systemic therapy at {each.later:.1f}")
    told.append("died" if each.died else "in follow-up" if each.goes_on else "follow-up ended")
    return f"{each.subject}: {', '.join(told)}"


def _span(stretch: Stretch) -> str:
    return f"{stretch[0]:.1f} to {stretch[1]:.1f}"


def _draw_legend(y: float, *, colour: str) -> tuple[list[str], float]:
    """The legend, as many entries a row as fit; and where the figure ends."""
    fills = {"follow-up": tint(colour, share=LIGHT), "therapy": colour, "sbrt": INK}
    parts: list[str] = []
    x = LEFT
    for kind, words in _LEGEND:
        width = 30 + width_of(words)
        if x + width > RIGHT:
            x, y = LEFT, y + 15
        if kind in fills:
            parts.append(draw_block((x, y - 7.5), size=(12.0, 7.8), fill=fills[kind]))
        elif kind == "response":
            parts.append(draw_block((x, y - 5), size=(12.0, 3.0), fill=PAPER, edge=INK))
        else:
            parts.append(_mark(kind, x=x + 6, y=y - 3.5, size=3.6))
        parts.append(draw_words(words, place=(x + 17, y)))
        x += width
    return parts, y + 8
