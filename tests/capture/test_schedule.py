"""The grid of a subject, day by day, with tables that a coordinator can read."""

from datetime import date, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from capture.small_trial import protocol
from capture.visit_tables import RANDOMISED, after, circumstances, held
from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import (
    Circumstances,
    Owed,
    anchor_dates,
    build_schedule,
    forms_at_any_time,
)

RAND = "rand | | 2025-01-01 | complete"
M3 = 84


def owed(text: str, given: Circumstances) -> dict[str, Owed]:
    """What is owed, by visit and form."""
    return {
        f"{planned.visit.code}/{cell.form}": cell.owed
        for planned in build_schedule(held(text), protocol(), given=given)
        for cell in planned.cells
    }


def test_before_randomisation_what_leads_to_it_is_due_and_nothing_else() -> None:
    grid = owed("icf | | 2024-12-20 | complete", Circumstances(as_of_date=date(2024, 12, 30)))
    assert grid["SCR/icf"] is Owed.DONE
    assert grid["SCR/les_bl"] is Owed.DUE
    assert grid["RAND/rand"] is Owed.DUE
    assert {state for cell, state in grid.items() if cell.startswith("M")} == {
        Owed.AHEAD,
        Owed.OFFERED,
    }


# day after randomisation | what the ECOG form of month 3 is (planned day 84, 7 days either way)
DAYS = """
0   | ahead
76  | ahead
77  | due
84  | due
91  | due
92  | overdue
"""


@pytest.mark.parametrize("line", DAYS.strip().splitlines())
def test_a_form_is_ahead_due_and_overdue_by_its_window(line: str) -> None:
    day, state = (cell.strip() for cell in line.split("|"))
    assert owed(RAND, circumstances(int(day)))["M3/ecog"].value == state


def test_a_window_counts_from_randomisation_and_has_two_ends() -> None:
    planned = {v.visit.code: v for v in build_schedule(held(RAND), protocol(), given=after(M3))}
    window = planned["M12"].window
    assert window is not None
    assert (window.opens_date, window.planned_date, window.closes_date) == (
        date(2025, 12, 25),
        date(2026, 1, 1),
        date(2026, 1, 8),
    )


def test_a_draft_is_started_until_the_window_is_over() -> None:
    text = f"{RAND}\necog | M3 | 2025-03-26 | draft"
    assert owed(text, after(M3))["M3/ecog"] is Owed.STARTED
    assert owed(text, after(M3 + 8))["M3/ecog"] is Owed.OVERDUE


@pytest.mark.parametrize("state", ["complete", "verified", "signed", "frozen", "locked"])
def test_a_form_complete_or_further_is_done_however_late(state: str) -> None:
    text = f"{RAND}\necog | M3 | 2025-06-26 | {state}"
    assert owed(text, after(900))["M3/ecog"] is Owed.DONE


def test_one_lesion_still_a_draft_keeps_the_form_from_being_done() -> None:
    text = f"{RAND}\nles_fu | M3 L01 | 2025-03-26 | verified\nles_fu | M3 L02 | 2025-03-26 | draft"
    planned = build_schedule(held(text), protocol(), given=after(M3))
    (cell,) = [c for v in planned if v.visit.code == "M3" for c in v.cells if c.form == "les_fu"]
    assert (cell.owed, cell.state) == (Owed.STARTED, FormState.DRAFT)
    assert cell.entries == ("01-001/les_fu/M3.L01", "01-001/les_fu/M3.L02")


def test_an_entry_of_one_visit_is_not_that_of_another() -> None:
    grid = owed(f"{RAND}\necog | M3 | 2025-03-26 | complete", after(175))
    assert (grid["M3/ecog"], grid["M6/ecog"]) == (Owed.DONE, Owed.DUE)


def test_what_may_not_be_there_is_offered_and_never_overdue() -> None:
    assert owed(RAND, after(400))["M3/newles"] is Owed.OFFERED


