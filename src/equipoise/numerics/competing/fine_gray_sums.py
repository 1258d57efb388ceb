"""The likelihood of a Fine-Gray model: its value, slope, curvature, and each row's influence."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_covariates, check_weights
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.risk_sets import find_risk_sets
from equipoise.numerics.row_order import Places, order_by_stratum_and_time

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


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
class FineGrayDesign:
    """The rows in order of time, on the grid of the m distinct times of event, by stratum.

    `order` leads back. `place` (n,) is stratum * (m + 1) + the number of times of event up to the
    row's own, `since` the same for its entry. `still` (groups, m) is G just before each,
    `still_own` (n,) just before the row's own time, `follow_weight` (n,) the weights in it. `x`
    (n, p) is (covariate - `centre`) / `scale`. `events` (strata, m) are weighted. `competing`
    holds the rows with another cause, by group of censoring.
    """

    order: Places
    time: Floats
    rank: Codes
    cause: Codes
    group: Codes
    weight: Floats
    follow_weight: Floats
    x: Floats
    centre: Floats
    scale: Floats
    place: Codes
    since: Codes | None
    event_rank: NDArray[np.intp]
    events: Floats
    still: Floats
    still_own: Floats
    competing: tuple[NDArray[np.intp], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGrayMoments:
    """Those at risk at some coefficients: what likelihood and influence are made of.

    `risk` (n,) is weight * hazard ratio; all (strata, m): `total` its sum at risk, 1 where nobody
    has an event, `hazard` the steps of the baseline, `mean` (p of them) of those at risk.
    """

    risk: Floats
    total: Floats
    hazard: Floats
    mean: Floats


def _check_labels(codes: ArrayLike | None, *, name: str, n: int) -> Codes:
    """The codes numbered from 0 without a gap."""
    checked = check_codes(codes, name=name, n=n)
    if not checked.any():
        return checked
    return np.asarray(np.unique(checked, return_inverse=True)[1], dtype=np.int64)


def _sum_at(place: Codes, values: Floats, places: int) -> Floats:
    """The sum of `values` at each place from 0, (places,)."""
    return np.asarray(np.bincount(place, weights=values, minlength=places), dtype=np.float64)


def _later(steps: Floats) -> Floats:
    """Sums from each column to the last, and 0 behind it: (rows, m) to (rows, m + 1)."""
    sums = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([sums, np.zeros((steps.shape[0], 1))], axis=1)


def _earlier(steps: Floats) -> Floats:
    """Sums of the columns before each, from 0: (rows, m) to (rows, m + 1)."""
    return np.concatenate([np.zeros((steps.shape[0], 1)), np.cumsum(steps, axis=1)], axis=1)


def _still_followed(
    last: Codes, first: Codes, weight: Floats, gone: Floats, kept: Floats
) -> Floats:
    """G just before each distinct time up to the group's last; with late entry times H.

    `gone` (n,) weighs the rows that end in censoring, `kept` those that are no longer at risk of
    it at their own time. G is the Kaplan-Meier estimate of censoring, H that of entry, time
    running backwards. Source: Geskus (2011).
    """
    m = int(last.max()) + 1
    enter = _sum_at(first, weight, m)
    at_risk = np.cumsum(enter) - np.concatenate([[0.0], np.cumsum(_sum_at(last, weight, m))[:-1]])
    censored, exposed = _sum_at(last, gone, m), at_risk - _sum_at(last, kept, m)
    share = np.where(censored > 0, 1 - censored / np.where(exposed > 0, exposed, 1.0), 1.0)
    curve = np.concatenate([[1.0], np.cumprod(share)[:-1]])
    if first.any():
        old = np.where(enter > 0, 1 - enter / np.where(at_risk > 0, at_risk, 1.0), 1.0)
        curve *= np.concatenate([np.cumprod(old[:0:-1])[::-1], [1.0]])
    return curve


def _censoring_curves(
    rows: tuple[Codes, Codes, Codes], group: Codes, weight: Floats, *, events_first: bool
) -> Floats:
    """G of each group, (groups, distinct times); 0 after a group's last time, as cmprsk.

    `rows` are the last and first time at risk, and the cause.
    """
    last, first, cause = rows
    gone = weight * (cause == 0)
    kept = weight - gone if events_first else np.zeros(weight.size)
    out = np.zeros((int(group.max()) + 1, int(last.max()) + 1))
    for code in range(out.shape[0]):
        own = group == code
        curve = _still_followed(last[own], first[own], weight[own], gone[own], kept[own])
        out[code, : curve.size] = curve
    return out


def _centre_and_scale(x: Floats) -> tuple[Floats, Floats]:
    """The mean of each column and its spread, 1 where it is constant."""
    centre = x.mean(axis=0)
    spread = np.array([column.std() for column in x.T])
    return centre, np.where(spread > 1e-12 * np.abs(x).max(axis=0), spread, 1.0)


def _standardised(x: Floats, order: Places, centre: Floats, scale: Floats) -> Floats:
    """The covariates in order, centred and scaled: a column at a time, to need no second copy."""
    out = np.empty_like(x, order="C")
    for own, column, middle, spread in zip(out.T, x.T, centre, scale, strict=True):
        own[:] = (column[order] - middle) / spread
    return out


def _refuse_gap(still: Floats, time: Floats, cause: Codes) -> None:
    lost = (cause > 1) & (still == 0)
    if lost.any():
        raise ValueError(
            f"who had a competing event at {time[np.argmax(lost)]:g} cannot be weighted later: all"
            " who are at risk at some time after it entered after it. Leave the rows before out"
        )


def _rows_by_group(chosen: NDArray[np.bool_], group: Codes) -> tuple[NDArray[np.intp], ...]:
    return tuple(np.flatnonzero(chosen & (group == code)) for code in range(int(group.max()) + 1))


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
    codes = check_codes(cause, name="cause", n=np.size(time))
    n = codes.size
    sets = find_risk_sets(time, event=codes > 0, entry=sampling.entry)
    x = check_covariates(covariates, n=n)
    order = order_by_stratum_and_time(np.zeros(n, dtype=np.int32), rank=sets.last.astype(np.int32))
    rank, first, causes = sets.last[order], sets.first[order], codes[order]
    strata = _check_labels(stratum, name="stratum", n=n)[order]
    groups = _check_labels(censoring.group, name="group of censoring", n=n)[order]
    weights = check_weights(sampling.weight, n=n)[order]
    follow_weight = weights if censoring.weighted else np.ones(n)
    centre, scale = _centre_and_scale(x)
    any_event = np.bincount(rank[causes == 1], minlength=sets.time.size) > 0
    event_rank = np.flatnonzero(any_event)
    cells, passed = event_rank.size + 1, np.cumsum(any_event)
    place = strata * cells + passed[rank]
    events = _sum_at(place, weights * (causes == 1), (int(strata.max()) + 1) * cells)
    curves = _censoring_curves(
        (rank, first, causes), groups, follow_weight, events_first=censoring.events_first
    )
    _refuse_gap(curves[groups, rank], sets.time[rank], causes)
    return FineGrayDesign(
        order=order,
        time=sets.time,
        rank=rank,
        cause=causes,
        group=groups,
        weight=weights,
        follow_weight=follow_weight,
        x=_standardised(x, order, centre, scale),
        centre=centre,
        scale=scale,
        place=place,
        since=strata * cells + np.concatenate([[0], passed])[first] if first.any() else None,
        event_rank=event_rank,
        events=events.reshape(-1, cells)[:, 1:],
        still=curves[:, event_rank],
        still_own=curves[groups, rank],
        competing=_rows_by_group(causes > 1, groups),
    )


def _at_risk(design: FineGrayDesign, values: Floats) -> Floats:
    """The sum of `values` over those at risk at each time of event, (strata, m).

    Who had a competing event stays, with weight G(t-) / G(T-).
    """
    strata, m = design.events.shape
    cells = strata * (m + 1)
    counted = _sum_at(design.place, values, cells)
    if design.since is not None:
        counted -= _sum_at(design.since, values, cells)
    total = _later(counted.reshape(strata, m + 1))[:, 1:-1]
    for code, rows in enumerate(design.competing):
        shares = values[rows] / design.still_own[rows]
        counted = _sum_at(design.place[rows], shares, cells)
        total += np.cumsum(counted.reshape(strata, m + 1), axis=1)[:, :-1] * design.still[code]
    return total


def _passed(design: FineGrayDesign, steps: Floats) -> Floats:
    """The sum of `steps` (strata, m) over the times of event at which each row is at risk, (n,)."""
    earlier = _earlier(steps).ravel()
    total = earlier[design.place]
    if design.since is not None:
        total -= earlier[design.since]
    for code, rows in enumerate(design.competing):
        after = _later(steps * design.still[code]).ravel()[design.place[rows]]
        total[rows] += after / design.still_own[rows]
    return total


def risk_moments(design: FineGrayDesign, *, beta: Floats) -> FineGrayMoments:
    """The moments of those at risk at scaled coefficients `beta`."""
    risk = design.weight * np.exp(design.x @ beta)
    some = design.events > 0
    total = np.where(some, _at_risk(design, risk), 1.0)
    mean = np.zeros((beta.size, *total.shape))
    for own, column in zip(mean, design.x.T, strict=True):
        np.divide(_at_risk(design, risk * column), total, out=own, where=some)
    return FineGrayMoments(risk=risk, total=total, hazard=design.events / total, mean=mean)


def sum_fine_gray(design: FineGrayDesign, *, beta: Floats) -> LikelihoodSums:
    """Log likelihood, score and information at scaled coefficients `beta`. Ties as Breslow."""
    at = risk_moments(design, beta=beta)
    event = design.weight * (design.cause == 1)
    drawn = at.risk * _passed(design, at.hazard)
    flat, failed = at.mean.reshape(beta.size, at.total.size), event @ design.x
    return LikelihoodSums(
        log_likelihood=float(failed @ beta - (design.events * np.log(at.total)).sum()),
        score=failed - drawn @ design.x,
        information=(design.x.T * drawn) @ design.x - (flat * design.events.ravel()) @ flat.T,
    )


def _score_residual(
    design: FineGrayDesign, at: FineGrayMoments, column: int, seen: Floats, events: Codes
) -> Floats:
    """Each row's share of one score, weighted, (n,). Source: Fine, Gray (1999), eta of (8).

    `seen` (n,) is the hazard that each row saw.
    """
    x, mean = design.x[:, column], at.mean[column]
    m = design.events.shape[1]
    place = design.place[events] - design.place[events] // (m + 1) - 1
    out = -at.risk * (x * seen - _passed(design, at.hazard * mean))
    out[events] += design.weight[events] * (x[events] - mean.ravel()[place])
    return out


def _before(rank: Codes, values: Floats, times: int) -> Floats:
    """The sum of `values` of rows with an earlier time, at each distinct time."""
    counted = _sum_at(rank, values, times)
    return np.asarray(np.cumsum(counted) - counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Competed:
    """Those of a stratum with a competing event, who stay at risk: their rows and shares (k,).

    `gone` (times,) sums the shares of those before each distinct time, `steps` (m,) is the hazard
    of the stratum while they are followed, `later` (times,) what of it is yet to come.
    """

    stratum: int
    rows: NDArray[np.intp]
    share: Floats
    gone: Floats
    steps: Floats
    later: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Censored:
    """A group of censoring: its rows and, of them, the weights of those censored, both (k,).

    At each distinct time: the share of those at risk that is `lost`, and one over those at risk.
    """

    rows: NDArray[np.intp] | slice
    censored: Floats
    lost: Floats
    per_head: Floats
    competed: tuple[_Competed, ...]


def _read_competed(design: FineGrayDesign, at: FineGrayMoments, code: int) -> Iterator[_Competed]:
    rows, times = design.competing[code], design.time.size
    until = np.searchsorted(design.event_rank, np.arange(times))
    own = design.place[rows] // (design.events.shape[1] + 1)
    for stratum in np.unique(own).tolist():
        some = rows[own == stratum]
        share = at.risk[some] / design.still_own[some]
        steps = at.hazard[stratum] * design.still[code]
        yield _Competed(
            stratum=stratum,
            rows=some,
            share=share,
            gone=_before(design.rank[some], share, times),
            steps=steps,
            later=_later(steps[None])[0, until],
        )


def _read_censored(design: FineGrayDesign, at: FineGrayMoments, code: int) -> _Censored:
    only = len(design.competing) == 1
    rows = slice(None) if only else np.flatnonzero(design.group == code)
    rank, weight, times = design.rank[rows], design.follow_weight[rows], design.time.size
    censored = weight * (design.cause[rows] == 0)
    at_risk = np.cumsum(_sum_at(rank, weight, times)[::-1])[::-1]
    at_risk = np.where(at_risk > 0, at_risk, 1.0)
    return _Censored(
        rows=rows,
        censored=censored,
        lost=_sum_at(rank, censored, times) / at_risk,
        per_head=1.0 / at_risk,
        competed=tuple(_read_competed(design, at, code)),
    )


def _cost_of_censoring(
    design: FineGrayDesign, at: FineGrayMoments, group: _Censored, column: int
) -> Floats:
    """q of one group of censoring: how a score moves with the hazard of censoring, (times,).

    At a time of censoring u: over those with a competing event before it, the score that they
    have yet to give from u on. Source: Fine, Gray (1999), q of (8).
    """
    times = design.time.size
    until = np.searchsorted(design.event_rank, np.arange(times))
    out = np.zeros(times)
    for one in group.competed:
        x = design.x[one.rows, column]
        out += _before(design.rank[one.rows], one.share * x, times) * one.later
        out -= one.gone * _later((one.steps * at.mean[column, one.stratum])[None])[0, until]
    return out


def fine_gray_influence(design: FineGrayDesign, *, at: FineGrayMoments, counted: bool) -> Floats:
    """Each row's share of the score, weighted, (n, p), in the design's order and scale.

    `counted` adds what the estimate of G brings: psi of Fine, Gray (1999), (8). A column at a
    time, so that big data need little more memory than the answer.
    """
    out = np.empty((design.x.shape[1], design.order.size))
    seen, events = _passed(design, at.hazard), np.flatnonzero(design.cause == 1)
    codes = range(len(design.competing) if counted else 0)
    groups = [_read_censored(design, at, code) for code in codes]
    for j, score in enumerate(out):
        score[:] = _score_residual(design, at, j, seen, events)
        for group in groups:
            per_head = _cost_of_censoring(design, at, group, j) * group.per_head
            rows, lost = group.rows, np.cumsum(per_head * group.lost)
            rank = design.rank[rows]
            score[rows] += group.censored * per_head[rank] - design.follow_weight[rows] * lost[rank]
    return out.T
