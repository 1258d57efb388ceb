"""The swimmer plot has a lane a patient, each mark in its place, and says it in words too."""

import re
from dataclasses import replace

import pytest

from equipoise.report.facts import Facts
from equipoise.report.figures.panels import ArmLook
from equipoise.report.figures.style import tint
from equipoise.report.figures.swimmer import LIGHT, TALLEST, render_swimmer, sort_lanes
from equipoise.report.follow_up import FollowUp
from equipoise.report.further_sections import build_response_section
from equipoise.report.page import Figure
from report.svg_reading import SVG, ids_of, named_of, read_svg, texts_of
from report.test_depth_figures import LOOK, places_of, tooltips_of

BLUE, ORANGE, INK, PAPER = "#0072B2", "#D55E00", "#222222", "#ffffff"
FULL = FollowUp(
    subject="S1",
    arm="A",
    months=12.0,
    died=True,
    therapy=(0.0, 6.0),
    sbrt=(0.5, 1.0),
    response=(3.0, 9.0),
    progression=9.0,
    later=9.5,
)


def alive(name: str, *, months: float, arm: str = "A") -> FollowUp:
    """A patient who is alive in follow-up, and to whom nothing happened."""
    return FollowUp(subject=name, arm=arm, months=months, goes_on=True)


def bars_of(svg: str, *, fill: str) -> list[tuple[float, float]]:
    """Left end and width of each bar of that colour, but those of the legend."""
    root = read_svg(svg)
    return [
        (float(node.attrib["x"]), float(node.attrib["width"]))
        for group in root.iter(f"{SVG}g")
        for node in group.iter(f"{SVG}rect")
        if node.attrib["fill"] == fill
    ]


def test_the_longest_followed_stands_first_and_ties_go_by_subject() -> None:
    drawn = [alive("S2", months=3), alive("S1", months=3), alive("S3", months=9)]

    assert [each.subject for each in sort_lanes(drawn, arm="A")] == ["S3", "S1", "S2"]
    told = tooltips_of(render_swimmer(drawn, look=LOOK))
    assert [words.split(":")[0] for words in told] == ["S3", "S1", "S2"]


def test_each_stretch_has_its_place_on_the_months() -> None:
    svg = render_swimmer([FULL, alive("S9", months=24, arm="B")], look=LOOK)
    month = (356.0 - 58.0) / 24  # of a panel, and 24 months are its last tick

    assert bars_of(svg, fill=BLUE) == [pytest.approx((58, 6 * month), abs=0.06)]
    assert bars_of(svg, fill=INK) == [pytest.approx((58 + 0.5 * month, 0.5 * month), abs=0.06)]
    assert bars_of(svg, fill=PAPER) == [pytest.approx((58 + 3 * month, 6 * month), abs=0.06)]
    assert bars_of(svg, fill=tint(BLUE, share=LIGHT)) == [pytest.approx((58, 12 * month), abs=0.06)]
    assert bars_of(svg, fill=tint(ORANGE, share=LIGHT)) == [
        pytest.approx((392, 24 * month), abs=0.06)
    ]


def test_what_happened_is_told_where_a_reader_points() -> None:
    svg = render_swimmer(
        [FULL, replace(FULL, subject="S2", new_lesion=True, later=None)], look=LOOK
    )

    before = (
        "followed 12.0 months, systemic therapy 0.0 to 6.0, SBRT 0.5 to 1.0, response 3.0 to 9.0"
    )
    assert tooltips_of(svg) == [
        f"S1: {before}, first progression at 9.0, next systemic therapy at 9.5, died",
        f"S2: {before}, first progression with a new lesion at 9.0, died",
    ]


@pytest.mark.parametrize(
    ("shown", "corners", "fill"),
    [
        ({"goes_on": True, "died": False}, 3, INK),
        ({"later": 4.0}, 4, PAPER),
        ({"progression": 4.0}, 4, INK),
        ({"progression": 4.0, "new_lesion": True}, 3, PAPER),
    ],
)
def test_each_mark_has_its_shape(shown: dict[str, object], corners: int, fill: str) -> None:
    bare = FollowUp(subject="S1", arm="A", months=12.0)
    plain = read_svg(render_swimmer([bare], look=LOOK))
    marked = read_svg(render_swimmer([replace(bare, **shown)], look=LOOK))  # type: ignore[arg-type]
    new = [node.attrib for group in marked.iter(f"{SVG}g") for node in group.iter(f"{SVG}polygon")]

    assert not [node for group in plain.iter(f"{SVG}g") for node in group.iter(f"{SVG}polygon")]
    assert [(len(each["points"].split()), each["fill"]) for each in new] == [(corners, fill)]


