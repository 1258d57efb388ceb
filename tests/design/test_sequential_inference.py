"""After stopping: p values are uniform, intervals cover, estimates are right half the time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_inference import (
    estimate_after_stopping,
    estimate_repeatedly,
    find_stage_wise_p,
)
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule

ONE_SIDED = ErrorRates(alpha=0.025, sides=1, power=0.9)
POCOCK = BoundRule(name="lan-demets-pocock")


def looks(sides: int = 1, rule: BoundRule = POCOCK) -> SequentialDesign:
    rates = ErrorRates(alpha=0.025 * sides, sides=sides, power=0.9)
    return build_design(SequentialPlan(information=(0.3, 0.6, 1.0), rates=rates, efficacy=rule))


def test_on_the_last_bound_p_is_alpha_and_the_limit_is_no_effect() -> None:
    design = looks()
    found = estimate_after_stopping(design, look=3, z=float(design.upper[2]))

    assert found.p_value == pytest.approx(0.025, abs=1e-14)
    assert found.lower == pytest.approx(0.0, abs=1e-10)


def test_at_the_first_look_nothing_has_been_looked_at() -> None:
    found = estimate_after_stopping(looks(), look=1, z=2.8, information=100.0)

    assert found.estimate * math.sqrt(30) == pytest.approx(2.8, rel=1e-12)
    assert (found.upper - found.lower) / 2 * math.sqrt(30) == pytest.approx(1.959963984540054)


@settings(max_examples=20)
@given(st.floats(-1, 4), st.floats(-1, 4), st.integers(1, 3), st.sampled_from([1, 2]))
def test_higher_results_have_lower_p_and_higher_estimates(
    one: float, two: float, look: int, sides: int
) -> None:
    design = looks(sides)
    low, high = sorted((one, two))
    ps = [find_stage_wise_p(design, look=look, z=z) for z in (low, high)]
    found = [estimate_after_stopping(design, look=look, z=z) for z in (low, high)]

    assert ps[0] >= ps[1]
    assert found[0].estimate <= found[1].estimate + 1e-9
    for each in found:
        assert each.lower < each.estimate < each.upper


def test_a_bound_crossed_earlier_is_the_higher_result() -> None:
    design = looks()
    p = [find_stage_wise_p(design, look=k + 1, z=float(design.upper[k])) for k in range(3)]

    assert p == pytest.approx(design.alpha_spent.tolist(), abs=1e-14)


@pytest.mark.parametrize("drift", [0.0, 2.0])
def test_over_trials_estimates_are_too_high_half_the_time_and_limits_cover(drift: float) -> None:
    design = looks()
    below = covered = total = 0.0
    for look in (1, 2, 3):
        for z in np.linspace(-4, 6, 14):
            chance = find_stage_wise_p(design, look=look, z=z, drift=drift)
            found = estimate_after_stopping(design, look=look, z=z)
            below += (found.estimate < drift) == (chance > 0.5)
            covered += (found.lower < drift < found.upper) == (0.025 < chance < 0.975)
            total += 1

    assert below == covered == total


def test_two_sides_mirror_each_other() -> None:
    design = looks(2)
    up = estimate_after_stopping(design, look=2, z=2.6)
    down = estimate_after_stopping(design, look=2, z=-2.6)

    assert down.estimate == pytest.approx(-up.estimate, rel=1e-6)
    assert down.lower == pytest.approx(-up.upper, rel=1e-6)
    assert up.p_value < 0.05


def test_repeated_limits_touch_no_effect_where_the_bound_is_crossed() -> None:
    design = looks()
    for look in (1, 2, 3):
        bound = float(design.upper[look - 1])
        found = estimate_repeatedly(design, look=look, z=bound)

        assert found.lower == pytest.approx(0.0, abs=1e-12)
        assert found.p_value == pytest.approx(0.025, rel=1e-9)


@settings(max_examples=10)
@given(st.floats(0.2, 4.5), st.integers(1, 3), st.sampled_from(["obrien-fleming", "kim-demets"]))
def test_the_repeated_p_value_rejects_with_the_bound(z: float, look: int, name: str) -> None:
    design = looks(rule=BoundRule(name=name))
    found = estimate_repeatedly(design, look=look, z=z)

    assert (found.p_value < 0.025) == (z > design.upper[look - 1]) == (found.lower > 0)


def test_rules_without_a_level_have_no_repeated_p_value() -> None:
    design = looks(rule=BoundRule(name="haybittle-peto"))

    assert math.isnan(estimate_repeatedly(design, look=1, z=2.0).p_value)
    assert estimate_repeatedly(looks(), look=1, z=-50.0).p_value == 1.0


def test_binding_futility_is_heeded() -> None:
    plan = SequentialPlan(
        information=(0.5, 1.0), rates=ONE_SIDED, binding=True,
        futility=BoundRule(name="bounds", values=(0.5, -np.inf)),
    )  # fmt: skip
    design = build_design(plan)

    assert find_stage_wise_p(design, look=2, z=float(design.upper[1])) == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"look": 4}, "from 1 to 3"),
        ({"z": math.inf}, "z must be finite"),
        ({"information": 0.0}, "information must be finite and above 0"),
        ({"level": 1.0}, "level must lie"),
    ],
)
def test_wrong_questions_are_refused(changed: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_after_stopping(looks(), **{"look": 1, "z": 1.0, **changed})  # type: ignore[arg-type]
