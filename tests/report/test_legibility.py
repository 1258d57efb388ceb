"""The report can be read in print, in grey and by colour-blind readers."""

import itertools
import math
import re
from importlib.resources import files

import pytest

from equipoise.report.figures.style import FAINT, INK, arm_styles

WHITE = "#ffffff"
# Machado, Oliveira, Fernandes (2009): how the colours look with the severe forms, linear RGB
BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear_of(colour: str) -> list[float]:
    """The three linear parts of a colour (sRGB, IEC 61966-2-1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def contrast_of(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    lights = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (linear_of(one), linear_of(other))
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def distance_seen(one: str, other: str, *, blindness: str) -> float:
    """How far apart two colours are for a reader who sees them so."""
    seen = [
        [sum(w * p for w, p in zip(row, linear_of(c), strict=True)) for row in BLINDNESS[blindness]]
        for c in (one, other)
    ]
    return math.dist(*seen)


def css() -> str:
    """The style of the page."""
    folder = files("equipoise.report") / "templates"
    return (folder / "style.css").read_text(encoding="utf-8")


def test_the_contrast_of_black_and_white_is_known() -> None:
    assert contrast_of("#000000", WHITE) == pytest.approx(21)


@pytest.mark.parametrize("blindness", sorted(BLINDNESS))
def test_the_two_arms_stay_apart_for_colour_blind_readers(blindness: str) -> None:
    styles = arm_styles(("A", "B"), reference="A")
    seen = distance_seen(styles["A"].colour, styles["B"].colour, blindness=blindness)
    assert seen > 0.3


def test_no_two_arms_share_colour_dash_or_mark() -> None:
    styles = list(arm_styles(("A", "B", "C", "D"), reference="A").values())
    for one, other in itertools.combinations(styles, 2):
        assert one.colour != other.colour
        assert one.dash != other.dash
        assert one.mark != other.mark


def test_the_words_of_figures_have_contrast_enough() -> None:
    assert contrast_of(INK, WHITE) >= 7
    assert contrast_of(FAINT, WHITE) >= 4.5  # WCAG 2.2, 1.4.3
    for style in arm_styles(("A", "B"), reference="A").values():
        assert contrast_of(style.colour, WHITE) >= 3  # graphical objects (WCAG 2.2, 1.4.11)


@pytest.mark.parametrize("name", ["ink", "faint", "blue"])
def test_the_words_of_the_page_have_contrast_enough(name: str) -> None:
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}})", css())
    assert found is not None
    assert contrast_of(found.group(1), WHITE) >= 4.5


def test_the_page_is_set_for_print_on_a4() -> None:
    assert re.search(r"@page \{[^}]*size: A4", css())
    assert "@media print" in css()
    assert "break-inside: avoid" in css()


def test_the_style_asks_for_no_file() -> None:
    assert "url(" not in css()
    assert "@import" not in css()