def test_after_death_nothing_is_owed_but_a_visit_that_was_over_before() -> None:
    grid = owed(RAND, circumstances(400, ended=100))
    assert grid["M3/ecog"] is Owed.OVERDUE
    assert grid["M6/ecog"] is grid["M12/les_fu"] is Owed.NOT_EXPECTED
    within = owed(RAND, circumstances(400, ended=85))
    assert within["M3/ecog"] is Owed.NOT_EXPECTED


def test_who_leaves_in_screening_owes_nothing() -> None:
    given = Circumstances(as_of_date=RANDOMISED, ended_date=RANDOMISED)
    grid = owed("icf | | 2024-12-20 | complete", given)
    assert set(grid.values()) == {Owed.DONE, Owed.NOT_EXPECTED}


def test_after_progression_scans_end_and_visits_go_on() -> None:
    grid = owed(RAND, circumstances(175, progressed=90))
    assert grid["M6/les_fu"] is grid["M6/rs"] is Owed.NOT_EXPECTED
    assert grid["M6/surv"] is grid["M6/ecog"] is Owed.DUE
    assert grid["M3/les_fu"] is Owed.OVERDUE  # the visit that found it is owed


FRACTIONS = f"{RAND}\nrt_fx | L01 1 | 2025-01-20 | complete\nrt_fx | L01 2 | 2025-01-22 | complete"


def test_the_visit_after_sbrt_counts_from_the_last_fraction_in_its_arm() -> None:
    grid = owed(FRACTIONS, circumstances(66, arm="B"))  # 2025-03-08, 45 days after the last
    assert grid["W6/ecog"] is Owed.DUE
    assert owed(RAND, circumstances(66, arm="B"))["W6/ecog"] is Owed.AHEAD
    assert "W6/ecog" not in owed(FRACTIONS, circumstances(66, arm="A"))


def test_who_may_not_know_the_arm_sees_what_both_arms_share() -> None:
    both = set(owed(FRACTIONS, circumstances(66, arm=None)))
    assert both == set(owed(RAND, circumstances(66, arm="A")))
    assert both < set(owed(FRACTIONS, circumstances(66, arm="B")))
    names = {form.form for form in forms_at_any_time(protocol(), arm=None)}
    assert names & {"rt_rx", "rt_fx"} == set()
    assert {"ae", "ex_sys"} <= names
    assert {"rt_rx", "rt_fx"} <= {f.form for f in forms_at_any_time(protocol(), arm="B")}


def test_anchors_that_entries_date_by_themselves() -> None:
    text = f"{FRACTIONS}\nex_sys | 1 | 2025-01-10 | complete"
    dates = anchor_dates([each.entry for each in held(text)], protocol())
    assert dates == {
        "randomised": date(2025, 1, 1),
        "first_treatment": date(2025, 1, 10),
        "sbrt_started": date(2025, 1, 20),
        "sbrt_completed": date(2025, 1, 22),
    }
    assert anchor_dates([], protocol()) == {}


ORDER = [Owed.AHEAD, Owed.DUE, Owed.OVERDUE]


@drawn(st.integers(-60, 2000), st.integers(0, 400))
def test_as_days_pass_a_form_only_moves_on(day: int, more: int) -> None:
    before, later = owed(RAND, after(day)), owed(RAND, after(day + more))
    assert before.keys() == later.keys()
    for cell, state in before.items():
        if state in ORDER:
            assert ORDER.index(later[cell]) >= ORDER.index(state)
        else:
            assert later[cell] is state


@drawn(st.integers(0, 2000), st.integers(0, 2000))
def test_after_the_end_of_a_subject_no_more_becomes_overdue(ended: int, day: int) -> None:
    grid = build_schedule(held(RAND), protocol(), given=circumstances(day, ended=ended))
    for planned in grid:
        assert planned.window is not None or planned.visit.origin
        for cell in planned.cells:
            if cell.owed is Owed.OVERDUE:
                assert planned.window is not None
                assert planned.window.closes_date <= RANDOMISED + timedelta(days=min(ended, day))
