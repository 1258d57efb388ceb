"""Lines with their names at their ends: marks, words, bands, guides, names moved apart."""

from dataclasses import replace

from equipoise.report.figures.lines import Axis, Band, Guide, Line, LinesLook, render_lines
from report.svg_reading import SVG, named_of, overlaps_of, read_svg, texts_of

AXIS = Axis(name="Month", ends=(0.0, 10.0), ticks=((0.0, "0"), (10.0, "10")))
LOOK = LinesLook(
    figure_id="lines", title="Counts", description="From 0 to 10.", x=AXIS,
    y=Axis(name="Number", ends=(0.0, 100.0), ticks=((0.0, "0"), (100.0, "100"))),
)  # fmt: skip


def line(label: str, end: float, **rest: object) -> Line:
    return Line(label=label, points=((0.0, 0.0), (10.0, end)), **rest)  # type: ignore[arg-type]


def test_each_line_is_named_and_the_figure_is_read_aloud() -> None:
    svg = render_lines([line("One", 80), line("Two", 20, look=1)], look=LOOK)

    assert named_of(svg) == ("Counts", "From 0 to 10.")
    assert {"One", "Two", "Month", "Number", "0", "10", "100"} <= set(texts_of(svg))


def test_lines_that_end_together_have_names_apart() -> None:
    svg = render_lines([line(f"Line {i}", 50 + i, look=i) for i in range(6)], look=LOOK)

    assert overlaps_of(svg) == []
    drawn = [node.attrib for node in read_svg(svg).iter(f"{SVG}polyline")]
    assert len({(each["stroke"], each.get("stroke-dasharray")) for each in drawn}) == 6


def test_points_have_marks_and_words_where_they_are_told() -> None:
    svg = render_lines([line("A", 50, told=("first\nrow", "last"))], look=LOOK)

    assert {"first", "row", "last"} <= set(texts_of(svg))
    assert svg.count("<circle") == 2
    alone = render_lines([line("A", 50, marked=True, joined=False)], look=LOOK)
    assert alone.count("<circle") == 2
    assert "<polyline" not in alone


def test_words_below_a_point_stand_lower_than_those_above() -> None:
    def height(*, below: bool) -> float:
        svg = render_lines([line("", 50, told=("", "here"), below=below)], look=LOOK)
        found = (n for n in read_svg(svg).iter(f"{SVG}text") if n.text == "here")
        return float(next(found).attrib["y"])

    assert height(below=True) > height(below=False)


def test_bands_lie_under_guides_and_lines() -> None:
    band = Band(lower=((0.0, 10.0), (10.0, 20.0)), upper=((0.0, 30.0), (10.0, 90.0)))
    guides = (Guide(value=50.0, words="half"), Guide(value=5.0, words="now", upright=True))
    svg = render_lines([line("A", 50)], look=replace(LOOK, guides=guides), bands=[band])

    assert svg.index("<polygon") < svg.index("half") < svg.index("<polyline")
    assert "now" in texts_of(svg)


def test_what_lies_beyond_the_axis_stands_at_it() -> None:
    svg = render_lines([line("A", 1e9)], look=LOOK)
    top = render_lines([line("A", 100)], look=LOOK)

    assert svg == top


def test_a_line_without_points_or_name_has_no_name() -> None:
    svg = render_lines([Line(label="Nothing", points=()), line("", 50)], look=LOOK)

    assert "Nothing" not in texts_of(svg)


def test_words_are_text() -> None:
    svg = render_lines([line("<b>", 50, told=("<i>", "&"))], look=LOOK)

    assert {"<b>", "<i>", "&"} <= set(texts_of(svg))
