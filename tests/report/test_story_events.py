"""In which window an adverse event counts: the same as the analysis counts (D2.6)."""

from datetime import date, timedelta

import polars as pl
import pytest

from equipoise.analysis.occurrences import Clock, counts_in, read_timeline
from equipoise.protocol.endpoint_model import Window
from equipoise.report.story.events import falls_into

ORIGIN = date(2024, 1, 10)
WINDOWS = {
    "acute": Window(id="acute", label="", from_day=1, to_day=183, role="primary"),
    "late": Window(
        id="late", label="", from_day=365, to_day=1096, include_ongoing=True, role="primary"
    ),
}
# window | first day | last day of the event | counts
EDGES = [
    ("acute", 0, 3, False),
    ("acute", 1, 1, True),
    ("acute", 183, 190, True),
    ("acute", 184, 190, False),
    ("acute", -4, None, False),
    ("late", 364, 364, False),
    ("late", 364, 365, True),
    ("late", 20, None, True),
    ("late", 365, 365, True),
    ("late", 1096, None, True),
    ("late", 1097, None, False),
]


@pytest.mark.parametrize(("name", "day", "end", "counts"), EDGES)
def test_an_event_counts_by_its_first_and_last_day(
    name: str, day: int, end: int | None, counts: bool
) -> None:
    assert falls_into(WINDOWS[name], day=day, end_day=end) == counts


@pytest.mark.parametrize(("name", "day", "end", "counts"), EDGES)
def test_the_story_counts_as_the_analysis_does(
    name: str, day: int, end: int | None, counts: bool
) -> None:
    dates = {
        "onset_date": [ORIGIN + timedelta(days=day - 1)],
        "end_date": [ORIGIN + timedelta(days=end - 1) if end is not None else None],
    }
    known = {"subject": ["01-001"], "row": ["r"]}
    event = pl.DataFrame(
        {**known, "treatment_emergent": [True], **dates}, schema_overrides={"end_date": pl.Date}
    )
    alive = {"death_date": [None], "last_alive_date": [ORIGIN + timedelta(days=2000)]}
    members = pl.DataFrame(
        {"subject": ["01-001"], "origin_date": [ORIGIN], **alive},
        schema_overrides={"death_date": pl.Date},
    )
    clock = Clock(members=members, words=())
    timeline = read_timeline(event, clock=clock)

    assert counts_in(timeline, window=WINDOWS[name]).tolist() == [counts]


def test_without_a_clock_nothing_counts() -> None:
    assert not falls_into(WINDOWS["acute"], day=None, end_day=None)
