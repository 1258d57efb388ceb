"""Designs with looks: bounds, power, chances to stop, and what they cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule

THIRDS = (1 / 3, 2 / 3, 1.0)
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
RULES = st.sampled_from(
    [
        BoundRule(name="lan-demets-obrien-fleming"),
        BoundRule(name="kim-demets", parameter=2.0),
        BoundRule(name="obrien-fleming"),
        BoundRule(name="pocock"),
        BoundRule(name="wang-tsiatis", parameter=0.25),
        BoundRule(name="haybittle-peto"),
        BoundRule(name="shares", values=(0.0, 0.3, 1.0)),
    ]
)
FUTILITY = st.sampled_from([None, LATE_BETA, BoundRule(name="shares", values=(0.0, 0.5, 1.0))])


def design(sides: int = 1, power: float = 0.8, **rest: object) -> SequentialDesign:
    rates = ErrorRates(alpha=0.025 * sides, sides=sides, power=power)
    return build_design(SequentialPlan(information=THIRDS, rates=rates, **rest))  # type: ignore[arg-type]


@settings(max_examples=25)
@given(RULES, FUTILITY, st.sampled_from([1, 2]), st.booleans())
def test_a_design_keeps_its_errors(
    efficacy: BoundRule, futility: BoundRule | None, sides: int, binding: bool
) -> None:
    found = design(sides, efficacy=efficacy, futility=futility, binding=binding and bool(futility))
    level = float(found.null.above.sum() + found.null.below.sum())
    power = float(found.alternative.above.sum())

    assert found.alpha_spent[-1] == pytest.approx(0.025 * sides, abs=1e-12)
    if futility is None or found.plan.binding:
        assert level == pytest.approx(0.025 * sides, abs=1e-12)
    else:
        assert level < 0.025 * sides
    assert power == pytest.approx(0.8, abs=1e-4 if sides == 2 else 1e-11)
    assert found.inflation > 1 - 1e-5
    assert (found.lower <= found.upper).all()


@settings(max_examples=10)
@given(RULES, st.sampled_from([-1.0, 0.0, 2.0, 5.0]))
def test_chances_add_up_to_one(efficacy: BoundRule, drift: float) -> None:
    found = design(efficacy=efficacy, futility=LATE_BETA)
    chances = found.chances(drift)

    assert chances.ends.sum() == pytest.approx(1.0, abs=1e-14)
    assert (chances.above + chances.below + chances.futility).sum() == pytest.approx(1.0, abs=1e-13)
    assert 1 / 3 < found.expected_information(drift) < 1


def test_one_look_is_a_trial_without_looks() -> None:
    plan = SequentialPlan(information=(1.0,), rates=ErrorRates(power=0.9))
    found = build_design(plan)

    assert found.upper == pytest.approx([1.959963984540054])
    assert found.inflation == pytest.approx(1.0, abs=1e-6)
    assert found.expected_information(found.drift) == pytest.approx(1.0)


def test_haybittle_peto_looks_at_three_until_the_end() -> None:
    found = design(efficacy=BoundRule(name="haybittle-peto"))

    assert found.upper == pytest.approx([3.0, 3.0, 1.9750976339], abs=1e-10)


def test_classical_bounds_have_their_shape() -> None:
    pocock = design(2, efficacy=BoundRule(name="pocock")).upper
    fleming = design(2, efficacy=BoundRule(name="obrien-fleming")).upper

    # Jennison, Turnbull (2000), tables 2.1 and 2.3, alpha 0.05, K = 3
    assert pocock == pytest.approx([2.289] * 3, abs=5e-4)
    assert fleming * np.sqrt(THIRDS) == pytest.approx([2.004] * 3, abs=5e-4)


@pytest.mark.parametrize(
    ("power", "ratio"), [(0.8, 1.166), (0.9, 1.151)]
)  # Jennison, Turnbull (2000), table 2.2: Pocock, alpha 0.05, K = 3
def test_pocock_costs_what_the_table_says(power: float, ratio: float) -> None:
    found = design(2, power, efficacy=BoundRule(name="pocock"))

    assert found.inflation == pytest.approx(ratio, abs=6e-4)


def test_bounds_that_are_given_are_kept() -> None:
    given_bounds = (np.inf, 2.6, 2.0)
    lower = (0.0, 0.5, -np.inf)
    found = design(
        efficacy=BoundRule(name="bounds", values=given_bounds),
        futility=BoundRule(name="bounds", values=lower),
    )

    assert found.upper.tolist() == list(given_bounds)
    assert found.lower.tolist() == list(lower)
    assert found.alpha_spent[-1] < 0.025
    assert found.alternative.above.sum() == pytest.approx(0.8, abs=1e-12)


def test_futility_that_binds_is_paid_back_in_lower_bounds() -> None:
    lower = BoundRule(name="bounds", values=(0.0, 0.5, -np.inf))
    free, bound = design(futility=lower), design(futility=lower, binding=True)

    assert bound.upper[1] < free.upper[1]
    assert bound.null.above.sum() == pytest.approx(0.025, abs=1e-14)
    assert free.null.above.sum() < 0.025


def test_harm_spends_error_of_the_null() -> None:
    found = design(futility=LATE_BETA, harm_alpha=0.1)

    assert found.null.futility.sum() == pytest.approx(0.1, abs=1e-5)
    assert found.alternative.above.sum() == pytest.approx(0.8, abs=1e-12)
    assert found.lower[-1] < found.upper[-1]


def test_spending_by_the_calendar_moves_the_bounds() -> None:
    early = design(spending_time=(0.5, 0.8, 1.0))

    assert early.upper[0] < design().upper[0]
    assert early.null.above.sum() == pytest.approx(0.025, abs=1e-14)
