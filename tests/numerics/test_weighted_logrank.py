"""Weighted log-rank tests: each weighting by its formula, and what weights may not change."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.logrank import compare_groups_at_risk
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    HeldWeights,
    ModestlyWeighted,
    PetoPeto,
    PiecewiseWeights,
    Prentice,
    TaroneWare,
    Weighting,
    compare_weighted_logrank,
    pooled_survival_before,
)
from naive.cox import Person
from naive.logrank import History, Weight, before, logrank
from numerics.samples import columns, marked, people

UNTIL = 4.0


def peto(seen: History) -> float:
    return math.prod(1 - d / (n + 1) for _, n, d in seen)


def modified_peto(seen: History) -> float:
    return peto(seen) * seen[-1][1] / (seen[-1][1] + 1)


def held(seen: History) -> float:
    """1 / S(t-), from `UNTIL` on that of the last event by then."""
    by_then = [i for i, (time, _, _) in enumerate(seen) if time <= UNTIL]
    last = seen[: by_then[-1] + 1] if by_then else seen[:1]
    return min(1 / before(last), 1.5)


TWINS: list[tuple[Weighting, Weight]] = [
    (FlemingHarrington(rho=1), before),
    (FlemingHarrington(gamma=1), lambda seen: 1 - before(seen)),
    (FlemingHarrington(rho=0.5, gamma=2),
     lambda seen: before(seen) ** 0.5 * (1 - before(seen)) ** 2),
    (TaroneWare(), lambda seen: math.sqrt(seen[-1][1])),
    (TaroneWare(power=1), lambda seen: float(seen[-1][1])),
    (PetoPeto(), peto),
    (PetoPeto(modified=True), modified_peto),
    (Prentice(), lambda seen: math.prod(n / (n + d) for _, n, d in seen)),
    (HeldWeights(until=UNTIL, largest=1.5), held),
    (PiecewiseWeights(cuts=(2, UNTIL), weights=(0, 1, 3)),
     lambda seen: 0.0 if seen[-1][0] < 2 else 1.0 if seen[-1][0] < UNTIL else 3.0),
]  # fmt: skip


def at_risk(persons: list[Person]) -> GroupsAtRisk:
    time, event = columns(persons)
    return count_groups_at_risk(
        time, event=event, group=[p.group for p in persons],
        stratum=[p.stratum for p in persons], groups=3,
    )  # fmt: skip


@given(people(), st.sampled_from(TWINS))
def test_each_weighting_equals_its_twin_by_stratum(
    persons: list[Person], twins: tuple[Weighting, Weight]
) -> None:
    weighting, weight = twins
    found = compare_weighted_logrank(at_risk(persons), weighting=weighting)
    observed, expected, variance = logrank(persons, 3, weight=weight)

    assert np.allclose(found.observed, observed)
    assert np.allclose(found.expected, expected, atol=1e-12)
    assert np.allclose(found.variance, variance, atol=1e-12)


def test_modest_weights_rise_with_the_pooled_curve_and_stay() -> None:
    time, event = marked("1 2 3 4 5 6 7 8")
    sets = count_groups_at_risk(time, event=event, group=np.arange(8) % 2)

    # the pooled survival after 3 is 5/8
    assert ModestlyWeighted(until=3.5)(sets) == pytest.approx(
        [1, 8 / 7, 8 / 6, 8 / 5, 8 / 5, 8 / 5, 8 / 5, 8 / 5]
    )
    assert HeldWeights(until=3.5)(sets) == pytest.approx([1, 8 / 7, *[8 / 6] * 6])
    assert ModestlyWeighted(largest=2)(sets).max() == 2
    assert ModestlyWeighted(until=0.5)(sets).tolist() == [1.0] * 8


def test_survival_before_an_event_does_not_know_of_it() -> None:
    time, event = marked("1 2 2 3+ 4 5")
    sets = count_groups_at_risk(time, event=event, group=[0, 1, 0, 1, 0, 1])

    assert pooled_survival_before(sets) == pytest.approx([1, 5 / 6, 3 / 6, 1 / 4])


@given(people(), st.sampled_from([0.25, 3.0, 1e6]))
def test_a_factor_common_to_all_weights_changes_no_test(
    persons: list[Person], factor: float
) -> None:
    sets = at_risk(persons)
    plain = compare_groups_at_risk(sets)
    scaled = compare_groups_at_risk(sets, weight=np.full(sets.time.size, factor))

    assert scaled.test.statistic == pytest.approx(plain.test.statistic, nan_ok=True, abs=1e-8)
    assert scaled.test.degrees_of_freedom == plain.test.degrees_of_freedom


def test_weights_that_are_all_zero_tell_nothing() -> None:
    time, event = marked("1 2 3 4")
    sets = count_groups_at_risk(time, event=event, group=[0, 1, 0, 1])
    found = compare_weighted_logrank(sets, weighting=PiecewiseWeights(cuts=(9,), weights=(0, 1)))

    assert math.isnan(found.test.p_value)
    assert math.isnan(found.z)


def test_without_an_event_nothing_is_told() -> None:
    time, event = marked("1+ 2+")
    sets = count_groups_at_risk(time, event=event, group=[0, 1])
    for weighting, _ in TWINS:
        assert math.isnan(compare_weighted_logrank(sets, weighting=weighting).test.statistic)


@pytest.mark.parametrize(("wrong", "words"), [
    (lambda: FlemingHarrington(rho=-1), "finite and 0 or more"),
    (lambda: FlemingHarrington(gamma=math.nan), "finite and 0 or more"),
    (lambda: TaroneWare(power=math.inf), "must be finite"),
    (lambda: ModestlyWeighted(until=-1), "0 or more"),
    (lambda: HeldWeights(largest=0.5), "1 or more"),
    (lambda: PiecewiseWeights(cuts=(2, 1), weights=(1, 1, 1)), "must rise"),
    (lambda: PiecewiseWeights(cuts=(2,), weights=(1,)), "one weight more than cuts"),
    (lambda: PiecewiseWeights(cuts=(2,), weights=(1, -1)), "finite and 0 or more"),
])  # fmt: skip
def test_a_weighting_that_is_none_is_refused(wrong: type[object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()
