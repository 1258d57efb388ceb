"""The rows of a Fine-Gray model as its sums want them: in order of time, censoring estimated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_labels, check_times, check_weights
from equipoise.numerics.hazards.cox_design import Sampling, scale_in_order
from equipoise.numerics.risk_sets import find_risk_sets
from equipoise.numerics.row_order import Places, order_by_codes, order_rows

Floats = NDArray[np.float64]

_ROUNDING = 1e-12  # of those at risk: no row weighs as little


@dataclass(frozen=True, slots=True, kw_only=True)
class Censoring:
    """How G, the chance of not being censored yet, is estimated, and what its estimate costs.

    `group` (n,) gives each group a G of its own. `counted`: the robust variance counts that G is
    an estimate, as cmprsk::crr; without it, as survival::finegray with coxph. `events_first`: who
    has an event on a day is not at risk of censoring on it, as finegray; else he is, as crr.
    `weighted`: the weights of the rows count in G too; finegray leaves them out. With late entry
    G times the distribution of entry takes its place; what its estimate costs is then not known,
    and `counted` must be off.
    """

    group: ArrayLike | None = None
    counted: bool = True
    events_first: bool = False
    weighted: bool = True


FINEGRAY = Censoring(counted=False, events_first=True, weighted=False)  # of R's survival


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Who enters late: `first` (n,) is the rank of the first time at which a row is at risk.

    `since` (n,) is the last term of its stratum before that, -1 for none; `rows` are those whose
    `first` is not 0, the last to enter before the others. All are empty where nobody enters late.
    """

    first: Places
    since: Places
    rows: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGrayDesign:
    """The rows in order of time, and the terms: a stratum at a time at which it has an event.

    `order` leads back; `rank` (n,) is the place of each row's time among the distinct times. Each
    of `stratum`, `group` (of censoring), `weight` and `follow_weight` (the weight in G) has one
    value where all rows are alike. `cause` is 2 for all that compete. `x` (n, p) is (covariate -
    `centre`) / `scale`, `reach` (p,) its largest absolute value, `failed` (p,) its weighted sum
    over the events. The terms, (k,), are in order of time: `term_rank` is the rank of that,
    `term_stratum` numbers the stratum. `time` (m,) are the distinct times of event, `still`
    (groups, m) is G just before each, `still_own` just before the time of each row that competes.
    """

    order: Places
    rank: Places
    cause: NDArray[np.int8]
    stratum: Places
    group: Places
    weight: Floats
    follow_weight: Floats
    x: Floats
    centre: Floats
    scale: Floats
    reach: Floats
    failed: Floats
    term_rank: Places
    term_stratum: Places
    time: Floats
    still: Floats
    still_own: Floats
    late: Late


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The rows in order of time; `time` (n,) and `rank` (n,) of each, `first` for late entry."""

    order: Places
    time: Floats
    rank: Places
    cause: NDArray[np.int8]
    first: Places | None


def _read_line(time: ArrayLike, cause: ArrayLike, entry: ArrayLike | None) -> _Line:
    codes = check_codes(cause, name="cause", n=np.size(time))
    causes = np.minimum(codes, 2).astype(np.int8)
    if entry is None:
        rows = order_rows(check_times(time), stratum=np.zeros(1, dtype=np.int32))
        order = rows.order
        return _Line(order=order, time=rows.time, rank=rows.rank, cause=causes[order], first=None)
    sets = find_risk_sets(time, event=codes > 0, entry=entry)
    order = order_by_codes(sets.last.astype(np.int32))
    rank, first = sets.last[order].astype(np.int32), sets.first[order].astype(np.int32)
    return _Line(order=order, time=sets.time[rank], rank=rank, cause=causes[order], first=first)


def _number(codes: ArrayLike | None, name: str, order: Places) -> Places:
    """The codes numbered from 0 without a gap, in order; one 0 where all are alike."""
    checked = check_codes(codes, name=name, n=order.size)
    if not checked.any():
        return np.zeros(1, dtype=np.int32)
    return check_labels(checked, name=name, n=order.size).astype(np.int32)[order]


def _weigh(weight: ArrayLike | None, order: Places) -> Floats:
    return np.ones(1) if weight is None else check_weights(weight, n=order.size)[order]


def _count_at(
    rank: Places, weight: Floats, times: int, *, chosen: NDArray[np.bool_] | None = None
) -> Floats:
    """What the rows, all or those chosen, weigh at each distinct time, (times,)."""
    own = None if weight.size == 1 else weight
    if chosen is not None:
        own = weight * chosen
    return np.bincount(rank, weights=own, minlength=times).astype(np.float64, copy=False)


def _sums_from(steps: Floats) -> Floats:
    """Sums from each on to the last."""
    return np.cumsum(steps[::-1])[::-1]


def _still_followed(
    line: _Line, own: NDArray[np.intp] | slice, weight: Floats, *, events_first: bool
) -> Floats:
    """G of the rows `own` just before each distinct time up to their last; with late entry times H.

    G is the Kaplan-Meier estimate of censoring, H that of entry, time running backwards. Source:
    Geskus (2011).
    """
    rank, cause = line.rank[own], line.cause[own]
    weights, m = weight if weight.size == 1 else weight[own], int(rank[-1]) + 1
    entered = None if line.first is None else _count_at(line.first[own], weights, m)
    at_risk = _sums_from(_count_at(rank, weights, m))
    if entered is not None:
        at_risk[:-1] -= _sums_from(entered)[1:]
    exposed = at_risk - _count_at(rank, weights, m, chosen=cause > 0) if events_first else at_risk
    stay = _left(exposed, _count_at(rank, weights, m, chosen=cause == 0))
    curve = np.ones(m)
    np.cumprod(stay[:-1], out=curve[1:])
    if entered is not None:
        old = _left(at_risk, entered)
        curve[:-1] *= np.cumprod(old[:0:-1])[::-1]
    return curve


def _left(whole: Floats, gone: Floats) -> Floats:
    """The share that is left, 0 where that is rounding; `gone` is overwritten with it."""
    np.divide(gone, whole, out=gone, where=gone > 0)
    np.subtract(1.0, gone, out=gone)
    gone[gone < _ROUNDING] = 0.0
    return gone


def _refuse_gap(still_own: Floats, time: Floats) -> None:
    lost = still_own == 0
    if lost.any():
        raise ValueError(
            f"who had a competing event at {time[np.argmax(lost)]:g} cannot be weighted later: all"
            " who are at risk at some time after it entered after it. Leave the rows before out"
        )


def _estimate_censoring(
    line: _Line, group: Places, weight: Floats, at: Places, *, events_first: bool
) -> tuple[Floats, Floats]:
    """G before the times of event, (groups, m), 0 after a group's last; before who competes."""
    competes, alone = line.cause == 2, group.size == 1
    rank = line.rank[competes]
    still, still_own = np.zeros((int(group.max()) + 1, at.size)), np.empty(rank.size)
    for code, before in enumerate(still):
        own = slice(None) if alone else np.flatnonzero(group == code)
        curve = _still_followed(line, own, weight, events_first=events_first)
        inside = at[at < curve.size]
        before[: inside.size] = curve[inside]  # as cmprsk
        chosen = slice(None) if alone else np.flatnonzero(group[competes] == code)
        still_own[chosen] = curve[rank[chosen]]
    _refuse_gap(still_own, line.time[competes])
    return still, still_own


