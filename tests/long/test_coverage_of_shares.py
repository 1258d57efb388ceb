"""Long runs: the true coverage of intervals for a difference of shares, by all tables.

No simulation: the chance of every table is added up. Not part of `make test`; `make validate` runs
it and prints the figures that stand in docs/validation/shares.md.
"""

import math
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from equipoise.numerics.shares.barnard import Ordering, compare_unconditionally
from equipoise.numerics.shares.exact_difference import compare_exactly
from equipoise.numerics.shares.fisher import compare_fisher
from equipoise.numerics.shares.proportions import compare_miettinen_nurminen, compare_newcombe
from equipoise.numerics.shares.risk_difference import compare_agresti_caffo, compare_wald

SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
DIFFERENCES = (0.0, 0.1, 0.2, 0.3)
PAIRS = [(p, p + d) for p in SHARES for d in DIFFERENCES]
ASYMPTOTIC: dict[str, Callable[..., Any]] = {
    "Miettinen-Nurminen": compare_miettinen_nurminen,
    "Newcombe": compare_newcombe,
    "Agresti-Caffo": compare_agresti_caffo,
    "Wald": compare_wald,
}
EXACT: dict[str, Callable[..., Any]] = {"Chan-Zhang (exact)": compare_exactly}


TESTS: dict[str, Callable[..., float]] = {
    "score (Miettinen-Nurminen)": lambda x, n: compare_miettinen_nurminen(x, n=n).test.p_value,
    "Fisher": lambda x, n: compare_fisher(x, n=n).p_value,
    "Fisher, mid-p": lambda x, n: compare_fisher(x, n=n).mid_p,
    "Barnard": lambda x, n: compare_unconditionally(x, n=n).p_value,
    "Boschloo": lambda x, n: compare_unconditionally(x, n=n, ordering=Ordering.FISHER).p_value,
}


def chances(n: int, share: float) -> dict[int, float]:
    """Counts and their chances, but for those that come to less than 1e-6 in all."""
    found = {
        k: math.exp(
            math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            + k * math.log(share) + (n - k) * math.log1p(-share)
        )
        for k in range(n + 1)
    }  # fmt: skip
    return {k: chance for k, chance in found.items() if chance > 1e-8}


@cache
def limits(method: str, x0: int, x1: int, n: int) -> tuple[float, float]:
    """Of each table once: with arms, or responders and others, exchanged they change sign."""
    if x0 > x1 or x0 + x1 > n:
        lower, upper = limits(method, x1, x0, n) if x0 > x1 else limits(method, n - x0, n - x1, n)
        return -upper, -lower
    found = {**ASYMPTOTIC, **EXACT}[method]((x0, x1), n=(n, n))
    return found.lower, found.upper


def coverage(method: str, n: int, pair: tuple[float, float]) -> float:
    """The chance that the interval holds the true difference."""
    difference = pair[1] - pair[0]
    total = 0.0
    for x0, chance0 in chances(n, pair[0]).items():
        for x1, chance1 in chances(n, pair[1]).items():
            lower, upper = limits(method, x0, x1, n)
            if lower - 1e-12 <= difference <= upper + 1e-12:
                total += chance0 * chance1
    return total


def tell(method: str, n: int, found: list[float]) -> None:
    mean = sum(found) / len(found)
    sys.stderr.write(f"\n| {method} | {n} | {min(found):.4f} | {mean:.4f} | {max(found):.4f} |")


@pytest.mark.parametrize("method", [*ASYMPTOTIC, *EXACT])
def test_limits_change_sign_with_the_arms_and_with_responders(method: str) -> None:
    compare = {**ASYMPTOTIC, **EXACT}[method]
    for x0, x1 in ((3, 17), (0, 5), (20, 20)):
        found = compare((x0, x1), n=(44, 44))
        for other in ((x1, x0), (44 - x0, 44 - x1)):
            mirrored = compare(other, n=(44, 44))
            assert (-mirrored.upper, -mirrored.lower) == pytest.approx(
                (found.lower, found.upper), abs=1e-9
            )


@pytest.mark.parametrize("test", TESTS)
def test_p_is_the_same_with_the_arms_and_with_responders_exchanged(test: str) -> None:
    for x0, x1 in ((3, 17), (0, 5), (12, 20)):
        p = [TESTS[test](pair, (44, 44)) for pair in ((x0, x1), (x1, x0), (44 - x0, 44 - x1))]
        assert p == pytest.approx([p[0]] * 3, abs=1e-9)


@pytest.mark.parametrize("method", [*ASYMPTOTIC, *EXACT])
def test_coverage_at_44_an_arm(method: str) -> None:
    found = [coverage(method, 44, pair) for pair in PAIRS]
    tell(method, 44, found)
    mean = sum(found) / len(found)

    if method in EXACT:
        assert min(found) >= 0.95
    elif method == "Wald":
        assert min(found) < 0.945
    else:
        assert min(found) > 0.935
        assert 0.947 < mean < 0.965


@pytest.mark.parametrize("method", ASYMPTOTIC)
def test_coverage_at_500_an_arm(method: str) -> None:
    pairs = [(p, p + d) for p in SHARES for d in (0.0, 0.1)]
    found = [coverage(method, 500, pair) for pair in pairs]
    tell(method, 500, found)

    assert all(0.945 < each < 0.957 for each in found)


@pytest.mark.parametrize("test", TESTS)
def test_level_at_44_an_arm(test: str) -> None:
    """The chance to reject at 5 % where the shares are one; a NaN does not reject."""
    n = 44
    once = [
        (x0, x1) for x0 in range(n + 1) for x1 in range(x0, n + 1 - x0)
        if TESTS[test]((x0, x1), (n, n)) <= 0.05
    ]  # fmt: skip
    same = {(x0, x1) for pair in once for x0, x1 in (pair, [n - x for x in pair])}
    rejected = same | {(x1, x0) for x0, x1 in same}
    found = []
    for share in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
        each = chances(n, share)
        found.append(sum(each.get(x0, 0.0) * each.get(x1, 0.0) for x0, x1 in rejected))
    tell(test, n, found)

    if test in ("Fisher", "Barnard", "Boschloo"):
        assert max(found) <= 0.05
    assert max(found) < 0.06
