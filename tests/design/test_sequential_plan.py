"""Plans with looks that cannot be carried out are told, with the reason."""

from typing import Any

import pytest

from equipoise.design.bounds import build_design
from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.sequential_plan import SequentialPlan, find_sequential_plan_problems
from equipoise.design.spending import BoundRule

HALVES = (0.5, 1.0)
ONE_SIDED = ErrorRates(alpha=0.025, sides=1, power=0.9)


def rule(name: str, *values: float, parameter: float | None = None) -> BoundRule:
    return BoundRule(name=name, values=values, parameter=parameter)


SPENDS_BETA = rule("kim-demets")
IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"information": ()}, "looks-missing", "finite share"),
    ({"information": (0.5, float("nan"))}, "looks-missing", "finite share"),
    ({"information": (0.5, 0.4, 1.0)}, "looks-not-growing", "look 2 at 0.4"),
    ({"information": (0.0, 1.0)}, "looks-not-growing", "look 1 at 0"),
    ({"information": (50.0, 100.0)}, "last-look-not-at-1", "100"),
    ({"spending_time": (0.5, 0.7, 1.0)}, "values-not-one-a-look", "3 values for 2 looks"),
    ({"efficacy": rule("pocok")}, "rule-unknown", "pocok"),
    ({"efficacy": rule("shares", 0.6, 0.5)}, "spending-not-monotone", "look 2 has spent 0.5"),
    ({"efficacy": rule("shares", 0.6, 1.2)}, "spending-beyond-alpha", "spend 1.2 of the error"),
    ({"efficacy": rule("shares", 0.6, 0.9)}, "spending-short", "0.9 of the error"),
    ({"efficacy": rule("shares", 1.0)}, "values-not-one-a-look", "1 values for 2 looks"),
    ({"efficacy": rule("bounds", 3.0, float("nan"))}, "values-missing", "not a number"),
    ({"efficacy": rule("bounds", 3.0, 1.9)}, "spending-beyond-alpha", "by look 2 the bounds spend"),
    ({"efficacy": rule("haybittle-peto", parameter=1.5)}, "spending-beyond-alpha", "look 1"),
    ({"efficacy": rule("wang-tsiatis")}, "parameter-missing", "shape"),
    ({"efficacy": rule("kim-demets", parameter=0.0)}, "parameter-impossible", "kim-demets"),
    ({"efficacy": rule("hwang-shih-decani", parameter=99.0)}, "parameter-impossible", "99"),
    ({"rates": ErrorRates(alpha=0.05, sides=1, power=0.04)}, "power-not-above-alpha", "0.04"),
    ({"rates": ErrorRates(alpha=2.0)}, "alpha-impossible", "2"),
    ({"binding": True}, "futility-missing", "no rule of futility"),
    ({"futility": rule("pocock")}, "futility-not-spent", "upper bounds only"),
    ({"futility": rule("bounds", 0.0, 1.0), "rates": ErrorRates()}, "futility-one-sided", "wedge"),
    ({"futility": SPENDS_BETA, "harm_alpha": 0.99}, "harm-alpha-impossible", "0.99"),
    ({"futility": rule("bounds", 4.0, 1.0)}, "bounds-crossed", "at look 1"),
]


@pytest.mark.parametrize(("change", "code", "words"), IMPOSSIBLE, ids=[c for _, c, _ in IMPOSSIBLE])
def test_a_plan_that_cannot_be_is_refused_with_the_reason(
    change: dict[str, Any], code: str, words: str
) -> None:
    plan = SequentialPlan(**{"information": HALVES, "rates": ONE_SIDED, **change})
    with pytest.raises(ImpossiblePlanError) as refused:
        build_design(plan)

    told = {finding.code: finding for finding in refused.value.findings}
    assert words in told[code].message
    assert told[code].mend


def test_every_problem_is_told_at_once() -> None:
    plan = SequentialPlan(
        information=(0.5, 0.4), rates=ErrorRates(power=0.01), efficacy=rule("none")
    )

    assert [finding.code for finding in find_sequential_plan_problems(plan)] == [
        "power-not-above-alpha", "looks-not-growing", "last-look-not-at-1", "rule-unknown"
    ]  # fmt: skip


def test_a_plan_that_can_be_has_no_finding() -> None:
    plan = SequentialPlan(information=HALVES, futility=SPENDS_BETA, rates=ONE_SIDED)

    assert list(find_sequential_plan_problems(plan)) == []
    assert plan.time == plan.information
    assert not plan.two_sided
