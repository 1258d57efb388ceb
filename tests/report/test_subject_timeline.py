"""The time line of a subject shows what happened, when, and says it in words too."""

from datetime import timedelta

import pytest

from equipoise.report.figures.lanes import LEFT, RIGHT, Lane, Timeline, place_day
from equipoise.report.figures.subject_timeline import build_timeline, render_timeline
from equipoise.report.figures.sums import progression_limit, render_sums
from golden.story_texts import told
from report.small_stories import story_of
from report.svg_reading import SVG, ids_of, named_of, read_svg, texts_of

TREATED = """
| start_date | stop_date | action  | reason   | agent         |
| 2          | 20        | given   |          | axitinib      |
| 21         | 30        | held    | sbrt     | axitinib      |
| 31         |           | reduced | toxicity | axitinib      |
| 2          | 200       | given   |          | pembrolizumab |
"""
SCANS = """
| visit | day | L01 | new |
| BL    | -10 | 20  |     |
| M3    | 84  | 25  |     |
| M6    | 168 | 20  |     |
| M9    | 252 | 20  | N01 |
"""
STORY = story_of(
    SCANS,
    ex_sys=TREATED,
    rt_rx="| lesion |\n| L01 |",
    rt_fx="""
    | lesion | fraction | fraction_date |
    | L01    | 1        | 24            |
    | L01    | 2        | 26            |
    | L01    | 3        | 28            |
    """,
    ae="""
    | term        | grade | onset_date | end_date |
    | Pneumonitis | 3     | 60         | 90       |
    | Fatigue     | 4     | 70         |          |
    | Nausea      | 2     | 10         | 20       |
    """,
    subseq="| start_date | agent |\n| 260 | cabozantinib |",
    dth="| death_date |\n| 400 |",
)


def lane(timeline: Timeline, label: str) -> Lane:
    """The lane of that name."""
    return next(each for each in timeline.lanes if each.label == label)


def test_there_is_a_lane_for_everything_that_happened() -> None:
    assert [each.label for each in build_timeline(STORY).lanes] == [
        "axitinib",
        "pembrolizumab",
        "SBRT",
        "Later therapy",
        "Scans and responses",
        "New lesions",
        "Pneumonitis",
        "Fatigue",
        "Outcome",
    ]


def test_systemic_therapy_is_a_bar_for_each_stretch_with_its_holds() -> None:
    bars = lane(build_timeline(STORY), "axitinib").bars

    assert [(bar.first, bar.last, bar.look) for bar in bars] == [
        (2, 21, "given"),
        (21, 31, "held"),
        (31, 401, "reduced"),
    ]
    assert not any(bar.open_end for bar in bars)  # death ended it


def test_therapy_without_an_end_goes_on_where_the_subject_is_alive() -> None:
    alive = story_of(ex_sys=TREATED, surv="| alive_date |\n| 300 |")

    bars = lane(build_timeline(alive), "axitinib").bars
    assert [bar.open_end for bar in bars] == [False, False, True]
    assert bars[-1].last == 301


def test_each_day_of_sbrt_is_a_tick() -> None:
    assert [mark.day for mark in lane(build_timeline(STORY), "SBRT").marks] == [24, 26, 28]


def test_scans_have_their_response_and_a_refuted_one_stands_in_brackets() -> None:
    marks = lane(build_timeline(STORY), "Scans and responses").marks

    assert [(mark.day, mark.label, mark.look) for mark in marks] == [
        (-10, "BL", "plain"),
        (84, "(PD)", "open"),
        (168, "SD", "plain"),
        (252, "PD", "counted"),
    ]


def test_the_outcome_has_suspicion_progression_and_death_in_order() -> None:
    marks = lane(build_timeline(STORY), "Outcome").marks

    assert [(mark.day, mark.label) for mark in marks] == [
        (84, "refuted"),
        (252, "progression"),
        (400, "death"),
    ]


def test_only_severe_events_are_drawn_and_the_grade_is_seen() -> None:
    timeline = build_timeline(STORY)

    assert lane(timeline, "Pneumonitis").bars[0].look == "event"
    assert lane(timeline, "Fatigue").bars[0].look == "severe"
    assert "Nausea" not in [each.label for each in timeline.lanes]


