"""Deaths beside the first event: its law stays, survival follows in closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.death_course import (
    Deaths,
    add_deaths,
    die_by,
    hazard_of_death,
    survive,
)
from equipoise.design.event_laws import scale_hazard, survival_at, time_of_survival
from equipoise.simulate.replicates import draw_trial
from equipoise.simulate.trial_model import Hazard, IllnessDeath, TrialModel, Weibull, accrue_evenly
from naive.death_course import share_alive, total_hazard

PFS = Weibull(shape=0.8, scale=18 / math.log(2) ** 1.25)  # D8.2: base, control
DEATHS = Deaths(before=0.003, after=0.026, frailty=1.0)
LAWS = st.sampled_from([PFS, scale_hazard(PFS, ratio=0.65), Hazard(rates=(0.08, 0.03), cuts=(9,))])
COURSES = st.builds(
    Deaths, before=st.sampled_from([0, 0.003, 0.02]), after=st.sampled_from([0.01, 0.026, 0.3]),
    frailty=st.sampled_from([0, 0.8, 1.5]),
)  # fmt: skip


def first_event_free(course: IllnessDeath, *, time: float, deaths: Deaths) -> float:
    """By averaging over patients."""
    assert isinstance(course.progression, Hazard)
    normal = np.linspace(-6, 6, 1201)
    weight = np.exp(-(normal**2) / 2)
    ill = np.exp(deaths.frailty * normal - deaths.frailty**2 / 2)
    total = total_hazard(course.progression, time)
    return float((weight @ np.exp(-ill * total)) / weight.sum() * math.exp(-deaths.before * time))


@settings(max_examples=12)
@given(law=LAWS, deaths=COURSES, time=st.sampled_from([2.5, 12.0, 40.0]))
def test_survival_is_that_of_the_twin(law: Hazard, deaths: Deaths, time: float) -> None:
    try:
        (course,) = add_deaths((law,), deaths=deaths)
    except ValueError:
        assert deaths.before == 0.02  # more than have the event
        return
    (alive,) = survive(course, times=[time], deaths=deaths)

    assert alive == pytest.approx(share_alive(course, time=time, spread=deaths.spread), abs=2e-6)
    assert alive >= first_event_free(course, time=time, deaths=deaths) - 1e-9


@settings(max_examples=12)
@given(law=LAWS, frailty=st.sampled_from([0, 0.5, 1.0, 2.0]))
def test_the_first_event_keeps_its_law(law: Hazard, frailty: float) -> None:
    deaths = replace(DEATHS, frailty=frailty)
    (course,) = add_deaths((law,), deaths=deaths)
    assert isinstance(course.progression, Hazard)

    for time in course.progression.cuts[::9]:
        found = first_event_free(course, time=time, deaths=deaths)
        assert found == pytest.approx(survival_at(law, time=time), abs=1e-9)
    between = first_event_free(course, time=11.1, deaths=deaths)
    assert between == pytest.approx(survival_at(law, time=11.1), abs=1e-3)


def test_without_frailty_constant_hazards_have_a_formula() -> None:
    deaths = Deaths(before=0.01, after=0.05, frailty=0.0)
    (course,) = add_deaths((Hazard(rates=(0.06,)),), deaths=deaths)
    times = [0.5, 7.0, 30.0, 90.0]

    alive = survive(course, times=times, deaths=deaths)

    leave = np.exp(-0.06 * np.array(times))
    ill = 0.05 / (0.06 - 0.05) * (np.exp(-0.05 * np.array(times)) - leave)
    assert alive == pytest.approx(leave + ill, rel=1e-12)
    equal = replace(deaths, after=0.06)  # the hazards of leaving both states are the same
    assert survive(course, times=[7.0], deaths=equal) == pytest.approx(
        np.exp(-0.42) * (1 + 0.05 * 7), rel=1e-9
    )


def test_the_base_scenario_lives_as_long_as_domain_tables_say() -> None:
    """D8.2: median survival 50 months beside a median of 18 to progression, tau .44 to .56."""
    (course,) = add_deaths((PFS,), deaths=DEATHS)
    median = time_of_survival(hazard_of_death(course, deaths=DEATHS), survival=0.5)
    assert median == pytest.approx(50, abs=3)

    model = TrialModel(
        sizes=(700, 1), accrual=accrue_evenly(1.0), courses=((course, course),),
        frailty=DEATHS.spread,
    )  # fmt: skip
    drawn = draw_trial(model, seed=3, replicate=1)
    apart = [np.sign(np.subtract.outer(each, each)) for each in (drawn.event, drawn.death)]
    both = (apart[0] * apart[1])[np.triu_indices(701, k=1)]
    assert 0.4 < both.mean() < 0.6
    assert np.median(drawn.death) == pytest.approx(median, rel=0.1)


def test_a_median_is_reached_by_deaths_after_progression() -> None:
    found = die_by(PFS, median=70.0, deaths=DEATHS)

    (course,) = add_deaths((PFS,), deaths=found)
    assert survive(course, times=[70.0], deaths=found)[0] == pytest.approx(0.5, abs=1e-9)
    assert found.after < DEATHS.after
    with pytest.raises(ValueError, match="no number of deaths after progression gives a median"):
        die_by(PFS, median=12.0, deaths=DEATHS)  # half have progressed by month 18


def test_more_deaths_than_events_cannot_be() -> None:
    with pytest.raises(ValueError, match="fewer progress or die in all"):
        add_deaths((PFS,), deaths=replace(DEATHS, before=0.2))


def test_events_seen_on_scans_leave_gaps_that_are_made_up_for() -> None:
    lumps = Hazard(rates=(0.0, 0.3, 0.0, 0.3, 0.05), cuts=(2, 3, 5, 6))
    (course,) = add_deaths((lumps,), deaths=DEATHS)

    for time in (3.0, 6.0, 20.0):
        found = first_event_free(course, time=time, deaths=DEATHS)
        assert found == pytest.approx(survival_at(lumps, time=time), abs=1e-3)
    assert first_event_free(course, time=2.0, deaths=DEATHS) == pytest.approx(math.exp(-0.006))
