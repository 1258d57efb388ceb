"""The element around drawn parts: named for those who cannot see it, words escaped."""

from equipoise.report.figures.frame import FONTS, frame_svg
from report.svg_reading import SVG, named_of, read_svg


def framed(inner: str = "<g/>", *, title: str = "A figure", description: str = "What.") -> str:
    return frame_svg(
        inner, view_box="0 0 200 100", figure_id="one", title=title, description=description
    )


def test_the_element_is_named_by_its_title_and_description() -> None:
    root = read_svg(framed())

    assert named_of(framed()) == ("A figure", "What.")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "one-title one-desc"


def test_its_size_is_that_of_its_box() -> None:
    root = read_svg(framed())

    assert (root.attrib["width"], root.attrib["height"]) == ("200pt", "100pt")
    assert root.attrib["viewBox"] == "0 0 200 100"


def test_words_are_escaped_and_parts_are_kept() -> None:
    svg = framed("\n<g><line/></g>\n", title="<b>", description="a & b")

    assert named_of(svg) == ("<b>", "a & b")
    assert len(list(read_svg(svg).iter(f"{SVG}line"))) == 1


def test_the_fonts_are_those_that_a_reader_has() -> None:
    assert FONTS.endswith("sans-serif")
    assert "DejaVu" not in FONTS
