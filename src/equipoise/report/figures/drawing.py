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


def draw_block(corner: Point, *, size: Point, fill: str, edge: str = "") -> str:
    """A filled rectangle, placed so finely that a thousand stand side by side."""
    x, y, width, height = (f"{round(value, 2):g}" for value in (*corner, *size))
    line = f' stroke="{edge}" stroke-width="0.5"' if edge else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"{line}/>'


def draw_mark(shape: str, *, place: Point, size: float, fill: str, edge: str = INK) -> str:
    """A mark around its place, `size` being half its height: down, arrow, diamond, cross or dot.

    Down is a triangle on its tip, an arrow starts at its place, a dot is a smaller square.
    """
    x, y = place
    match shape:
        case "down":
            points = [(x - size, y - size), (x + size, y - size), (x, y + size)]
        case "arrow":
            points = [(x, y - size), (x + 1.3 * size, y), (x, y + size)]
        case "diamond":
            points = [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
        case "cross":
            width = 0.45 * size
            fall = draw_line(
                (x - size, y - size), end=(x + size, y + size), colour=edge, width=width
            )
            rise = draw_line(
                (x - size, y + size), end=(x + size, y - size), colour=edge, width=width
            )
            return fall + rise
        case _:
            half = 0.75 * size
            points = [(x - half, y - half), (x + half, y - half)]
            points += [(x + half, y + half), (x - half, y + half)]
    return draw_shape(points, fill=fill, edge=edge)


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
