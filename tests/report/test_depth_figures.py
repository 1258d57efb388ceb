"""Waterfall and spider figure show what was measured, by arm, and say it in words too."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest

from derive.trial_tables import read_table
from equipoise.derive.schemas import ASSESSMENTS, BEST_RESPONSES, PROGRESSION_PATTERNS
from equipoise.derive.schemas import TARGET_CHANGES as CHANGES
from equipoise.report.depth import MONTH_DAYS, Course, Point, list_courses
from equipoise.report.facts import Facts
from equipoise.report.figures.panels import ArmLook, write_signed
from equipoise.report.figures.spider import render_spider
from equipoise.report.figures.waterfall import render_waterfall, sort_bars
from equipoise.report.further_sections import NO_CHANGE, build_depth_figures, build_response_section
from equipoise.report.page import Figure, Text
from report.svg_reading import SVG, ids_of, named_of, read_svg, texts_of
from report.test_response_tables import rows_of
from report.trial_rows import START, subject_name

LOOK = ArmLook(names={"A": "Systemic", "B": "Systemic + SBRT"}, sizes={"A": 4, "B": 3})
SUMS = """
| number | arm | day | change | deepest |
| 0      | A   | 84  | -10    |         |
| 0      | A   | 168 | -40    | yes     |
| 0      | A   | 252 | 25     |         |
| 2      | A   | 84  | 30     | yes     |
| 1      | B   | 84  | -100   | yes     |
| 3      | B   | 84  | 5      |         |
"""


def course(
    name: str, *, arm: str = "A", best: float | None = -10.0, response: str = "SD"
) -> Course:
    """The course of a subject with one sum at three months."""
    points = (Point(months=3.0, percent=best or 0.0),)
    return Course(subject=name, arm=arm, best=best, response=response, points=points)


def many(number: int) -> list[Course]:
    """So many courses in both arms, from +60 % down to −100 %."""
    return [
        course(f"S{n:04}", arm="AB"[n % 2], best=60 - 160 * n / max(number - 1, 1))
        for n in range(number)
    ]


def bars_of(svg: str, *, colour: str) -> list[float]:
    """The heights of the bars of a colour, from left to right."""
    found = [node for node in read_svg(svg).iter(f"{SVG}rect") if node.attrib["fill"] == colour]
    found.sort(key=lambda node: float(node.attrib["x"]))
    return [float(node.attrib["height"]) for node in found]


def tooltips_of(svg: str) -> list[str]:
    """What is told where a reader points."""
    root = read_svg(svg)
    return [node.text or "" for group in root.iter(f"{SVG}g") for node in group.iter(f"{SVG}title")]


def places_of(svg: str) -> Sequence[tuple[float, float]]:
    """Every point of every line, shape and bar."""
    root = read_svg(svg)
    points = [
        tuple(map(float, pair.split(",")))
        for name in ("polyline", "polygon")
        for node in root.iter(f"{SVG}{name}")
        for pair in node.attrib["points"].split()
    ]
    bars = [
        (float(node.attrib["x"]) + float(node.attrib["width"]), float(node.attrib["y"]))
        for node in root.iter(f"{SVG}rect")
    ]
    return [(point[0], point[1]) for point in points] + bars


@pytest.fixture(name="measured", scope="module")
def _measured(facts: Facts) -> Facts:
    """The small trial with a few sums, responses and first progressions."""
    rows = [
        {
            "subject": subject_name(int(row["number"])),
            "allocated_arm": row["arm"],
            "visit": f"M{row['day']}",
            "date": START + timedelta(days=int(row["day"])),
            "days": int(row["day"]),
            "change_from_baseline_percent": float(row["change"]),
            "deepest": "deepest" in row,
        }
        for row in read_table(SUMS)
    ]
    best: dict[str, object] = {
        "subject": subject_name(0),
        "confirmation": "none",
        "best_response": "PR",
    }
    again = {**best, "confirmation": "confirmed", "best_response": "SD"}
    first: list[dict[str, object]] = [
        {"subject": subject_name(0), "pattern": "local", "date": START + timedelta(days=252)},
        {"subject": subject_name(2), "pattern": "death", "date": START + timedelta(days=90)},
        {"subject": subject_name(1), "pattern": "mixed", "date": START + timedelta(days=170)},
    ]
    new: dict[str, object] = {
        "subject": subject_name(1),
        "first_date": START + timedelta(days=170),
        "new_lesion": True,
    }
    return replace(
        facts,
        target_changes=rows_of(CHANGES, list(reversed(rows))),
        best_responses=rows_of(BEST_RESPONSES, [again, best]),
        progression_patterns=rows_of(PROGRESSION_PATTERNS, first),
        assessments=rows_of(ASSESSMENTS, [new]),
    )


def test_a_course_has_the_sums_in_order_of_time_and_the_deepest_as_best(measured: Facts) -> None:
    first = list_courses(measured)[0]

    assert (first.subject, first.arm, first.best, first.response) == ("01-001", "A", -40.0, "PR")
    assert [point.percent for point in first.points] == [-10, -40, 25]
    assert [round(point.months, 2) for point in first.points] == [2.76, 5.52, 8.28]


def test_a_progression_stands_at_its_date_and_a_death_is_none(measured: Facts) -> None:
    by_subject = {each.subject: each for each in list_courses(measured)}

    assert by_subject["01-001"].progression == Point(months=252 / MONTH_DAYS, percent=25.0)
    assert not by_subject["01-001"].new_lesion
    assert by_subject["03-003"].progression is None
    # no sum that day: at the height of the last one
    assert by_subject["02-002"].progression == Point(months=170 / MONTH_DAYS, percent=-100.0)
    assert by_subject["02-002"].new_lesion


def test_one_without_a_sum_in_time_has_no_bar_but_a_line(measured: Facts) -> None:
    late = next(each for each in list_courses(measured) if each.subject == "04-004")

    assert late.best is None
    assert late.response == "NE"
    assert "04-004" not in " ".join(tooltips_of(render_waterfall([late, course("X")], look=LOOK)))
    assert "04-004" in " ".join(tooltips_of(render_spider([late], look=LOOK)))


def test_the_order_of_rows_moves_no_byte(measured: Facts) -> None:
    again = replace(measured, target_changes=measured.target_changes.reverse())
    assert build_depth_figures(again, look=LOOK) == build_depth_figures(measured, look=LOOK)


def test_bars_go_from_most_growth_to_deepest_response_in_each_arm() -> None:
    drawn = [
        course("S1", best=-50.0),
        course("S2", best=30.0),
        course("S4", best=-5.0),
        course("S3", best=-5.0),
        course("S5", arm="B", best=-100.0),
    ]

    assert [each.subject for each in sort_bars(drawn, arm="A")] == ["S2", "S3", "S4", "S1"]
    svg = render_waterfall(drawn, look=LOOK)
    scale = 210 / 140  # the height of the panel, for −100 to +40 %
    heights = bars_of(svg, colour="#0072B2")
    assert heights == pytest.approx([30 * scale, 5 * scale, 5 * scale, 50 * scale], abs=0.06)
    assert bars_of(svg, colour="#D55E00") == [150.0]


def test_below_each_bar_stands_its_best_response() -> None:
    drawn = [course("S1", response="PR"), course("S2", response="SD"), course("S3", response="PD")]
    svg = render_waterfall(drawn, look=LOOK)

    assert [words for words in texts_of(svg) if words in {"CR", "PR", "SD", "PD", "NE"}] == [
        "PR",
        "SD",
        "PD",
    ]
    assert tooltips_of(svg)[0] == "S1: −10.0 %, best response PR"
    assert len(bars_of(svg, colour="#222222")) == 3


@pytest.mark.parametrize("render", [render_waterfall, render_spider])
def test_the_limits_of_recist_are_drawn_in_each_panel(render: Callable[..., str]) -> None:
    svg = render([course("S1"), course("S2", arm="B")], look=LOOK)

    assert svg.count('stroke-dasharray="4 2.5"') == 4
    assert texts_of(svg).count("−30") == 2
    assert texts_of(svg).count("+20") == 3  # the first panel has it in its scale, too


def test_a_bar_beyond_the_scale_ends_in_a_tip() -> None:
    assert "polygon" not in render_waterfall([course("S1", best=100.0)], look=LOOK)
    svg = render_waterfall([course("S1", best=250.0)], look=LOOK)

    assert svg.count("<polygon") == 1
    assert "S1: +250.0 %" in tooltips_of(svg)[0]


def test_nobody_and_an_empty_arm_are_said() -> None:
    assert render_waterfall([], look=LOOK) == ""
    assert render_spider([], look=LOOK) == ""
    for render in (render_waterfall, render_spider):
        svg = render([course("S1")], look=LOOK)
        assert texts_of(svg).count("nobody to show") == 1
        assert "Systemic + SBRT (0 of 3)" in texts_of(svg)


@pytest.mark.parametrize("number", [1, 2, 88, 1000])
def test_few_and_many_subjects_stay_within_the_figure(number: int) -> None:
    for render in (render_waterfall, render_spider):
        svg = render(many(number), look=LOOK)
        _, _, width, height = map(float, re.findall(r'viewBox="([^"]+)"', svg)[0].split())
        assert all(0 <= x <= width and 0 <= y <= height for x, y in places_of(svg))
        assert len(set(tooltips_of(svg))) >= number


def test_bars_of_a_thousand_do_not_cover_each_other() -> None:
    svg = render_waterfall(many(1000), look=LOOK)
    root = read_svg(svg)
    bars = [node for node in root.iter(f"{SVG}rect") if node.attrib["fill"] == "#0072B2"]
    bars.sort(key=lambda node: float(node.attrib["x"]))

    assert len(bars) == 500
    for one, other in pairwise(bars):
        end = float(one.attrib["x"]) + float(one.attrib["width"])
        assert end <= float(other.attrib["x"]) + 0.011


def test_a_line_starts_at_no_change_and_the_mark_tells_a_new_lesion() -> None:
    progressed = replace(course("S1"), progression=Point(months=6.0, percent=10.0))
    svg = render_spider([progressed, replace(progressed, subject="S2", new_lesion=True)], look=LOOK)
    lines = [node.attrib["points"] for node in read_svg(svg).iter(f"{SVG}polyline")]

    assert all(line.startswith("58,86 ") for line in lines)  # 0 % on a scale of −100 to +40
    said = tooltips_of(svg)
    assert "S1: −10.0 % at 3.0 months; first progression at 6.0 months" in said
    assert "S2: −10.0 % at 3.0 months; first progression with a new lesion at 6.0 months" in said


def test_the_figures_are_named_and_told_in_words() -> None:
    drawn = [
        course("S1", best=-30.0),
        course("S2", best=20.0),
        course("S3", best=-29.96),
        replace(course("S4", arm="B"), progression=Point(months=4.0, percent=0.0), new_lesion=True),
    ]

    title, words = named_of(render_waterfall(drawn, look=LOOK))
    assert title == "Best change of the target lesions by arm"
    assert words == (
        "Systemic: 3 of 4 patients, median −29.9 % (−30.0 to +20.0 %); "
        "smaller by 30 % or more in 1, larger by 20 % or more in 1. "
        "Systemic + SBRT: 1 of 3 patients, median −10.0 % (−10.0 to −10.0 %); "
        "smaller by 30 % or more in 0, larger by 20 % or more in 0."
    )
    title, words = named_of(render_spider(drawn, look=LOOK))
    assert title == "Change of the target lesions over time by arm"
    assert words.endswith(
        "Systemic + SBRT: 1 patient, at the last sum −10.0 to −10.0 % of change; first progression "
        "in 1, with a new lesion in 1."
    )


def test_hostile_ids_stay_words() -> None:
    for render in (render_waterfall, render_spider):
        svg = render([course("<script>alert(1)</script>&\"'")], look=LOOK)
        assert "<script>" not in svg
        assert any(words.startswith("<script>") for words in tooltips_of(svg))


def test_ids_within_the_figures_are_their_own_and_text_stays_text() -> None:
    for render in (render_waterfall, render_spider):
        svg = render(many(8), look=LOOK, figure_id="own")
        assert all(name.startswith("own") for name in ids_of(svg))
        assert "Change of the sum from baseline, %" in texts_of(svg)


def test_more_arms_have_more_panels_and_one_arm_has_the_whole_width() -> None:
    names = {code: f"Arm {code}" for code in "ABC"}
    three = ArmLook(names=names, sizes=dict.fromkeys("ABC", 1))
    for render in (render_waterfall, render_spider):
        svg = render([course(code, arm=code) for code in "ABC"], look=three)
        assert {f"Arm {code} (1 of 1)" for code in "ABC"} <= set(texts_of(svg))
        alone = render([course("S1")], look=ArmLook(names={"A": "Only"}, sizes={"A": 1}))
        assert "Only (1 of 1)" in texts_of(alone)


@pytest.mark.parametrize(
    ("percent", "words"), [(-29.96, "−29.9"), (0.04, "0"), (20.0, "+20.0"), (-100.0, "−100.0")]
)
def test_a_change_is_cut_off_not_rounded(percent: float, words: str) -> None:
    assert write_signed(percent, digits=1) == words


def test_the_figures_stand_between_the_tables_of_response(measured: Facts) -> None:
    section = build_response_section(measured)
    assert [getattr(block, "id", "") for block in section.blocks] == [
        "best-response",
        "depth",
        "changes",
        "swimmers",
        "progression-pattern",
    ]
    figures = [block for block in section.blocks if isinstance(block, Figure)]
    assert "Systemic therapy alone (2 of 22)" in texts_of(figures[0].svg)


def test_without_any_change_a_sentence_says_so(facts: Facts) -> None:
    assert build_depth_figures(facts, look=LOOK) == (Text(words=NO_CHANGE),)


def test_one_who_was_never_allocated_is_not_drawn(measured: Facts) -> None:
    nobody = measured.target_changes.with_columns(allocated_arm=pl.lit(None, dtype=pl.String))
    assert list_courses(replace(measured, target_changes=nobody)) == ()
