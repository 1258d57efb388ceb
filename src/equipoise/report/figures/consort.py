"""The participant flow of CONSORT 2025 as SVG: boxes and arrows, one column an arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from equipoise.report.figures.frame import FONTS, frame_svg
from equipoise.report.figures.style import INK, wrap

LINE, PADDING, GAP, CHARACTER = 15.0, 9.0, 30.0, 5.75
STAGE_WIDTH, COLUMN_WIDTH, COLUMN_GAP, MARGIN = 82.0, 300.0, 24.0, 2.0
BOLD_LINES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowArm:
    """The boxes of one arm below its allocation: a title and lines each, in order of stages."""

    label: str
    boxes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The diagram as words: top boxes, who left before randomisation, and the arms.

    `stages` names the rows of the arms; each arm has as many boxes as there are stages.
    """

    entered: tuple[str, ...]
    excluded: tuple[str, ...]
    randomised: tuple[str, ...]
    stages: tuple[str, ...]
    arms: tuple[FlowArm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    x: float
    y: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + 2 * PADDING - 3

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def render_consort(flow: Flow, *, figure_id: str = "flow") -> str:
    """The participant flow as SVG text; its description says every box in words."""
    columns = max(len(flow.arms), 2)  # room for the box of those not randomised
    width = STAGE_WIDTH + columns * COLUMN_WIDTH + (columns - 1) * COLUMN_GAP + 2 * MARGIN
    parts, bottom = _draw_top(flow, width=width)
    for stage, name in enumerate(flow.stages):
        drawn, bottom = _draw_stage(flow, stage=stage, name=name, top=bottom)
        parts += drawn
    drawing = "\n".join(parts).replace("#ARROW", f"#{figure_id}-arrow")
    return frame_svg(
        _marker(figure_id) + drawing,
        view_box=f"0 0 {width:g} {bottom + MARGIN:g}",
        figure_id=figure_id,
        title="Participant flow",
        description=describe_flow(flow),
    )


def describe_flow(flow: Flow) -> str:
    """Every box of the diagram, in words."""
    top = [". ".join(box) for box in (flow.entered, flow.excluded, flow.randomised) if box]
    arms = [f"{arm.label}: {'; '.join('. '.join(box) for box in arm.boxes)}" for arm in flow.arms]
    return " ".join(f"{line}." for line in [*top, *arms])


def _marker(figure_id: str) -> str:
    return (
        f'<defs><marker id="{figure_id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" '
        f'markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 L7.4 4 L0 7.2 Z" '
        f'fill="{INK}"/></marker></defs>\n'
    )


def _column_x(column: int) -> float:
    return MARGIN + STAGE_WIDTH + column * (COLUMN_WIDTH + COLUMN_GAP)


def _fit(lines: Sequence[str], *, width: float) -> tuple[str, ...]:
    """The lines broken to the width of a box; what is broken off is set in by two spaces."""
    room = int((width - 2 * PADDING) / CHARACTER)
    fitted: list[str] = []
    for line in lines:
        first, *rest = wrap(line, width=room, lines=4)
        fitted += [first, *(f"\u2003{row}" for row in rest)]
    return tuple(fitted)


def _draw_top(flow: Flow, *, width: float) -> tuple[list[str], float]:
    """The boxes above the arms, with the fork below; and where the arms begin."""
    middle = (_column_x(0) + width - MARGIN) / 2
    name, first = "Enrolment", MARGIN
    parts: list[str] = []
    if flow.entered:
        drawn, first = _draw_screening(flow, middle=middle, right=width - MARGIN)
        parts += [*drawn, _draw_stage_name(name, y=MARGIN)]
    randomised = _box(flow.randomised, x=middle - COLUMN_WIDTH / 2, y=first)
    parts.append(_draw_box(randomised))
    if not flow.entered:
        parts.append(_draw_stage_name(name, y=MARGIN))
    fork = randomised.y + randomised.height + GAP / 2
    centres = [_column_x(column) + COLUMN_WIDTH / 2 for column in range(len(flow.arms))]
    if centres:
        parts.append(_draw_line(middle, randomised.y + randomised.height, middle, fork))
        parts.append(_draw_line(min([*centres, middle]), fork, max([*centres, middle]), fork))
    return parts, fork


def _draw_screening(flow: Flow, *, middle: float, right: float) -> tuple[list[str], float]:
    """The box of those assessed, that of those not randomised; and where the next box begins."""
    entered = _box(flow.entered, x=middle - COLUMN_WIDTH / 2, y=MARGIN)
    below = entered.y + entered.height
    parts = [_draw_box(entered)]
    if flow.excluded:
        aside = middle + 34
        excluded = _box(flow.excluded, x=aside, y=below + GAP / 2, width=right - aside)
        level = excluded.y + excluded.height / 2
        parts += [_draw_box(excluded), _draw_arrow(middle, level, excluded.x, level)]
        below = excluded.y + excluded.height - GAP / 2
    parts.append(_draw_arrow(middle, entered.y + entered.height, middle, below + GAP))
    return parts, below + GAP


def _draw_stage(flow: Flow, *, stage: int, name: str, top: float) -> tuple[list[str], float]:
    """One row of boxes, an arm each, all as high as the highest; and where it ends."""
    y = top + (GAP / 2 if stage == 0 else GAP)
    boxes = [
        _box(arm.boxes[stage], x=_column_x(column), y=y) for column, arm in enumerate(flow.arms)
    ]
    height = max((box.height for box in boxes), default=0.0)
    parts = [] if not boxes else [_draw_stage_name(name, y=y)]
    for box in boxes:
        parts.append(_draw_arrow(box.middle, top, box.middle, y))
        parts.append(_draw_box(box, height=height))
    return parts, y + height


def _box(lines: Sequence[str], *, x: float, y: float, width: float = COLUMN_WIDTH) -> _Box:
    return _Box(x=x, y=y, width=width, lines=_fit(lines, width=width))


def _draw_box(box: _Box, *, height: float = 0.0) -> str:
    rows = [
        f'<tspan x="{box.x + PADDING:g}" y="{box.y + PADDING + 9 + LINE * place:g}"'
        f"{' font-weight=' + chr(34) + 'bold' + chr(34) if place < BOLD_LINES else ''}>"
        f"{escape(line)}</tspan>"
        for place, line in enumerate(box.lines)
    ]
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" '
        f'height="{max(box.height, height):g}" fill="white" stroke="{INK}" stroke-width="0.8"/>\n'
        f'<text font-family="{FONTS}" font-size="11.5" fill="{INK}">{"".join(rows)}</text>'
    )


def _draw_stage_name(name: str, *, y: float) -> str:
    return (
        f'<text x="{MARGIN:g}" y="{y + PADDING + 9:g}" font-family="{FONTS}" '
        f'font-size="11" font-style="italic" fill="#0072B2">{escape(name)}</text>'
    )


def _draw_line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{INK}" stroke-width="0.8"/>'
    )


def _draw_arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return _draw_line(x1, y1, x2, y2).replace("/>", ' marker-end="url(#ARROW)"/>')
