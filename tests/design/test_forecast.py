"""Forecasts of accrual and events: the twins, closed forms, the same numbers again, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.accrual_forecast import (
    AccrualSoFar,
    Draw,
    GammaPrior,
    Simulation,
    _arrivals,
    fit_site_rates,
    forecast_accrual,
    forecast_pooled_accrual,
    summarise_times,
)
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.event_forecast import (
    EventModel,
    FollowUpSoFar,
    HazardThought,
    fit_weibull,
    forecast_events,
    read_follow_up,
)
from naive.forecasts import (
    arrivals_as_sites_open,
    expected_exponential_events,
    log_likelihood_of_sites,
    weibull_log_likelihood,
)

SITES = AccrualSoFar(subjects=(12, 3, 7, 1, 5), open_time=(300.0, 200.0, 280.0, 150.0, 240.0))
FEW = Simulation(seed=5, replicates=400)


def weibull_trial(n: int = 120, *, shape: float = 1.6, end: float = 400.0) -> FollowUpSoFar:
    """Subjects who came evenly, half a year's median, everybody followed until now."""
    uniform = Simulation(seed=11, replicates=1).uniforms(Draw.SUBJECT, rows=n)[0, :, 0]
    time = 300 * (-np.log(uniform)) ** (1 / shape)
    reach = np.linspace(10, end, n)
    return read_follow_up(
        np.minimum(time, reach), event=time <= reach, left=np.zeros(n, dtype=bool)
    )


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from([0.01, 0.2, 1.5]), min_size=1, max_size=4),
    st.lists(st.sampled_from([0.0, 1.0, 4.0, 9.0]), min_size=4, max_size=4),
    st.lists(st.sampled_from([0.05, 0.6, 2.0]), min_size=1, max_size=6),
)
def test_arrivals_equal_the_twin(
    rates: list[float], openings: list[float], waits: list[float]
) -> None:
    opens = openings[: len(rates)]
    found = _arrivals(np.array([rates]), opens, np.array([waits]))

    assert found[0].tolist() == pytest.approx(arrivals_as_sites_open(rates, opens, waits))


def test_one_rate_in_closed_form_is_that_of_one_site_by_simulation() -> None:
    one = AccrualSoFar(subjects=(28,), open_time=(300.0,))
    prior = GammaPrior(shape=2.0, rate=20.0)
    exact = forecast_pooled_accrual(one, more=60, prior=prior)
    drawn = forecast_accrual(
        one, more=60, prior=prior, simulation=Simulation(seed=3, replicates=4000)
    ).complete

    assert drawn.median == pytest.approx(exact.median, rel=0.02)
    assert drawn.lower == pytest.approx(exact.lower, rel=0.04)
    assert drawn.upper == pytest.approx(exact.upper, rel=0.04)


def test_a_prior_worth_much_is_what_is_forecast() -> None:
    found = forecast_pooled_accrual(SITES, more=60, prior=GammaPrior(shape=1e6, rate=1e7))

    assert found.median == pytest.approx(60 * 10, rel=0.01)


def test_further_sites_bring_the_end_nearer() -> None:
    alone = forecast_accrual(SITES, more=60, simulation=FEW).complete
    joined = forecast_accrual(
        replace(SITES, opening_in=(0.0, 30.0)), more=60, simulation=FEW
    ).complete

    assert joined.median < alone.median
    assert alone.lower < alone.median < alone.upper
    assert alone.reached == 1


def test_the_rates_of_sites_are_fitted_to_where_their_likelihood_is_greatest() -> None:
    wide = fit_site_rates(SITES)
    even = fit_site_rates(AccrualSoFar(subjects=(10, 10, 10, 10), open_time=(100.0,) * 4))

    top = log_likelihood_of_sites(SITES.subjects, SITES.open_time, wide.shape, wide.rate)
    for shape in (0.9, 1.0, 1.1):
        for rate in (0.9, 1.0, 1.1):
            there = (shape * wide.shape, rate * wide.rate)
            assert log_likelihood_of_sites(SITES.subjects, SITES.open_time, *there) <= top + 1e-7
    assert wide.shape / wide.rate == pytest.approx(28 / 1170, rel=0.15)
    assert even.shape == pytest.approx(1e4, rel=1e-6)
    assert fit_site_rates(AccrualSoFar(subjects=(4,), open_time=(9.0,))) == GammaPrior()


