"""iRECIST, dose, laboratory and left-out entries stand on a page only where there are any."""

from dataclasses import replace
from datetime import date

import pytest

from equipoise.report.page import blocks_of
from equipoise.report.render_html import render_subjects
from equipoise.report.shell import Table
from equipoise.report.story.values import Finding, Further, Story
from equipoise.report.subject_page import build_subject_page
from equipoise.report.tables.subject_further import build_doses, build_iresponses
from golden.story_texts import told
from report.page_reading import read_page
from report.small_stories import story_of
from report.table_reading import lines_of
from report.trial_values import STAMP

SCANS = """
| visit | day | L01 | new |
| BL    | -10 | 20  |     |
| M3    | 84  | 20  | N01 |
| M6    | 168 | 20  | N02 |
"""
FRACTIONS = """
| lesion | fraction | fraction_date |
| L01    | 1        | 24            |
| L01    | 2        | 26            |
"""
NAMES = {"iresponses", "doses", "laboratory", "left-out"}


def tables_of(story: Story) -> dict[str, list[str]]:
    """The lines of each small table on the page of a story."""
    page = build_subject_page(story, stamp=STAMP, home="report.html")
    return {b.id: lines_of(b) for b in blocks_of(page) if isinstance(b, Table) and b.id in NAMES}


def test_a_subject_of_whom_nothing_else_is_known_has_none_of_the_tables() -> None:
    assert tables_of(story_of()) == {}


def test_irecist_stands_beside_recist_with_its_words() -> None:
    lines = tables_of(story_of(SCANS))["iresponses"]

    assert [line.split(" | ")[3] for line in lines] == ["iUPD", "iCPD"]
    assert lines[0].startswith("Month 3 | 2024-03-25 | 85 | iUPD | Unconfirmed progression: new")
    assert "01-001/newles/M3.N01" in lines[0]


def test_sbrt_is_told_by_lesion_and_as_a_whole_with_what_is_not_as_planned() -> None:
    story = story_of(SCANS, rt_rx="| lesion |\n| L01 |", rt_fx=FRACTIONS)
    first, whole = tables_of(story)["doses"]

    assert "20 Gy in 2 fractions, BED10 40.0 Gy" in first
    assert "Variation, not acceptable: 2 of 3 fractions" in first
    assert whole.startswith("All of it | – | – | 0 of 1 index lesions completed | Variation")


def test_a_rehearsed_page_has_severe_values_in_order_of_time_and_no_mild_ones() -> None:
    story = told("02-018")
    days = [each.found_date for each in story.further.laboratory if each.found_date]

    assert days == sorted(days)
    assert all(each.what[-1] in "345" for each in story.further.laboratory)


def test_what_was_left_out_is_named_with_the_reason() -> None:
    story = story_of("| visit | day | L01 | new |\n| BL | -10 | 20 | |\n| M3 | 84 | 20 | N01? |")
    lines = tables_of(story).get("left-out", [])

    assert any("01-001/newles/M3.N01" in line for line in lines)


@pytest.mark.parametrize("subject", ["01-025", "02-015", "02-018"])
def test_every_entry_of_these_tables_is_on_the_page(subject: str) -> None:
    ((_, html),) = render_subjects([build_subject_page(told(subject), stamp=STAMP, home="r.html")])

    assert read_page(html).broken == []
    assert {each.entry for each in told(subject).entries} >= set(told(subject).further.entries)


def test_hostile_words_stay_words_and_gaps_are_dashes() -> None:
    found = Finding(what="<b>x</b>", words="")
    further = Further(iresponses=(found,), doses=(replace(found, found_date=date(2024, 1, 2)),))
    ((_, html),) = render_subjects(
        [build_subject_page(replace(story_of(), further=further), stamp=STAMP, home="r.html")]
    )

    assert "<b>x</b>" not in html
    (table,) = build_iresponses(further)
    assert isinstance(table, Table)
    assert lines_of(table) == ["<b>x</b> | – | – | – | – | –"]
    (table,) = build_doses(further)
    assert isinstance(table, Table)
    assert lines_of(table) == ["<b>x</b> | 2024-01-02 | – | – | – | –"]
