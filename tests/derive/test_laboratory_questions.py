"""Questions about laboratory values: an event that is missing, a value that has no grade."""

import pytest

from derive.trial_tables import PROTOCOL, build_frames, derive
from equipoise.derive.consistency import check_consistency
from equipoise.simulate.rehearsal import rehearse

SEVERE = "| test | value | unit | uln | lab_date |\n| alt | {value} | U/L | 40 | {day} |"
AE = "| term | grade | onset_date | end_date |\n"
ALT = "Alanine aminotransferase increased"


def told(code: str, **tables: str) -> list[str]:
    """What a question found."""
    frames = build_frames(ex_sys="| start_date |\n| 10 |", **tables)
    findings = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    return [each.found for each in findings if each.code == code]


def test_a_severe_value_without_its_event_is_asked_about() -> None:
    found = told("laboratory-value-without-event", lb=SEVERE.format(value=300, day=40))
    assert found == [f"grade 3: {ALT}"]


@pytest.mark.parametrize(
    ("value", "when", "events"),
    [
        (199, 40, ""),  # grade 2
        (300, 9, ""),  # before treatment
        (300, 40, f"| {ALT} | 3 | 38 | 60 |"),  # the event is there
        (300, 40, f"| {ALT} | 3 | 54 | 60 |"),  # entered two weeks later
        (300, 40, f"| {ALT} | 3 | 20 | 26 |"),  # over two weeks before
        (300, 40, f"| {ALT} | 2 | 20 | |"),  # it goes on
    ],
)
def test_no_question_where_there_is_nothing_to_ask(value: int, when: int, events: str) -> None:
    lb = SEVERE.format(value=value, day=when)
    tables = {"ae": AE + events} if events else {}
    assert told("laboratory-value-without-event", lb=lb, **tables) == []


@pytest.mark.parametrize(
    "events",
    [
        f"| {ALT} | 3 | 55 | 60 |",  # too late
        f"| {ALT} | 3 | 20 | 25 |",  # too early
        "| Fatigue | 3 | 38 | 60 |",  # another term
    ],
)
def test_another_event_does_not_answer_the_question(events: str) -> None:
    lb = SEVERE.format(value=300, day=40)
    assert len(told("laboratory-value-without-event", lb=lb, ae=AE + events)) == 1


def test_values_that_cannot_be_graded_are_told_with_the_reason() -> None:
    lb = """
    | test      | value | unit   | lln | uln | lab_date |
    | alt       | 300   | U/L    |     |     | 40       |
    | alt       | 300   | mmol/L |     | 40  | 41       |
    | alt       | 300   | U/L    | 50  | 40  | 42       |
    | platelets | 90    | 10^9/L |     |     | 43       |
    | tsh       | 9     | mIU/L  |     |     | 44       |
    | alt       |       | U/L    |     | 40  | 45       |
    """
    assert told("laboratory-value-not-graded", lb=lb) == [
        "alt: a limit of normal is missing",
        "alt: the unit is missing, or none of this test",
        "alt: the lower limit of normal lies above the upper",
        "platelets: a limit of normal is missing",
    ]


def test_a_rehearsed_trial_raises_none_of_these_questions() -> None:
    frames = rehearse(PROTOCOL, scenario="S2", seed=11).frames
    data = derive(frames)
    codes = {e.code for e in check_consistency(data, frames=frames, protocol=PROTOCOL)}
    assert data.laboratory_grades.filter(treatment_emergent=True).height > 5
    assert not {code for code in codes if code.startswith("laboratory")}