def test_the_same_seed_forecasts_the_same_and_more_subjects_change_no_earlier_one() -> None:
    first = forecast_accrual(SITES, more=20, simulation=FEW).arrivals
    again = forecast_accrual(SITES, more=30, simulation=FEW).arrivals

    assert np.array_equal(first, again[:, :20])
    other = forecast_accrual(SITES, more=20, simulation=replace(FEW, seed=6)).arrivals
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("so_far", "prior", "code"), [
    (AccrualSoFar(subjects=(), open_time=()), None, "sites-unequal"),
    (AccrualSoFar(subjects=(1, 2), open_time=(3.0,)), GammaPrior(), "sites-unequal"),
    (AccrualSoFar(subjects=(1,), open_time=(0.0,)), GammaPrior(), "site-impossible"),
    (AccrualSoFar(subjects=(-1,), open_time=(3.0,)), GammaPrior(), "site-impossible"),
    (AccrualSoFar(subjects=(0,), open_time=(3.0,)), GammaPrior(shape=0.0), "nobody-came"),
    (AccrualSoFar(subjects=(1,), open_time=(3.0,), opening_in=(-1.0,)), GammaPrior(),
     "opening-impossible"),
    (AccrualSoFar(subjects=(1,), open_time=(3.0,), opening_in=(1.0,)), None, "new-sites-unknown"),
])  # fmt: skip
def test_what_cannot_be_forecast_says_why(
    so_far: AccrualSoFar, prior: GammaPrior | None, code: str
) -> None:
    with pytest.raises(ImpossiblePlanError, match=code):
        forecast_accrual(so_far, more=5, prior=prior, simulation=FEW)


def test_nobody_more_is_a_bug() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        forecast_accrual(SITES, more=0, simulation=FEW)


def test_expected_events_are_those_of_the_closed_form() -> None:
    so_far = read_follow_up([200.0] * 40, event=[1] * 15 + [0] * 25, left=[0] * 40)
    found = forecast_events(
        so_far, events=20, simulation=Simulation(seed=2, replicates=4000), at=[50, 150]
    )
    # the half drop-out of Jeffreys's prior takes next to nobody away
    wanted = [
        15 + expected_exponential_events(25, deaths=15.5, exposure=8000, horizon=h)
        for h in (50, 150)
    ]

    assert found.mean.tolist() == pytest.approx(wanted, rel=0.01)
    assert (found.lower <= found.mean).all()
    assert (found.mean <= found.upper).all()
    assert found.reach.lower < found.reach.median < found.reach.upper


def test_weibull_is_fitted_to_the_top_of_its_likelihood() -> None:
    so_far = weibull_trial()
    fit = fit_weibull(so_far.time, event=so_far.event)
    times, events = so_far.time.tolist(), so_far.event.tolist()

    def height(a: float, b: float) -> float:
        return weibull_log_likelihood(times, events, fit.log_scale + a, fit.log_shape + b)

    h = 1e-4
    assert height(0, 0) > max(height(h, 0), height(-h, 0), height(0, h), height(0, -h))
    second = [
        [(height(h, 0) - 2 * height(0, 0) + height(-h, 0)) / h**2,
         (height(h, h) - height(h, -h) - height(-h, h) + height(-h, -h)) / (4 * h**2)],
        [0.0, (height(0, h) - 2 * height(0, 0) + height(0, -h)) / h**2],
    ]  # fmt: skip
    second[1][0] = second[0][1]
    assert fit.covariance == pytest.approx(np.linalg.inv(-np.array(second)), rel=1e-3)
    assert math.exp(fit.log_shape) == pytest.approx(1.6, abs=0.4)


