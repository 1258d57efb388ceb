"""Rates of harm: R's posteriors, bounds by counting up, the course of every path, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.rate_monitoring import (
    RateBounds,
    RateRule,
    find_chance_of_rate_above,
    find_chance_of_rate_ratio,
    find_predictive_chance_of_rate,
    find_rate_bounds,
    find_rate_course,
)

RULE = RateRule(limit=0.8, certainty=0.9, events=0.5, exposure=1.0)


# R 4.2.2: pgamma, pnbinom, integrate (rel.tol 1e-13), pf; the last as stored with sim_trial
def test_posteriors_are_those_of_r() -> None:
    above = find_chance_of_rate_above(7, exposure=3.0, rule=RateRule(limit=0.9, events=0.5))
    assert above == pytest.approx(0.9518602922048286, rel=1e-13)
    ratio = find_chance_of_rate_ratio((20.5, 50.0), other=(12.5, 40.0), above=1.3)
    assert ratio == pytest.approx(0.52174978662727289, rel=1e-12)
    lower = 1 - find_chance_of_rate_ratio((117.1, 59986.5), other=(127.1, 44778.5))
    assert lower == pytest.approx(0.998250566592193, rel=1e-12)
    assert find_rate_bounds(RULE, exposure=[2, 5, 9]).events.tolist() == [5, 8, 12]


def test_what_is_to_come_is_negative_binomial() -> None:
    """pnbinom(4, 7.5, 4 / 11, lower = FALSE): 5 further events or more, of 12 that pause."""
    rule = RateRule(limit=0.73, events=0.5)
    at = 10.0
    assert find_rate_bounds(rule, exposure=[at]).events.tolist() == [12]

    assert find_predictive_chance_of_rate(
        7, exposure=3.0, at=at, rule=rule
    ) == pytest.approx(0.95531140510815016, rel=1e-12)  # fmt: skip
    assert find_predictive_chance_of_rate(12, exposure=10.0, at=at, rule=rule) == 1.0
    assert find_predictive_chance_of_rate(11, exposure=10.0, at=at, rule=rule) == 0.0


@settings(max_examples=20)
@given(st.floats(0.05, 5), st.floats(0.5, 0.99), st.floats(0.1, 60))
def test_the_bound_is_the_fewest_events_that_are_sure_enough(
    limit: float, certainty: float, exposure: float
) -> None:
    rule = RateRule(limit=limit, certainty=certainty)
    fewest = int(find_rate_bounds(rule, exposure=[exposure]).events[0])
    counts = np.arange(fewest + 3)
    sure = find_chance_of_rate_above(counts, exposure=exposure, rule=rule) >= certainty

    assert sure.tolist() == [count >= fewest for count in counts]


def paths(bounds: RateBounds, rate: float, most: int = 40) -> tuple[list[float], float, float]:
    """Every number of events at every look, one after the other."""
    going, before = {0: 1.0}, 0.0
    pauses, exposed, events = [], 0.0, 0.0
    for look, (time, bound) in enumerate(zip(bounds.exposure, bounds.events, strict=True)):
        mean = rate * (time - before)
        after: dict[int, float] = {}
        for seen, chance in going.items():
            for more in range(most):
                here = chance * math.exp(-mean) * mean**more / math.factorial(more)
                after[seen + more] = after.get(seen + more, 0.0) + here
        ends = {k: p for k, p in after.items() if k >= bound or look == len(bounds.events) - 1}
        pauses.append(sum(p for k, p in after.items() if k >= bound))
        exposed += time * sum(ends.values())
        events += sum(k * p for k, p in ends.items())
        going, before = {k: p for k, p in after.items() if k < bound}, time
    return pauses, exposed, events


@settings(max_examples=12)
@given(st.floats(0.0, 2.0), st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_the_course_is_that_of_every_path(rate: float, fewest: list[int]) -> None:
    exposure = np.arange(1.0, len(fewest) + 1) * 2.5
    bounds = RateBounds(exposure=exposure, events=np.array(fewest))
    found = find_rate_course(bounds, rate=rate)
    pauses, exposed, events = paths(bounds, rate)

    assert found.pauses == pytest.approx(pauses, abs=1e-12)
    assert found.chance == pytest.approx(sum(pauses), abs=1e-12)
    assert found.expected_patients == pytest.approx(exposed, rel=1e-12)
    assert found.expected_events == pytest.approx(events, rel=1e-10, abs=1e-12)


def test_simulated_trials_pause_as_often() -> None:
    bounds = find_rate_bounds(RULE, exposure=[2.0, 5.0, 9.0, 14.0])
    draws = np.random.default_rng(3).poisson(
        1.0 * np.diff(bounds.exposure, prepend=0.0), size=(40_000, 4)
    )
    paused = (np.cumsum(draws, axis=1) >= bounds.events).any(axis=1).mean()

    assert find_rate_course(bounds, rate=1.0).chance == pytest.approx(paused, abs=0.01)


def test_where_nothing_is_borne_every_trial_pauses_at_once() -> None:
    bounds = find_rate_bounds(RateRule(limit=1e-6), exposure=[1.0, 2.0])
    found = find_rate_course(bounds, rate=0.3)

    assert bounds.events.tolist() == [0, 0]
    assert found.pauses.tolist() == [1.0, 0.0]
    assert (found.expected_patients, found.expected_events) == pytest.approx((1.0, 0.3))


@settings(max_examples=15)
@given(st.floats(0.2, 30), st.floats(0.2, 30), st.floats(0.2, 30), st.floats(0.2, 30))
def test_one_of_two_rates_is_the_higher(a: float, b: float, c: float, d: float) -> None:
    one, other = (a, b), (c, d)
    both = find_chance_of_rate_ratio(one, other=other) + find_chance_of_rate_ratio(other, other=one)

    assert both == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("ask", "words"), [
    (lambda: find_rate_bounds(RateRule(limit=0.0), exposure=[1.0]), "limit must"),
    (lambda: find_rate_bounds(RateRule(limit=1.0, certainty=1.0), exposure=[1.0]), "certainty"),
    (lambda: find_rate_bounds(RateRule(limit=1.0, events=0.0), exposure=[1.0]), "gamma prior"),
    (lambda: find_rate_bounds(RULE, exposure=[2.0, 1.0]), "that grow"),
    (lambda: find_rate_bounds(RULE, exposure=[]), "flat array"),
    (lambda: find_rate_bounds(RULE, exposure=[1e9]), "wider unit"),
    (lambda: find_chance_of_rate_above(-1, exposure=1.0, rule=RULE), "0 or more"),
    (lambda: find_rate_course(find_rate_bounds(RULE, exposure=[1.0]), rate=-1.0), "rate must"),
    (lambda: find_predictive_chance_of_rate(1, exposure=3.0, at=2.0, rule=RULE), "is past"),
    (lambda: find_chance_of_rate_ratio((0.0, 1.0), other=(1.0, 1.0)), "above 0"),
])  # fmt: skip
def test_wrong_questions_are_refused(ask: object, words: str) -> None:
    assert callable(ask)
    with pytest.raises(ValueError, match=words):
        ask()
