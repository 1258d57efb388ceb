"""What may be done to the time to an event, held against what it does to the curve."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.design.event_laws import (
    delay_effect,
    hazard_of_survival,
    scale_hazard,
    stretch_time,
    survival_at,
    time_of_survival,
)
from equipoise.simulate.trial_model import Hazard, Law, Weibull

LAWS: tuple[Law, ...] = (
    Hazard(rates=(0.05,)),
    Hazard(rates=(0.02, 0.0, 0.1), cuts=(3.0, 9.0)),
    Hazard(rates=(0.08, 0.02), cuts=(6.0,), cured=0.2),
    Weibull(shape=0.8, scale=20.0),
    Weibull(shape=1.4, scale=15.0, cured=0.1),
)
laws = st.sampled_from(LAWS)
TIMES = (0.5, 3.0, 7.5, 12.0, 40.0)


def uncured(law: Law, time: float) -> float:
    return (survival_at(law, time=time) - law.cured) / (1 - law.cured)


def test_a_constant_hazard_leaves_the_share_that_was_asked() -> None:
    law = hazard_of_survival(0.5, at=12.0)

    assert law.rates == pytest.approx((math.log(2) / 12,))
    assert survival_at(law, time=24.0) == pytest.approx(0.25)


def test_survival_by_hand() -> None:
    pieces, bent = LAWS[1], LAWS[3]

    assert survival_at(pieces, time=10.0) == pytest.approx(math.exp(-(3 * 0.02 + 1 * 0.1)))
    assert survival_at(bent, time=10.0) == pytest.approx(math.exp(-(0.5**0.8)))
    assert survival_at(LAWS[2], time=1e4) == pytest.approx(0.2)


@given(law=laws, ratio=st.floats(0.1, 4.0))
def test_a_scaled_hazard_raises_survival_to_the_ratio(law: Law, ratio: float) -> None:
    scaled = scale_hazard(law, ratio=ratio)

    assert scaled.cured == law.cured
    for time in TIMES:
        assert uncured(scaled, time) == pytest.approx(uncured(law, time) ** ratio)


@given(law=laws, factor=st.floats(0.1, 10.0))
def test_stretched_time_moves_the_curve_to_the_right(law: Law, factor: float) -> None:
    stretched = stretch_time(law, factor=factor)

    for time in TIMES:
        moved = survival_at(stretched, time=factor * time)
        assert moved == pytest.approx(survival_at(law, time=time))


@given(law=laws, share=st.floats(0.3, 0.99))
def test_the_time_of_a_share_is_when_that_share_is_left(law: Law, share: float) -> None:
    time = time_of_survival(law, survival=share)

    assert survival_at(law, time=time) == pytest.approx(share)


def test_a_share_that_is_never_reached_has_no_time() -> None:
    assert time_of_survival(LAWS[2], survival=0.2) == math.inf
    assert time_of_survival(Hazard(rates=(0.1, 0.0), cuts=(2.0,)), survival=0.5) == math.inf
    assert time_of_survival(Hazard(rates=(0.0,)), survival=0.5) == math.inf


@pytest.mark.parametrize("law", LAWS)
def test_a_delayed_effect_is_none_before_and_proportional_after(law: Law) -> None:
    late = delay_effect(law, ratio=0.5, delay=5.0)

    for time in (1.0, 3.0, 5.0):
        assert survival_at(late, time=time) == pytest.approx(survival_at(law, time=time), abs=3e-3)
    for time in (8.0, 20.0):
        gained = uncured(late, time) / uncured(late, 5.0)
        assert gained == pytest.approx((uncured(law, time) / uncured(law, 5.0)) ** 0.5, abs=3e-3)


def test_a_delay_of_nothing_is_a_scaled_hazard_and_one_at_a_cut_adds_none() -> None:
    assert delay_effect(LAWS[3], ratio=0.5, delay=0.0) == scale_hazard(LAWS[3], ratio=0.5)
    assert delay_effect(LAWS[1], ratio=0.5, delay=9.0) == Hazard(
        rates=(0.02, 0.0, 0.05), cuts=(3.0, 9.0)
    )