def test_a_rising_hazard_brings_events_sooner_than_a_constant_one() -> None:
    so_far = weibull_trial(shape=2.5)
    times = {
        model: forecast_events(
            so_far, events=100, hazard=HazardThought(model=model), simulation=FEW
        ).reach.median
        for model in EventModel
    }

    assert times[EventModel.WEIBULL] < times[EventModel.EXPONENTIAL]


def test_subjects_to_come_bring_events_too() -> None:
    so_far = weibull_trial(40)
    accrual = forecast_accrual(SITES, more=60, simulation=FEW)
    alone = forecast_events(so_far, events=35, simulation=FEW).reach
    joined = forecast_events(so_far, events=35, arrivals=accrual.arrivals, simulation=FEW).reach

    assert joined.median < alone.median
    assert alone.reached <= joined.reached == 1


def test_events_that_were_seen_already_come_now() -> None:
    so_far = weibull_trial(40)
    found = forecast_events(so_far, events=int(so_far.event.sum()), simulation=FEW)

    assert (found.reach.median, found.reach.upper) == (0, 0)


def test_where_many_leave_some_trials_never_get_there() -> None:
    so_far = read_follow_up([50.0] * 40, event=[1] * 5 + [0] * 35, left=[0] * 20 + [1] * 20)
    found = forecast_events(so_far, events=15, simulation=FEW).reach

    assert found.reached < 1
    assert math.isinf(found.upper)


def test_events_beyond_the_subjects_and_shapes_without_events_say_why() -> None:
    so_far = read_follow_up([50.0] * 4, event=[1, 0, 0, 0], left=[0, 1, 0, 0])
    with pytest.raises(ImpossiblePlanError, match="events-beyond-subjects") as refusal:
        forecast_events(so_far, events=4, simulation=FEW)
    assert "only 2 subjects are followed" in str(refusal.value)
    with pytest.raises(ImpossiblePlanError, match="too-few-events"):
        forecast_events(
            so_far, events=2, hazard=HazardThought(model=EventModel.WEIBULL), simulation=FEW
        )
    new = read_follow_up([0.0], event=[0], left=[0])
    with pytest.raises(ImpossiblePlanError, match="no-follow-up"):
        forecast_events(new, events=1, simulation=FEW)


def test_rows_that_are_no_follow_up_are_named() -> None:
    with pytest.raises(ValueError, match=r"time\[1\] is nan"):
        read_follow_up([1.0, math.nan], event=[0, 0], left=[0, 0])
    with pytest.raises(ValueError, match="row 1 has the event and left"):
        read_follow_up([1.0, 2.0], event=[0, 1], left=[0, 1])
    with pytest.raises(ValueError, match=r"time\[0\] is 0 with an event"):
        fit_weibull(np.array([0.0, 2.0]), event=np.array([True, True]))
    so_far = read_follow_up([50.0] * 4, event=[1, 0, 0, 0], left=[0, 1, 0, 0])
    with pytest.raises(ValueError, match="arrivals of 3 replicates beside 400"):
        forecast_events(so_far, events=2, arrivals=np.zeros((3, 1)), simulation=FEW)


def test_infinite_times_are_late_ones() -> None:
    found = summarise_times(np.array([3.0, math.inf, 1.0, 2.0]), level=0.5)

    assert (found.lower, found.median, found.upper) == (2.0, 3.0, math.inf)
    assert found.reached == 0.75


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """60 trials of 60 subjects, cut at day 250; 90 percent intervals of the 45th event."""
    covered = 0
    for trial in range(60):
        drawn = Simulation(seed=100 + trial, replicates=1).uniforms(Draw.SUBJECT, rows=60)
        time = -300 * np.log(drawn[0, :, 0])
        came = np.arange(60) * 4.0
        truth = np.sort(came + time)[44] - 250
        reach = 250 - came
        so_far = read_follow_up(
            np.minimum(time, reach), event=time <= reach, left=np.zeros(60, dtype=bool)
        )
        if truth <= 0:
            continue
        found = forecast_events(so_far, events=45, simulation=replace(FEW, replicates=300)).reach
        covered += found.lower <= truth <= found.upper

    assert 46 <= covered <= 60
