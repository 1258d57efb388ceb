"""How figures look: colours, lines and marks that stay apart in grey and for colour-blind eyes."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#222222"
FAINT = "#6b6b6b"
RULE = "#c9c9c9"
PAPER = "#ffffff"
FONT_SIZE = 9.0

# Laid out with a font that ships with matplotlib, so that every machine gives the same bytes;
# shown with what the reader has.
LAYOUT: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": FONT_SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a label with a dollar sign is a label
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "svg.fonttype": "none",
    "svg.hashsalt": "equipoise",
    "path.simplify": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStyle:
    """The colour, dash pattern and mark of one arm."""

    colour: str
    dash: tuple[float, ...]
    mark: str


# Okabe, Ito (2008): colours that colour-blind readers tell apart; the dash tells them in grey.
_STYLES = (
    ArmStyle(colour="#0072B2", dash=(4.0, 1.6), mark="s"),
    ArmStyle(colour="#D55E00", dash=(), mark="o"),
    ArmStyle(colour="#009E73", dash=(1.2, 1.2), mark="^"),
    ArmStyle(colour="#CC79A7", dash=(6.0, 1.5, 1.2, 1.5), mark="D"),
)


def arm_styles(arms: Sequence[str], *, reference: str) -> dict[str, ArmStyle]:
    """A style for each arm: the reference has the dashed blue one, whatever the order."""
    others = [arm for arm in arms if arm != reference]
    styles = {reference: _STYLES[0]}
    for place, arm in enumerate(others):
        styles[arm] = _STYLES[1 + place % (len(_STYLES) - 1)]
    return styles


def line_of(style: ArmStyle) -> Literal["-"] | tuple[float, tuple[float, ...]]:
    """The dash pattern as matplotlib wants it."""
    return (0.0, style.dash) if style.dash else "-"


def tint(colour: str, *, share: float) -> str:
    """The colour mixed with white: so much of it, the rest paper."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def shorten(text: str, *, width: int) -> str:
    """The text on one line of at most `width` characters; the rest becomes an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def wrap(text: str, *, width: int, lines: int = 2) -> list[str]:
    """The text on at most `lines` lines of at most `width` characters."""
    rows = textwrap.wrap(text, width=width) or [""]
    if len(rows) <= lines:
        return rows
    return [*rows[: lines - 1], shorten(" ".join(rows[lines - 1 :]), width=width)]


def month_ticks(longest: float) -> list[float]:
    """Ticks from 0 to the first tick that covers `longest`, about ten of them."""
    if not math.isfinite(longest) or longest <= 0:
        return [0.0, 1.0]
    step = _tick_step(longest)
    count = max(1, math.ceil(longest / step - 1e-9))
    return [step * place for place in range(count + 1)]


def _tick_step(longest: float) -> float:
    power = 10.0 ** math.floor(math.log10(longest / 10)) if longest > 120 else 1.0
    steps = [0.1, 0.5, 1.0, 3.0, 6.0, 12.0] if power == 1.0 else [power, 2.5 * power, 5 * power]
    return next((step for step in steps if longest / step <= 11), 10 * power)


def strip_axes(axes: "Axes") -> None:
    """Leaves only the left and bottom line of the axes, set a little apart."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3.0, pad=3.0)
