"""The page of a subject: every part is there, every link leads somewhere, nothing hostile acts."""

from dataclasses import replace

import pytest

from equipoise.report.page import SubjectPage, Text, blocks_of
from equipoise.report.render_html import IS_PAGE, render_subjects
from equipoise.report.shell import Table
from equipoise.report.story.tell import tell_story
from equipoise.report.story.values import Story
from equipoise.report.subject_page import build_subject_page, build_subject_pages
from golden.story_texts import material_of, told
from report.page_reading import Page, read_page
from report.small_stories import story_of
from report.trial_values import STAMP

PARTS = ["who", "time", "endpoints", "lesion-control", "toxicity", "entries"]
GOLDEN = [f"01-{number:03}" for number in range(1, 13)]


def page_of(story: Story) -> SubjectPage:
    """The page of a story."""
    return build_subject_page(story, stamp=STAMP, notice="Rehearsed.", home="../report.html#home")


def html_of(story: Story) -> str:
    """The page of a story as text."""
    ((_, html),) = render_subjects([page_of(story)])
    return html


def read(subject: str, *, folder: str = "subjects") -> Page:
    """The page of a golden subject as a browser finds it."""
    return read_page(html_of(told(subject, folder=folder)))


def table(story: Story, name: str) -> Table:
    """A table of the page."""
    return next(b for b in blocks_of(page_of(story)) if isinstance(b, Table) and b.id == name)


@pytest.mark.parametrize("subject", GOLDEN)
def test_a_page_is_whole_and_asks_for_nothing(subject: str) -> None:
    page = read(subject)

    assert page.broken == []
    assert len(page.ids) == len(set(page.ids))
    assert [name for name in page.ids if name in PARTS] == PARTS
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not [a for _, a in page.tags for name in a if name.startswith("on")]


@pytest.mark.parametrize("subject", GOLDEN)
def test_every_link_of_a_page_leads_to_an_entry_or_home(subject: str) -> None:
    page = read(subject)
    places = {a["href"] for a in page.attributes_of("a")}

    assert "../report.html#home" in places
    inside = {place[1:] for place in places if place.startswith("#")}
    assert inside <= set(page.ids)
    assert {place for place in places if not place.startswith("#")} == {"../report.html#home"}


def test_the_head_has_trial_subject_stamp_and_notice() -> None:
    page = read("01-007")

    for words in (
        "SABLOR",
        "Subject 01-007",
        "Rehearsed.",
        "data dddddddddddd",
        "Back to the report",
    ):
        assert words in page.text


def test_the_page_says_what_the_terminal_says() -> None:
    story = told("01-007", folder="subjects")
    text = read("01-007").text

    for assessment in story.assessments:
        for reason in assessment.why:
            assert reason[1:] in text
    for verdict in story.verdicts:
        assert verdict.words[1:] in text
    assert "The scan of month 12 (2025-04-02) still showed it" in text


def test_every_convention_has_a_row_with_its_anchor() -> None:
    story = told("01-007", folder="subjects")
    rows = [row for row in table(story, "verdicts").rows if not row.heading]

    assert [row.id for row in rows] == [verdict.row for verdict in story.verdicts]
    assert rows[0].cells[:5] == (
        "Treatment policy (EMA style)",
        "event",
        "2024-12-11",
        "254",
        "R12",
    )


def test_what_differs_from_the_primary_convention_is_said_first() -> None:
    blocks = page_of(told("01-008", folder="subjects")).sections[2].blocks
    said = [block.words for block in blocks if isinstance(block, Text)]

    assert said[0].startswith("Censored on 2024-12-23, day 253. It was decided by rule R11 of")
    assert said[1].startswith("Censoring (FDA style): event on 2024-07-09, day 86 (event instead")
    same = page_of(told("01-001", folder="subjects")).sections[2].blocks
    assert any("says the same" in block.words for block in same if isinstance(block, Text))


def test_sizes_link_to_the_entries_of_the_scan() -> None:
    row = table(told("01-007", folder="subjects"), "sizes").rows[3]

    assert row.cells[:6] == ("Month 9", "2024-12-11", "254", "47.0", "merged into L01", "47.0")
    assert [link.href for link in row.links[3]] == ["#01-007/les_fu/M9.L01"]
    assert row.cells[-1] == "PD"


def test_entries_are_shown_with_the_words_of_their_form() -> None:
    rows = {row.id: row.cells for row in table(told("01-012", folder="subjects"), "entered").rows}

    name, said = rows["01-012/dth"]
    assert (name, said) == ("01-012/dth", "Date of death: 2025-03; Cause: other")


def test_windows_tell_which_event_counts() -> None:
    rows = table(told("01-002", folder="subjects"), "windows").rows

    assert rows[0].heading
    assert rows[0].id == "acute_g3"
    assert rows[1].cells[:3] == (
        "Day 1 to 183 *",
        "primary",
        "Counts: Pneumonitis grade 5 (day 38)",
    )
    assert [link.href for link in rows[1].links[3]] == ["#01-002/ae/1"]


HOSTILE = '"><script>alert(1)</script><a href="javascript:alert(2)" onclick="x">'


def test_hostile_words_of_an_entry_do_nothing() -> None:
    story = story_of(
        "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 20 |",
        ae=f"| term | grade | onset_date |\n| {HOSTILE} | 3 | 20 |",
        subseq=f"| start_date | agent |\n| 30 | {HOSTILE} |",
        dm=f"| site |\n| {HOSTILE} |",
    )
    html = html_of(story)
    page = read_page(html)

    assert page.broken == []
    assert not page.attributes_of("script")
    assert not [a for _, a in page.tags for name in a if name.startswith("on")]
    assert not [a for a in page.attributes_of("a") if "javascript" in a["href"]]
    assert page.text.count("alert(1)") >= 4


def test_a_hostile_id_of_a_subject_stays_in_its_folder_and_in_its_words() -> None:
    story = story_of(rand="| randomised_date |\n| 0 |")
    bad = replace(story, person=replace(story.person, subject=f"../{HOSTILE}"))
    page = page_of(bad)

    assert "/" not in page.name
    assert "<" not in page.name
    assert not read_page(html_of(bad)).attributes_of("script")


@pytest.mark.parametrize("folder", ["subjects", "stories/trial"])
def test_every_randomised_subject_has_one_page(folder: str) -> None:
    material = material_of(folder)
    pages = list(build_subject_pages(material, endpoint="pfs", stamp=STAMP))

    assert [page.subject for page in pages] == list(material.subjects)
    assert len({page.name for page in pages}) == len(pages)
    for _, html in render_subjects(pages[:3]):
        assert IS_PAGE in html


def test_the_same_material_gives_the_same_bytes() -> None:
    material = material_of("subjects")
    once = tell_story(material, subject="01-007", endpoint="pfs")

    assert html_of(once) == html_of(tell_story(material, subject="01-007", endpoint="pfs"))


def test_a_subject_of_whom_nothing_is_known_has_a_page() -> None:
    page = read_page(html_of(story_of()))

    assert page.broken == []
    for words in ("No assessment was entered.", "No treatment was entered.", "No lesion is in the"):
        assert words in page.text


def test_a_lesion_endpoint_can_be_told_first() -> None:
    material = material_of("subjects")
    page = page_of(tell_story(material, subject="01-007", endpoint="lc"))
    said = [block.words for block in page.sections[2].blocks if isinstance(block, Text)]

    assert page.sections[2].title == "Local failure of index lesions"
    assert said[0].startswith("L01: Event on 2024-12-11, day 254.")
