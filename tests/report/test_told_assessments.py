"""What is told of each assessment: sizes, sums, reasons, holds, and what was missed."""

import pytest

from report.small_stories import at, said_at, story_of

GROWN = """
| visit | day | L01 |
| BL    | -10 | 30  |
| M3    | 84  | 30  |
| M6    | 168 | 36  |
"""


def test_the_sentence_of_progression_is_that_of_a_reader() -> None:
    story = story_of(GROWN)

    assert at(story, "M6").why == (
        (
            "the sum 36.0 mm is 20 % and 6.0 mm over the nadir 30.0 mm of baseline "
            "(progression from 20 % and 5 mm)"
        ),
    )
    assert at(story, "M6").response == "PD"
    assert at(story, "M6").counts is True


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("24", "L01 24.0 mm"),
        ("abs", "L01 absent"),
        ("tstm", "L01 too small to measure, counts 5.0 mm"),
        ("ne", "L01 not evaluable"),
        ("res", "L01 resected"),
        ("split", "L01 split, size not entered"),
        (">L02", "L01 merged into L02"),
    ],
)
def test_each_way_to_read_a_lesion_has_its_words(cell: str, words: str) -> None:
    story = story_of(f"""
    | visit | day | L01    | L02 |
    | BL    | -10 | 30     | 20  |
    | M3    | 84  | {cell} | 20  |
    """)

    assert words in said_at(story, "M3")


@pytest.mark.parametrize(
    ("cell", "words"),
    [("pres", "L02 present"), ("prog", "L02 unequivocal progression"), ("abs", "L02 absent")],
)
def test_each_way_to_read_a_non_target_lesion_has_its_words(cell: str, words: str) -> None:
    story = story_of(f"""
    | visit | day | L01 | L02:other |
    | BL    | -10 | 30  | 8         |
    | M3    | 84  | 30  | {cell}    |
    """)

    assert words in said_at(story, "M3")


def test_a_lesion_that_was_not_entered_is_said_not_to_be() -> None:
    story = story_of(
        """
    | visit | day | L01 |
    | BL    | -10 | 30  |
    | M3    | 84  | 30  |
    """,
        les_bl="""
    | lesion | ld_mm |
    | L01    | 30    |
    | L02    | 20    |
    """,
    )

    assert "L02 not entered" in said_at(story, "M3")
    assert "target L02 was not evaluated, so there is no sum" in said_at(story, "M3")


def test_a_node_under_10_mm_is_told_to_be_normal() -> None:
    story = story_of("""
    | visit | day | L01:node |
    | BL    | -10 | 18       |
    | M3    | 84  | 8        |
    """)

    assert "every target lesion is gone (lymph nodes under 10 mm are normal)" in said_at(
        story, "M3"
    )


