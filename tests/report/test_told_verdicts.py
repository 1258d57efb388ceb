"""What is told of each convention and of adverse events: verdicts, differences, windows."""

from datetime import date

import pytest

from derive.trial_tables import PROTOCOL
from equipoise.report.story.sentences import (
    clock_words,
    ending_words,
    event_words,
    main_window,
    window_line,
)
from equipoise.report.story.values import OccurrenceTold, Story, Verdict
from equipoise.report.story.verdicts import others_of, primary_of
from report.small_stories import story_of

SWITCHED = {"subseq": "| start_date | agent |\n| 120 | cabozantinib |"}
PROGRESSED = """
| visit | day | L01 | new |
| BL    | -10 | 30  |     |
| M3    | 84  | 30  |     |
| M6    | 168 | 30  | N01 |
"""


def by(story: Story, convention: str, *, endpoint: str = "pfs") -> Verdict:
    """What a convention says of an endpoint."""
    own = [each for each in story.verdicts if each.endpoint == endpoint]
    return next(each for each in own if each.convention == convention)


def occurrence(story: Story, endpoint: str) -> OccurrenceTold:
    """What is told of an occurrence endpoint."""
    return next(each for each in story.occurrences if each.endpoint == endpoint)


def test_the_primary_convention_comes_first_and_is_compared_with_nothing() -> None:
    story = story_of(PROGRESSED)

    primary, *rest = (each for each in story.verdicts if each.endpoint == "pfs")
    assert (primary.convention, primary.compared) == ("ema", "")
    assert all(each.compared for each in rest)
    assert primary_of(story.verdicts, endpoint="pfs") == (primary,)
    assert others_of(story.verdicts, endpoint="pfs") == tuple(rest)


def test_a_convention_that_differs_says_how() -> None:
    story = story_of(PROGRESSED, **SWITCHED)

    fda = by(story, "fda")
    assert (fda.rule, fda.compared) == ("R7", "censored instead of event, 84 days earlier")
    assert ending_words(fda) == "censored on 2024-03-25, day 85"
    assert by(story_of(PROGRESSED), "fda").compared == "the same"


def test_a_lesion_has_a_verdict_of_its_own() -> None:
    story = story_of(
        "| visit | day | L01 | L02 |\n| BL | -10 | 30 | 20 |\n| M3 | 84 | 30 | 30 |",
        endpoint="lc",
    )

    told = primary_of(story.verdicts, endpoint="lc")
    assert [(each.lesion, each.ended) for each in told] == [("L01", "censored"), ("L02", "event")]


def test_what_came_before_the_clock_is_not_at_risk() -> None:
    story = story_of(
        """
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | 30  |
    """,
        endpoint="lc_sbrt",
        rt_rx="| lesion | fractions |\n| L01 | 1 |",
        rt_fx="| lesion | fraction | fraction_date |\n| L01 | 1 | 100 |",
    )

    (told,) = primary_of(story.verdicts, endpoint="lc_sbrt")
    assert (told.ended, told.end_date, told.rule) == ("not at risk", None, "R0")
    assert ending_words(told) == "not at risk"


EVENTS = """
| term        | grade | onset_date | end_date | related_sbrt |
| Pneumonitis | 3     | 60         | 90       | possible     |
| Fatigue     | 2     | 10         | 20       | none         |
"""
TREATED = {"ex_sys": "| start_date | stop_date |\n| 3 | 300 |", "surv": "| alive_date |\n| 400 |"}


def test_an_event_is_told_with_its_day_and_the_windows_in_which_it_counts() -> None:
    story = story_of(endpoint="acute_g3", ae=EVENTS, **TREATED)

    told = occurrence(story, "acute_g3")
    assert clock_words(told) == "Day 1 is 2024-01-04: first study treatment after randomisation."
    (event,) = told.events
    assert event_words(event) == (
        "Pneumonitis, grade 3, from 2024-03-01 to 2024-03-31, relation to SBRT: possible, "
        "recovered (day 58); counts in 2 windows: day 1 to 183, day 1 to 91"
    )
    window = main_window(told)
    assert window is not None
    assert window_line(window) == "Day 1 to 183 (primary): counts: Pneumonitis grade 3 (day 58)"


def test_every_adverse_event_is_kept_whatever_its_grade() -> None:
    story = story_of(ae=EVENTS, **TREATED)

    assert [(each.term, each.grade) for each in story.adverse_events] == [
        ("Fatigue", 2),
        ("Pneumonitis", 3),
    ]
    assert [each.day for each in story.adverse_events] == [11, 61]


def test_without_treatment_the_clock_never_starts() -> None:
    told = occurrence(story_of(endpoint="acute_g3", ae=EVENTS), "acute_g3")

    assert clock_words(told).startswith("The clock never starts: no first study treatment")
    assert {window.counts for window in told.windows} == {None}
    assert all(not event.windows for event in told.events)


@pytest.mark.parametrize(
    ("last", "counts", "words"),
    [
        (20, False, "no event; last known alive on day 18, before the window closes"),
        (400, False, "no event"),
    ],
)
def test_nothing_in_a_window_says_how_long_the_subject_was_followed(
    last: int, counts: bool, words: str
) -> None:
    story = story_of(
        endpoint="acute_g3", ex_sys="| start_date |\n| 3 |", surv=f"| alive_date |\n| {last} |"
    )

    window = main_window(occurrence(story, "acute_g3"))
    assert window is not None
    assert (window.counts, window.words) == (counts, words)


def test_who_died_before_a_window_opens_is_not_at_risk_in_it() -> None:
    story = story_of(
        endpoint="acute_g3",
        ex_sys="| start_date |\n| 3 |",
        ae="| term | grade | onset_date | outcome |\n| Pneumonitis | 5 | 40 | fatal |",
        dth="| death_date | cause |\n| 45 | ae |",
    )

    told = {each.window: each for each in occurrence(story, "acute_g3").windows}
    assert told["primary"].counts is True
    assert told["registry"].counts is None
    assert told["registry"].words == "not at risk: died on day 43, before the window opens"


def test_the_reference_arm_has_a_stand_in_for_a_clock_it_never_has() -> None:
    story = story_of(endpoint="chronic_g3", arm="A", **TREATED)

    told = occurrence(story, "chronic_g3")
    assert told.origin == "randomisation plus the lag to the last fraction of SBRT in the other arm"
    assert told.origin_date == date(2024, 1, 1)


def test_a_clock_that_stands_in_is_named_as_what_it_is() -> None:
    endpoints = {each.id: each for each in PROTOCOL.endpoint}
    stand_ins = [
        name
        for name, each in endpoints.items()
        if each.kind == "time_to_event" and each.reference_origin
    ]
    story = story_of("| visit | day | L01 |\n| BL | -10 | 30 |\n| M3 | 84 | 30 |", arm="A")

    for name in stand_ins:
        told = by(story, "reference", endpoint=name)
        assert told.convention_label == "clock of the reference arm (randomisation)"
        assert told.origin == "randomisation"
