"""Designs with looks against plain chance: thousands of trials walked look by look."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.combination import combine_stages, planned_weights, reestimate_size
from equipoise.design.conditional_power import (
    find_conditional_power,
    find_predictive_power,
    find_trend,
)
from equipoise.design.error_rates import ErrorRates
from equipoise.design.recalculation import recalculate_bounds
from equipoise.design.sequential_inference import estimate_after_stopping, estimate_repeatedly
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule

TRIALS = 40_000
ERROR = 4 * 0.5 / math.sqrt(TRIALS)  # four standard errors of a share, at most
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
SHARES = (0.35, 0.7, 1.0)
Floats = NDArray[np.float64]


def design(sides: int = 1, **rest: object) -> SequentialDesign:
    rates = ErrorRates(alpha=0.025 * sides, sides=sides, power=0.85)
    plan = {"information": SHARES, "rates": rates, **rest}
    return build_design(SequentialPlan(**plan))  # type: ignore[arg-type]


def walk(drift: float, shares: tuple[float, ...] = SHARES, seed: int = 5) -> Floats:
    """z of each trial at each look, shape (trials, looks)."""
    steps = np.diff(shares, prepend=0.0)
    noise = np.random.default_rng(seed).standard_normal((TRIALS, steps.size))
    score = np.cumsum(drift * steps + noise * np.sqrt(steps), axis=1)
    return np.asarray(score / np.sqrt(shares))


def stop(found: SequentialDesign, z: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The look (from 0) at which each trial ends, and whether with success above."""
    futile = np.abs(z) < found.lower if found.plan.two_sided else z < found.lower
    above = z > found.upper
    out = above | futile | ((z < -found.upper) if found.plan.two_sided else False)
    look = np.where(out.any(axis=1), out.argmax(axis=1), z.shape[1] - 1)
    return look, above[np.arange(z.shape[0]), look]


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("futility", [None, LATE_BETA])
@pytest.mark.parametrize("truth", ["null", "alternative"])
def test_trials_stop_as_the_design_says(sides: int, futility: BoundRule | None, truth: str) -> None:
    found = design(sides, futility=futility)
    chances = getattr(found, truth)
    drift = 0.0 if truth == "null" else found.drift
    look, above = stop(found, walk(drift))
    counted = [float((above & (look == k)).mean()) for k in range(3)]

    assert counted == pytest.approx(chances.above.tolist(), abs=ERROR)
    assert [float((look == k).mean()) for k in range(3)] == pytest.approx(
        chances.ends.tolist(), abs=ERROR
    )
    assert float(np.array(SHARES)[look].mean()) == pytest.approx(
        found.expected_information(drift), abs=ERROR
    )


def test_conditional_power_is_the_share_that_goes_on_to_succeed() -> None:
    found, z = design(), 0.9
    rest = tuple(share - SHARES[0] for share in SHARES[1:])
    for drift in (0.0, found.drift, find_trend(z, share=SHARES[0])):
        ahead = walk(drift, rest) * np.sqrt(rest) + z * math.sqrt(SHARES[0])
        success = (ahead / np.sqrt(SHARES[1:]) > found.upper[1:]).any(axis=1)

        assert find_conditional_power(found, look=1, z=z, drift=drift) == pytest.approx(
            float(success.mean()), abs=ERROR
        )


def test_predictive_power_is_right_on_the_average_of_the_prior() -> None:
    found, z = design(), 0.9
    rest = np.array(SHARES[1:]) - SHARES[0]
    precision = 1 / 1.5**2 + SHARES[0]
    mean = (1.0 / 1.5**2 + z * math.sqrt(SHARES[0])) / precision
    noise = np.random.default_rng(6).standard_normal((TRIALS, 1))
    pull = mean + noise / math.sqrt(precision)
    ahead = walk(0.0, tuple(rest)) * np.sqrt(rest) + pull * rest + z * math.sqrt(SHARES[0])
    success = (ahead / np.sqrt(SHARES[1:]) > found.upper[1:]).any(axis=1)

    assert find_predictive_power(found, look=1, z=z, prior_mean=1.0, prior_sd=1.5) == pytest.approx(
        float(success.mean()), abs=ERROR
    )


@pytest.mark.parametrize("effect", [0.0, 2.5])
def test_estimates_after_stopping_are_unbiased_in_the_median_and_cover(effect: float) -> None:
    found = design()
    z = walk(effect)[:200]
    look, _ = stop(found, z)
    estimates = [
        estimate_after_stopping(found, look=int(k) + 1, z=float(row[k]), level=0.9)
        for row, k in zip(z, look, strict=True)
    ]
    low = float(np.mean([one.estimate < effect for one in estimates]))
    covers = float(np.mean([one.lower < effect < one.upper for one in estimates]))

    assert low == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(200))
    assert covers == pytest.approx(0.9, abs=4 * 0.3 / math.sqrt(200))


def test_repeated_intervals_hold_at_all_looks_together() -> None:
    found = design(2)
    half = [
        estimate_repeatedly(found, look=k + 1, z=0.0, information=100.0).upper for k in range(3)
    ]
    estimates = walk(2.0) / np.sqrt(SHARES) / 10
    always = (np.abs(estimates - 0.2) < half).all(axis=1)

    assert float(always.mean()) == pytest.approx(0.95, abs=4 * 0.22 / math.sqrt(TRIALS))


def test_looks_that_came_otherwise_keep_the_level() -> None:
    came = (0.5, 0.6, 1.15)
    bounds = recalculate_bounds(design(), information=came, final=True)
    wrong = (walk(0.0, came) > bounds.upper).any(axis=1)

    assert float(wrong.mean()) == pytest.approx(0.025, abs=4 * 0.16 / math.sqrt(TRIALS))


def test_a_size_planned_anew_keeps_the_level_by_its_weights() -> None:
    found = build_design(
        SequentialPlan(information=(0.5, 1.0), rates=ErrorRates(alpha=0.025, sides=1, power=0.85))
    )
    first = walk(0.0, (0.5, 1.0))[:, 0]
    grid = np.linspace(-5, 5, 101)
    grows = np.interp(first, grid, [reestimate_size(found, z=float(z)).increase for z in grid])
    own = np.random.default_rng(7).standard_normal(TRIALS)  # of the second stage's own patients
    weights = planned_weights(found)
    combined = np.array([combine_stages(pair, weights=weights)[1]
                         for pair in np.stack([first, own], axis=1)[:4000]])  # fmt: skip
    naive = (first + np.sqrt(grows) * own) / np.sqrt(1 + grows)
    plain = (first + own) / math.sqrt(2)

    assert combined == pytest.approx(plain[:4000], abs=1e-12)
    assert grows.max() > 1.5
    assert float(((first > found.upper[0]) | (plain > found.upper[1])).mean()) == pytest.approx(
        0.025, abs=4 * 0.16 / math.sqrt(TRIALS)
    )
    assert not np.allclose(naive, plain)
