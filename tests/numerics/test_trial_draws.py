"""The chance of one trial: words as the twin's, logarithms to a digit, times that invert laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.trials.trial_draws import (
    choose_stratum_kernel,
    draw_words_kernel,
    enter_kernel,
    reach_hazard_kernel,
    wait_kernel,
)
from naive.philox import philox4x32_10

NO_STRATUM = np.empty(0, dtype=np.int64)
NO_FRAILTY = np.empty(0)
SHARE = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) / 2**32)
RATE = st.just(0.0) | st.floats(1e-3, 2.0)
Floats = NDArray[np.float64]
Law = tuple[Floats, Floats, Floats, Floats]


def cells(*values: float) -> Floats:
    """A table of two arms and one stratum."""
    return np.array(values).reshape(2, 1)


def law(cuts: list[float], rate: Floats, cured: Floats | None = None) -> Law:
    shape = rate.shape[:2]
    return np.array(cuts), rate, np.ones(shape), np.zeros(shape) if cured is None else cured


def wait(
    uniform: list[float],
    sizes: tuple[int, int],
    of: Law,
    *,
    stratum: NDArray[np.int64] = NO_STRATUM,
    frailty: Floats = NO_FRAILTY,
) -> Floats:
    times = np.array(uniform)
    wait_kernel(times, np.array(sizes), stratum, frailty, of[0], of[1], of[2], of[3])
    return times


@pytest.mark.parametrize("replicate", [0, 17, 2**32 - 1])
@pytest.mark.parametrize("seed", [0, 2**63 + 12345])
def test_words_are_those_of_the_twin(replicate: int, seed: int) -> None:
    uniform = np.empty((4, 19))
    key = (seed % 2**32, seed // 2**32)
    draw_words_kernel(
        np.uint64(replicate), np.uint64(100), np.uint64(key[0]), np.uint64(key[1]), uniform
    )

    for subject in range(19):
        words = philox4x32_10((0, subject, replicate, 100), key)
        assert uniform[:, subject].tolist() == [(word + 0.5) / 2**32 for word in words]


def test_uniform_numbers_lie_inside_0_and_1_and_spread_evenly() -> None:
    uniform = np.empty((4, 40_000))
    draw_words_kernel(np.uint64(3), np.uint64(100), np.uint64(1), np.uint64(2), uniform)

    assert 0 < uniform.min() < uniform.max() < 1
    for row in uniform:
        counts = np.histogram(row, bins=20, range=(0, 1))[0]
        assert ((counts - 2000) ** 2 / 2000).sum() < 45  # chi-square of 19 degrees, p 0.0007
    assert abs(np.corrcoef(uniform) - np.eye(4)).max() < 0.02


@given(st.lists(SHARE, min_size=1, max_size=20))
def test_logarithms_are_right_to_the_last_digit(shares: list[float]) -> None:
    found = wait(shares, (len(shares), 0), law([0.0], np.ones((2, 1, 1))))

    assert found == pytest.approx([-math.log(share) for share in shares], rel=3e-16)


@pytest.mark.parametrize("share", [
    0.5 / 2**32, 1 - 0.5 / 2**32, 0.5, math.sqrt(0.5), np.nextafter(math.sqrt(0.5), 0), 0.25, 0.75,
])  # fmt: skip
def test_logarithms_hold_at_the_edges(share: float) -> None:
    found = wait([share], (1, 0), law([0.0], np.ones((2, 1, 1))))

    assert found[0] == pytest.approx(-math.log(share), rel=3e-16)
    assert found[0] > 0


@given(SHARE, st.floats(0.01, 2), st.floats(0.01, 2))
def test_one_hazard_is_the_same_with_and_without_branches(
    share: float, first: float, second: float
) -> None:
    rate = np.array([first, second]).reshape(2, 1, 1)
    plain = wait([share, share], (1, 1), law([0.0], rate))
    frail = wait([share, share], (1, 1), law([0.0], rate), frailty=np.ones(2))

    assert plain == pytest.approx(frail, rel=1e-14)
    assert plain[0] * first == pytest.approx(plain[1] * second, rel=1e-14)


def test_nothing_happens_without_a_hazard() -> None:
    assert np.isinf(wait([0.3, 0.9], (1, 1), law([0.0], np.zeros((2, 1, 1))))).all()
    stopped = np.array([[[0.1, 0.0]], [[0.1, 0.0]]])
    found = wait([0.95, 0.2], (1, 1), law([0.0, 3.0], stopped))
    assert found[0] == pytest.approx(-math.log(0.95) / 0.1)
    assert np.isinf(found[1])


def test_a_smaller_number_is_a_later_time_and_the_smallest_are_the_cured() -> None:
    rate = np.full((2, 1, 1), 0.2)
    shares = [0.05, 0.299, 0.3, 0.31, 0.6, 0.99]
    found = wait(shares, (6, 0), law([0.0], rate, cells(0.3, 0.0)))

    assert np.isinf(found[:3]).all()
    assert (np.diff(found[3:]) < 0).all()
    assert found[4] == pytest.approx(-math.log(0.3 / 0.7) / 0.2)


def test_each_arm_and_stratum_has_its_law() -> None:
    rate = np.array([[[0.1], [0.2]], [[0.4], [0.8]]])
    found = wait(
        [0.5] * 4, (2, 2), law([0.0], rate), stratum=np.array([0, 1, 1, 0])
    )  # fmt: skip

    assert found == pytest.approx(math.log(2) / np.array([0.1, 0.2, 0.8, 0.4]))


def test_a_frailty_multiplies_the_hazard() -> None:
    rate = np.full((2, 1, 1), 0.1)
    found = wait([0.5, 0.5], (1, 1), law([0.0], rate), frailty=np.array([2.0, 0.5]))

    assert found == pytest.approx([math.log(2) / 0.2, math.log(2) / 0.05])


@given(st.floats(1e-6, 20), st.lists(RATE, min_size=3, max_size=3))
def test_at_the_time_the_cumulative_hazard_is_the_target(target: float, rates: list[float]) -> None:
    cuts = np.array([0.0, 1.5, 4.0])
    now = reach_hazard_kernel(target, cuts, np.array(rates), 1.0)
    ends = np.minimum(np.array([1.5, 4.0, math.inf]), now)

    if math.isinf(now):
        assert rates[2] == 0
        assert 1.5 * rates[0] + 2.5 * rates[1] < target
    else:
        length = np.maximum(ends - cuts, 0.0)
        assert float(length @ np.array(rates)) == pytest.approx(target, rel=1e-9)


def test_the_time_of_weibull_is_its_quantile() -> None:
    for shape, scale, share in ((0.8, 16.5, 0.5), (1.7, 3.0, 0.01), (2.0, 5.0, 0.999)):
        now = reach_hazard_kernel(-math.log(share), np.zeros(1), np.array([1 / scale]), shape)
        assert math.exp(-((now / scale) ** shape)) == pytest.approx(share)


@given(SHARE)
def test_accrual_inverts_the_share_of_those_who_came(share: float) -> None:
    """A ramp from 0 to 1 over 4, then nobody for 2, then a falling rate over 4."""
    knots, low = np.array([1.0, 5.0, 7.0, 11.0]), np.array([0.0, 0.0, 2.0])
    slope = np.array([0.25, 0.0, -0.5])
    mass = np.array([0.0, 2.0, 2.0, 6.0])
    now = np.array([share])
    enter_kernel(now, knots, low / 6, slope / 6, mass / 6)
    x = np.clip(now[0] - knots[:3], 0, np.diff(knots))

    assert 1 <= now[0] <= 11
    assert not 5 + 1e-6 < now[0] < 7
    assert float((low * x + slope * x * x / 2).sum()) / 6 == pytest.approx(share, abs=1e-9)


def test_even_accrual_is_a_share_of_its_length() -> None:
    uniform = np.array([0.0001, 0.25, 0.9])
    enter_kernel(uniform, np.array([2.0, 10.0]), np.ones(1) / 8, np.zeros(1), np.array([0.0, 1.0]))

    assert uniform == pytest.approx([2.0008, 4.0, 9.2])


def test_strata_have_their_shares() -> None:
    stratum = np.zeros(5, dtype=np.int64)
    choose_stratum_kernel(np.array([0.1, 0.2, 0.21, 0.5, 0.51]), np.array([0.2, 0.5]), stratum)

    assert stratum.tolist() == [0, 0, 1, 1, 2]
