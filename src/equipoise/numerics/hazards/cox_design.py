"""The rows of a Cox model as its sums want them: ordered, and at risk at a run of event times."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
from equipoise.numerics.event_counts import rank_times
from equipoise.numerics.row_order import (
    Places,
    RowOrder,
    number_strata,
    order_by_codes,
    order_rows,
)


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

    `order` leads back to the rows as given; `event`, `weight`, `x` stand in its order. `weight` is
    one 1 alone where all rows weigh the same. `x`, shape (n, p), is (covariate - `centre`) /
    `scale`; `reach` (p,) is its largest absolute value, `failed` (p,) its weighted sum over the
    events. The rows from `begin[k]` to before `end[k]` are last at risk at event time k, and of
    them those with an event fail there; `block_stratum` (m,) numbers its stratum, one of `strata`.
    `time` (n,) and `entry` (n,) are as they are told apart, entry -1 from the start. `first` (n,)
    is the first event time that sees a row: all from then to its last do. It and `entry` are empty
    where nobody enters late. `late` lists the rows that come after their stratum's first event
    time, `idle` those that no event time sees. With Efron's ties, `tied` counts the event times at
    which several fail; else it is 0.
    """

    order: Places
    event: NDArray[np.int8]
    weight: NDArray[np.float64]
    x: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    reach: NDArray[np.float64]
    failed: NDArray[np.float64]
    begin: Places
    end: Places
    block_stratum: Places
    strata: NDArray[np.int64]
    time: NDArray[np.float64]
    entry: NDArray[np.float64]
    first: NDArray[np.int64]
    late: NDArray[np.int64]
    idle: NDArray[np.int64]
    efron: bool
    tied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """The rows in order, and of each its stratum, its entry (-1 from the start) and that's rank.

    `by_entry` are their places by stratum, then entry.
    """

    rows: RowOrder
    stratum: Places
    strata: NDArray[np.int64]
    entry: NDArray[np.float64]
    entry_rank: Places | None
    by_entry: Places | None


def _read_clock(time: ArrayLike, stratum: ArrayLike | None, entry: ArrayLike | None) -> _Clock:
    times = check_times(time)
    number, strata = number_strata(check_codes(stratum, name="stratum", n=times.size))
    if entry is not None:
        return _read_late(times, check_entry(entry, time=times), number, strata)
    rows = order_rows(times, stratum=number)
    return _Clock(
        rows=rows,
        stratum=number[rows.order],
        strata=strata,
        entry=np.zeros(0),
        entry_rank=None,
        by_entry=None,
    )


def _read_late(
    times: NDArray[np.float64],
    entries: NDArray[np.float64],
    stratum: Places,
    strata: NDArray[np.int64],
) -> _Clock:
    n = times.size
    ranked = rank_times(np.concatenate([times, np.maximum(entries, 0.0)]))
    rank = ranked.rank[:n].astype(np.int32)
    entered = np.where(entries < 0, -1, ranked.rank[n:]).astype(np.int32)
    if (entered >= rank).any():
        row = int(np.argmax(entered >= rank))
        raise ValueError(
            f"entry[{row}] is {entries[row]}, closer to time {times[row]} than times are told"
            " apart: leave the row out"
        )
    order = order_by_codes(stratum, then=rank)
    rank, entered = rank[order], entered[order]
    return _Clock(
        rows=RowOrder(order=order, time=ranked.distinct[rank], rank=rank),
        stratum=stratum[order],
        strata=strata,
        entry=np.append(ranked.distinct, -1.0)[entered],
        entry_rank=entered,
        by_entry=order_by_codes(stratum[order], then=entered + np.int32(1)),
    )


@njit(cache=True)
def _event_times_kernel(
    stratum: Places, rank: Places, event: NDArray[np.int8], begin: Places, end: Places
) -> int:
    """Where the rows of each event time begin, and where the next or the next stratum begins."""
    m, start, is_open = 0, 0, False
    for row in range(rank.size):
        if row > 0 and stratum[row] != stratum[row - 1]:
            if is_open:
                end[m - 1] = row
            start, is_open = row, False
        elif row > 0 and rank[row] != rank[row - 1]:
            start = row
        if event[row] == 1 and (m == 0 or begin[m - 1] != start):
            if is_open:
                end[m - 1] = start
            begin[m], is_open = start, True
            m += 1
    if is_open:
        end[m - 1] = rank.size
    return m


def _blocks(stratum: Places, rank: Places, event: NDArray[np.int8]) -> tuple[Places, Places]:
    most = int(np.count_nonzero(event))
    begin, end = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    m = _event_times_kernel(stratum, rank, event, begin, end)
    return begin[:m], end[:m]  # what is beyond was never touched, and takes no memory


@njit(cache=True)
def _entries_kernel(
    stratum: Places,
    rank: Places,
    entry_rank: Places,
    by_entry: Places,
    begin: Places,
    first: NDArray[np.int64],
    kind: NDArray[np.int8],
) -> bool:
    """The first event time that sees each row, and whether it comes late (1) or never is seen (2).

    False where nobody comes after the first event time of his stratum.
    """
    k, seen, earliest, some = 0, 0, 0, False
    for place in range(rank.size):
        row = by_entry[place]
        if place == 0 or stratum[row] != stratum[by_entry[place - 1]]:
            while k < begin.size and stratum[begin[k]] < stratum[row]:
                k += 1
            earliest = k
        while (
            k < begin.size
            and stratum[begin[k]] == stratum[row]
            and rank[begin[k]] <= entry_rank[row]
        ):
            k += 1
        first[row], kind[row] = k, int(k > earliest)
        some |= k > earliest
    for row in range(rank.size):
        while seen < begin.size and begin[seen] <= row:
            seen += 1
        if first[row] >= seen:
            kind[row] = 2
    return some