def test_a_cross_stands_at_death() -> None:
    svg = read_svg(render_swimmer([FULL, alive("S2", months=24)], look=LOOK))
    lines = [node for group in svg.iter(f"{SVG}g") for node in group.iter(f"{SVG}line")]
    month = (356.0 - 58.0) / 24

    assert len(lines) == 2
    for line in lines:
        middle = (float(line.attrib["x1"]) + float(line.attrib["x2"])) / 2
        assert middle == pytest.approx(58 + 12 * month, abs=0.1)


def test_the_figure_is_named_and_told_in_words() -> None:
    drawn = [FULL, alive("S2", months=24), replace(FULL, subject="S3", arm="B", new_lesion=True)]
    title, words = named_of(render_swimmer(drawn, look=LOOK))

    assert title == "Follow-up of each patient by arm"
    assert words == (
        "Systemic: 2 patients, followed 12.0 to 24.0 months; 1 responded, 1 progressed (0 with a "
        "new lesion), 1 had a next systemic therapy, 1 died; alive in follow-up: 1. "
        "Systemic + SBRT: 1 patient, followed 12.0 to 12.0 months; 1 responded, 1 progressed "
        "(1 with a new lesion), 1 had a next systemic therapy, 1 died; alive in follow-up: 0."
    )


def test_nobody_and_an_empty_arm_are_said() -> None:
    assert render_swimmer([], look=LOOK) == ""
    svg = render_swimmer([alive("S1", months=0.0)], look=LOOK)

    assert texts_of(svg).count("nobody to show") == 1
    assert "Systemic + SBRT (0 of 3)" in texts_of(svg)


@pytest.mark.parametrize("number", [1, 88, 1000, 5000])
def test_few_and_many_patients_stay_within_one_page(number: int) -> None:
    drawn = [
        replace(FULL, subject=f"S{n:04}", arm="AB"[n % 2], months=12 + n % 30, died=n % 3 == 0)
        for n in range(number)
    ]
    svg = render_swimmer(drawn, look=LOOK)
    _, _, width, height = map(float, re.findall(r'viewBox="([^"]+)"', svg)[0].split())

    assert height <= TALLEST + 120
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places_of(svg))
    assert len(set(tooltips_of(svg))) == number


def test_arms_one_below_the_other_share_the_height_of_a_page() -> None:
    look = ArmLook(names={code: f"Arm {code}" for code in "ABCD"}, sizes=dict.fromkeys("ABCD", 99))
    drawn = [alive(f"{n}", months=n % 30, arm="ABCD"[n % 4]) for n in range(396)]
    svg = render_swimmer(drawn, look=look)

    assert float(re.findall(r'viewBox="([^"]+)"', svg)[0].split()[3]) <= TALLEST + 180


def test_lanes_are_named_while_a_name_can_be_read() -> None:
    few = [alive(f"01-{n:03}", months=n) for n in range(90)]

    assert "01-089" in texts_of(render_swimmer(few, look=LOOK))
    assert "01-089" not in texts_of(render_swimmer(few + few, look=LOOK))


def test_an_edge_hides_no_response_where_lanes_are_thin() -> None:
    edged = 'stroke="#222222" stroke-width="0.5"'
    legend = 1  # has its edge

    assert render_swimmer([FULL] * 88, look=LOOK).count(edged) == 88 + legend
    assert render_swimmer([FULL] * 500, look=LOOK).count(edged) == legend


def test_hostile_names_stay_words_and_ids_are_its_own() -> None:
    hostile = "<script>alert(1)</script>&\"'"
    svg = render_swimmer([alive(hostile, months=2)], look=LOOK, figure_id="own")

    assert "<script>" not in svg
    assert any(words.startswith("<script>") for words in tooltips_of(svg))
    assert all(name.startswith("own") for name in ids_of(svg))
    assert svg == render_swimmer([alive(hostile, months=2)], look=LOOK, figure_id="own")


def test_more_arms_have_more_panels_of_one_height() -> None:
    look = ArmLook(names={code: f"Arm {code}" for code in "ABC"}, sizes=dict.fromkeys("ABC", 2))
    svg = render_swimmer([alive(code, months=5, arm=code) for code in "ABC"], look=look)

    assert {f"Arm {code} (1 of 2)" for code in "ABC"} <= set(texts_of(svg))
    tops = [
        float(node.attrib["y"])
        for group in read_svg(svg).iter(f"{SVG}g")
        for node in group.iter(f"{SVG}rect")
    ]
    assert tops[0] == tops[1] < tops[2]


def test_the_report_draws_everybody_randomised(facts: Facts) -> None:
    section = build_response_section(facts)
    figure = next(b for b in section.blocks if isinstance(b, Figure) and b.id == "swimmers")

    assert "Systemic therapy alone (22 of 22)" in texts_of(figure.svg)
    assert len(tooltips_of(figure.svg)) == facts.subjects.height
