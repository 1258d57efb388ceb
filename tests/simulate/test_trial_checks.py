"""What cannot be simulated is refused in words, every problem at once."""

import math
from dataclasses import replace

import pytest

from equipoise.numerics.ranks.weighted_logrank import PetoPeto
from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_checks import ImpossibleTrialError, check_trial
from equipoise.simulate.trial_model import (
    Accrual,
    Endpoint,
    Hazard,
    IllnessDeath,
    Look,
    Reading,
    Run,
    TrialModel,
    Weibull,
    accrue_by_sites,
    accrue_evenly,
    accrue_with_ramp,
    hazard_of_median,
)

MEDIAN = hazard_of_median(12.0)
MODEL = TrialModel(sizes=(40, 40), accrual=accrue_evenly(12.0), courses=((MEDIAN, MEDIAN),))
LOOKS = [Look(events=50)]
BOTH = IllnessDeath(progression=MEDIAN, death_before=MEDIAN, death_after=MEDIAN)


def refusal(
    model: TrialModel = MODEL, looks: list[Look] = LOOKS, reading: Reading | None = None
) -> str:
    with pytest.raises(ImpossibleTrialError) as found:
        check_trial(model, looks=looks, reading=reading or Reading())
    return str(found.value)


def test_a_possible_trial_is_not_refused() -> None:
    check_trial(MODEL, looks=LOOKS, reading=Reading(milestone=6.0))
    ill = replace(MODEL, courses=((BOTH, BOTH),), frailty=(1.0, 0.5, 0.5), scans=(2.0, 4.0))
    check_trial(ill, looks=[Look(events=9, endpoint=Endpoint.DEATH)], reading=Reading())


@pytest.mark.parametrize(("looks", "words"), [
    ([], "no look"),
    ([Look()], "look 0: ask for events above 0, or give the latest date"),
    ([Look(events=-3)], "look 0: ask for events above 0"),
    ([Look(events=81)], "look 0: 81 events of 80 subjects"),
    ([Look(latest=0.0)], "look 0: at 0.0 nobody can have entered"),
    ([Look(events=5, endpoint=Endpoint.DEATH)], "deaths are counted in courses of IllnessDeath"),
    ([Look(events=50), Look(events=50)], "look 1 is not after look 0"),
    ([Look(latest=20.0), Look(latest=10.0)], "look 1 is not after look 0"),
    ([Look(events=10, latest=20.0), Look(events=20, latest=10.0)], "look 1 is not after look 0"),
])  # fmt: skip
def test_looks_that_cannot_be_are_named(looks: list[Look], words: str) -> None:
    assert words in refusal(looks=looks)


@pytest.mark.parametrize(("change", "words"), [
    ({"sizes": (0, 40)}, "each arm needs at least one subject"),
    ({"shares": (0.5, 0.4)}, "add up to 1"),
    ({"shares": (0.5, 0.5)}, "2 shares but 1 courses"),
    ({"shares": (1 / 257,) * 257, "courses": ((MEDIAN, MEDIAN),) * 257}, "at most 256"),
    ({"accrual": Accrual(knots=(0.0,), start=(), end=())}, "two at least"),
    ({"accrual": accrue_with_ramp(30.0, until=12.0)}, "must rise from 0"),
    ({"accrual": Accrual(knots=(0.0, 1.0), start=(1.0, 2.0), end=(1.0,))}, "of each piece"),
    ({"accrual": Accrual(knots=(0.0, 1.0), start=(0.0,), end=(0.0,))}, "not all 0"),
    ({"courses": ((BOTH, MEDIAN),)}, "all of them are IllnessDeath, or none"),
    ({"frailty": (1.0, 0.0, 0.0)}, "frailty is for courses of IllnessDeath"),
    ({"courses": ((BOTH, BOTH),), "frailty": (-1.0, 0.0, 0.0)}, "finite and 0 or more"),
    ({"scans": (2.0, 2.0)}, "must rise, the first after 0"),
    ({"leaving": (Hazard(rates=(-0.1,)), MEDIAN)}, "rates must be finite and 0 or more"),
    ({"courses": ((MEDIAN, Hazard(rates=(1.0,), cuts=(3.0,))),)}, "one rate more than cuts"),
    ({"courses": ((MEDIAN, Hazard(rates=(1.0,), cured=1.0)),)}, "a share from 0 to below 1"),
    ({"courses": ((MEDIAN, Weibull(shape=0.0, scale=1.0)),)}, "shape and scale"),
    ({"courses": ((MEDIAN, Weibull(shape=1.0, scale=math.nan)),)}, "shape and scale"),
])  # fmt: skip
def test_models_that_cannot_be_are_named(change: dict[str, object], words: str) -> None:
    assert words in refusal(replace(MODEL, **change))  # type: ignore[arg-type]


def test_readings_that_cannot_be_are_named() -> None:
    assert "nobody is followed to the milestone 12.0" in refusal(
        looks=[Look(latest=10.0)], reading=Reading(milestone=12.0)
    )
    assert "horizon -1.0 must be finite" in refusal(reading=Reading(horizon=-1.0))
    assert "Fleming-Harrington's or a modest one" in refusal(
        reading=Reading(weightings=(PetoPeto(),))  # type: ignore[arg-type]
    )


def test_every_problem_is_told_at_once_before_anything_is_drawn() -> None:
    wrong = replace(MODEL, sizes=(0, 4), frailty=(1.0, 0.0, 0.0))
    with pytest.raises(ImpossibleTrialError, match=r"at least one subject; .*frailty.*; look 0: 9"):
        simulate_replicates(wrong, looks=[Look(events=9)], run=Run(seed=1, trials=10))


def test_sites_that_do_not_fit_their_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="one rate for each site"):
        accrue_by_sites((0.0, 1.0), rates=(1.0,), until=12.0)
    assert accrue_by_sites((0.0, 5.0, 20.0), rates=(1.0, 2.0, 9.0), until=12.0) == Accrual(
        knots=(0.0, 5.0, 12.0), start=(1.0, 3.0), end=(1.0, 3.0)
    )
