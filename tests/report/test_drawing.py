"""Parts of a drawing: well formed, short, and words that stay words."""

from xml.etree import ElementTree as Tree

import pytest

from equipoise.report.figures.drawing import (
    draw_block,
    draw_box,
    draw_line,
    draw_mark,
    draw_path,
    draw_shape,
    draw_words,
    number,
    width_of,
    with_title,
)


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (1.26, "1.3"), (-0.04, "-0"), (700.0, "700")]
)
def test_a_coordinate_has_at_most_one_decimal(value: float, written: str) -> None:
    assert number(value) == written


def test_a_line_has_its_ends_colour_and_dash() -> None:
    line = Tree.fromstring(draw_line((1, 2), end=(3.04, 4), colour="#ff0000", width=2, dash="4 2"))

    assert line.tag == "line"
    assert [line.attrib[name] for name in ("x1", "y1", "x2", "y2")] == ["1", "2", "3", "4"]
    assert (line.attrib["stroke"], line.attrib["stroke-dasharray"]) == ("#ff0000", "4 2")
    assert "stroke-dasharray" not in Tree.fromstring(draw_line((0, 0), end=(1, 1))).attrib


def test_a_box_stands_at_its_corner_with_its_size() -> None:
    box = Tree.fromstring(draw_box((1, 2), size=(30, 4.5), fill="#ffffff"))

    assert box.tag == "rect"
    assert [box.attrib[name] for name in ("x", "y", "width", "height")] == ["1", "2", "30", "4.5"]
    assert box.attrib["fill"] == "#ffffff"


def test_a_block_is_placed_to_a_hundredth_and_has_an_edge_where_asked_for() -> None:
    block = Tree.fromstring(draw_block((1.234, 2), size=(0.567, 4), fill="#ffffff"))
    edged = Tree.fromstring(draw_block((0, 0), size=(1, 1), fill="#ffffff", edge="#222222"))

    placed = [block.attrib[name] for name in ("x", "y", "width", "height")]
    assert placed == ["1.23", "2", "0.57", "4"]
    assert "stroke" not in block.attrib
    assert edged.attrib["stroke"] == "#222222"


@pytest.mark.parametrize(
    ("shape", "points"),
    [
        ("down", "6,16 14,16 10,24"),
        ("arrow", "10,16 15.2,20 10,24"),
        ("diamond", "10,16 14,20 10,24 6,20"),
        ("dot", "7,17 13,17 13,23 7,23"),
    ],
)
def test_a_mark_stands_around_its_place(shape: str, points: str) -> None:
    mark = Tree.fromstring(draw_mark(shape, place=(10, 20), size=4, fill="#ffffff"))

    assert (mark.attrib["points"], mark.attrib["fill"]) == (points, "#ffffff")


def test_a_cross_is_two_lines_in_the_colour_of_its_edge() -> None:
    cross = draw_mark("cross", place=(10, 20), size=4, fill="#ffffff", edge="#ff0000")
    lines = list(Tree.fromstring(f"<g>{cross}</g>"))

    assert [[line.attrib[name] for name in ("x1", "y1", "x2", "y2")] for line in lines] == [
        ["6", "16", "14", "24"],
        ["6", "24", "14", "16"],
    ]
    assert {line.attrib["stroke"] for line in lines} == {"#ff0000"}


def test_a_shape_is_closed_and_a_path_is_open() -> None:
    points = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    shape = Tree.fromstring(draw_shape(points, fill="#000000"))
    path = Tree.fromstring(draw_path(points, colour="#000000"))

    assert (shape.tag, path.tag) == ("polygon", "polyline")
    assert shape.attrib["points"] == path.attrib["points"] == "0,0 1,0 1,1"
    assert path.attrib["fill"] == "none"


@pytest.mark.parametrize("words", ["L01 < 5 mm & more", '"quoted"', "</text><script>x</script>"])
def test_words_are_escaped_and_read_back_as_they_were(words: str) -> None:
    text = Tree.fromstring(draw_words(words, place=(1, 2), weight="bold"))

    assert text.text == words
    assert text.attrib["font-weight"] == "bold"
    assert "font-weight" not in Tree.fromstring(draw_words(words, place=(1, 2))).attrib


def test_a_group_tells_its_words_when_pointed_at() -> None:
    group = Tree.fromstring(with_title([draw_line((0, 0), end=(1, 1))], words="a < b"))

    assert [child.tag for child in group] == ["title", "line"]
    assert group[0].text == "a < b"


def test_longer_words_are_wider() -> None:
    assert width_of("pembrolizumab") > width_of("axitinib") > 0
    assert width_of("axitinib", size=19) == pytest.approx(2 * width_of("axitinib", size=9.5))
