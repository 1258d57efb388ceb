"""Panels side by side, one an arm: over the change of the sum of targets, or over the months."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from equipoise.report.figures.drawing import draw_line, draw_words
from equipoise.report.figures.frame import FONTS
from equipoise.report.figures.style import FAINT, RULE, ArmStyle, arm_styles, shorten
from equipoise.report.wording import MINUS

WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP = 720.0, 58.0, 690.0, 26.0, 210.0, 36.0
IN_A_ROW = 2
MONTHS = 36.0  # the room of the months below a panel
LOWEST, HIGHEST_SHOWN = -100.0, 100.0
RESPONSE, PROGRESSION = -30.0, 20.0  # RECIST 1.1, 4.3.1
TITLE_CHARACTERS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLook:
    """The arms of a figure: codes with the reference first, their names, their numbers."""

    names: dict[str, str]
    sizes: dict[str, int]

    @property
    def styles(self) -> dict[str, ArmStyle]:
        """The style of each arm, as in the curves."""
        codes = list(self.names)
        return arm_styles(codes, reference=codes[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The place of one arm's panel; `highest` is the upper end of its scale in per cent."""

    arm: str
    title: str
    left: float
    right: float
    top: float
    highest: float
    height: float = HEIGHT

    @property
    def bottom(self) -> float:
        """Where the panel ends."""
        return self.top + self.height

    def y_of(self, percent: float) -> float:
        """Where a change stands; one beyond the scale stands at its end."""
        shown = min(max(percent, LOWEST), self.highest)
        return self.top + self.height * (self.highest - shown) / (self.highest - LOWEST)


def lay_panels(
    arms: Sequence[str],
    *,
    look: ArmLook,
    below: float,
    highest: float = HIGHEST_SHOWN,
    height: float = HEIGHT,
) -> list[Panel]:
    """A panel an arm, two in a row, all with one scale and height; `below` is the room under each.

    `arms` has the arm of each patient who is drawn, for the numbers in the titles.
    """
    places = min(len(look.names), IN_A_ROW)
    width = (RIGHT - LEFT - GAP * (places - 1)) / places
    panels = []
    for place, (arm, name) in enumerate(look.names.items()):
        column, row = place % IN_A_ROW, place // IN_A_ROW
        left = LEFT + column * (width + GAP)
        counted = f" ({arms.count(arm)} of {look.sizes.get(arm, 0)})"
        room = TITLE_CHARACTERS * 2 // (places + 1) - len(counted) + (18 if places == 1 else 10)
        panel = Panel(
            arm=arm,
            title=f"{shorten(name, width=room)}{counted}",
            left=left,
            right=left + width,
            top=TOP + row * (height + below + TOP),
            highest=highest,
            height=height,
        )
        panels.append(panel)
    return panels


def draw_panel(panel: Panel) -> Iterator[str]:
    """The frame of a panel: its title and the rules of the scale."""
    yield draw_title(panel)
    for percent in _ticks(panel.highest):
        y = panel.y_of(percent)
        yield draw_line((panel.left, y), end=(panel.right, y), colour=RULE, width=0.4)
        if panel.left == LEFT:
            words = write_signed(percent)
            yield draw_words(words, place=(panel.left - 6, y + 3), size=9, anchor="end")


def draw_title(panel: Panel) -> str:
    """The arm above its panel, with the numbers drawn and randomised."""
    return draw_words(panel.title, place=(panel.left, panel.top - 10), size=10, weight="bold")


def place_month(panel: Panel, *, months: float, ticks: Sequence[float]) -> float:
    """Where a month stands from left to right; before randomisation is at its line."""
    return panel.left + (panel.right - panel.left) * max(months, 0.0) / ticks[-1]


def draw_months(panel: Panel, *, ticks: Sequence[float]) -> Iterator[str]:
    """The months below a panel."""
    yield draw_line((panel.left, panel.bottom), end=(panel.right, panel.bottom))
    for months in ticks:
        x = place_month(panel, months=months, ticks=ticks)
        yield draw_line((x, panel.bottom), end=(x, panel.bottom + 4))
        place = (x, panel.bottom + 15)
        yield draw_words(f"{months:g}", place=place, size=9, anchor="middle")
    place = ((panel.left + panel.right) / 2, panel.bottom + 29)
    yield draw_words("Months since randomisation", place=place, size=9.5, anchor="middle")


def draw_limits(panel: Panel) -> Iterator[str]:
    """The line of no change and the two limits of RECIST, to be drawn over what is shown."""
    zero = panel.y_of(0)
    yield draw_line((panel.left, zero), end=(panel.right, zero), width=0.9)
    for percent in (RESPONSE, PROGRESSION):
        y = panel.y_of(percent)
        yield draw_line((panel.left, y), end=(panel.right, y), dash="4 2.5")
        words = write_signed(percent)
        yield draw_words(words, place=(panel.right + 4, y + 3), size=8.5, colour=FAINT)


def draw_scale_name(panels: Sequence[Panel]) -> Iterator[str]:
    """What the scale means, upright beside the first panel of each row."""
    for panel in panels:
        if panel.left == LEFT:
            y = (panel.top + panel.bottom) / 2
            look = f'font-family="{FONTS}" font-size="9.5" text-anchor="middle" fill="#222222"'
            words = "Change of the sum from baseline, %"
            yield f'<text transform="translate(14 {y:g}) rotate(-90)" {look}>{words}</text>'


def write_signed(percent: float, *, digits: int = 0) -> str:
    """A change in per cent with its sign, cut off towards 0 as everywhere: −29.96 is no −30."""
    cut = math.trunc(round(percent * 10**digits, 6)) / 10**digits
    if cut == 0:
        return "0"
    return f"{'+' if cut > 0 else MINUS}{abs(cut):.{digits}f}"


def highest_of(values: Sequence[float]) -> float:
    """The upper end of the scale: 40 at least, 100 at most, in steps of 20."""
    most = max([PROGRESSION, *values])
    return min(HIGHEST_SHOWN, max(40.0, 20.0 * math.ceil(most / 20.0)))


def _ticks(highest: float) -> list[float]:
    return [float(percent) for percent in range(int(LOWEST), int(highest) + 1, 20)]
