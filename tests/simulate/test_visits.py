"""When subjects come: planned days, jitter within the window, late and missed visits."""

import numpy as np
import pytest

from equipoise.protocol.scenario_model import Attendance
from equipoise.simulate.cohort import build_cohort
from equipoise.simulate.visits import Plan, draw_plan
from simulate.rehearsed import trial

VISITS = trial().schedule.imaging_visits


def plan(attendance: Attendance, *, subjects: int = 4000) -> Plan:
    cohort = build_cohort(1, replicates=range(1), subjects=subjects)
    return draw_plan(cohort, visits=VISITS, attendance=attendance)


def lateness(drawn: Plan) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.asarray(drawn.day[:, ::2] - np.array([visit.day for visit in VISITS]))


def test_every_visit_has_a_place_for_a_confirmatory_scan_behind_it() -> None:
    drawn = plan(Attendance())
    assert drawn.code[:4] == ("M3", "M3U", "M6", "M6U")
    assert drawn.day.shape[1] == 2 * len(VISITS)
    assert not drawn.attended[:, 1::2].any()


def test_without_lateness_everybody_comes_within_the_window() -> None:
    late = lateness(plan(Attendance(jitter_sd_days=4)))
    windows = np.array([visit.after_days for visit in VISITS])
    assert (abs(late) <= windows).all()
    assert late[:, 0].std() == pytest.approx(3.8, abs=0.3)


def test_without_jitter_everybody_comes_on_the_day() -> None:
    assert (lateness(plan(Attendance(jitter_sd_days=0))) == 0).all()


def test_one_visit_in_twenty_is_late_beyond_the_window() -> None:
    late = lateness(plan(Attendance(outside_window=0.05, outside_window_days=7)))
    beyond = late > np.array([visit.after_days for visit in VISITS])
    assert beyond.mean() == pytest.approx(0.05, abs=0.005)
    assert late[:, 0].max() == 14


def test_visits_keep_their_order() -> None:
    days = plan(Attendance(outside_window=0.5, outside_window_days=60)).day[:, ::2]
    assert (np.diff(days, axis=1) >= 0).all()


def test_four_percent_are_missed_and_the_same_patients_miss_again() -> None:
    attended = plan(Attendance(missed=0.04)).attended[:, ::2]
    assert 1 - attended.mean() == pytest.approx(0.04, abs=0.005)
    first, second = ~attended[:, 0], ~attended[:, 1]
    assert second[first].mean() > 1.4 * second.mean()


def test_nothing_is_missed_without_a_chance_of_it() -> None:
    assert plan(Attendance(missed=0.0)).attended[:, ::2].all()


def test_confirmation_comes_eight_to_eleven_weeks_later() -> None:
    extra = plan(Attendance()).extra_days
    assert (extra.min(), extra.max()) == (56, 77)
