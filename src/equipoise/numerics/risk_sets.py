"""Who is at risk when, with late entry and weights, and what each row does to a curve."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import (
    check_codes,
    check_entry,
    check_labels,
    check_times,
    check_weights,
)
from equipoise.numerics.event_counts import rank_times

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSets:
    """The distinct times (m,), and for each row the positions between which it is at risk, (n,).

    Row i is at risk at the times `first[i]` to `last[i]`; at the latter it has its event or ends.
    """

    time: FloatArray
    first: IntArray
    last: IntArray
    event: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many are at risk just before each distinct time, have the event, end there; (m,)."""

    time: FloatArray
    at_risk: NDArray[np.signedinteger]
    events: NDArray[np.signedinteger]
    censored: NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the rows weigh that are at risk, have the event or end at each distinct time, (m,)."""

    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray


def find_risk_sets(
    time: ArrayLike, *, event: ArrayLike, entry: ArrayLike | None = None
) -> RiskSets:
    """The risk sets of rows that are followed after `entry` (None: from the start) up to `time`.

    ValueError names a row that enters at its own time (to rounding), for it is never at risk.
    """
    times = check_times(time)
    n = times.size
    events = check_codes(event, name="event", n=n, upper=1)
    if entry is None:
        ranked = rank_times(times)
        first = np.zeros(n, dtype=np.int64)
        return RiskSets(time=ranked.distinct, first=first, last=ranked.rank, event=events)
    entries = check_entry(entry, time=times)
    both = rank_times(np.r_[times, np.maximum(entries, 0.0)])
    own = np.bincount(both.rank[:n], minlength=both.distinct.size) > 0
    passed = np.cumsum(own)
    first = np.where(entries < 0, 0, passed[both.rank[n:]])
    last = passed[both.rank[:n]] - 1
    if (first > last).any():
        row = int(np.argmax(first > last))
        raise ValueError(f"entry[{row}] is its time to rounding, {times[row]}: never at risk")
    return RiskSets(time=both.distinct[own], first=first, last=last, event=events)


def add_up(place: IntArray, *, amount: FloatArray, m: int) -> FloatArray:
    """The amounts added up by place, shape (m,)."""
    return np.bincount(place, weights=amount, minlength=m).astype(np.float64, copy=False)


def sum_over_risk_sets(sets: RiskSets, *, amount: FloatArray) -> Totals:
    """The weights of the rows added up: at risk, with the event, censored at each time."""
    m = sets.time.size
    ends = add_up(sets.last, amount=amount, m=m)
    events = add_up(sets.last, amount=amount * sets.event, m=m)
    later = add_up(sets.first, amount=amount, m=m)
    at_risk = np.cumsum(ends[::-1])[::-1] - np.r_[np.cumsum(later[:0:-1])[::-1], 0.0]
    return Totals(at_risk=at_risk, events=events, censored=ends - events)


def count_rows(sets: RiskSets, *, repeats: ArrayLike | None = None) -> Counts:
    """The rows counted, each as often as it repeats (whole numbers from 1; None: once)."""
    n = sets.last.size
    often = np.ones(n) if repeats is None else check_codes(repeats, name="repeats", n=n)
    if (often == 0).any():
        raise ValueError(f"repeats[{int(np.argmin(often))}] is 0: leave the row out")
    total = sum_over_risk_sets(sets, amount=often.astype(np.float64))
    return Counts(
        time=sets.time,
        at_risk=total.at_risk.astype(np.int64),
        events=total.events.astype(np.int64),
        censored=total.censored.astype(np.int64),
    )


@njit(cache=True)
def _move(
    sums: FloatArray, settled: FloatArray, still: FloatArray, c: int, weight: float, step: float
) -> None:
    """One row of cluster c comes (or leaves, weight below 0), and settles a step."""
    sums[0] += (2.0 * settled[c] + step) * step
    sums[1] += settled[c] * weight + step * (still[c] + weight)
    sums[2] += (2.0 * still[c] + weight) * weight
    settled[c] += step
    still[c] += weight


@njit(cache=True)
def _clustered_variance_kernel(
    sets: tuple[IntArray, IntArray, IntArray],
    orders: tuple[IntArray, IntArray],
    weight: FloatArray,
    cluster: IntArray,
    jump: FloatArray,
    drift: FloatArray,
) -> FloatArray:
    """A cluster stands at settled - still * drift; three running sums give all their squares."""
    first, last, event = sets
    entering, leaving = orders
    settled, still = np.zeros(cluster.max() + 1), np.zeros(cluster.max() + 1)
    sums, enter, leave = np.zeros(3), 0, 0
    variance = np.empty(jump.size)
    for j in range(jump.size):
        before = drift[j - 1] if j > 0 else 0.0
        while enter < entering.size and first[entering[enter]] == j:
            row = entering[enter]
            _move(sums, settled, still, cluster[row], weight[row], weight[row] * before)
            enter += 1
        while leave < leaving.size and last[leaving[leave]] == j:
            row = leaving[leave]
            step = weight[row] * (event[row] * jump[j] - drift[j])
            _move(sums, settled, still, cluster[row], -weight[row], step)
            leave += 1
        variance[j] = sums[0] - 2.0 * drift[j] * sums[1] + drift[j] ** 2 * sums[2]
    return variance


def sum_clustered_squares(
    sets: RiskSets,
    *,
    weight: ArrayLike | None,
    cluster: ArrayLike | None,
    jump: FloatArray,
    drift: FloatArray,
) -> FloatArray:
    """The infinitesimal-jackknife variance of a running sum at each time, shape (m,).

    A row moves the sum by `jump` at its own event, and by less the growth of `drift` while it is
    at risk, each times its weight; the squares are of sums over clusters (None: over rows).
    Source: Jaeckel (1972); Therneau, Grambsch (2000) 7.2.
    """
    n = sets.last.size
    weights = check_weights(weight, n=n)
    dense = np.arange(n) if cluster is None else check_labels(cluster, name="cluster", n=n)
    orders = (np.argsort(sets.first, kind="stable"), np.argsort(sets.last, kind="stable"))
    rows = (sets.first, sets.last, sets.event)
    return np.asarray(
        _clustered_variance_kernel(rows, orders, weights.copy(), dense.copy(), jump, drift)
    )
