"""Intervals for shares and their difference against high-precision and published values."""

import json
from pathlib import Path

import pytest

from equipoise.numerics.shares.proportions import (
    compare_miettinen_nurminen,
    compare_newcombe,
    estimate_clopper_pearson,
    estimate_wilson,
)

TRUTH = json.loads((Path(__file__).parent / "miettinen_nurminen.json").read_text())


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: "-".join(map(str, case["table"])))
def test_miettinen_nurminen_has_all_digits(case: dict[str, list[int] | str]) -> None:
    x1, n1, x0, n0 = (int(count) for count in case["table"])
    found = compare_miettinen_nurminen((x0, x1), n=(n0, n1))

    assert found.lower == pytest.approx(float(str(case["lower"])), abs=1e-12)
    assert found.value == pytest.approx(float(str(case["difference"])), abs=1e-15)
    assert found.upper == pytest.approx(float(str(case["upper"])), abs=1e-12)


# Newcombe (1998), Statistics in Medicine 17:873, table II, method 10, to four digits
NEWCOMBE = [
    ((48, 56), (80, 70), 0.0524, 0.3339),
    ((3, 9), (10, 10), 0.1705, 0.8090),
    ((2, 6), (7, 7), 0.0582, 0.8062),
    ((0, 5), (29, 56), -0.0381, 0.1926),
    ((0, 0), (20, 10), -0.1611, 0.2775),
    ((0, 10), (20, 10), 0.6791, 1.0),
    ((0, 10), (10, 10), 0.6075, 1.0),
]


@pytest.mark.parametrize(("events", "n", "lower", "upper"), NEWCOMBE)
def test_newcombe_gives_the_published_table(
    events: tuple[int, int], n: tuple[int, int], lower: float, upper: float
) -> None:
    found = compare_newcombe(events, n=n)

    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)


# Newcombe (1998), Statistics in Medicine 17:857, table I: exact (method 5) and score (method 3)
SINGLE = [
    (81, 263, (0.2527, 0.3676), (0.2553, 0.3662)),
    (15, 148, (0.0578, 0.1617), (0.0624, 0.1605)),
    (0, 20, (0.0, 0.1684), (0.0, 0.1611)),
    (1, 29, (0.0009, 0.1776), (0.0061, 0.1718)),
]


@pytest.mark.parametrize(("events", "n", "exact", "score"), SINGLE)
def test_single_shares_give_the_published_table(
    events: int, n: int, exact: tuple[float, float], score: tuple[float, float]
) -> None:
    clopper, wilson = estimate_clopper_pearson(events, n=n), estimate_wilson(events, n=n)

    assert (round(clopper.lower, 4), round(clopper.upper, 4)) == exact
    assert (round(wilson.lower, 4), round(wilson.upper, 4)) == score