def _begins(ordered: Places) -> NDArray[np.bool_]:
    """Which of ordered ranks are not those before them."""
    return np.diff(ordered, prepend=np.int32(-1)) > 0


def _read_terms(rank: Places, stratum: Places, events: NDArray[np.intp]) -> tuple[Places, Places]:
    """The rank and the stratum of each term."""
    at = rank[events]
    if stratum.size == 1:
        return at[_begins(at)], stratum
    strata = int(stratum.max()) + 1
    key = np.unique(at.astype(np.int64) * strata + stratum[events])
    return (key // strata).astype(np.int32), (key % strata).astype(np.int32)


def _read_late(line: _Line, stratum: Places, term_rank: Places, term_stratum: Places) -> Late:
    nothing = np.zeros(0, dtype=np.int32)
    if line.first is None or not line.first.any():
        return Late(first=nothing, since=nothing, rows=nothing)
    rows = np.flatnonzero(line.first).astype(np.int32)
    rows = rows[np.argsort(-line.first[rows], kind="stable")]
    span = int(line.rank[-1]) + 1
    key = term_stratum.astype(np.int64) * span + term_rank
    own = np.broadcast_to(stratum, line.first.shape)[rows].astype(np.int64) * span
    by_key = np.argsort(key)
    before = np.searchsorted(key[by_key], own + line.first[rows]) - 1
    last = np.append(by_key, -1)[before].astype(np.int32)
    last[np.append(key, -1)[last] < own] = -1
    since = np.full(line.first.size, -1, dtype=np.int32)
    since[rows] = last
    return Late(first=line.first, since=since, rows=rows)


def build_fine_gray_design(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None,
    sampling: Sampling,
    censoring: Censoring,
) -> FineGrayDesign:
    """The rows checked and in order of time, G estimated, covariates centred and scaled."""
    line = _read_line(time, cause, sampling.entry)
    strata = _number(stratum, "stratum", line.order)
    group = _number(censoring.group, "group of censoring", line.order)
    weight = _weigh(sampling.weight, line.order)
    follow_weight = weight if censoring.weighted else np.ones(1)
    events = np.flatnonzero(line.cause == 1)
    term_rank, term_stratum = _read_terms(line.rank, strata, events)
    at = term_rank[_begins(term_rank)]
    still, still_own = _estimate_censoring(
        line, group, follow_weight, at, events_first=censoring.events_first
    )
    scaled = scale_in_order(covariates, order=line.order)
    return FineGrayDesign(
        order=line.order,
        rank=line.rank,
        cause=line.cause,
        stratum=strata,
        group=group,
        weight=weight,
        follow_weight=follow_weight,
        x=scaled.x,
        centre=scaled.centre,
        scale=scaled.scale,
        reach=scaled.reach,
        failed=(weight * (line.cause == 1)) @ scaled.x,
        term_rank=term_rank,
        term_stratum=term_stratum,
        time=line.time[events[_begins(line.rank[events])]],
        still=still,
        still_own=still_own,
        late=_read_late(line, strata, term_rank, term_stratum),
    )
