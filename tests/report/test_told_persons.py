"""What is told of the person and the treatment."""

import pytest

from derive.trial_tables import build_frames
from equipoise.report.story.person import tell_person
from equipoise.report.story.sentences import person_sentences, treatment_words
from equipoise.report.story.values import Story
from report.small_stories import material_from, story_of

WHO = "| sex | birth_year |\n| F | 1960 |"


def who(story: Story) -> str:
    """What is said of the person, on one line."""
    return " ".join(person_sentences(story))


def treatments(story: Story) -> list[str]:
    """The lines of treatment."""
    return [treatment_words(each) for each in story.treatments]


def test_age_and_sex_are_those_of_the_form() -> None:
    story = story_of(dm=WHO, icf="| consent_date |\n| -20 |")

    assert who(story).startswith("A 63-year-old woman, site not entered.")
    assert "Strata: Induced oligometastatic disease: de novo or repeat;" in who(story)


def test_what_was_not_entered_is_not_made_up() -> None:
    assert who(story_of()).startswith("A person, site not entered.")


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ("A", "Randomised on 2024-01-01 (day 1), to Systemic therapy alone (arm A, from the"),
        ("", "Randomised on 2024-01-01 (day 1); no allocation is known for this subject."),
    ],
)
def test_the_arm_is_told_only_where_an_allocation_is_known(arm: str, words: str) -> None:
    assert words in who(story_of(arm=arm))


def test_death_with_a_partial_date_says_what_was_entered() -> None:
    story = story_of(dth="| death_date | cause |\n| 2024-07 | rcc |")

    assert "Died on 2024-07-15 (date entered as 2024-07), cause: renal cell carcinoma." in who(
        story
    )


def test_the_end_of_study_is_told_with_its_reason() -> None:
    story = story_of(
        eos="| eos_date | reason |\n| 200 | withdrew_follow_up |", surv="| alive_date |\n| 150 |"
    )

    assert "Last known alive on 2024-05-30. End of study: withdrew from follow-up." in who(story)


def test_systemic_therapy_is_told_with_dose_hold_and_reason() -> None:
    story = story_of(
        ex_sys="""
    | start_date | stop_date | action  | reason   | dose_mg |
    | 2          | 12        | given   |          | 10      |
    | 13         | 24        | held    | sbrt     |         |
    | 25         | 60        | reduced | toxicity | 5       |
    | 61         |           | stopped | choice   | 5       |
    """
    )

    assert treatments(story) == [
        "2024-01-03 to 2024-01-13 (day 3): axitinib 10 mg",
        "2024-01-14 to 2024-01-25 (day 14): axitinib, held (around SBRT)",
        "2024-01-26 to 2024-03-01 (day 26): axitinib 5 mg, dose reduced (toxicity)",
        "From 2024-03-02 (day 62): axitinib 5 mg, stopped for good (choice)",
    ]


def test_sbrt_is_told_lesion_by_lesion_with_what_was_given() -> None:
    story = story_of(
        "| visit | day | L01 | L02 |\n| BL | -10 | 30 | 20 |",
        rt_rx="| lesion |\n| L01 |\n| L02 |",
        rt_fx="""
    | lesion | fraction | fraction_date |
    | L01    | 1        | 20            |
    | L01    | 2        | 22            |
    | L01    | 3        | 24            |
    | L02    | 1        | 20            |
    """,
    )

    assert treatments(story) == [
        (
            "2024-01-21 to 2024-01-25 (day 21): SBRT of L01: 30 Gy in 3 fractions, "
            "BED10 as prescribed 60.0 Gy"
        ),
        (
            "2024-01-21 (day 21): SBRT of L02: 10 Gy in 1 fraction (of 3 prescribed), "
            "BED10 as prescribed 60.0 Gy"
        ),
    ]
    assert len(story.treatments[0].dates) == 3


def test_operations_and_later_therapy_are_told_by_their_day() -> None:
    story = story_of(
        surg="| surgery_date | lesion | planned |\n| 100 | L01 | true |",
        subseq="""
    | start_date | type     | agent        | reason   | protocol_defined |
    | 120        | systemic | cabozantinib | toxicity | false            |
    | 130        | rt       |              | symptoms | true             |
    """,
    )

    assert treatments(story) == [
        "2024-04-10 (day 101): metastasectomy of L01, planned before randomisation",
        "2024-04-30 (day 121): later systemic therapy: cabozantinib (toxicity)",
        "2024-05-10 (day 131): later radiotherapy (symptoms), planned by the protocol",
    ]


def test_each_subject_is_told_by_its_own_entries() -> None:
    frames = build_frames(dm="| subject | sex |\n| 01-001 | F |\n| 01-002 | M |")
    material = material_from(frames, arms={"01-001": "A", "01-002": "B"})

    told = [tell_person(material, subject=name) for name in material.subjects]
    assert [(each.subject, each.sex, each.arm) for each in told] == [
        ("01-001", "female", "A"),
        ("01-002", "male", "B"),
    ]
