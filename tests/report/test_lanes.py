"""Lanes of a time line: where days stand, bars that go on, codes and labels that do not collide."""

import itertools
from xml.etree import ElementTree as Tree

import pytest

from equipoise.report.figures.lanes import (
    LEFT,
    LOOKS,
    RIGHT,
    Bar,
    Lane,
    Mark,
    Timeline,
    place_day,
    render_lanes,
)
from report.svg_reading import SVG, named_of, read_svg, texts_of


def timeline(*lanes: Lane, last: int = 360, cut: int | None = None) -> Timeline:
    """A time line of a year."""
    return Timeline(
        figure_id="t",
        title="Time line",
        description="Told in words.",
        first=0,
        last=last,
        lanes=lanes,
        legend=(("bar", "given", "given"), ("cross", "plain", "death")),
        cut=cut,
    )


def boxes(svg: str) -> list[Tree.Element]:
    """The bars that are drawn, without the box of the legend."""
    return list(read_svg(svg).iter(f"{SVG}rect"))[:-1]


def test_days_stand_from_left_to_right() -> None:
    drawn = timeline()

    assert place_day(drawn, day=0) == LEFT
    assert place_day(drawn, day=360) == RIGHT
    assert place_day(drawn, day=180) == (LEFT + RIGHT) / 2


def test_a_bar_lasts_as_long_as_its_days_and_a_day_can_be_seen() -> None:
    lane = Lane(
        label="axitinib",
        bars=(
            Bar(first=0, last=180, look="given", words="half"),
            Bar(first=200, last=200, look="held", words="a day"),
        ),
    )
    half, day = boxes(render_lanes(timeline(lane)))

    assert float(half.attrib["width"]) == (RIGHT - LEFT) / 2
    assert float(day.attrib["width"]) >= 1.5
    assert "stroke-dasharray" in day.attrib


def test_a_bar_that_goes_on_ends_in_an_arrow() -> None:
    bar = Bar(first=0, last=350, look="given", words="goes on", open_end=True)
    svg = render_lanes(timeline(Lane(label="axitinib", bars=(bar,))))

    assert len(list(read_svg(svg).iter(f"{SVG}polygon"))) == 1


@pytest.mark.parametrize("shape", ["tick", "down", "diamond", "cross", "dot"])
def test_every_shape_is_drawn_with_its_label(shape: str) -> None:
    mark = Mark(day=90, shape=shape, look="plain", words="told", label="label")
    svg = render_lanes(timeline(Lane(label="lane", marks=(mark,))))

    assert "label" in texts_of(svg)
    assert "told" in [node.text for node in read_svg(svg).iter(f"{SVG}title")]


def test_a_label_without_room_is_left_to_the_title() -> None:
    marks = tuple(
        Mark(day=day, shape="diamond", look="plain", words=f"w{day}", label="long enough")
        for day in (90, 100)
    )
    svg = render_lanes(timeline(Lane(label="lane", marks=marks)))

    assert texts_of(svg).count("long enough") == 1
    assert {"w90", "w100"} <= {node.text for node in read_svg(svg).iter(f"{SVG}title")}


def test_the_looks_of_therapy_stay_apart_in_grey() -> None:
    def grey(look: str) -> float:
        colour = LOOKS[look][0]
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    shades = sorted(grey(look) for look in ("given", "reduced", "held"))
    assert all(after - before > 50 for before, after in itertools.pairwise(shades))


def test_the_data_cut_is_drawn_only_where_it_lies_within() -> None:
    assert "data cut" in texts_of(render_lanes(timeline(cut=200)))
    assert "data cut" not in texts_of(render_lanes(timeline(cut=400)))


def test_a_long_name_of_a_lane_is_shortened() -> None:
    svg = render_lanes(timeline(Lane(label="a very long name of an adverse event indeed")))

    assert any(text.startswith("a very long name") and text.endswith("…") for text in texts_of(svg))


def test_a_time_line_without_lanes_is_a_figure_too() -> None:
    assert named_of(render_lanes(timeline())) == ("Time line", "Told in words.")
