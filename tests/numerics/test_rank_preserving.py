"""Crossing over undone: untreated times, the test that they are alike, and the factor found."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.sensitivity import (
    crossing_over_ranks,
    crossing_over_search,
    rank_preserving,
)
from equipoise.numerics.sensitivity.rank_preserving import (
    Treated,
    estimate_rank_preserving,
    untreated_times,
)
from naive.crossing_over import Patient, logrank_z, without_treatment

PATIENT = st.builds(
    lambda time, event, group, part, more: Patient(
        time=float(time), event=event, group=group,
        treated=time * part / 4, follow_up=float(time + more),
    ),
    time=st.integers(1, 12), event=st.integers(0, 1), group=st.integers(0, 1),
    part=st.integers(0, 4), more=st.integers(0, 8),
)  # fmt: skip
PATIENTS = st.lists(PATIENT, min_size=2, max_size=12).filter(
    lambda found: len({patient.group for patient in found}) == 2
)


def told(patients: list[Patient]) -> Treated:
    return Treated(
        group=[p.group for p in patients],
        treated_time=[p.treated for p in patients],
        follow_up=[p.follow_up for p in patients],
    )


@given(PATIENTS, st.sampled_from([-0.7, 0.0, 0.4]))
def test_untreated_times_equal_the_twin(patients: list[Patient], log_factor: float) -> None:
    found = untreated_times(
        [p.time for p in patients], event=[p.event for p in patients],
        treated=told(patients), log_factor=log_factor,
    )  # fmt: skip
    twin = [without_treatment(patient, math.exp(log_factor)) for patient in patients]

    assert np.allclose(found.time, [time for time, _ in twin])
    assert found.event.tolist() == [event for _, event in twin]


@settings(max_examples=6)
@given(PATIENTS)
def test_at_every_root_the_groups_change_places(patients: list[Patient]) -> None:
    found = estimate_rank_preserving(
        [p.time for p in patients], event=[p.event for p in patients],
        treated=told(patients), bounds=(-1.0, 1.0),
    )  # fmt: skip
    for root in found.roots:
        near = [logrank_z(patients, root + shift) for shift in (-1e-6, 0.0, 1e-6)]
        assert min(near) <= 1e-9
        assert max(near) >= -1e-9
    assert bool(found.roots) == (not math.isnan(found.log_factor))


@settings(max_examples=10)
@given(PATIENTS, st.data())
def test_every_statistic_is_the_log_rank_test_of_untreated_times(
    patients: list[Patient], data: st.DataObject
) -> None:
    n, time, event = len(patients), [p.time for p in patients], [p.event for p in patients]
    few_or_many = data.draw(st.sampled_from([[0, 2], [1, 3, 7]]))
    stratum = data.draw(st.lists(st.sampled_from(few_or_many), min_size=n, max_size=n))
    treated = replace(told(patients), stratum=stratum)
    rows = rank_preserving._check(time, event, treated)
    log_factors = [-0.3, -0.2, 0.0, 0.1, 1.0, -0.7, -0.8]  # near the one before, and far from it
    statistics = crossing_over_ranks.find_statistics(
        crossing_over_ranks.lay_out_tests(rows), log_factors=log_factors
    )
    for log_factor, found in zip(log_factors, statistics.tolist(), strict=True):
        alone = untreated_times(time, event=event, treated=treated, log_factor=log_factor)
        twin = compare_logrank(
            alone.time, event=alone.event, group=treated.group, stratum=stratum, groups=2
        ).test
        assert math.isnan(found) == math.isnan(twin.statistic)
        assert math.isnan(found) or found**2 == pytest.approx(twin.statistic, rel=1e-9, abs=1e-15)


def test_many_rows_are_sorted_anew_and_give_what_few_do(monkeypatch: pytest.MonkeyPatch) -> None:
    time, event, treated = crossing_trial(-0.5)
    few = estimate_rank_preserving(time, event=event, treated=treated)
    for place in (crossing_over_ranks, crossing_over_search):
        monkeypatch.setattr(place, "MANY", 10)

    assert estimate_rank_preserving(time, event=event, treated=treated) == few


def crossing_trial(
    log_factor: float, n: int = 600
) -> tuple[NDArray[np.float64], NDArray[np.int64], Treated]:
    """Both arms with the same untreated times; half of the control arm crosses over at 8 months."""
    rng = np.random.default_rng(7)
    untreated, group = rng.exponential(12.0, n), np.arange(n) % 2
    begins = np.where(group == 1, 0.0, np.where(rng.random(n) < 0.5, 8.0, np.inf))
    on = np.maximum(untreated - begins, 0.0) * math.exp(-log_factor)
    whole = np.minimum(untreated, begins) + on
    end = rng.uniform(20, 50, n)
    time = np.minimum(whole, end)
    treated = np.maximum(time - begins, 0.0)
    return (
        time,
        (whole <= end).astype(int),
        Treated(group=group, treated_time=treated, follow_up=end),
    )


@pytest.mark.parametrize("log_factor", [-0.5, 0.0])
def test_the_factor_that_made_the_times_lies_in_the_interval(log_factor: float) -> None:
    time, event, treated = crossing_trial(log_factor)
    found = estimate_rank_preserving(time, event=event, treated=treated)

    assert found.lower < log_factor < found.upper
    assert found.log_factor == pytest.approx(log_factor, abs=0.2)
    assert found.lower < found.log_factor < found.upper


def test_without_any_event_nothing_can_be_told() -> None:
    found = estimate_rank_preserving(
        [1.0, 2.0, 3.0, 4.0], event=[0, 0, 0, 0],
        treated=Treated(group=[0, 0, 1, 1], treated_time=[0.0] * 4, follow_up=[5.0] * 4),
    )  # fmt: skip

    assert math.isnan(found.log_factor)
    assert "nowhere" in found.message


@pytest.mark.parametrize(
    ("change", "words"),
    [({"treated_time": [2.0, 0.0]}, r"treated_time\[0\] is longer than the time"),
     ({"follow_up": [5.0, 1.0]}, r"follow_up\[1\] is shorter than the time"),
     ({"group": [1, 1]}, "both groups"), ({"group": [0, 2]}, r"group\[1\] is 2"),
     ({"follow_up": [5.0]}, "one value for each of 2")],
)  # fmt: skip
def test_times_that_cannot_be_are_refused(change: dict[str, list[float]], words: str) -> None:
    right = Treated(group=[0, 1], treated_time=[0.0, 0.0], follow_up=[5.0, 5.0])
    with pytest.raises(ValueError, match=words):
        estimate_rank_preserving([1.0, 2.0], event=[1, 1], treated=replace(right, **change))


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_at_the_ends_of_the_interval_the_stratified_test_begins_to_reject(level: float) -> None:
    time, event, treated = crossing_trial(-0.5, n=200)
    stratum = np.arange(200) // 2 % 3
    treated = replace(treated, stratum=stratum)
    found = estimate_rank_preserving(time, event=event, treated=treated, level=level)

    def p_value(log_factor: float) -> float:
        alone = untreated_times(time, event=event, treated=treated, log_factor=log_factor)
        compared = compare_logrank(
            alone.time, event=alone.event, group=treated.group, stratum=stratum, groups=2
        )
        return compared.test.p_value

    for end in (found.lower, found.upper):
        sides = p_value(end - 1e-7), p_value(end + 1e-7)
        assert min(sides) < 1 - level < max(sides)
    assert p_value(found.lower) == pytest.approx(1 - level, abs=0.05)
