"""Stopping for harm: posteriors by formula, courses by enumerating every patient."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.safety_monitoring import (
    SafetyBounds,
    SafetyRule,
    chances_of_more,
    find_chance_above,
    find_chance_of_hazard_ratio,
    find_chance_of_higher_share,
    find_predictive_chance,
    find_safety_bounds,
    find_safety_course,
)

RULE = SafetyRule(limit=0.15)  # domain: grade 3 or more, related, Beta(0.5, 4.5), chance 0.90
JEFFREYS = SafetyRule(limit=0.3, events=0.5, others=0.5)


def paths(bounds: SafetyBounds, share: float) -> tuple[list[float], float]:
    """Chance to pause at each look, and patients expected, over every course of single patients."""
    n = int(bounds.patients[-1])
    pauses, expected = [0.0] * bounds.patients.size, 0.0
    for course in itertools.product((0, 1), repeat=n):
        chance = math.prod(share if event else 1 - share for event in course)
        for look, (seen, fewest) in enumerate(zip(bounds.patients, bounds.events, strict=True)):
            if sum(course[:seen]) >= fewest:
                pauses[look] += chance
                expected += chance * seen
                break
        else:
            expected += chance * n
    return pauses, expected


@settings(max_examples=10)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_the_course_is_that_of_every_path(steps: list[int], share: float) -> None:
    rule = SafetyRule(limit=0.2, certainty=0.8)
    bounds = find_safety_bounds(rule, patients=np.cumsum(steps))
    found = find_safety_course(bounds, share=share)
    pauses, expected = paths(bounds, share)

    assert found.pauses == pytest.approx(pauses, abs=1e-12)
    assert found.chance == pytest.approx(sum(pauses), abs=1e-12)
    assert found.expected_patients == pytest.approx(expected, abs=1e-11)
    assert found.expected_events == pytest.approx(share * expected, abs=1e-11)  # Wald


@settings(max_examples=30)
@given(st.integers(1, 60), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_bound_is_the_fewest_events_that_are_sure_enough(n: int, certainty: float) -> None:
    rule = SafetyRule(limit=0.15, certainty=certainty)
    fewest = int(find_safety_bounds(rule, patients=np.array([n])).events[0])

    if fewest <= n:
        assert find_chance_above(fewest, patients=n, rule=rule) >= certainty
    if fewest > 0:
        assert find_chance_above(fewest - 1, patients=n, rule=rule) < certainty


def test_the_table_of_the_charter() -> None:
    bounds = find_safety_bounds(RULE, patients=np.array([10, 20, 44, 66]))
    quiet = find_safety_course(bounds, share=0.08)
    harmful = find_safety_course(bounds, share=0.30)

    assert bounds.events.tolist() == [4, 6, 11, 15]
    assert quiet.chance < 0.05
    assert harmful.chance > 0.94
    assert harmful.expected_patients < 30 < quiet.expected_patients


def test_more_certainty_pauses_less() -> None:
    looks = np.array([20, 44, 66])
    chances = [
        find_safety_course(
            find_safety_bounds(SafetyRule(limit=0.15, certainty=sure), patients=looks), share=0.2
        ).chance
        for sure in (0.8, 0.9, 0.95)
    ]

    assert chances == sorted(chances, reverse=True)


def test_no_number_of_events_may_be_enough() -> None:
    bounds = find_safety_bounds(SafetyRule(limit=0.6, certainty=0.99), patients=np.array([1, 2]))

    assert (bounds.events > bounds.patients).all()
    assert find_safety_course(bounds, share=1.0).chance == 0.0


# R 4.2.2, closed forms: pbeta, lchoose and lbeta, integrate (rel.tol 1e-12)
def test_posteriors_are_those_of_r() -> None:
    assert find_chance_above(22, patients=70, rule=JEFFREYS) == pytest.approx(
        0.609031679405679, rel=1e-12
    )
    assert chances_of_more(22, patients=70, more=30, rule=JEFFREYS)[12:].sum() == pytest.approx(
        0.249701036287819, rel=1e-11
    )
    assert find_chance_of_higher_share((22.5, 48.5), other=(15.5, 55.5)) == pytest.approx(
        0.910355559610239, rel=1e-12
    )
    error = math.sqrt(0.128564962616996**2)
    below = 1 - find_chance_of_hazard_ratio(
        -0.385993760181403, error=error, above=1.0, prior_sd=0.5
    )
    assert below == pytest.approx(0.998179741564475, rel=1e-12)
    below = 1 - find_chance_of_hazard_ratio(
        -0.385993760181403, error=error, above=0.8, prior_sd=0.5
    )
    assert below == pytest.approx(0.867710250486901, rel=1e-12)


@settings(max_examples=25)
@given(st.floats(0.2, 30), st.floats(0.2, 30), st.floats(0.2, 30), st.floats(0.2, 30))
def test_one_of_two_shares_is_the_higher(a: float, b: float, c: float, d: float) -> None:
    one, other = (a, b), (c, d)

    assert find_chance_of_higher_share(one, other=other) + find_chance_of_higher_share(
        other, other=one
    ) == pytest.approx(1.0, abs=1e-10)
    assert find_chance_of_higher_share(one, other=one) == pytest.approx(0.5, abs=1e-10)


@settings(max_examples=30)
@given(st.integers(0, 12), st.integers(0, 20))
def test_what_is_to_come_adds_up_and_has_its_mean(events: int, more: int) -> None:
    chances = chances_of_more(events, patients=12, more=more, rule=RULE)

    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    assert chances @ np.arange(more + 1) == pytest.approx(more * (0.5 + events) / 17, abs=1e-11)


def test_the_prediction_of_a_look_that_is_now_is_sure() -> None:
    assert find_predictive_chance(4, patients=10, at=10, rule=RULE) == 1.0
    assert find_predictive_chance(3, patients=10, at=10, rule=RULE) == 0.0
    assert 0.2 < find_predictive_chance(3, patients=10, at=20, rule=RULE) < 0.8


@pytest.mark.parametrize(
    ("rule", "patients", "words"),
    [
        (SafetyRule(limit=0.0), [5], "between 0 and 1"),
        (SafetyRule(limit=0.1, certainty=1.0), [5], "between 0 and 1"),
        (SafetyRule(limit=0.1, events=0.0), [5], "above 0"),
        (RULE, [5, 5], "grow from look to look"),
        (RULE, [0, 5], "above 0"),
        (RULE, [2.5], "whole numbers"),
        (RULE, [], "flat array"),
    ],
)
def test_rules_and_looks_that_cannot_be_are_refused(
    rule: SafetyRule, patients: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        find_safety_bounds(rule, patients=np.array(patients))


def test_other_wrong_questions_are_refused() -> None:
    bounds = find_safety_bounds(RULE, patients=np.array([5]))
    for refused, words in (
        (lambda: find_safety_course(bounds, share=1.1), "share must lie"),
        (lambda: find_chance_above(6, patients=5, rule=RULE), "from 0 to 5"),
        (lambda: find_predictive_chance(1, patients=6, at=5, rule=RULE), "is past"),
        (lambda: find_chance_of_higher_share((0.0, 1.0), other=(1.0, 1.0)), "above 0"),
        (lambda: find_chance_of_hazard_ratio(0.0, error=0.0, above=1.0), "above 0"),
    ):
        with pytest.raises(ValueError, match=words):
            refused()