def _entries(
    clock: _Clock, begin: Places
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first event time that sees each row; rows later than the first; rows never seen."""
    nothing, rank, by_entry = np.zeros(0, dtype=np.int64), clock.rows.rank, clock.by_entry
    if clock.entry_rank is None or by_entry is None:
        return nothing, nothing, nothing
    first, kind = np.empty(rank.size, dtype=np.int64), np.empty(rank.size, dtype=np.int8)
    if not _entries_kernel(clock.stratum, rank, clock.entry_rank, by_entry, begin, first, kind):
        return nothing, nothing, nothing
    last_first = by_entry[::-1]
    late = last_first[kind[last_first] == 1].astype(np.int64)
    return first, late, np.flatnonzero(kind == 2)


@njit(cache=True)
def _scale_kernel(
    table: NDArray[np.float64],
    order: Places,
    centre: NDArray[np.float64],
    scale: NDArray[np.float64],
    reach: NDArray[np.float64],
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
            reach[j] = max(reach[j], abs(x[row, j]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """Covariates `x` (n, p) less their `centre`, in units of their `scale`; `reach` is the most."""

    x: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    reach: NDArray[np.float64]


def scale_in_order(covariates: ArrayLike, *, order: Places) -> Scaled:
    """The covariates (n, p) in order, centred and scaled."""
    table = check_covariates(covariates, n=order.size)
    x, (centre, scale, reach) = np.empty(table.shape), np.zeros((3, table.shape[1]))
    # contiguous and writable: for another kind of array it would be compiled anew
    _scale_kernel(np.require(table, requirements=["C", "W"]), order, centre, scale, reach, x)
    return Scaled(x=x, centre=centre, scale=scale, reach=reach)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timeline:
    """The fields of a design that tell who is at risk when."""

    order: Places
    event: NDArray[np.int8]
    begin: Places
    end: Places
    block_stratum: Places
    strata: NDArray[np.int64]
    time: NDArray[np.float64]
    entry: NDArray[np.float64]
    first: NDArray[np.int64]
    late: NDArray[np.int64]
    idle: NDArray[np.int64]


def _read_timelines(
    time: ArrayLike,
    events: Sequence[ArrayLike],
    stratum: ArrayLike | None,
    entry: ArrayLike | None,
) -> tuple[_Timeline, ...]:
    """A function of its own, for its large arrays are gone before the covariates are copied."""
    clock = _read_clock(time, stratum, entry)
    return tuple(_time_events(clock, event) for event in events)


def _time_events(clock: _Clock, event: ArrayLike) -> _Timeline:
    rows = clock.rows
    events = check_codes(event, name="event", n=rows.order.size, upper=1).astype(np.int8)
    events = events[rows.order]
    begin, end = _blocks(clock.stratum, rows.rank, events)
    first, late, idle = _entries(clock, begin)
    return _Timeline(
        order=rows.order,
        event=events,
        begin=begin,
        end=end,
        block_stratum=clock.stratum[begin],
        strata=clock.strata,
        time=rows.time,
        entry=clock.entry if first.size else np.zeros(0),
        first=first,
        late=late,
        idle=idle,
    )


def build_designs(
    time: ArrayLike,
    *,
    events: Sequence[ArrayLike],
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    sampling: Sampling | None = None,
    efron: bool = True,
) -> tuple[CoxDesign, ...]:
    """A design for each kind of event, of the same rows: checked, ordered and scaled once."""
    rows = sampling or Sampling()
    lines = _read_timelines(time, events, stratum, rows.entry)
    order, weights = lines[0].order, np.ones(1)
    if rows.weight is not None:
        weights = check_weights(rows.weight, n=order.size)[order]
    scaled = scale_in_order(covariates, order=order)
    return tuple(_design_of(line, weights=weights, scaled=scaled, efron=efron) for line in lines)


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
    return build_designs(
        time,
        events=[event],
        covariates=covariates,
        stratum=stratum,
        sampling=sampling,
        efron=efron,
    )[0]


def _design_of(
    line: _Timeline, *, weights: NDArray[np.float64], scaled: Scaled, efron: bool
) -> CoxDesign:
    failing = np.add.reduceat(line.event, line.begin, dtype=np.int32)
    return CoxDesign(
        order=line.order,
        event=line.event,
        weight=weights,
        x=scaled.x,
        centre=scaled.centre,
        scale=scaled.scale,
        reach=scaled.reach,
        failed=(weights * line.event) @ scaled.x,
        begin=line.begin,
        end=line.end,
        block_stratum=line.block_stratum,
        strata=line.strata,
        time=line.time,
        entry=line.entry,
        first=line.first,
        late=line.late,
        idle=line.idle,
        efron=efron,
        tied=int(np.count_nonzero(failing > 1)) if efron else 0,
    )
