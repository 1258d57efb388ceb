"""What is told of each lesion: its own smallest size, masses, and local failure."""

from equipoise.report.story.sentences import lesion_lines
from equipoise.report.story.values import LesionTold, Story
from report.small_stories import story_of


def lesion(story: Story, name: str) -> LesionTold:
    """A lesion of a story."""
    return next(each for each in story.lesions if each.lesion.lesion == name)


def lines(story: Story, name: str) -> str:
    """Everything that is said of a lesion."""
    return "\n".join(lesion_lines(lesion(story, name)))


def test_a_lesion_is_held_against_its_own_smallest_size() -> None:
    story = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 12  |
    | M6    | 168 | 18  |
    | M9    | 252 | 18  |
    """)

    told = lesion(story, "L01")
    assert [step.nadir_tenths_mm for step in told.steps] == [None, 200, 120, 120]
    assert "Month 6, 2024-06-17 (day 169): 18.0 mm, +50 % from its smallest before (12.0 mm)" in (
        lines(story, "L01")
    )
    assert told.failure == "growth of the lesion"
    assert told.failure_date == told.steps[2].scan_date


def test_a_growth_that_the_next_scan_refuted_is_marked() -> None:
    story = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 26  |
    | M6    | 168 | 21  |
    """)

    told = lesion(story, "L01")
    assert "refuted by the next scan" in told.steps[1].note
    assert not told.steps[2].note
    assert lines(story, "L01").endswith("No local failure")


def test_growth_under_10_mm_is_no_sign() -> None:
    story = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 3   |
    | M6    | 168 | 9   |
    | M9    | 252 | 3   |
    """)

    assert all(not step.note for step in lesion(story, "L01").steps)


def test_a_mass_is_held_against_the_lesions_in_it_and_then_against_itself() -> None:
    story = story_of("""
    | visit | day | L01 | L02  |
    | BL    | -10 | 24  | 18   |
    | M3    | 84  | 22  | 16   |
    | M6    | 168 | 34  | >L01 |
    | M9    | 252 | 44  | >L01 |
    """)

    told = lesion(story, "L01")
    assert [step.nadir_tenths_mm for step in told.steps] == [None, 240, 380, 340]
    assert told.steps[2].words == "34.0 mm, together with L02"
    assert [step.tenths_mm for step in lesion(story, "L02").steps] == [180, 160, None, None]


def test_a_lesion_outside_the_index_has_no_word_of_failure() -> None:
    story = story_of("""
    | visit | day | L01 | L02:far |
    | BL    | -10 | 20  | 20      |
    | M3    | 84  | 20  | 40      |
    """)

    assert "failure" not in lines(story, "L02")
    assert lesion(story, "L02").steps[1].note == ""


def test_each_kind_of_failure_has_its_words() -> None:
    biopsy = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 20! |
    """)
    again = story_of("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | abs |
    | M6    | 168 | 12  |
    """)
    inside = story_of("""
    | visit | day | L01 | new     |
    | BL    | -10 | 20  |         |
    | M3    | 84  | 20  | N01@L01 |
    """)

    assert lesion(biopsy, "L01").failure == "viable tumour on biopsy"
    assert lesion(again, "L01").failure == "there again after it was gone"
    assert lesion(inside, "L01").failure == "a new lesion inside its irradiated volume"


def test_a_node_is_measured_by_its_short_axis() -> None:
    story = story_of("""
    | visit | day | L01:node |
    | BL    | -10 | 18       |
    """)

    assert "other node, target, index lesion, 18.0 mm (short axis)" in lines(story, "L01")
