"""What is read from ordered rows: twins, golden values of the specification, nothing to tell."""

import math

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from equipoise.numerics.trials.trial_statistics import (
    compare_curves_kernel,
    compare_sets_kernel,
    compare_weighted_kernel,
    estimate_ratio_kernel,
    find_sets_kernel,
    is_tied_kernel,
    logrank_kernel,
)
from naive.cox import Person
from naive.logrank import before, logrank, risk_sets
from naive.survival import kaplan_meier, restricted_mean
from numerics.replicate_rows import arms, in_order
from numerics.samples import people

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOTHING = np.empty(0)
GOLDEN = arms(  # domain 2.4
    "2.1 3.4 4.0+ 5.6 6.2 7.7 8.9+ 9.3 10.5 11.8 13.0 14.2+ 15.1 17.6+ 19.9 22.0+",
    "3.0 5.1 6.6+ 8.2 10.9 12.4+ 13.3 14.8+ 16.0 18.5+ 20.2 21.0+ 23.7+ 24.9 26.3+ 28.8+",
)


def sets_of(persons: list[Person]) -> tuple[Floats, Floats, Ints]:
    ordered = in_order(persons)
    n = ordered.size
    sets, at, layer = np.empty((4, n)), np.empty(n), np.empty(n, dtype=np.int64)
    room = np.empty((3, 2), dtype=np.int64), np.empty((3, 2), dtype=np.int64)
    m = find_sets_kernel(ordered, *room, sets, at, layer)
    return np.ascontiguousarray(sets[:, :m]), at[:m], layer[:m]


def stratified(persons: list[Person]) -> Floats:
    out = np.empty(3)
    compare_sets_kernel(sets_of(persons)[0], out)
    return out


def ratio(persons: list[Person]) -> Floats:
    out = np.empty(2)
    estimate_ratio_kernel(sets_of(persons)[0], out)
    return out


