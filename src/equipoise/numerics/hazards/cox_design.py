"""The rows of a Cox model as its sums want them: ordered, and at risk at a run of event times."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import (
    check_codes,
    check_covariates,
    check_entry,
    check_times,
    check_weights,
)
from equipoise.numerics.event_counts import order_by_stratum_and_time, rank_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the rows came about, each (n,): clusters, weights and late entry.

    `cluster` labels rows of one patient, `weight` is above 0. A row is at risk after its `entry`,
    up to its time: for patients who came late, and for several rows (start, stop] of one patient
    whose covariates change. `robust` asks for the robust variance without clusters, each row one.
    """

    cluster: ArrayLike | None = None
    weight: ArrayLike | None = None
    entry: ArrayLike | None = None
    robust: bool = False


def weigh_by_patient(cluster: ArrayLike) -> NDArray[np.float64]:
    """Weights 1 / rows of the patient, (n,): each patient weighs 1, however many lesions he has.

    Where the number of lesions tells of the outcome, estimates with these weights are about a
    lesion of a typical patient, those without about a typical lesion. They are what resampling
    one lesion a patient gives on average. Give them as `Sampling(weight=..., cluster=...)`.
    Source: Williamson, Datta, Satten (2003); Cong, Yin, Shen (2007) for survival.
    """
    code = np.unique(np.asarray(cluster), return_inverse=True)[1].ravel()
    return np.asarray(1.0 / np.bincount(code)[code])


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxDesign:
    """Rows ordered by stratum and time, and the m event times (a time in a stratum with an event).

    `order` leads back to the rows as given; `event`, `weight`, `x` stand in its order. `x`, shape
    (n, p), is (covariate - `centre`) / `scale`; `reach` (p,) is its largest absolute value,
    `failed` (p,) its weighted sum over the events. The rows from `begin[k]` to before `end[k]` are
    last at risk at event time k, and of them those with an event fail there; `block_stratum` (m,)
    tells its stratum. `time` (n,) and `entry` (n,) are as they are told apart, entry -1 from the
    start. `first` (n,) is the first event time that sees a row: all from then to its last do. It
    and `entry` are empty where nobody enters late. `late` lists the rows that come after their
    stratum's first event time, `idle` those that no event time sees.
    """

    order: NDArray[np.int64]
    event: NDArray[np.int8]
    weight: NDArray[np.float64]
    x: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    reach: NDArray[np.float64]
    failed: NDArray[np.float64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    block_stratum: NDArray[np.int64]
    time: NDArray[np.float64]
    entry: NDArray[np.float64]
    first: NDArray[np.int64]
    late: NDArray[np.int64]
    idle: NDArray[np.int64]
    efron: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """For each row as given: the ranks of its time and entry (-1: from the start), the order."""

    distinct: NDArray[np.float64]
    rank: NDArray[np.int64]
    entry_rank: NDArray[np.int64] | None
    stratum: NDArray[np.int64]
    order: NDArray[np.int64]


def _read_clock(time: ArrayLike, stratum: ArrayLike | None, entry: ArrayLike | None) -> _Clock:
    times = check_times(time)
    n = times.size
    strata = check_codes(stratum, name="stratum", n=n)
    if entry is None:
        ranked, entered = rank_times(times), None
        rank = ranked.rank
    else:
        entries = check_entry(entry, time=times)
        ranked = rank_times(np.r_[times, np.maximum(entries, 0.0)])
        rank = ranked.rank[:n]
        entered = np.where(entries < 0, -1, ranked.rank[n:])
        if (entered >= rank).any():
            row = int(np.argmax(entered >= rank))
            raise ValueError(
                f"entry[{row}] is {entries[row]}, closer to time {times[row]} than times are told"
                " apart: leave the row out"
            )
    order = order_by_stratum_and_time(strata, rank=rank)
    return _Clock(
        distinct=ranked.distinct, rank=rank, entry_rank=entered, stratum=strata, order=order
    )


def _blocks(
    stratum: NDArray[np.int64], rank: NDArray[np.int64], event: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the rows of each event time begin, and where the next or the next stratum begins."""
    n = rank.size
    fresh = np.r_[True, stratum[1:] != stratum[:-1]]
    starts = np.flatnonzero(fresh | np.r_[True, rank[1:] != rank[:-1]])
    begin = starts[np.maximum.reduceat(event, starts) > 0]
    del starts  # as long as the rows where no times tie
    end = np.r_[begin[1:], n][: begin.size]
    strata_begin = np.flatnonzero(fresh)
    if strata_begin.size > 1:
        after = np.searchsorted(strata_begin, begin, side="right")
        np.minimum(end, np.r_[strata_begin, n][after], out=end)
    return begin, end


def _entries(
    clock: _Clock, begin: NDArray[np.int64], rank: NDArray[np.int64], stratum: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first event time that sees each row; rows later than the first; rows never seen."""
    nothing = np.zeros(0, dtype=np.int64)
    if clock.entry_rank is None:
        return nothing, nothing, nothing
    dense = np.cumsum(np.r_[0, stratum[1:] != stratum[:-1]])
    span = clock.distinct.size + 1
    key = dense * span + rank + 1
    entry_key = dense * span + clock.entry_rank[clock.order] + 1
    first = np.searchsorted(key[begin], entry_key, side="right")
    seen = np.searchsorted(key[begin], key, side="right")
    earliest = np.searchsorted(key[begin], dense * span, side="right")
    if (first <= earliest).all():
        return nothing, nothing, nothing
    late = np.flatnonzero((first > earliest) & (first < seen))
    late = late[np.argsort(-first[late], kind="stable")]
    return first, late, np.flatnonzero(first >= seen)


def _entry_times(clock: _Clock, first: NDArray[np.int64]) -> NDArray[np.float64]:
    if clock.entry_rank is None or first.size == 0:
        return np.zeros(0)
    return np.asarray(np.r_[clock.distinct, -1.0][clock.entry_rank][clock.order])


@njit(cache=True)
def _scale_kernel(
    table: NDArray[np.float64],
    order: NDArray[np.int64],
    centre: NDArray[np.float64],
    scale: NDArray[np.float64],
    x: NDArray[np.float64],
) -> None:
    n, p = table.shape
    largest = np.zeros(p)
    for row in range(n):
        for j in range(p):
            centre[j] += table[row, j]
            largest[j] = max(largest[j], abs(table[row, j]))
    centre /= n
    for row in range(n):
        for j in range(p):
            scale[j] += (table[row, j] - centre[j]) ** 2
    for j in range(p):
        spread = math.sqrt(scale[j] / n)
        scale[j] = spread if spread > 1e-12 * largest[j] else 1.0
    for row in range(n):
        for j in range(p):
            x[row, j] = (table[order[row], j] - centre[j]) / scale[j]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timeline:
    """The fields of a design that tell who is at risk when."""

    order: NDArray[np.int64]
    event: NDArray[np.int8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    block_stratum: NDArray[np.int64]
    time: NDArray[np.float64]
    entry: NDArray[np.float64]
    first: NDArray[np.int64]
    late: NDArray[np.int64]
    idle: NDArray[np.int64]


def _read_timeline(
    time: ArrayLike, event: ArrayLike, stratum: ArrayLike | None, entry: ArrayLike | None
) -> _Timeline:
    """A function of its own, for its large arrays are gone before the covariates are copied."""
    clock = _read_clock(time, stratum, entry)
    order = clock.order
    events = check_codes(event, name="event", n=order.size, upper=1).astype(np.int8)[order]
    rank, strata = clock.rank[order], clock.stratum[order]
    clock = replace(clock, rank=rank, stratum=strata)  # those in the order given are not kept
    begin, end = _blocks(strata, rank, events)
    first, late, idle = _entries(clock, begin, rank, strata)
    return _Timeline(
        order=order,
        event=events,
        begin=begin,
        end=end,
        block_stratum=strata[begin],
        time=clock.distinct[rank],
        entry=_entry_times(clock, first),
        first=first,
        late=late,
        idle=idle,
    )


def build_design(
    time: ArrayLike,
    *,
    event: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    sampling: Sampling | None = None,
    efron: bool = True,
) -> CoxDesign:
    """The rows checked, ordered by stratum and time, covariates centred and scaled."""
    rows = sampling or Sampling()
    line = _read_timeline(time, event, stratum, rows.entry)
    n = line.order.size
    table = check_covariates(covariates, n=n)
    weights = check_weights(rows.weight, n=n)
    if rows.weight is not None:
        weights = weights[line.order]
    p = table.shape[1]
    x, centre, scale = np.empty((n, p)), np.zeros(p), np.zeros(p)
    # contiguous and writable: for another kind of array it would be compiled anew
    _scale_kernel(np.require(table, requirements=["C", "W"]), line.order, centre, scale, x)
    return CoxDesign(
        order=line.order,
        event=line.event,
        weight=weights,
        x=x,
        centre=centre,
        scale=scale,
        reach=np.maximum(x.max(axis=0), -x.min(axis=0)),
        failed=(weights * line.event) @ x,
        begin=line.begin,
        end=line.end,
        block_stratum=line.block_stratum,
        time=line.time,
        entry=line.entry,
        first=line.first,
        late=line.late,
        idle=line.idle,
        efron=efron,
    )
