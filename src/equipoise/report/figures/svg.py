"""From a drawn figure to SVG text that stands inside a page: same figure, same bytes."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from equipoise.report.figures.frame import FONTS, frame_svg
from equipoise.report.figures.style import LAYOUT

_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_IDS = re.compile(r'(\bid="|url\(#|href="#)')


@contextmanager
def figure_layout() -> Iterator[None]:
    """Inside it, matplotlib draws in the style of the report; outside nothing has changed."""
    default: dict[Any, Any] = dict(mpl.rcParamsDefault)
    del default["backend"]  # setting it would load one
    default.update(LAYOUT)
    with mpl.rc_context(default):
        yield


def write_svg(figure: Figure, *, figure_id: str, title: str, description: str) -> str:
    """The figure as an `<svg>` element with a title and a description for those who cannot see it.

    No date, no program name; its ids start with `figure_id`, so that many stand in one page.
    """
    page = io.StringIO()
    with warnings.catch_warnings():
        # the font of the layout lacks the letter (Hangul, say); that of the reader has it
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(page, format="svg", metadata=_METADATA)
    text = page.getvalue()
    body = text[text.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"\s*<style[^>]*>.*?</style>", "", body, count=1, flags=re.DOTALL)
    body = body.replace("'DejaVu Sans'", FONTS).replace('id="matplotlib.', 'id="')
    body = _IDS.sub(rf"\g<1>{figure_id}-", body)
    return _name(body, figure_id=figure_id, title=title, description=description)


def _name(body: str, *, figure_id: str, title: str, description: str) -> str:
    head, rest = body.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', head)
    assert box is not None
    return frame_svg(
        rest.rstrip().removesuffix("</svg>"),
        view_box=box.group(1),
        figure_id=figure_id,
        title=title,
        description=description,
    )
