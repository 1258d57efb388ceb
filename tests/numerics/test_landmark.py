"""From a landmark on: who is left, and survival given survival so far."""

import math

import numpy as np
import pytest

from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from equipoise.numerics.survival.landmark import estimate_conditional_survival, select_at_landmark
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import marked

TIME, EVENT = marked("2 3 3+ 6 6+ 6 9 11+ 14 20+")
CURVE = estimate_kaplan_meier(TIME, event=EVENT)


def test_those_with_event_or_end_up_to_the_landmark_are_left_out() -> None:
    found = select_at_landmark(TIME, landmark=6)

    assert found.row.tolist() == [6, 7, 8, 9]
    assert found.time.tolist() == [3, 5, 8, 14]


@pytest.mark.parametrize("interval", list(Interval))
def test_conditional_survival_is_that_of_those_left_at_the_landmark(interval: Interval) -> None:
    left = select_at_landmark(TIME, landmark=6)
    own = estimate_kaplan_meier(left.time, event=EVENT[left.row])
    here = estimate_survival_at(own, at=[3, 8], interval=interval)
    found = estimate_conditional_survival(CURVE, given=6, at=[9, 14], interval=interval)

    assert found.survival == pytest.approx(here.survival)
    assert found.standard_error == pytest.approx(here.standard_error)
    assert found.lower == pytest.approx(here.lower)
    assert found.upper == pytest.approx(here.upper)


def test_at_its_own_time_conditional_survival_is_1() -> None:
    found = estimate_conditional_survival(CURVE, given=6, at=6)

    assert (found.survival[0], found.standard_error[0]) == (1, 0)


def test_where_nobody_is_left_nothing_is_known() -> None:
    curve = estimate_kaplan_meier([1.0, 2.0], event=[1, 1])
    found = estimate_conditional_survival(curve, given=3, at=4)

    assert math.isnan(found.survival[0])
    assert np.isnan(found.lower).all()
    with pytest.raises(ValueError, match="nobody is at risk after 20"):
        select_at_landmark(TIME, landmark=20)


def test_a_time_before_the_condition_and_a_weighted_curve_are_refused() -> None:
    weighted = estimate_kaplan_meier(TIME, event=EVENT, weight=np.ones(10))

    with pytest.raises(ValueError, match="at must not lie before 6"):
        estimate_conditional_survival(CURVE, given=6, at=5)
    with pytest.raises(ValueError, match="without weights"):
        estimate_conditional_survival(weighted, given=6, at=8)
    with pytest.raises(ValueError, match="landmark must be finite"):
        select_at_landmark(TIME, landmark=-1)
