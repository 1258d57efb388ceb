"""Bounds at the information that came, and on other scales."""

import math

import numpy as np
import pytest

from equipoise.design.bound_scales import (
    drift_of_hazard_ratio,
    express_bounds,
    hazard_ratio_of,
    log_hazard_information,
)
from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.recalculation import recalculate_bounds
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule
from equipoise.numerics.sequential.group_sequential import crossing_probabilities

RATES = ErrorRates(alpha=0.025, sides=1, power=0.9)
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)


def looks(**rest: object) -> SequentialDesign:
    plan = {"information": (0.4, 0.7, 1.0), "rates": RATES, **rest}
    return build_design(SequentialPlan(**plan))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["lan-demets-obrien-fleming", "kim-demets", "pocock"])
@pytest.mark.parametrize("sides", [1, 2])
def test_looks_as_planned_have_the_bounds_as_planned(name: str, sides: int) -> None:
    design = looks(
        efficacy=BoundRule(name=name), rates=ErrorRates(alpha=0.05, sides=sides, power=0.9)
    )
    found = recalculate_bounds(design, information=(0.4, 0.7, 1.0), final=True)

    assert found.upper == pytest.approx(design.upper, abs=1e-11)


@pytest.mark.parametrize("came", [(0.35, 0.8, 1.1), (0.5, 0.9), (0.3, 0.5, 0.7, 1.02), (0.8,)])
def test_the_last_look_takes_what_is_left(came: tuple[float, ...]) -> None:
    design = looks(futility=LATE_BETA)
    found = recalculate_bounds(design, information=came, final=True)
    null = crossing_probabilities(found.upper, information=came)

    assert np.cumsum(null.upper) == pytest.approx(found.alpha_spent, abs=1e-14)
    assert found.alpha_spent[-1] == pytest.approx(0.025)
    assert found.lower[-1] == found.upper[-1]


def test_a_look_added_leaves_the_earlier_bounds() -> None:
    design = looks(futility=LATE_BETA)
    before = recalculate_bounds(design, information=(0.3, 0.5))
    after = recalculate_bounds(design, information=(0.3, 0.5, 0.95), final=True)

    assert after.upper[:2] == pytest.approx(before.upper, abs=1e-12)
    assert after.lower[:2] == pytest.approx(before.lower, abs=1e-12)
    assert before.lower[-1] < before.upper[-1]


def test_beta_is_spent_at_the_drift_of_the_design() -> None:
    design = looks(futility=LATE_BETA)
    found = recalculate_bounds(design, information=(0.4, 0.7, 1.0), final=True)
    drifting = crossing_probabilities(
        found.upper, information=(0.4, 0.7, 1.0), lower=found.lower, drift=design.drift
    )

    assert found.lower == pytest.approx(design.lower, abs=1e-9)
    assert drifting.lower.sum() == pytest.approx(0.1, abs=1e-10)


def test_shares_and_calendars_are_read_straight_between_looks() -> None:
    shares = looks(efficacy=BoundRule(name="shares", values=(0.0, 0.4, 1.0)))
    calendar = looks(spending_time=(0.6, 0.8, 1.0))

    assert recalculate_bounds(shares, information=(0.3,)).upper[0] == np.inf
    assert recalculate_bounds(shares, information=(0.4, 0.55)).alpha_spent == pytest.approx(
        [0.0, 0.005]
    )
    assert recalculate_bounds(calendar, information=(0.2,)).upper[0] == pytest.approx(
        recalculate_bounds(looks(), information=(0.3,)).upper[0]
    )


def test_harm_is_spent_without_drift() -> None:
    design = looks(futility=LATE_BETA, harm_alpha=0.05)
    found = recalculate_bounds(design, information=(0.4, 0.7, 1.0), final=True)

    assert found.lower == pytest.approx(design.lower, abs=1e-12)
    assert found.lower[-1] < found.upper[-1]


def test_futility_without_a_function_cannot_be_recalculated() -> None:
    given = looks(futility=BoundRule(name="bounds", values=(0.0, 0.5, -np.inf)))
    with pytest.raises(ImpossiblePlanError, match="follow no spending function"):
        recalculate_bounds(given, information=(0.4,))
    for came in ((), (0.5, 0.4), (math.nan,), (-0.1, 0.5)):
        with pytest.raises(ValueError, match="grow from look to look"):
            recalculate_bounds(given, information=came)


def test_hazard_ratio_and_z_turn_into_each_other() -> None:
    ratio = hazard_ratio_of(2.0, events=100.0)

    assert ratio == pytest.approx(math.exp(-0.4))
    assert drift_of_hazard_ratio(ratio, events=100.0) == pytest.approx(2.0)
    assert log_hazard_information(90.0, ratio=2.0) == pytest.approx(20.0)
    with pytest.raises(ValueError, match="events and ratio"):
        log_hazard_information(0.0)


def test_bounds_on_every_scale() -> None:
    design = looks(futility=LATE_BETA)
    found = express_bounds(design.upper, design=design, events=100.0)

    assert found.hazard_ratio == pytest.approx(
        [hazard_ratio_of(z, events=n) for z, n in zip(found.z, (40, 70, 100), strict=True)]
    )
    assert found.p[-1] == pytest.approx(0.0227210428, rel=1e-7)
    assert found.b_value == pytest.approx(design.upper * np.sqrt([0.4, 0.7, 1.0]))
    assert (found.design_power[:2] > 0.95).all()
    assert np.isnan(found.design_power[2])
    low = express_bounds(design.lower, design=design, events=100.0)
    assert (low.trend_power[:2] < 0.2).all()


def test_a_bound_that_is_not_there_has_no_power() -> None:
    design = looks()
    found = express_bounds([np.inf, -np.inf, 2.0], design=design, events=100.0)

    assert found.p[:2].tolist() == [0.0, 1.0]
    assert found.hazard_ratio[:2].tolist() == [0.0, np.inf]
    assert np.isnan(found.design_power).all()
    with pytest.raises(ValueError, match="each of 3 looks"):
        express_bounds([2.0], design=design, events=100.0)
