"""Free, ill and dead: the twin, what a subject moves, and the ends of follow-up."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.numerics.competing.incidences import (
    estimate_incidences,
    estimate_incidences_at,
    estimate_lost_time,
)
from equipoise.numerics.competing.state_comparison import (
    compare_occupation_at,
    compare_time_in_state,
)
from equipoise.numerics.competing.transitions import (
    Stays,
    Transitions,
    build_illness_death,
    estimate_occupation_at,
    estimate_time_in_states,
    estimate_transitions,
)
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.survival.survival_scales import Interval
from naive import transitions as naive
from naive.transitions import Stay

PATIENTS = st.lists(
    st.tuples(st.integers(1, 7), st.integers(0, 1), st.sampled_from([None, 1, 2, 4])),
    min_size=2,
    max_size=7,
)  # end, died, progression


def stays_of(patients: list[tuple[int, int, int | None]]) -> tuple[Stays, list[Stay]]:
    kept = [(e, d, p if p is not None and p <= e else None) for e, d, p in patients]
    built = build_illness_death(
        [float(end) for end, _, _ in kept],
        died=[died for _, died, _ in kept],
        progression=[math.nan if day is None else float(day) for _, _, day in kept],
    )
    columns = (built.entry, built.exit, built.origin, built.target, built.subject)
    rows = zip(*[np.asarray(column).tolist() for column in columns], strict=True)
    return built, [
        Stay(entry=a, exit=b, origin=h, target=j, subject=who) for a, b, h, j, who in rows
    ]


def three_states(patients: list[tuple[int, int, int | None]]) -> Transitions:
    return estimate_transitions(stays_of(patients)[0], states=3)


TRIAL = [(3, 1, None), (5, 0, None), (6, 1, 2), (7, 0, 4), (7, 1, 4), (4, 1, 1), (7, 0, None)]


@settings(deadline=None, max_examples=15)
@given(PATIENTS)
def test_chances_and_greenwood_s_covariance_equal_the_twin(
    patients: list[tuple[int, int, int | None]],
) -> None:
    built, rows = stays_of(patients)
    found = estimate_transitions(built, states=3)

    for at, chance in zip(found.time, found.probability, strict=True):
        for start in (0, 1):
            assert np.allclose(chance[start], naive.row(rows, 3, at, start), atol=1e-12)
    last = found.time.size // 2
    for start in (0, 1):
        slow = naive.covariance(rows, 3, found.time[last], start)
        assert np.allclose(found.covariance[last, start], slow, atol=1e-12)


@settings(deadline=None, max_examples=12)
@given(PATIENTS, st.sampled_from([0, 1, 2]), st.sampled_from([2.0, 4.0]))
def test_errors_are_how_subjects_move_the_share_and_the_time(
    patients: list[tuple[int, int, int | None]], state: int, at: float
) -> None:
    built, rows = stays_of(patients)
    found = estimate_transitions(built, states=3)
    assume(at <= found.time[-1])
    share = estimate_occupation_at(found, at=at)
    time = estimate_time_in_states(found, horizon=at)

    assert share.standard_error[state, 0] ** 2 == pytest.approx(
        naive.moved(rows, lambda some: naive.row(some, 3, at, 0)[state]), abs=1e-7
    )
    assert time.value[state] == pytest.approx(naive.mean_time(rows, 3, at, 0, state))
    assert time.standard_error[state] ** 2 == pytest.approx(
        naive.moved(rows, lambda some: naive.mean_time(some, 3, at, 0, state)), abs=1e-7
    )


def test_shares_add_up_to_one_and_times_to_the_horizon() -> None:
    found = three_states(TRIAL)

    assert np.allclose(found.probability.sum(axis=2), 1)
    assert np.allclose(found.covariance.sum(axis=3), 0)
    assert np.allclose(found.step.sum(axis=2), 0)
    assert estimate_time_in_states(found, horizon=6.5).value.sum() == pytest.approx(6.5)


def test_patients_by_hand() -> None:
    # day 1: 1 of 7 progresses; day 2: 1 of 6; day 3: 1 of 5 dies free; day 4: 2 of 4 progress
    found = three_states(TRIAL)
    free = 6 / 7 * 5 / 6 * 4 / 5 * 2 / 4

    assert found.at_risk[:4].tolist() == [[7, 0, 0], [6, 1, 0], [5, 2, 0], [4, 2, 0]]
    assert found.probability[3, 0, 0] == pytest.approx(free)
    # on day 4 one of the two with progression dies, those of the day come after
    assert found.probability[3, 0, 1] == pytest.approx(2 / 7 / 2 + 2 * free / 2)


def test_without_progression_it_is_the_incidence_of_death() -> None:
    end, died = [2.0, 3.0, 3.0, 5.0, 6.0, 7.0], np.array([1, 0, 1, 1, 0, 1])
    built = build_illness_death(end, died=died, progression=np.full(6, math.nan))
    found = estimate_transitions(built, states=3)
    curves = estimate_incidences(end, cause=died, sampling=Sampling(cluster=np.arange(6)))

    share = estimate_occupation_at(found, at=5, interval=Interval.PLAIN)
    dead = estimate_incidences_at(curves, at=5, interval=Interval.PLAIN)
    assert share.share[2] == pytest.approx(dead.incidence[0])
    assert share.standard_error[2] == pytest.approx(dead.standard_error[0])
    lost = estimate_lost_time(curves, horizon=5)
    time = estimate_time_in_states(found, horizon=5)
    assert time.value[2] == pytest.approx(lost.value[0])
    assert time.standard_error[2] == pytest.approx(lost.standard_error[0])


def test_death_on_the_day_of_progression_is_death_from_free() -> None:
    built = build_illness_death([4.0, 4.0, 6.0], died=[1, 0, 0], progression=[4.0, 4.0, 2.0])

    assert np.asarray(built.target).tolist() == [2, 1, 1, 1]
    assert np.asarray(built.origin).tolist() == [0, 0, 0, 1]
    assert np.asarray(built.exit).tolist() == [4, 4, 2, 6]
    assert np.asarray(built.subject).tolist() == [0, 1, 2, 2]


def test_beyond_the_follow_up_nothing_is_known_unless_all_are_dead() -> None:
    open_end = three_states([(3, 1, 1), (5, 0, None)])
    closed = three_states([(3, 1, 1), (5, 1, None)])

    assert np.isnan(estimate_occupation_at(open_end, at=6).share).all()
    assert np.isnan(estimate_time_in_states(open_end, horizon=6).value).all()
    assert estimate_occupation_at(closed, at=6).share.ravel().tolist() == [0, 0, 1]
    assert estimate_time_in_states(closed, horizon=6).value.tolist() == [3, 1, 2]
    assert estimate_occupation_at(closed, at=0).share.ravel().tolist() == [1, 0, 0]


def test_arms_are_compared_by_share_and_time() -> None:
    arms = [three_states(TRIAL), three_states([(7, 0, None), *TRIAL, (6, 0, None)])]
    time = compare_time_in_state(arms, state=1, horizon=6)
    share = compare_occupation_at(arms, state=1, at=6)
    each = [estimate_time_in_states(one, horizon=6) for one in arms]

    assert time.difference == pytest.approx(each[1].value[1] - each[0].value[1])
    assert time.difference_standard_error**2 == pytest.approx(
        sum(one.standard_error[1] ** 2 for one in each)
    )
    assert share.difference < 0 < share.standard_error.min()
    assert share.z**2 == pytest.approx(share.test.statistic)


def test_comparisons_that_make_no_sense_are_refused() -> None:
    one = three_states(TRIAL)
    with pytest.raises(ValueError, match="two groups or more"):
        compare_time_in_state([one], state=1, horizon=6)
    with pytest.raises(ValueError, match="state 3 is not among"):
        compare_occupation_at([one, one], state=3, at=6)
    with pytest.raises(ValueError, match="horizon must be a time above 0"):
        estimate_time_in_states(one, horizon=-1)
    with pytest.raises(ValueError, match="at must hold finite times"):
        estimate_occupation_at(one, at=math.nan)


def test_rows_that_make_no_sense_are_named() -> None:
    with pytest.raises(ValueError, match=r"progression\[1\] is 5"):
        build_illness_death([4.0, 4.0], died=[1, 1], progression=[2.0, 5.0])
    with pytest.raises(ValueError, match="progression has shape"):
        build_illness_death([4.0, 4.0], died=[1, 1], progression=[2.0])
    wrong = Stays(entry=[0.0, 0.0], exit=[1.0, 2.0], origin=[0, 3], target=[1, 1], subject=[1, 2])
    with pytest.raises(ValueError, match=r"origin\[1\] is 3"):
        estimate_transitions(wrong, states=3)
    named = Stays(entry=[0.0, 0.0], exit=[1.0, 2.0], origin=[0, 1], target=[1, 1], subject=[1])
    with pytest.raises(ValueError, match="subject has shape"):
        estimate_transitions(named, states=3)
