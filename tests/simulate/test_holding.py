"""Progression of an index lesion is held until confirmed; a new lesion counts at once (R12)."""

import numpy as np

from equipoise.simulate.cohort import NEVER
from equipoise.simulate.holding import Watch, build_watch, settle, watch_scan


def follow(*scans: tuple[int, str]) -> Watch:
    """One subject's scans: the day, and what it shows: stable, growth, new, both or unclear."""
    watch = build_watch(1)
    for day, shows in scans:
        watch = watch_scan(
            watch,
            day=np.array([day]),
            seen=np.array([shows != "missed"]),
            suspicious=np.array([shows in ("growth", "both")]),
            new=np.array([shows in ("new", "both")]),
            cleared=np.array([shows != "unclear"]),
        )
    return settle(watch)


def told(watch: Watch) -> tuple[int | None, int | None, int | None]:
    """Progression, the scan of the decision, the first sight of it."""
    days = (watch.progressed[0], watch.decided[0], watch.first_seen[0])
    progressed, decided, first = (None if day == NEVER else int(day) for day in days)
    return progressed, decided, first


def test_nothing_seen_is_nothing() -> None:
    assert told(follow((84, "stable"), (168, "stable"))) == (None, None, None)


def test_growth_confirmed_eight_weeks_later_is_dated_back() -> None:
    assert told(follow((84, "growth"), (140, "growth"))) == (84, 140, 84)


def test_growth_seen_again_after_seven_weeks_is_not_yet_confirmed() -> None:
    assert told(follow((84, "growth"), (133, "growth"), (168, "growth"))) == (84, 168, 84)


def test_growth_that_is_gone_eight_weeks_later_was_none() -> None:
    assert told(follow((84, "growth"), (150, "stable"), (250, "stable"))) == (None, None, 84)


def test_a_second_suspicion_starts_anew() -> None:
    scans = ((84, "growth"), (150, "stable"), (250, "growth"), (320, "growth"))
    assert told(follow(*scans)) == (250, 320, 84)


def test_a_scan_that_cannot_judge_leaves_the_suspicion_open() -> None:
    assert told(follow((84, "growth"), (150, "unclear"), (230, "growth"))) == (84, 230, 84)


def test_a_new_lesion_counts_at_once() -> None:
    assert told(follow((84, "stable"), (168, "new"))) == (168, 168, 168)


def test_growth_and_a_new_lesion_together_count_at_once() -> None:
    assert told(follow((84, "both"))) == (84, 84, 84)


def test_a_new_lesion_after_growth_that_went_away_is_dated_by_itself() -> None:
    assert told(follow((84, "growth"), (150, "new"))) == (150, 150, 84)


def test_a_new_lesion_on_a_confirming_scan_leaves_the_date_of_the_growth() -> None:
    assert told(follow((84, "growth"), (150, "both"))) == (84, 150, 84)


def test_growth_that_nobody_could_confirm_is_an_event_at_its_date() -> None:
    assert told(follow((84, "stable"), (168, "growth"))) == (168, None, 168)


def test_a_new_lesion_before_growth_could_be_confirmed_leaves_the_date_of_the_growth() -> None:
    assert told(follow((84, "growth"), (120, "new"))) == (84, 120, 84)


def test_who_is_not_seen_shows_nothing() -> None:
    assert told(follow((84, "missed"), (168, "stable"))) == (None, None, None)


def test_after_the_decision_nothing_changes() -> None:
    assert told(follow((84, "new"), (168, "growth"), (260, "growth"))) == (84, 84, 84)
