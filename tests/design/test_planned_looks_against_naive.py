"""Looks counted in events, walked on a dense grid, and by simulated scores."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.design.error_rates import ErrorRates
from equipoise.design.events import EventPlan
from equipoise.design.planned_looks import PlannedLooks, plan_looks
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule
from naive.group_sequential import first_crossings, normal_tail

THIRDS = (1 / 3, 2 / 3, 1.0)
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
ONE_SIDED = ErrorRates(alpha=0.025, sides=1, power=0.9)
TRIALS = 200_000


def looks(
    hazard_ratio: float,
    *,
    ratio: float = 1.0,
    futility: BoundRule | None = None,
    events: float | None = None,
) -> PlannedLooks:
    plan = SequentialPlan(information=THIRDS, rates=ONE_SIDED, futility=futility)
    effect = EventPlan(hazard_ratio=hazard_ratio, ratio=ratio)
    return plan_looks(plan, effect=effect, events=events)


def drift_by_hand(found: PlannedLooks) -> float:
    """The mean of z at the last look: the log ratio over its standard error."""
    first, second = 1 / (1 + found.effect.ratio), found.effect.ratio / (1 + found.effect.ratio)
    return -math.log(found.effect.hazard_ratio) * math.sqrt(found.events * first * second)


def scores(drift: float, *, seed: int) -> NDArray[np.float64]:
    """z at each look of simulated trials, shape (trials, looks)."""
    steps = np.diff(np.array([0.0, *THIRDS]))
    random = np.random.default_rng(seed)
    walk = np.cumsum(drift * steps + np.sqrt(steps) * random.normal(size=(TRIALS, 3)), axis=1)
    return np.asarray(walk / np.sqrt(THIRDS))


def stops(z: NDArray[np.float64], upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """The share that stops first above, at each look."""
    running = np.ones(z.shape[0], dtype=bool)
    found = []
    for look in range(z.shape[1]):
        above = running & (z[:, look] >= upper[look])
        found.append(float(above.mean()))
        running &= ~above & (z[:, look] >= lower[look])
    return found


@pytest.mark.parametrize("hazard_ratio", [0.5, 0.8])
@pytest.mark.parametrize("futility", [None, LATE_BETA])
def test_chances_are_those_of_the_dense_grid(
    hazard_ratio: float, futility: BoundRule | None
) -> None:
    found = looks(hazard_ratio, futility=futility)
    lower = [-9.0] * 3 if found.lower is None else list(found.lower.z)
    naive = first_crossings(list(found.upper.z), lower, THIRDS, drift_by_hand(found), points=301)

    assert found.design.alternative.above == pytest.approx([above for above, _ in naive], abs=2e-5)
    if futility is not None:
        assert found.design.alternative.futility == pytest.approx(
            [below for _, below in naive], abs=2e-5
        )


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_power_is_that_of_simulated_scores(ratio: float) -> None:
    found = looks(0.7, ratio=ratio, futility=LATE_BETA)
    assert found.lower is not None
    above = stops(scores(drift_by_hand(found), seed=3), list(found.upper.z), list(found.lower.z))

    assert sum(above) == pytest.approx(found.power, abs=4 * math.sqrt(0.09 / TRIALS))
    assert found.power >= 0.9


def test_fewer_events_than_asked_for_have_less_power() -> None:
    asked = looks(0.7)
    fewer = looks(0.7, events=asked.events - 20)
    above = stops(scores(drift_by_hand(fewer), seed=4), list(fewer.upper.z), [-math.inf] * 3)

    assert sum(above) == pytest.approx(fewer.power, abs=4 * math.sqrt(0.1 / TRIALS))
    assert fewer.power < asked.power


def test_events_expected_are_the_mean_of_simulated_trials() -> None:
    found = looks(0.7, futility=LATE_BETA)
    assert found.lower is not None
    for drift, seed in ((0.0, 5), (found.design.drift, 6)):
        z = scores(drift, seed=seed)
        ended = (z >= found.upper.z) | (z < found.lower.z)
        ended[:, -1] = True
        events = found.events_at[ended.argmax(axis=1)]
        assert events.mean() == pytest.approx(
            found.expected_events(drift), abs=4 * events.std() / math.sqrt(TRIALS)
        )


def test_one_event_fewer_than_asked_for_misses_the_power() -> None:
    asked = looks(0.6)

    assert looks(0.6, events=asked.events).power >= 0.9
    assert looks(0.6, events=asked.events - 1).power < 0.9


def test_the_p_value_of_a_bound_is_the_tail_of_the_normal() -> None:
    found = looks(0.6, futility=LATE_BETA)
    assert found.lower is not None
    for bounds in (found.upper, found.lower):
        assert bounds.p == pytest.approx([normal_tail(z) for z in bounds.z], rel=1e-9)
