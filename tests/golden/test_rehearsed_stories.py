"""Thirteen rehearsed patients with different stories, each told as a reader checked it by hand.

From scenario S2, seed 9; of 01-018 the lesion forms were taken away, so that there is no baseline.
"""

import pytest

from golden.story_texts import STORIES, material_of, text_of, told

# what each story is about, in a phrase that stands in it
STORY_OF = {
    "01-012": "new anticancer therapy before progression: censored at the last adequate",
    "01-018": "no baseline assessment, so only a new lesion tells something",
    "01-023": "Planned, but no adequate assessment: month 9, month 12",
    "01-025": "withdrawn or lost without progression: censored at the last adequate assessment",
    "02-006": "new lesion N01",
    "02-013": "death without progression: event at death",
    "02-015": "no longer showed it: it was no progression",
    "02-018": "no assessment after baseline, alive: censored on day 1",
    "02-027": "still showed it: it counts from 2027-06-29",
    "04-002": "every target lesion is gone",
    "04-009": "55.5 % and 5.0 mm over the nadir 9.0 mm of month 6",
    "05-003": "End of study:",
    "05-006": "Death on 2027-06-12 came before a scan could judge it: it counts on its own date",
}


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("subject", STORY_OF)
def test_the_story_of_a_rehearsed_patient_reads_as_it_was_checked(subject: str) -> None:
    pinned = (STORIES / f"{subject}.txt").read_text(encoding="utf-8")

    assert text_of(told(subject)) == pinned


@pytest.mark.parametrize(("subject", "phrase"), STORY_OF.items())
def test_each_story_is_about_something_else(subject: str, phrase: str) -> None:
    assert phrase in _plain(text_of(told(subject)))


def test_every_pinned_story_is_tested_and_every_subject_has_one() -> None:
    assert {file.stem for file in STORIES.glob("*.txt")} == set(STORY_OF)
    assert set(material_of("stories/trial").subjects) == set(STORY_OF)


@pytest.mark.parametrize("subject", STORY_OF)
def test_every_entry_that_decided_is_shown_with_its_values(subject: str) -> None:
    story = told(subject)
    shown = {entry.entry for entry in story.entries if entry.values}
    named = {name for verdict in story.verdicts for name in verdict.entries}
    named |= {name for assessment in story.assessments for name in assessment.entries}

    assert named <= shown
