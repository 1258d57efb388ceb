"""The most likely shares at a given difference: no other pair is likelier, also at the edges."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.shares.restricted_shares import (
    restricted_share_kernel,
    score_variance_kernel,
)
from naive.risk_difference import restricted

ARM = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def floats(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float, float, float]:
    return float(one[0]), float(one[1]), float(other[0]), float(other[1])


def log_likelihood(x1: int, n1: int, x0: int, n0: int, p0: float, delta: float) -> float:
    total = 0.0
    for x, n, p in ((x1, n1, p0 + delta), (x0, n0, p0)):
        inside = min(max(p, 0.0), 1.0)
        for count, share in ((x, inside), (n - x, 1 - inside)):
            total += count * math.log(share) if share > 0 else (-math.inf if count else 0.0)
    return total


@settings(max_examples=30)
@given(ARM, ARM, st.floats(-0.99, 0.99))
def test_no_other_share_is_likelier(
    one: tuple[int, int], other: tuple[int, int], delta: float
) -> None:
    found = restricted_share_kernel(*floats(one, other), delta)
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    best = log_likelihood(*one, *other, found, delta)

    assert low <= found <= high
    for part in range(101):
        tried = low + (high - low) * part / 100
        assert log_likelihood(*one, *other, tried, delta) <= best + 1e-9 * (1 + abs(best))


@settings(max_examples=30)
@given(ARM, ARM, st.floats(-0.95, 0.95))
def test_the_variance_is_that_of_the_closed_form(
    one: tuple[int, int], other: tuple[int, int], delta: float
) -> None:
    p1, p0 = restricted(*one, *other, delta)
    found = score_variance_kernel(*floats(one, other), delta)

    assert found == pytest.approx(p1 * (1 - p1) / one[1] + p0 * (1 - p0) / other[1], abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "delta", "share"),
    [
        ((0, 29, 0, 20), 0.0, 0.0),
        ((29, 29, 20, 20), 0.0, 1.0),
        ((0, 29, 0, 20), 0.1, 0.0),
        ((0, 29, 0, 20), -0.1, 0.1),
        ((10, 10, 0, 20), 1.0, 0.0),
        ((0, 10, 20, 20), -1.0, 1.0),
        ((9, 10, 3, 20), 0.75, 0.15),
    ],
)
def test_edges_and_the_observed_difference(
    counts: tuple[int, int, int, int], delta: float, share: float
) -> None:
    found = restricted_share_kernel(*floats(counts[:2], counts[2:]), delta)
    assert found == pytest.approx(share, abs=1e-15)
