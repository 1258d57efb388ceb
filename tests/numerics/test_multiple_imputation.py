"""Completed data sets: pooling by Rubin's rules, and the drawing of times after a censoring."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.numerics.sensitivity.multiple_imputation import complete_times, pool_estimates
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from naive.crossing_over import pooled
from numerics.samples import marked, rows, split

NUMBERS = st.lists(st.integers(-30, 30).map(lambda x: x / 10), min_size=2, max_size=8)


@given(NUMBERS, st.integers(1, 9))
def test_pooling_equals_the_twin(estimates: list[float], scale: int) -> None:
    variances = [0.1 * scale + 0.01 * i for i in range(len(estimates))]
    found = pool_estimates(estimates, variances=variances)
    mean, total = pooled(estimates, variances)

    assert found.value == pytest.approx(mean, abs=1e-12)
    assert found.standard_error**2 == pytest.approx(total)
    assert found.lower <= found.value <= found.upper
    assert 0 <= found.missing_information <= 1


def test_equal_estimates_lack_nothing() -> None:
    found = pool_estimates([0.5, 0.5], variances=[1.0, 1.0])

    assert found.degrees_of_freedom == np.inf
    assert found.upper - found.value == pytest.approx(1.959963984540054)
    assert found.missing_information == 0.0
    assert pool_estimates(
        [0.5, 0.5], variances=[1.0, 1.0], complete_degrees_of_freedom=20
    ).degrees_of_freedom == pytest.approx(21 / 23 * 20)


@pytest.mark.parametrize(
    ("estimates", "variances", "words"),
    [([1.0], [1.0], "two or more"), ([1.0, 2.0], [1.0], "2 estimates and 1"),
     ([1.0, np.nan], [1.0, 1.0], "finite"), ([1.0, 2.0], [1.0, 0.0], "above 0")],
)  # fmt: skip
def test_what_cannot_be_pooled_is_refused(
    estimates: list[float], variances: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        pool_estimates(estimates, variances=variances)


def by_hand(curve: list[tuple[float, float]], c: float, u: float, ratio: float) -> float | None:
    """The first time after c at which the chance to be free of the event has fallen to u."""
    start = ([1.0] + [s for t, s in curve if t <= c])[-1]
    for time, survival in curve:
        if start > 0 and (survival / start) ** ratio <= u * (1 + 1e-12):
            return time
    return None


@given(rows(), st.integers(0, 9), st.integers(1, 39), st.sampled_from([0.5, 1.0, 3.0]))
def test_completed_times_equal_drawing_by_hand(
    pairs: list[tuple[float, int]], c: int, u: int, ratio: float
) -> None:
    time, event = split(pairs)
    donor = estimate_kaplan_meier(time, event=event)
    curve = list(zip(donor.time.tolist(), donor.survival.tolist(), strict=True))
    chance = u / 40 + 0.003  # no survival of so few is so near to it
    found = complete_times([float(c)], donor=donor, uniform=[chance], hazard_ratio=ratio)
    drawn = by_hand(curve, float(c), chance, ratio)

    assert found.event[0] == (drawn is not None)
    if drawn is not None:
        assert found.time[0] == drawn > c
    else:
        assert found.time[0] >= c


def test_after_a_censoring_the_hazard_is_the_donors_times_the_ratio() -> None:
    donor = estimate_kaplan_meier(np.arange(1.0, 1001.0), event=np.ones(1000, dtype=int))
    uniform = (np.arange(4000) + 0.5) / 4000
    at = np.full(4000, 200.0)
    for ratio in (0.5, 1.0, 2.0):
        found = complete_times(at, donor=donor, uniform=uniform, hazard_ratio=ratio)
        free = float((found.time > 600).mean())

        assert free == pytest.approx(0.5**ratio, abs=0.002)  # S(600) / S(200) = 1/2


def test_beyond_the_horizon_nothing_is_drawn() -> None:
    time, event = marked("2 4 6 8")
    donor = estimate_kaplan_meier(time, event=event)
    found = complete_times([1.0, 1.0, 7.0], donor=donor, uniform=[0.9, 0.1, 0.5], horizon=5.0)

    assert found.time.tolist() == [2.0, 5.0, 7.0]
    assert found.event.tolist() == [1, 0, 0]


def test_donors_who_all_failed_before_say_nothing() -> None:
    donor = estimate_kaplan_meier([1.0, 2.0], event=[1, 1])
    found = complete_times([3.0], donor=donor, uniform=[0.5])

    assert (found.time.tolist(), found.event.tolist()) == ([3.0], [0])


def test_what_is_no_draw_is_refused() -> None:
    donor = estimate_kaplan_meier([1.0, 2.0], event=[1, 1])
    with pytest.raises(ValueError, match="one number between 0 and 1"):
        complete_times([1.0], donor=donor, uniform=[1.0])
    with pytest.raises(ValueError, match="hazard_ratio"):
        complete_times([1.0], donor=donor, uniform=[0.5], hazard_ratio=0.0)
