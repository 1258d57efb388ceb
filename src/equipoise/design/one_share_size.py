"""One share against a fixed one: how many subjects show that it differs, and their power."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    impossible,
    refuse,
    round_up,
    solve_rising,
)
from equipoise.design.exact_share_power import binomial_chances
from equipoise.vocab.finding import Finding

_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSharePlan:
    """The share that would be of no interest, the one that is hoped for; exact or normal test."""

    expected: float
    hoped: float
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShareSize:
    """Subjects, the least (or, for a hoped share below, the most) events that reject, and power.

    `exact` is the size before rounding by the normal test. `level` is the actual one-sided level.
    """

    exact: float
    n: int
    events: int
    level: float
    power: float


def find_one_share_problems(plan: OneSharePlan) -> Iterator[Finding]:
    """What makes the plan impossible."""
    for name in ("expected", "hoped"):
        share = getattr(plan, name)
        if not 0 < share < 1:
            yield impossible(
                name, code="share-impossible", message=f"a share of {share:g} is not in (0, 1)",
                mend="Write 0.5 for 50 percent.",
            )  # fmt: skip
    if plan.expected == plan.hoped:
        yield impossible(
            "hoped", code="no-effect", message="the share hoped for is the expected one",
            mend="Assume another share.",
        )  # fmt: skip


def one_share_power(plan: OneSharePlan, *, n: int, rates: ErrorRates) -> OneShareSize:
    """What n subjects do: the exact binomial test's bound, its level and its power.

    A normal test (not `exact`) has the bound that its z, with the variance at the expected share,
    gives; level and power are exact all the same.
    """
    refuse(find_one_share_problems(plan))
    rising = plan.hoped > plan.expected
    p0, p1 = (p if rising else 1 - p for p in (plan.expected, plan.hoped))
    null, there = binomial_chances(n, share=p0), binomial_chances(n, share=p1)
    tail = np.minimum(np.cumsum(null[::-1])[::-1], 1.0)
    if plan.exact:
        rejected = tail <= rates.one_sided * (1 + 1e-12)
    else:
        z = (np.arange(n + 1) - n * p0) / math.sqrt(n * p0 * (1 - p0))
        rejected = z >= rates.critical
    least = int(np.argmax(rejected)) if rejected.any() else n + 1
    return OneShareSize(
        exact=_normal_size(p0, p1, rates),
        n=n,
        events=least if rising else n - least,
        level=float(null[least:].sum()),
        power=float(there[least:].sum()),
    )


def _normal_size(p0: float, p1: float, rates: ErrorRates) -> float:
    """Source: Fleiss, Levin, Paik (2003), 2.4."""
    null, there = math.sqrt(p0 * (1 - p0)), math.sqrt(p1 * (1 - p1))

    def power(n: float) -> float:
        return float(ndtr((math.sqrt(n) * (p1 - p0) - rates.critical * null) / there))

    return solve_rising(power, goal=rates.power, start=16.0)


def size_one_share(plan: OneSharePlan, *, rates: ErrorRates) -> OneShareSize:
    """How many subjects show that a share differs from the expected one.

    The normal test's size is rounded up; for the exact test, whose power goes up and down, it is
    the least size that reaches it. Source: A'Hern (2001); Fleiss, Levin, Paik (2003), 2.4.
    """
    refuse(find_error_rates_problems(rates))
    refuse(find_one_share_problems(plan))
    start = one_share_power(plan, n=2, rates=rates).exact
    if not plan.exact:
        return one_share_power(plan, n=round_up(start), rates=rates)
    for n in range(max(1, int(start * 0.5)), _MOST):
        found = one_share_power(plan, n=n, rates=rates)
        if found.power >= rates.power:
            return found
    raise ValueError(f"more than {_MOST} subjects: take the normal test")
