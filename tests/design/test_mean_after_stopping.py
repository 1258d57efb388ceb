"""Estimates after a stop that are right on average: closed forms, walks, an independent bias."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtr

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.error_rates import ErrorRates
from equipoise.design.mean_after_stopping import estimate_mean_after_stopping
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule
from equipoise.numerics.sequential.group_sequential import crossing_probabilities

POCOCK = BoundRule(name="lan-demets-pocock")
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
SHARES = (0.3, 0.6, 1.0)


def looks(shares: tuple[float, ...] = SHARES, sides: int = 1, **rest: object) -> SequentialDesign:
    rates = ErrorRates(alpha=0.025 * sides, sides=sides, power=0.9)
    plan = {"information": shares, "rates": rates, "efficacy": POCOCK, **rest}
    return build_design(SequentialPlan(**plan))  # type: ignore[arg-type]


DESIGNS: dict[str, Callable[[], SequentialDesign]] = {
    "one side": looks,
    "two sides": lambda: looks(sides=2),
    "futility that binds": lambda: looks(futility=LATE_BETA, binding=True),
    "two looks": lambda: looks((0.5, 1.0)),
    "five looks": lambda: looks((0.1, 0.35, 0.5, 0.9, 1.0)),
}


def ends_at(design: SequentialDesign, drift: float) -> NDArray[np.float64]:
    """The chance to end at each look."""
    lower = design.stops_below
    found = crossing_probabilities(
        design.upper, information=design.plan.information, lower=lower, drift=drift
    )
    early = (found.upper + found.lower)[:-1]
    return np.append(early, 1 - early.sum())


def bias(design: SequentialDesign, drift: float, step: float = 0.04) -> float:
    """Of the plain estimate: the slopes of the chances to end, each over its information."""
    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    slope = sum(
        (w / step * (ends_at(design, drift + k * step) - ends_at(design, drift - k * step))
         for k, w in weights.items()), np.zeros(design.plan.looks),
    )  # fmt: skip
    return float((slope / design.plan.information).sum())


@settings(max_examples=12)
@given(st.sampled_from(sorted(DESIGNS)), st.floats(-2, 5), st.integers(1, 5))
def test_the_adjusted_effect_has_the_plain_estimate_for_its_mean(
    name: str, z: float, look: int
) -> None:
    design = DESIGNS[name]()
    found = estimate_mean_after_stopping(design, look=min(look, design.plan.looks), z=z)

    assert found.adjusted + bias(design, found.adjusted) == pytest.approx(found.plain, abs=1e-7)
    assert found.bias == found.plain - found.adjusted


@pytest.mark.parametrize("z", [-3.0, 0.0, 1.9, 2.5, 4.0])
def test_with_two_looks_the_unbiased_estimate_has_a_closed_form(z: float) -> None:
    """The first of two scores, given their sum, is normal, and cut off where the trial stops."""
    design = looks((0.4, 1.0))
    found = estimate_mean_after_stopping(design, look=2, z=z)
    spread = math.sqrt(0.4 * 0.6)
    most = (float(design.upper[0]) * math.sqrt(0.4) - 0.4 * z) / spread
    density = math.exp(-(most**2) / 2) / math.sqrt(2 * math.pi)
    truth = (0.4 * z - spread * density / ndtr(most)) / 0.4

    assert found.unbiased == pytest.approx(truth, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize(("name", "drift"), [
    ("one side", 0.0), ("two sides", 2.5), ("futility that binds", 0.0),
    ("futility that binds", 2.5),
])  # fmt: skip
def test_over_trials_the_unbiased_estimate_is_right_and_the_adjusted_nearer_than_the_plain(
    name: str, drift: float
) -> None:
    design, trials = DESIGNS[name](), 20_000
    share = np.array(design.plan.information)
    steps = np.diff(share, prepend=0.0)
    noise = np.random.default_rng(8).standard_normal((trials, share.size))
    z = np.cumsum(drift * steps + noise * np.sqrt(steps), axis=1) / np.sqrt(share)
    out = (z > design.upper) | (z < design.stops_below)
    look = np.where(out.any(axis=1), out.argmax(axis=1), share.size - 1)
    seen = z[np.arange(trials), look]
    found = np.empty((3, trials))
    for k in range(share.size):
        grid = np.linspace(-5, 9, 71)
        table = [estimate_mean_after_stopping(design, look=k + 1, z=float(one)) for one in grid]
        mine = look == k
        for row, field in enumerate(("plain", "adjusted", "unbiased")):
            values = [getattr(one, field) for one in table]
            found[row, mine] = np.interp(seen[mine], grid, values)
    plain, adjusted, unbiased = (abs(one.mean() - drift) for one in found)
    error = float(found[2].std()) / math.sqrt(trials)

    assert unbiased < 4 * error
    assert adjusted < plain + 4 * error
    if drift and name != "futility that binds":
        assert adjusted < 0.5 * plain


def test_at_the_first_look_nothing_is_known_to_be_unbiased_but_the_plain_estimate() -> None:
    found = estimate_mean_after_stopping(looks(), look=1, z=2.8, information=100.0)

    assert found.unbiased == found.plain == pytest.approx(2.8 / math.sqrt(30), rel=1e-12)
    assert found.adjusted < found.plain


def test_without_looks_all_are_one() -> None:
    found = estimate_mean_after_stopping(looks((1.0,)), look=1, z=2.2, information=4.0)

    assert found.plain == found.unbiased == 1.1
    assert found.adjusted == pytest.approx(1.1, rel=1e-12)


def test_two_sides_mirror_each_other() -> None:
    up, down = (
        estimate_mean_after_stopping(looks(sides=2), look=2, z=z, information=9.0)
        for z in (2.6, -2.6)
    )

    assert down.adjusted == pytest.approx(-up.adjusted, rel=1e-10)
    assert down.unbiased == pytest.approx(-up.unbiased, rel=1e-10)


def test_futility_is_heeded_where_it_binds() -> None:
    bound, free, none = (
        estimate_mean_after_stopping(design, look=3, z=2.0)
        for design in (looks(futility=LATE_BETA, binding=True), looks(futility=LATE_BETA), looks())
    )

    assert free.unbiased == pytest.approx(none.unbiased, abs=1e-12)
    assert bound.unbiased > free.unbiased


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"look": 4}, "look must be"), ({"z": math.inf}, "finite"), ({"information": 0.0}, "above 0")],
)
def test_wrong_questions_are_refused(changed: dict[str, float], words: str) -> None:
    asked = {"look": 2, "z": 2.0, "information": 1.0, **changed}
    with pytest.raises(ValueError, match=words):
        estimate_mean_after_stopping(looks(), **asked)  # type: ignore[arg-type]