def weighted(persons: list[Person], rows: list[tuple[float, float, float]]) -> Floats:
    q = len(rows)
    out = np.empty(q + q * (q - 1) // 2)
    sums, survival, floor = np.empty((q + 3, q)), np.empty(3), np.empty((q, 3))
    compare_weighted_kernel(*sets_of(persons), np.array(rows), survival, floor, sums, out)
    return out


def curves(persons: list[Person], at: float, horizon: float) -> tuple[Floats, Floats]:
    milestone, means = np.empty(2), np.empty(2)
    compare_curves_kernel(in_order(persons), at, horizon, milestone, means)
    return milestone, means


def untied(persons: list[Person]) -> list[Person]:
    """The same persons, each a little later than the one before."""
    return [
        Person(time=p.time + 1 + i / 64, event=p.event, group=p.group)
        for i, p in enumerate(persons)
    ]


@given(people(groups=2))
def test_risk_sets_are_those_of_the_twin(persons: list[Person]) -> None:
    sets, at, layer = sets_of(persons)
    twin = sorted(risk_sets(persons), key=lambda one: (one.time, one.stratum))

    assert at.tolist() == [one.time for one in twin]
    assert layer.tolist() == [one.stratum for one in twin]
    for row, (kind, arm) in enumerate((k, a) for k in ("at_risk", "failed") for a in (0, 1)):
        counts = [sum(p.group == arm for p in getattr(one, kind)) for one in twin]
        assert sets[row].tolist() == counts


@given(people(groups=2))
def test_stratified_z_is_that_of_the_twin(persons: list[Person]) -> None:
    observed, expected, variance = logrank(persons, 2)
    found = stratified(persons)

    assert found[:2].tolist() == observed
    if variance[1][1] > 1e-9:
        z = (observed[1] - expected[1]) / math.sqrt(variance[1][1])
        assert found[2] == pytest.approx(z, abs=1e-9)
    else:
        assert math.isnan(found[2])


@given(people(groups=2))
def test_one_pass_equals_the_risk_sets_where_nothing_ties(persons: list[Person]) -> None:
    apart = untied(persons)
    ordered, out = in_order(apart), np.empty(3)
    if is_tied_kernel(ordered):
        return
    logrank_kernel(ordered, out)

    assert out == pytest.approx(stratified(apart), abs=1e-9, nan_ok=True)


@given(people(groups=2))
def test_ties_are_seen(persons: list[Person]) -> None:
    tied = len({p.time for p in persons}) < len(persons)

    assert is_tied_kernel(in_order(persons)) == tied


@given(people(groups=2))
def test_weights_are_those_of_the_twin(persons: list[Person]) -> None:
    def late(seen: object) -> float:
        return 1 - before(seen)  # type: ignore[arg-type]

    observed, expected, variance = logrank(persons, 2, weight=late)
    found = weighted(persons, [(0, 0, 0), (0, 0, 1)])
    if variance[1][1] > 1e-9:
        z = (observed[1] - expected[1]) / math.sqrt(variance[1][1])
        assert found[1] == pytest.approx(z, abs=1e-9)
        assert -1e-12 <= found[2] <= 1 + 1e-12
    else:
        assert math.isnan(found[1])
    assert found[0] == pytest.approx(stratified(persons)[2], abs=1e-9, nan_ok=True)


@given(people(groups=2))
def test_curves_are_those_of_the_twin(persons: list[Person]) -> None:
    alone = [[(p.time, p.event) for p in persons if p.group == arm] for arm in (0, 1)]
    if not (alone[0] and alone[1]):
        return
    milestone, means = curves(persons, 3.0, 4.5)
    survival = [
        next((s for time, s, _ in reversed(kaplan_meier(rows)) if time <= 3.0), 1.0)
        for rows in alone
    ]
    ends = [max(time for time, _ in rows) for rows in alone]

    if min(ends) >= 3.0:
        assert milestone[0] == pytest.approx(survival[1] - survival[0], abs=1e-12)
    if min(ends) >= 4.5:
        (mean_0, v_0), (mean_1, v_1) = (restricted_mean(rows, 4.5) for rows in alone)
        assert means[0] == pytest.approx(mean_1 - mean_0, abs=1e-12)
        if v_0 + v_1 > 1e-12:
            assert means[1] == pytest.approx((mean_0 - mean_1) / math.sqrt(v_0 + v_1), abs=1e-7)


def test_golden_values_of_the_specification() -> None:
    assert stratified(GOLDEN)[2] ** 2 == pytest.approx(3.722857, abs=5e-7)
    assert ratio(GOLDEN) == pytest.approx([-0.926235, 0.495425], abs=5e-7)
    milestone, means = curves(GOLDEN, 12.0, 18.0)
    assert milestone[0] == pytest.approx(0.291667, abs=5e-7)
    assert milestone[1] ** 2 == pytest.approx(2.465693, abs=5e-7)
    assert milestone[1] < 0
    assert means[0] == pytest.approx(14.604183 - 11.451389, abs=1.5e-6)
    assert curves(GOLDEN, 12.0, 12.0)[1][0] == pytest.approx(10.676442 - 9.404113, abs=1.5e-6)


def test_ties_in_a_ratio_are_efrons() -> None:
    """All at risk fail on one day: half and half, so the ratio is 1."""
    found = ratio(arms("2 2", "2 2"))

    assert found[0] == pytest.approx(0, abs=1e-12)
    shares = [0.5] * 4
    assert found[1] == pytest.approx(1 / math.sqrt(sum(p * (1 - p) for p in shares)))


@pytest.mark.parametrize(("control", "experimental"), [
    ("3+ 5+", "4+ 6+"),  # nobody has the event
    ("1 2", "5+ 6+"),  # one arm has none: the ratio is 0
    ("5+ 6+", "1 2"),  # the ratio is infinite
    ("1+ 2+", "5 6"),  # one arm alone is followed when the events come
    ("1 2 3", ""),  # one arm alone
])  # fmt: skip
def test_a_ratio_without_end_or_information_is_not_told(control: str, experimental: str) -> None:
    assert np.isnan(ratio(arms(control, experimental))).all()


@pytest.mark.parametrize(("control", "experimental"), [("3+ 5+", "4+ 6+"), ("1+ 2+", "5 6")])
def test_without_variance_there_is_no_z(control: str, experimental: str) -> None:
    persons = arms(control, experimental)
    out = np.empty(3)
    logrank_kernel(in_order(persons), out)

    assert math.isnan(out[2])
    assert math.isnan(stratified(persons)[2])
    assert np.isnan(weighted(persons, [(0, 0, 0), (0, 1, 0)])).all()


def test_a_strong_effect_settles() -> None:
    found = ratio(arms("1 2 3 4 5 6 7 8 30", "9 10+ 11+ 12+ 13+ 14+ 15+"))

    assert -6 < found[0] < -0.5
    assert np.isfinite(found).all()


def test_survival_of_0_or_1_is_compared_on_the_plain_scale() -> None:
    alive, _ = curves(arms("1 2 3 9+", "8+ 9+ 9+ 9+"), 5.0, 5.0)
    variance = 0.25**2 * (1 / (4 * 3) + 1 / (3 * 2) + 1 / (2 * 1))

    assert alive[0] == pytest.approx(0.75)
    assert alive[1] == pytest.approx(-0.75 / math.sqrt(variance))
    gone, _ = curves(arms("1 2 3 4", "8+ 9+ 9+ 9+"), 5.0, 5.0)
    assert gone[0] == 1.0
    assert math.isnan(gone[1])


def test_a_curve_that_ends_above_0_is_not_continued() -> None:
    milestone, means = curves(arms("1 2 3+", "1 4 8+"), 5.0, 5.0)
    assert np.isnan(milestone).all()
    assert np.isnan(means).all()
    reached, mean = curves(arms("1 2 3", "1 4 8+"), 5.0, 5.0)
    assert reached[0] == pytest.approx(1 / 3)
    assert mean[0] == pytest.approx((1 + 3 * 2 / 3 + 1 / 3) - 2)


def test_a_milestone_on_the_last_day_is_reached_whatever_its_last_bits() -> None:
    persons = arms("0.1 8.4+ 8.4+", "0.3 8.4+")

    assert curves(persons, 8.4, 8.4)[0][0] == pytest.approx(0.5 - 2 / 3)
    assert np.isfinite(curves(persons, 8.4, 8.4)[1]).all()


def test_modest_weights_stop_rising_at_their_time_and_cap() -> None:
    persons = arms("1 2 3 4 5", "1.5 2.5 3.5 4.5 6+")
    plain, risen, capped = (
        weighted(persons, [row])[0]
        for row in ((1, 0.5, math.inf), (1, math.inf, math.inf), (1, math.inf, 1.0))
    )

    assert plain == pytest.approx(stratified(persons)[2])
    assert capped == pytest.approx(plain)
    assert abs(risen - plain) > 1e-3
