"""Power over two parameters as a table of shades: the darker, the more; framed where enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from equipoise.report.figures.drawing import draw_box, draw_path, draw_words, with_title
from equipoise.report.figures.frame import FONTS, frame_svg
from equipoise.report.figures.plots import SMALL
from equipoise.report.figures.style import FAINT, INK, shorten, tint
from equipoise.report.wording import write_percent

WIDTH, LEFT, TOP, MOST_HIGH = 640.0, 92.0, 26.0, 34.0
BLUE = "#0b4f7c"
_LIGHT = 0.55  # from this share of the colour on, words are white
_NARROW = 27.0  # a cell that is narrower has no number
_WORDS = 14  # characters of a row's name


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLook:
    """The words around the shades, and the power from which on a cell is framed."""

    figure_id: str
    title: str
    x_name: str
    y_name: str
    enough: float


Shares = Mapping[tuple[str, str], float]


def render_heat_map(
    shares: Shares, *, columns: Sequence[str], rows: Sequence[str], look: HeatLook
) -> str:
    """A box a (column, row) with its share; the first row is the lowest. A missing one is empty."""
    width = (WIDTH - LEFT - 8) / len(columns)
    height = min(MOST_HIGH, max(12.0, width))
    bottom = TOP + height * len(rows)
    parts = [draw_words(look.title, place=(LEFT, 14), weight="bold")]
    framed: list[str] = []
    for place, row in enumerate(rows):
        y = bottom - height * (place + 1)
        name = shorten(row, width=_WORDS)
        parts.append(
            draw_words(name, place=(LEFT - 6, y + height / 2 + 3), size=SMALL, anchor="end")
        )
        for number, column in enumerate(columns):
            share = shares.get((column, row))
            if share is None:
                continue
            corner = (LEFT + number * width, y)
            words = f"{look.x_name} {column}, {look.y_name} {row}: {write_percent(share)}"
            drawn = _draw_cell(corner, size=(width, height), share=share)
            (framed if share >= look.enough else parts).append(with_title([*drawn], words=words))
            if share >= look.enough:
                framed.append(_frame(corner, size=(width, height)))
    parts += [*framed, *_draw_names(columns, width=width, bottom=bottom, look=look)]
    return frame_svg(
        "\n".join(parts),
        view_box=f"0 0 {WIDTH:g} {bottom + 40:g}",
        figure_id=look.figure_id,
        title=look.title,
        description=describe_heat_map(shares, look=look),
    )


def describe_heat_map(shares: Shares, *, look: HeatLook) -> str:
    """The least and the largest share, and how many are enough, in words."""
    low = min(shares, key=lambda cell: shares[cell])
    high = max(shares, key=lambda cell: shares[cell])
    enough = sum(share >= look.enough for share in shares.values())
    least, most = (
        f"{write_percent(shares[cell])} at {look.x_name} {cell[0]}, {look.y_name} {cell[1]}"
        for cell in (low, high)
    )
    return (
        f"Power from {least}, to {most}. {enough} of {len(shares)} cells reach "
        f"{write_percent(look.enough, digits=0)}."
    )


def _draw_cell(
    corner: tuple[float, float], *, size: tuple[float, float], share: float
) -> Iterator[str]:
    strength = 0.06 + 0.88 * share
    fill = tint(BLUE, share=strength)
    yield draw_box(corner, size=size, fill=fill, edge="#ffffff")
    if size[0] >= _NARROW:
        middle = (corner[0] + size[0] / 2, corner[1] + size[1] / 2 + 3)
        colour = "#ffffff" if strength > _LIGHT else INK
        words = write_percent(share, digits=0)
        yield draw_words(words, place=middle, size=SMALL, anchor="middle", colour=colour)


def _frame(corner: tuple[float, float], *, size: tuple[float, float]) -> str:
    (x, y), (width, height) = corner, size
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return draw_path(corners, colour=INK, width=1.3)


def _draw_names(
    columns: Sequence[str], *, width: float, bottom: float, look: HeatLook
) -> Iterator[str]:
    step = max(1, round(30 / width))
    for number, column in enumerate(columns):
        if number % step == 0:
            x = LEFT + (number + 0.5) * width
            yield draw_words(column, place=(x, bottom + 14), size=SMALL, anchor="middle")
    yield draw_words(look.x_name, place=((LEFT + WIDTH) / 2, bottom + 31), anchor="middle")
    middle = (TOP + bottom) / 2
    words = f'font-family="{FONTS}" font-size="9.5" text-anchor="middle" fill="{FAINT}"'
    yield (
        f'<text transform="translate(14 {middle:g}) rotate(-90)" {words}>'
        f"{escape(shorten(look.y_name, width=40))}</text>"
    )
