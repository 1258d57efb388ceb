"""Draws of patients: each is as likely, groups keep their sizes, all as the twin has them."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.competing.cluster_draws import (
    Clusters,
    _order_kernel,
    resample_patients,
)
from naive.cluster import draw, shuffle, weighted_incidence


def fails_or_not(fails: NDArray[np.bool_], group: NDArray[np.int64], weight: float) -> Clusters:
    """Patients of one row: an incidence is the share of those who fail."""
    n = fails.size
    first = np.argsort(~fails, kind="stable")
    return Clusters(
        kind=np.where(fails[first], 0, 2),
        patient=first,
        weight=np.full(n, weight),
        held=np.full(n, weight),
        group=group,
        stratum=np.zeros(n, dtype=np.int64),
    )


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=40))
def test_rows_stand_by_run_and_kind_without_those_of_others(
    rows: list[tuple[int, bool]],
) -> None:
    """A run begins with an event after one who is censored, or with the first row."""
    runs: list[list[list[int]]] = [[[], [], []]]
    before = 2
    for row, (kind, chosen) in enumerate(rows):
        if chosen:
            if before == 2 and kind < 2:
                runs.append([[], [], []])
            runs[-1][kind].append(row)
            before = kind
    parts = [part for run in runs for part in run]
    kinds, places = (np.array([one[k] for one in rows], dtype=np.int64) for k in range(2))
    ends, order = _order_kernel(kinds, places - 1)

    assert order.tolist() == [row for part in parts for row in part]
    assert ends.tolist() == np.cumsum([len(part) for part in parts]).tolist()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=9), min_size=1, max_size=3))
def test_shuffles_equal_the_twin(strata: list[list[int]]) -> None:
    """Patient i alone fails at time i: the incidence of a group is the share of its patients."""
    group, n = np.concatenate(strata), sum(map(len, strata))
    assume(0 < group.sum() < n)
    clusters = Clusters(
        kind=np.where(np.arange(n) < n - 1, np.arange(n) % 2, 2),
        patient=np.arange(n),
        weight=np.ones(n),
        held=np.ones(n),
        group=group,
        stratum=np.repeat(np.arange(len(strata)), [len(each) for each in strata]),
    )
    fails = np.where(clusters.kind == 0, 1.0, 0.0)
    drawn = [np.array(shuffle(strata, 3, replicate)) for replicate in range(130)]
    slow = [fails[own == 1].mean() - fails[own == 0].mean() for own in drawn]

    assert resample_patients(clusters, seed=3, replicates=130).shuffled == pytest.approx(slow)


def test_every_division_of_a_stratum_is_as_likely() -> None:
    """Weights that are powers of two tell which two of four patients are in group 1."""
    clusters = Clusters(
        kind=np.zeros(4, dtype=np.int64),
        patient=np.arange(4),
        weight=np.array([1.0, 2.0, 4.0, 8.0]),
        held=np.full(4, 1e6),
        group=np.array([0, 0, 1, 1]),
        stratum=np.zeros(4, dtype=np.int64),
    )
    drawn = resample_patients(clusters, seed=1, replicates=60_000).shuffled
    found = np.unique(drawn, return_counts=True)[1]

    # chi square on 5 degrees of freedom: 20.5 at the 99.9th percentile
    assert found.size == 6
    assert ((found - 10_000) ** 2 / 10_000).sum() < 20.5


@pytest.mark.parametrize("n", [1024, 1025])
def test_many_patients_are_drawn_as_the_twin_draws_them(n: int) -> None:
    fails = np.arange(n) % 3 == 0
    found = resample_patients(
        fails_or_not(fails, np.zeros(n, dtype=np.int64), 1.0), seed=4, replicates=2
    )
    slow = [fails[draw(n, 4, replicate, 0)].mean() for replicate in range(2)]

    assert found.incidence[0] == pytest.approx([fails.mean(), *slow])
    assert np.isnan(found.shuffled).all()


def test_every_pair_of_draws_is_as_likely() -> None:
    """Of two patients one fails: half of the pairs have one failure, a quarter none or both."""
    clusters = fails_or_not(np.array([True, False]), np.zeros(2, dtype=np.int64), 1.0)
    drawn = resample_patients(clusters, seed=2, replicates=60_000).incidence[0, 1:]
    seen = np.array([(drawn == share).sum() for share in (0.0, 0.5, 1.0)])

    # chi square on 2 degrees of freedom: 13.8 at the 99.9th percentile
    assert ((seen - [15_000, 30_000, 15_000]) ** 2 / [15_000, 30_000, 15_000]).sum() < 13.8


def test_a_stratum_of_many_keeps_its_number_treated() -> None:
    """Of 70,000 patients a fifth are treated and half fail, some of them treated by chance."""
    n = 70_000
    group = (np.arange(n) % 5 == 0).astype(np.int64)
    clusters = fails_or_not(np.arange(n) % 2 == 0, group, 1.0)
    found = resample_patients(clusters, seed=1, replicates=3).shuffled
    failed = (found + 35_000 / 56_000) / (1 / 14_000 + 1 / 56_000)

    assert failed == pytest.approx(np.round(failed), abs=1e-6)
    assert np.abs(failed - 7_000).max() < 5 * math.sqrt(14_000 * 0.25 * 0.8)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 8).map(float),
            st.integers(0, 2),
            st.sampled_from([0.1, 1 / 3, 1.0, 7.0]),
            st.integers(0, 1),
        ),
        min_size=4,
        max_size=16,
    )
)
def test_shuffled_weights_are_those_of_the_sum_written_out(
    rows: list[tuple[float, int, float, int]],
) -> None:
    time, cause, weight, group = zip(*rows, strict=True)
    n, order = len(rows), np.lexsort(((np.array(cause) - 1) % 3, time))
    assume(0 < sum(group) < n)
    clusters = Clusters(
        kind=((np.array(cause) - 1) % 3)[order],
        patient=order,
        weight=np.array(weight)[order],
        held=np.array(weight),
        group=np.array(group),
        stratum=np.zeros(n, dtype=np.int64),
    )

    def slow(replicate: int) -> float:
        own = shuffle([list(group)], 3, replicate)
        first, second = (
            weighted_incidence([row[:3] for row, g in zip(rows, own, strict=True) if g == arm], 9)
            for arm in (0, 1)
        )
        return second - first

    found = resample_patients(clusters, seed=3, replicates=20).shuffled
    assert found == pytest.approx([slow(replicate) for replicate in range(20)], abs=1e-11)


def test_whole_weights_and_those_sixty_times_as_great_give_what_any_do() -> None:
    fails, group = np.arange(40) % 3 == 0, np.arange(40) % 2
    weights = (1.0, 1 / 3, 60.0, math.pi)  # whole, sixty times, whole, never
    found = [resample_patients(fails_or_not(fails, group, weight), seed=5, replicates=50)
             for weight in weights]  # fmt: skip

    for other in found[1:]:
        assert other.incidence == pytest.approx(found[0].incidence, rel=1e-12)
        assert other.shuffled == pytest.approx(found[0].shuffled, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("replicates", [1, 127, 128, 129])
def test_fewer_resamples_are_the_first_of_more(replicates: int) -> None:
    clusters = fails_or_not(np.arange(10) % 3 == 0, np.arange(10) % 2, 1.0)

    fewer, more = (resample_patients(clusters, seed=5, replicates=n) for n in (replicates, 300))

    assert np.array_equal(fewer.incidence, more.incidence[:, : 1 + replicates])
    assert np.array_equal(fewer.shuffled, more.shuffled[:replicates])
