"""Adverse events: completed dates, treatment emergence, worst grades (D2.2, D2.6)."""

import polars as pl
import pytest

from derive.trial_tables import PROTOCOL, build_frames, day, derive
from equipoise.derive.occurrence import derive_occurrences
from equipoise.derive.schemas import Datasets


def events(text: str, *, start: str = "10") -> Datasets:
    """What a table of adverse events comes to when treatment starts on a day."""
    table = f"| start_date |\n| {start} |" if start else "| start_date |"
    return derive(build_frames(ae=text, ex_sys=table))


@pytest.mark.parametrize(
    ("written", "end", "onset", "emergent"),
    [
        ("9", "", 9, False),  # the day before the first treatment
        ("10", "", 10, True),  # on that day
        ("40", "", 40, True),
        ("2024-01", "", 10, True),  # perhaps before, perhaps after: the first treatment
        ("2024-01", "5", 0, False),  # over before the treatment: it cannot be its work
        ("2024-01", "10", 10, True),
        ("2024-02", "", 31, True),  # the first day that it can be
        ("2024", "", 10, True),
        ("2023-12", "", -31, False),
    ],
)
def test_onset_is_completed_so_that_it_may_be_the_work_of_treatment(
    written: str, end: str, onset: int, emergent: bool
) -> None:
    data = events(f"| onset_date | end_date | grade |\n| {written} | {end} | 3 |")
    found = data.occurrences.filter(endpoint="acute_g3")
    assert found["onset_date"].to_list() == [day(onset)]
    assert found["treatment_emergent"].to_list() == [emergent]


def test_without_treatment_no_event_is_treatment_emergent() -> None:
    frames = build_frames(ae="| onset_date | grade |\n| 40 | 3 |")
    data = derive(frames)
    assert set(data.occurrences["treatment_emergent"]) == {False}
    assert set(data.occurrences["rule"]) == {"TE-5"}
    assert data.worst_grades.is_empty()


def test_the_first_fraction_of_sbrt_is_a_first_treatment_too() -> None:
    data = derive(
        build_frames(
            ae="| onset_date | grade |\n| 25 | 3 |",
            ex_sys="| start_date |\n| 30 |",
            rt_fx="| lesion | fraction | fraction_date |\n| L01 | 1 | 20 |",
        )
    )
    assert set(data.occurrences["treatment_emergent"]) == {True}


@pytest.mark.parametrize(("grade", "counted"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1)])
def test_only_grade_three_or_more_may_be_an_occurrence(grade: int, counted: int) -> None:
    outcome = "fatal" if grade == 5 else "recovered"
    data = events(f"| onset_date | grade | outcome |\n| 40 | {grade} | {outcome} |")
    assert data.occurrences.filter(endpoint="acute_g3").height == counted


@pytest.mark.parametrize(
    ("written", "end"), [("50", 50), ("2024-02", 59), ("", None), ("2024", 365)]
)
def test_an_unknown_end_is_the_last_day_it_can_be_and_none_means_ongoing(
    written: str, end: int | None
) -> None:
    data = events(f"| onset_date | end_date | grade |\n| 40 | {written} | 3 |")
    ended = data.occurrences["end_date"].to_list()[0]
    assert ended == (None if end is None else day(end))


def test_an_event_is_a_candidate_of_every_endpoint_that_asks_for_it() -> None:
    data = events("| onset_date | end_date | grade |\n| 40 | 50 | 3 |\n| 400 | | 4 |")
    rows = data.occurrences.select("row", "grade").rows()
    asked = [each.id for each in PROTOCOL.endpoint if each.kind == "occurrence"]
    assert {"acute_g3", "chronic_g3"} <= set(asked)
    assert rows == [
        row for name in asked for row in ((f"{name}//01-001/ae/1", 3), (f"{name}//01-001/ae/2", 4))
    ]
    assert data.occurrences["entries"].to_list()[0] == ["01-001/ae/1"]


def test_the_worst_grade_of_a_term_comes_from_treatment_emergent_events() -> None:
    data = events("""
    | onset_date | end_date | grade | term     |
    | 5          | 8        | 4     | Diarrhea |
    | 40         |          | 2     | Diarrhea |
    | 60         |          | 3     | Diarrhea |
    | 50         |          | 1     | Fatigue  |
    """)
    rows = data.worst_grades.select("term", "grade", "entries").rows()
    assert rows == [("Diarrhea", 3, ["01-001/ae/3"]), ("Fatigue", 1, ["01-001/ae/4"])]
    classes = data.worst_grades["soc"].to_list()
    assert classes[0] == "Gastrointestinal disorders"


def test_an_occurrence_endpoint_over_another_form_is_refused_by_name() -> None:
    acute = next(endpoint for endpoint in PROTOCOL.endpoint if endpoint.id == "acute_g3")
    source = acute.event[0].model_copy(update={"frame": "subseq"})
    moved = acute.model_copy(update={"event": (source,)})
    protocol = PROTOCOL.model_copy(update={"endpoint": (moved,)})
    with pytest.raises(ValueError, match="not from 'subseq'"):
        derive_occurrences(pl.DataFrame(), protocol)
