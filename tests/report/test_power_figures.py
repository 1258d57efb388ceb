"""Power curves and heat maps: drawn where their numbers are, told in words."""

import re
import xml.etree.ElementTree as ET

import pytest

from equipoise.report.figures.heat_map import HeatLook, describe_heat_map, render_heat_map
from equipoise.report.figures.power_curves import (
    PowerCurve,
    PowerLook,
    PowerPanel,
    PowerPoint,
    describe_power_curves,
    render_power_curves,
)

LOOK = PowerLook(figure_id="p", title="Power", x_name="Subjects", marks=(0.8, 0.025))
HEAT = HeatLook(figure_id="h", title="Log-rank", x_name="Ratio", y_name="A & B", enough=0.8)
SHARES = {("0.5", "60"): 0.6, ("0.5", "88"): 0.81, ("1", "60"): 0.02, ("1", "88"): 0.03}


def curve(label: str, *powers: float) -> PowerCurve:
    points = (
        PowerPoint(at=60.0 + 20 * place, power=power, lower=power - 0.02, upper=power + 0.02)
        for place, power in enumerate(powers)
    )
    return PowerCurve(label=label, points=tuple(points))


PANELS = [
    PowerPanel(title="Log-rank", curves=(curve("Base", 0.2, 0.5, 0.9), curve("Null", 0.02, 0.03))),
    PowerPanel(title="Milestone", curves=(curve("Base", 0.1, 0.3, 0.7), curve("Null", 0.03, 0.02))),
]


def words_of(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_every_point_has_its_interval_and_its_mark() -> None:
    svg = render_power_curves(PANELS, look=LOOK)

    assert svg.count("<polyline") == 4
    assert svg.count("<circle") == 6 + 1  # the points of Base in both panels, and the legend
    assert {"Log-rank", "Milestone", "Base", "Null", "Subjects", "80%", "2.5%"} <= {*words_of(svg)}


def test_more_power_stands_higher() -> None:
    (panel,) = [PowerPanel(title="x", curves=(curve("", 0.2, 0.9),))]
    svg = render_power_curves([panel], look=LOOK)

    spots = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', svg)]
    assert len(spots) == 2
    assert spots[0] > spots[1]


def test_one_unnamed_curve_has_no_legend() -> None:
    svg = render_power_curves([PowerPanel(title="x", curves=(curve("", 0.5),))], look=LOOK)

    assert svg.count("<circle") == 1
    assert "<polyline" not in svg


def test_a_long_legend_goes_on_in_the_next_line() -> None:
    names = [f"A scenario with a long name, number {place}" for place in range(5)]
    short = render_power_curves([PowerPanel(title="x", curves=(curve("a", 0.5),))], look=LOOK)
    long = render_power_curves(
        [PowerPanel(title="x", curves=tuple(curve(name, 0.5) for name in names))], look=LOOK
    )

    def height(svg: str) -> float:
        return float(re.search(r'viewBox="0 0 720 ([\d.]+)"', svg)[1])  # type: ignore[index]

    assert height(long) == height(short) + 16 * 2


def test_curves_are_told_in_words() -> None:
    told = describe_power_curves(PANELS, look=LOOK)

    assert told.startswith("Power by Subjects. Log-rank: Base 20.0% at 60 to 90.0% at 100; Null")


def test_a_heat_map_has_a_box_a_cell_and_a_frame_where_it_is_enough() -> None:
    svg = render_heat_map(SHARES, columns=["0.5", "1"], rows=["60", "88"], look=HEAT)

    assert svg.count("<rect") == 4
    assert svg.count("<polyline") == 1
    assert words_of(svg) == ["Log-rank", "60", "60%", "2%", "88", "3%", "81%", "0.5", "1", "Ratio",
                             "A & B"]  # fmt: skip
    assert "<title>Ratio 0.5, A &amp; B 88: 81.0%</title>" in svg


def test_a_missing_cell_is_empty_and_a_narrow_one_has_no_number() -> None:
    columns = [str(place) for place in range(40)]
    shares = {(column, "60"): 0.5 for column in columns if column != "7"}

    svg = render_heat_map(shares, columns=columns, rows=["60"], look=HEAT)

    assert svg.count("<rect") == 39
    assert "50%" not in words_of(svg)
    assert {"0", "2"} < {*words_of(svg)}
    assert "1" not in words_of(svg)


@pytest.mark.parametrize(("share", "white"), [(0.0, False), (0.5, False), (0.9, True)])
def test_words_can_be_read_on_every_shade(share: float, white: bool) -> None:
    svg = render_heat_map({("1", "60"): share}, columns=["1"], rows=["60"], look=HEAT)

    assert (f'fill="#ffffff">{share:.0%}' in svg) is white


def test_a_heat_map_is_told_in_words() -> None:
    assert describe_heat_map(SHARES, look=HEAT) == (
        "Power from 2.0% at Ratio 1, A & B 60, to 81.0% at Ratio 0.5, A & B 88. "
        "1 of 4 cells reach 80%."
    )