def test_of_many_terms_the_first_are_drawn_and_the_others_counted() -> None:
    rows = "\n".join(f"| Term {number} | 3 | {number} |" for number in range(1, 12))
    story = story_of(ae=f"| term | grade | onset_date |\n{rows}", surv="| alive_date |\n| 90 |")

    labels = [each.label for each in build_timeline(story).lanes]
    assert "Term 8" in labels
    assert "Term 9" not in labels
    assert "and 3 more terms (table of events)" in labels


def test_the_legend_names_only_what_is_drawn() -> None:
    words = [words for _, _, words in build_timeline(STORY).legend]

    assert "held" in words
    assert "last known alive" not in words
    assert "suspicion refuted, in scans (PD)" in words


def test_the_figure_is_named_and_told_in_words() -> None:
    title, description = named_of(render_timeline(STORY))

    assert title == "Time line of subject 01-001"
    for words in (
        "SBRT of L01: 30 Gy in 3 fractions",
        "month 9: PD",
        "Pneumonitis grade 3",
        "Death",
    ):
        assert words in description
    assert "Nausea" not in description


def test_everything_drawn_stays_within_the_figure() -> None:
    for story in (STORY, told("02-015"), told("01-025"), told("02-018")):
        timeline = build_timeline(story)
        for each in timeline.lanes:
            days = [mark.day for mark in each.marks]
            days += [day for bar in each.bars for day in (bar.first,)]
            assert all(LEFT <= place_day(timeline, day=day) <= RIGHT for day in days)


def test_codes_of_scans_that_are_close_do_not_cover_each_other() -> None:
    svg = read_svg(render_timeline(told("02-015")))
    codes = [
        (float(node.attrib["x"]), float(node.attrib["y"]))
        for node in svg.iter(f"{SVG}text")
        if (node.text or "").strip("()") in {"BL", "CR", "PR", "SD", "PD", "NE"}
    ]

    assert len(codes) > 15
    for place, (x, y) in enumerate(codes):
        assert all(abs(x - a) >= 12 or abs(y - b) >= 9 for a, b in codes[:place])


def test_hostile_words_stay_words() -> None:
    story = story_of(subseq="| start_date | agent |\n| 20 | <script>x</script> |")

    svg = render_timeline(story)
    assert "<script>" not in svg
    assert any("<script>" in (node.text or "") for node in read_svg(svg).iter(f"{SVG}title"))


def test_the_same_story_gives_the_same_bytes_and_ids_of_its_own() -> None:
    svg = render_timeline(STORY, figure_id="time-7")

    assert svg == render_timeline(STORY, figure_id="time-7")
    assert all(name.startswith("time-7") for name in ids_of(svg))


def test_the_data_cut_is_a_line_where_it_lies() -> None:
    assert "data cut" not in texts_of(render_timeline(STORY))
    start = STORY.person.randomised_date
    assert start is not None
    from dataclasses import replace  # noqa: PLC0415 - only here

    cut = replace(STORY, cutoff_date=start + timedelta(days=300), cut="DC1")
    assert "data cut" in texts_of(render_timeline(cut))


def test_a_subject_of_whom_nothing_is_known_has_a_time_line_too() -> None:
    svg = render_timeline(story_of())

    assert "Outcome" in texts_of(svg)
    assert (
        named_of(svg)[1].startswith("Progression-free survival: censored")
        or "Last known" in named_of(svg)[1]
    )


@pytest.mark.parametrize(
    ("nadir", "limit"), [(300, 360), (100, 150), (250, 300), (251, 302), (0, 50), (381, 458)]
)
def test_the_limit_of_progression_is_the_smallest_sum_that_is_one(nadir: int, limit: int) -> None:
    assert progression_limit(nadir) == limit
    assert 10 * limit >= 12 * nadir
    assert limit - nadir >= 50
    assert 10 * (limit - 1) < 12 * nadir or limit - 1 - nadir < 50


def test_the_sums_are_drawn_and_told() -> None:
    svg = render_sums(STORY, timeline=build_timeline(STORY))
    title, description = named_of(svg)

    assert title == "Target lesions of subject 01-001 over time"
    assert description.startswith("Sum of the target lesions: 2023-12-22 20.0 mm; 2024-03-25 25.0")
    assert {"sum", "each target", "L01"} <= set(texts_of(svg))


def test_without_two_sums_nothing_is_drawn() -> None:
    alone = story_of("| visit | day | L01 |\n| BL | -10 | 20 |")

    assert render_sums(alone, timeline=build_timeline(alone)) == ""
