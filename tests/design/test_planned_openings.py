"""When planned sites open, and what is thought of their rates."""

from datetime import date, timedelta

import pytest

from equipoise.design.accrual_forecast import (
    AccrualSoFar,
    GammaPrior,
    Simulation,
    forecast_accrual,
)
from equipoise.design.planned_openings import choose_prior, plan_openings, think_of_rates
from equipoise.protocol.scenario_model import Accrual

PLAN = Accrual(sites=5, activation_months=2.0, rate_per_month=0.5, rate_shape=2.0)
FIRST = date(2026, 1, 1)


def days_of(known: int, *, today: date, plan: Accrual = PLAN) -> list[int]:
    opened = plan_openings(plan, known=known, first_date=FIRST, today=today)
    return [(day - today).days for day in opened]


def test_sites_open_as_planned_from_the_first_subject_on() -> None:
    assert days_of(1, today=FIRST) == [61, 122, 183, 244]
    assert days_of(3, today=FIRST + timedelta(days=100)) == [83, 144]


def test_sites_that_are_late_open_one_interval_after_the_other_from_now_on() -> None:
    assert days_of(3, today=FIRST + timedelta(days=900)) == [61, 122]


def test_no_site_is_to_come_where_all_are_known_or_all_come_at_once() -> None:
    assert days_of(5, today=FIRST) == days_of(7, today=FIRST) == []
    at_once = PLAN.model_copy(update={"at_once": True})
    assert days_of(1, today=FIRST, plan=at_once) == []
    together = PLAN.model_copy(update={"activation_months": 0.0})
    assert days_of(3, today=FIRST, plan=together) == [0, 0]


def test_planned_rates_have_the_mean_of_the_plan() -> None:
    thought = think_of_rates(PLAN)

    assert thought.shape == 2.0
    assert thought.shape / thought.rate == pytest.approx(0.5 / 30.4375)


@pytest.mark.parametrize(("subjects", "opening", "needed"), [
    ((10, 5), (30.0,), False), ((10,), (30.0,), True), ((0, 0), (30.0,), True),
    ((10,), (), False), ((), (30.0,), True),
])  # fmt: skip
def test_the_plan_speaks_where_the_sites_cannot(
    subjects: tuple[int, ...], opening: tuple[float, ...], needed: bool
) -> None:
    so_far = AccrualSoFar(subjects=subjects, open_time=(400.0,) * len(subjects), opening_in=opening)
    thought = GammaPrior(shape=2.0, rate=120.0)

    assert choose_prior(so_far, thought=thought) == (thought if needed else None)


def test_a_trial_whose_sites_are_all_to_open_is_forecast_from_the_plan() -> None:
    so_far = AccrualSoFar(subjects=(), open_time=(), opening_in=(0.0,) * 40)
    found = forecast_accrual(
        so_far, more=20, prior=think_of_rates(PLAN), simulation=Simulation(replicates=500)
    )

    assert found.complete.median == pytest.approx(30.4, rel=0.15)  # 20 of 40 sites a month
