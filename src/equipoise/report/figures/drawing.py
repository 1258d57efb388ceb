"""Parts of a drawing as SVG text: words escaped, numbers short."""

from html import escape

from equipoise.report.figures.frame import FONTS
from equipoise.report.figures.style import INK

Point = tuple[float, float]


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{round(value, 1):g}"


def draw_line(
    start: Point, *, end: Point, colour: str = INK, width: float = 0.8, dash: str = ""
) -> str:
    """A straight line."""
    ends = f'x1="{number(start[0])}" y1="{number(start[1])}"'
    ends += f' x2="{number(end[0])}" y2="{number(end[1])}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"{_dashed(dash)}/>'


def draw_box(corner: Point, *, size: Point, fill: str, edge: str = INK, dash: str = "") -> str:
    """A rectangle with an edge, from its upper left corner."""
    place = f'x="{number(corner[0])}" y="{number(corner[1])}"'
    place += f' width="{number(size[0])}" height="{number(size[1])}"'
    return f'<rect {place} fill="{fill}" stroke="{edge}" stroke-width="0.7"{_dashed(dash)}/>'


def draw_shape(points: list[Point], *, fill: str, edge: str = INK) -> str:
    """A closed shape through the points."""
    places = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polygon points="{places}" fill="{fill}" stroke="{edge}" stroke-width="0.8"/>'


def draw_path(points: list[Point], *, colour: str, width: float = 1.0, dash: str = "") -> str:
    """An open line through the points."""
    places = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    stroke = f'stroke="{colour}" stroke-width="{width:g}"{_dashed(dash)}'
    return f'<polyline points="{places}" fill="none" {stroke}/>'


def draw_words(
    words: str,
    *,
    place: Point,
    size: float = 9.5,
    anchor: str = "start",
    colour: str = INK,
    weight: str = "",
) -> str:
    """Words that stay words: escaped, in the fonts of every figure."""
    heavy = f' font-weight="{weight}"' if weight else ""
    look = f'font-family="{FONTS}" font-size="{size:g}" text-anchor="{anchor}" fill="{colour}"'
    where = f'x="{number(place[0])}" y="{number(place[1])}"'
    return f"<text {where} {look}{heavy}>{escape(words)}</text>"


def with_title(parts: list[str], *, words: str) -> str:
    """Parts as one group that tells its words when pointed at."""
    return f"<g><title>{escape(words)}</title>{''.join(parts)}</g>"


def width_of(words: str, *, size: float = 9.5) -> float:
    """About how wide words are, a little more than less."""
    return 0.52 * size * len(words)


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""
