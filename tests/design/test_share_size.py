"""Two shares: the reference trial's 88, every test, enumeration, margins, what cannot be."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.error_rates import ErrorRates, ImpossiblePlanError
from equipoise.design.exact_share_power import ExactTest, exact_power
from equipoise.design.share_size import (
    SharePlan,
    ShareTest,
    least_share_effect,
    share_power,
    size_shares,
)
from equipoise.numerics.shares.fisher import compare_fisher

DESIGN = SharePlan(reference=0.5, experimental=0.8, dropout=0.1)
RATES = ErrorRates()
SHARES = st.sampled_from([0.1, 0.25, 0.4, 0.6, 0.85])


def test_the_reference_trial_needs_39_an_arm_and_enrols_88() -> None:
    found = size_shares(DESIGN, rates=RATES)

    assert (found.reference, found.experimental) == (39, 39)
    assert (found.enrolled_reference, found.enrolled_experimental) == (44, 44)
    assert (found.evaluable, found.enrolled) == (78, 88)
    assert 0.80 < found.power < 0.81


def test_a_one_sided_design_of_60_against_85_has_39_an_arm_too() -> None:
    rates = ErrorRates(alpha=0.05, sides=1)
    found = size_shares(SharePlan(reference=0.6, experimental=0.85), rates=rates)

    assert found.reference == 39


@given(SHARES, SHARES, st.sampled_from([0.5, 1.0, 3.0]),
       st.sampled_from([t for t in ShareTest if t is not ShareTest.FISHER]))  # fmt: skip
@settings(max_examples=30)
def test_the_size_has_the_power_and_one_less_has_not(
    p0: float, p1: float, ratio: float, test: ShareTest
) -> None:
    if p0 == p1:
        return
    plan = SharePlan(reference=p0, experimental=p1, ratio=ratio, test=test)
    found = size_shares(plan, rates=RATES)
    at = share_power(plan, n=(found.exact, ratio * found.exact), rates=RATES)

    assert at == pytest.approx(0.8, abs=1e-10)
    assert found.power >= 0.8
    less = (found.reference - 1, ratio * (found.reference - 1))
    assert less[0] < 1 or share_power(plan, n=less, rates=RATES) < 0.8


@given(SHARES, SHARES)
@settings(max_examples=10)
def test_events_and_their_absence_need_the_same_size(p0: float, p1: float) -> None:
    if p0 == p1:
        return
    plan = SharePlan(reference=p0, experimental=p1)
    turned = SharePlan(reference=1 - p0, experimental=1 - p1)

    assert size_shares(plan, rates=RATES).exact == pytest.approx(
        size_shares(turned, rates=RATES).exact, rel=1e-10
    )


def by_hand(p: tuple[float, float], n: tuple[int, int], alpha: float) -> float:
    """Every table with its chance, rejected where `compare_fisher` says so."""
    return sum(
        math.comb(n[0], a) * p[0] ** a * (1 - p[0]) ** (n[0] - a)
        * math.comb(n[1], b) * p[1] ** b * (1 - p[1]) ** (n[1] - b)
        for a in range(n[0] + 1)
        for b in range(n[1] + 1)
        if compare_fisher((a, b), n=n).p_greater <= alpha
    )  # fmt: skip


def test_fishers_power_is_the_sum_over_tables() -> None:
    found = exact_power((0.2, 0.7), n=(6, 8), alpha=0.025, test=ExactTest.FISHER)

    assert found == pytest.approx(by_hand((0.2, 0.7), (6, 8), 0.025), rel=1e-12)
    turned = exact_power((0.8, 0.3), n=(6, 8), alpha=0.025, test=ExactTest.FISHER)
    assert turned == pytest.approx(found, rel=1e-12)


def test_fisher_keeps_its_level_and_the_chi_square_may_not() -> None:
    at = {test: exact_power((0.5, 0.5), n=(39, 39), alpha=0.025, test=test) for test in ExactTest}

    assert at[ExactTest.FISHER] < 0.025
    assert at[ExactTest.CORRECTED] < 0.025
    assert 0.025 < at[ExactTest.CHI_SQUARE] < 0.035


def test_a_share_of_nothing_or_everything_is_counted() -> None:
    assert exact_power((0.0, 1.0), n=(6, 6), alpha=0.025, test=ExactTest.FISHER) == 1
    assert exact_power((0.0, 0.0), n=(6, 6), alpha=0.025, test=ExactTest.CHI_SQUARE) == 0
    with pytest.raises(ValueError, match="at least 1 each"):
        exact_power((0.1, 0.2), n=(0, 6), alpha=0.025, test=ExactTest.FISHER)


def test_fishers_size_is_the_least_with_the_power() -> None:
    plan = replace(DESIGN, test=ShareTest.FISHER)
    found = size_shares(plan, rates=RATES)
    reached = [n for n in range(10, 60) if share_power(plan, n=(n, n), rates=RATES) >= 0.8]

    assert found.reference == reached[0]


def test_too_many_tables_are_refused_with_a_way_out() -> None:
    plan = SharePlan(reference=0.5, experimental=0.51, test=ShareTest.FISHER)
    with pytest.raises(ImpossiblePlanError, match="too-many-tables"):
        size_shares(plan, rates=RATES)


def test_non_inferiority_grows_with_a_narrower_margin() -> None:
    sizes = [
        size_shares(
            SharePlan(reference=0.75, experimental=0.75, margin=margin), rates=RATES
        ).reference
        for margin in (-0.2, -0.1, -0.05)
    ]

    assert sizes == sorted(sizes)
    assert sizes[1] > 3 * sizes[0]


def test_the_least_effect_of_a_size_needs_that_size() -> None:
    up = least_share_effect(DESIGN, n=(39, 39), rates=RATES)
    down = least_share_effect(DESIGN, n=(39, 39), rates=RATES, rises=False)

    assert 0.79 < up < 0.80
    assert down == pytest.approx(1 - up, abs=1e-9)
    sized = size_shares(replace(DESIGN, experimental=up), rates=RATES)
    assert sized.exact == pytest.approx(39, abs=1e-6)
    assert math.isnan(least_share_effect(DESIGN, n=(2, 2), rates=RATES))


@pytest.mark.parametrize(("changes", "code"), [
    ({"experimental": 0.5}, "no-effect"),
    ({"experimental": 0.4, "margin": -0.1}, "no-effect"),
    ({"reference": 0.0}, "share-impossible"),
    ({"experimental": 1.2}, "share-impossible"),
    ({"reference": math.nan}, "share-impossible"),
    ({"dropout": 1.0}, "dropout-impossible"),
    ({"dropout": -0.1}, "dropout-impossible"),
    ({"ratio": 0.0}, "ratio-impossible"),
    ({"margin": 1.0}, "margin-impossible"),
    ({"margin": -0.1, "test": ShareTest.ARCSINE}, "margin-untested"),
    ({"margin": -0.1, "test": ShareTest.FISHER}, "margin-untested"),
])  # fmt: skip
def test_an_impossible_plan_of_shares_says_why(changes: dict[str, object], code: str) -> None:
    plan = replace(DESIGN, **changes)  # type: ignore[arg-type]
    with pytest.raises(ImpossiblePlanError) as refusal:
        size_shares(plan, rates=RATES)

    assert code in [finding.code for finding in refusal.value.findings]


@pytest.mark.parametrize(("rates", "code"), [
    (ErrorRates(power=0.025), "power-not-above-alpha"),
    (ErrorRates(power=1.0), "power-not-above-alpha"),
    (ErrorRates(power=0.01, alpha=0.05), "power-not-above-alpha"),
    (ErrorRates(alpha=0.0), "alpha-impossible"),
    (ErrorRates(alpha=0.5, sides=1), "alpha-impossible"),
    (ErrorRates(alpha=math.nan), "alpha-impossible"),
    (ErrorRates(sides=3), "sides-unknown"),
])  # fmt: skip
def test_impossible_error_rates_say_why(rates: ErrorRates, code: str) -> None:
    with pytest.raises(ImpossiblePlanError) as refusal:
        size_shares(DESIGN, rates=rates)

    assert [finding.code for finding in refusal.value.findings] == [code]