def test_the_nadir_is_named_by_the_visit_that_showed_it_first() -> None:
    story = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 30  |
    | M3    | 84  | 20  |
    | M6    | 168 | 20  |
    | M9    | 252 | 22  |
    """)

    assert at(story, "M9").nadir_label == "month 3"
    assert "+10 % from the nadir before (20.0 mm of month 3)" in said_at(story, "M9")


HELD = """
| visit | day | L01 |
| BL    | -10 | 20  |
| M3    | 84  | 25  |
| {visit} | {day} | {mm} |
"""


def test_a_held_progression_that_is_confirmed_names_the_scan() -> None:
    story = story_of(HELD.format(visit="M6", day=168, mm=26))

    hold = at(story, "M3").hold
    assert hold is not None
    assert (hold.outcome, hold.counts) == ("confirmed", True)
    assert "The scan of month 6 (2024-06-17) still showed it: it counts from 2024-03-25." in (
        said_at(story, "M3")
    )
    assert "Progression counts already since month 3." in said_at(story, "M6")


def test_a_held_progression_that_is_refuted_was_none() -> None:
    story = story_of(HELD.format(visit="M6", day=168, mm=20))

    hold = at(story, "M3").hold
    assert hold is not None
    assert (hold.outcome, hold.counts) == ("refuted", False)
    assert "no longer showed it: it was no progression." in said_at(story, "M3")
    assert hold.entries == ("01-001/les_fu/M6.L01",)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("25!", "The biopsy of L01 (2024-03-25) found viable tumour: it counts from 2024-03-25."),
        ("25?", "The biopsy of L01 (2024-03-25) found no viable tumour: it was no progression."),
    ],
)
def test_a_biopsy_judges_a_held_progression(cell: str, words: str) -> None:
    story = story_of(f"""
    | visit | day | L01    |
    | BL    | -10 | 20     |
    | M3    | 84  | {cell} |
    """)

    assert words in said_at(story, "M3")


@pytest.mark.parametrize(
    ("form", "table", "words"),
    [
        ("dth", "| death_date |\n| 120 |", "Death on 2024-04-30 came before a scan could judge it"),
        ("eos", "| eos_date | reason |\n| 120 | lost |", "The subject left before a scan could"),
        (
            "surv",
            "| alive_date |\n| 120 |",
            "No evaluable scan 8 weeks or more later and no biopsy",
        ),
    ],
)
def test_a_held_progression_that_nothing_judged_says_why(form: str, table: str, words: str) -> None:
    story = story_of(
        """
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 25  |
    """,
        **{form: table},
    )

    hold = at(story, "M3").hold
    assert hold is not None
    assert hold.outcome == "never judged"
    assert words in hold.words
    assert hold.words.endswith("it counts on its own date")


def test_growth_outside_the_index_lesions_is_never_held() -> None:
    story = story_of("""
    | visit | day | L01 | L02:far |
    | BL    | -10 | 20  | 20      |
    | M3    | 84  | 20  | 30      |
    """)

    assert at(story, "M3").hold is None
    assert "Progression counts from 2024-03-25." in said_at(story, "M3")


def test_new_lesions_say_whether_they_count() -> None:
    story = story_of("""
    | visit | day | L01 | new  |
    | BL    | -10 | 30  |      |
    | M3    | 84  | 30  | N01? |
    | M6    | 168 | 30  | N01 N02 |
    | M9    | 252 | 30  | N01  |
    """)

    assert "equivocal here and unequivocal at month 6, so it counts from here" in (
        said_at(story, "M3")
    )
    assert "new lesion N01 (lung), first seen at month 3" in said_at(story, "M6")
    assert "new lesion N02 (lung)" in said_at(story, "M6")
    assert "the new lesion of month 3 stays a progression" in said_at(story, "M9")


def test_an_equivocal_lesion_that_stays_so_does_not_count() -> None:
    story = story_of("""
    | visit | day | L01 | new  |
    | BL    | -10 | 30  |      |
    | M3    | 84  | 30  | N01? |
    """)

    assert "N01 (lung) is equivocal and does not count as a new lesion" in said_at(story, "M3")
    assert at(story, "M3").counts is None


@pytest.mark.parametrize(
    ("visits", "missed"),
    [
        (("M3", "M6", "M9"), ()),
        (("M3", "M9"), ("month 6",)),
        (("M9",), ("month 3", "month 6")),
    ],
)
def test_planned_assessments_that_were_missed_are_named(
    visits: tuple[str, ...], missed: tuple[str, ...]
) -> None:
    days = {"M3": 84, "M6": 168, "M9": 252}
    rows = "\n".join(f"| {visit} | {days[visit]} | 30 |" for visit in visits)
    story = story_of(f"| visit | day | L01 |\n| BL | -10 | 30 |\n{rows}")

    assert story.missed == missed


def test_a_scan_that_could_not_be_read_is_a_missed_one_and_one_under_another_name_is_not() -> None:
    story = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 30  |
    | M3    | 84  | ne  |
    | X1    | 170 | 30  |
    | M9    | 252 | 30  |
    """)

    assert story.missed == ("month 3",)


def test_after_progression_nothing_is_missed() -> None:
    story = story_of(
        """
    | visit | day | L01 | new |
    | BL    | -10 | 30  |     |
    | M3    | 84  | 30  | N01 |
    """,
        surv="| alive_date |\n| 600 |",
    )

    assert story.missed == ()


def test_without_any_scan_there_is_nothing_to_tell() -> None:
    story = story_of(surv="| alive_date |\n| 300 |")

    assert story.assessments == ()
    assert story.missed == ("month 3", "month 6", "month 9")
    assert next(verdict.rule for verdict in story.verdicts if verdict.endpoint == "pfs") == "R1"
