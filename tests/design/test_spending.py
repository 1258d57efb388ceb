"""Spending functions: what is spent by a look, by formula."""

import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from equipoise.design.spending import SHARES, SPENDING, BoundRule, spend

TIME = np.array([0.2, 0.5, 0.8, 1.0])
RULES = [
    BoundRule(name=name, values=(0.1, 0.2, 0.6, 1.0) if name == "shares" else ())
    for name in SPENDING
]


@pytest.mark.parametrize("rule", RULES, ids=SPENDING)
@pytest.mark.parametrize("sides", [1, 2])
def test_every_rule_grows_and_ends_at_the_error(rule: BoundRule, sides: int) -> None:
    spent = spend(rule, time=TIME, total=0.05, sides=sides)

    assert (np.diff(spent, prepend=0) > 0).all()
    assert spent[-1] == pytest.approx(0.05, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "parameter", "wanted"),
    [
        ("lan-demets-obrien-fleming", None, 2 * (1 - ndtr(-ndtri(0.0125) / math.sqrt(0.5)))),
        ("lan-demets-pocock", None, 0.025 * math.log(1 + (math.e - 1) / 2)),
        ("hwang-shih-decani", None, 0.025 * (1 - math.exp(2)) / (1 - math.exp(4))),
        ("hwang-shih-decani", 1.0, 0.025 * (1 - math.exp(-0.5)) / (1 - math.exp(-1))),
        ("hwang-shih-decani", 0.0, 0.0125),
        ("kim-demets", None, 0.025 / 8),
        ("kim-demets", 2.0, 0.025 / 4),
    ],
)
def test_half_way_a_rule_has_spent(name: str, parameter: float | None, wanted: float) -> None:
    rule = BoundRule(name=name, parameter=parameter)

    assert spend(rule, time=np.array([0.5]), total=0.025)[0] == pytest.approx(wanted, rel=1e-12)


def test_two_sides_spend_half_each() -> None:
    rule = BoundRule(name="lan-demets-obrien-fleming")

    assert spend(rule, time=TIME, total=0.05, sides=2) == pytest.approx(
        2 * spend(rule, time=TIME, total=0.025)
    )


def test_what_came_late_spends_no_more() -> None:
    late = np.array([0.5, 1.3])

    assert [spend(BoundRule(name=name), time=late, total=0.05)[1] for name in SHARES
            if name != "shares"] == pytest.approx([0.05, 0.05, 0.05])  # fmt: skip
