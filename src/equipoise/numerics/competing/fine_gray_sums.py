"""The likelihood of a Fine-Gray model: its value, slope, curvature, and each row's influence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_covariates, check_weights
from equipoise.numerics.event_counts import order_by_stratum_and_time
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.risk_sets import find_risk_sets

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

    order: NDArray[np.intp]
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
class FineGraySums:
    """Log likelihood, score (p,), information (p, p), and what the influence is made of.

    `risk` (n,) is weight * hazard ratio, `hazard` (strata, m) the steps of the baseline, `mean`
    (p, strata, m) the mean covariates of those at risk.
    """

    log_likelihood: float
    score: Floats
    information: Floats
    risk: Floats
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
    spread = (x - centre).std(axis=0)
    return centre, np.where(spread > 1e-12 * np.abs(x).max(axis=0), spread, 1.0)


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
    order = order_by_stratum_and_time(np.zeros(n, dtype=np.int64), rank=sets.last)
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
        x=((x - centre) / scale)[order],
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


def sum_fine_gray(design: FineGrayDesign, *, beta: Floats) -> FineGraySums:
    """Log likelihood, score and information at scaled coefficients `beta`. Ties as Breslow."""
    eta = design.x @ beta
    risk = design.weight * np.exp(eta)
    total = _at_risk(design, risk)
    some = design.events > 0
    safe = np.where(some, total, 1.0)
    hazard = design.events / safe
    mean = np.zeros((beta.size, *total.shape))
    for j, column in enumerate(design.x.T):
        mean[j] = np.where(some, _at_risk(design, risk * column) / safe, 0.0)
    event = design.weight * (design.cause == 1)
    drawn = risk * _passed(design, hazard)
    flat = mean.reshape(beta.size, total.size)
    return FineGraySums(
        log_likelihood=float(event @ eta - (design.events * np.log(safe)).sum()),
        score=design.x.T @ (event - drawn),
        information=(design.x.T * drawn) @ design.x - (flat * design.events.ravel()) @ flat.T,
        risk=risk,
        hazard=hazard,
        mean=mean,
    )


def _score_residuals(design: FineGrayDesign, sums: FineGraySums) -> Floats:
    """Each row's share of the score, weighted, (n, p). Source: Fine, Gray (1999), eta of (8)."""
    hazard = _passed(design, sums.hazard)
    out = np.empty_like(design.x)
    m = design.events.shape[1]
    events = np.flatnonzero(design.cause == 1)
    at = design.place[events] - design.place[events] // (m + 1) - 1
    for j in range(out.shape[1]):
        x = design.x[:, j]
        out[:, j] = -sums.risk * (x * hazard - _passed(design, sums.hazard * sums.mean[j]))
        out[events, j] += design.weight[events] * (x[events] - sums.mean[j].ravel()[at])
    return out


def _cost_of_censoring(design: FineGrayDesign, sums: FineGraySums, code: int) -> Floats:
    """q of one group of censoring: how the score moves with the hazard of censoring, (p, times).

    At a time of censoring u: over those with a competing event before it, the score that they
    have yet to give from u on. Source: Fine, Gray (1999), q of (8).
    """
    m = design.events.shape[1]
    times, rows = design.time.size, design.competing[code]
    until = np.searchsorted(design.event_rank, np.arange(times))
    out = np.zeros((sums.score.size, times))
    steps = sums.hazard * design.still[code]
    own = design.place[rows] // (m + 1)
    for stratum in np.unique(own):
        some = rows[own == stratum]
        share = sums.risk[some] / design.still_own[some]
        gone = _before(design.rank[some], share, times)
        later = _later(steps[stratum][None])[0, until]
        for j in range(out.shape[0]):
            weighted = _before(design.rank[some], share * design.x[some, j], times)
            mean = _later((steps[stratum] * sums.mean[j, stratum])[None])[0, until]
            out[j] += weighted * later - gone * mean
    return out


def _before(rank: Codes, values: Floats, times: int) -> Floats:
    """The sum of `values` of rows with an earlier time, at each distinct time."""
    counted = _sum_at(rank, values, times)
    return np.asarray(np.cumsum(counted) - counted)


def _censoring_residuals(design: FineGrayDesign, sums: FineGraySums) -> Floats:
    """What each row's censoring tells of G, in the score, (n, p): psi of Fine, Gray (1999), (8)."""
    out = np.zeros_like(design.x)
    times = design.time.size
    for code in range(len(design.competing)):
        rows = np.flatnonzero(design.group == code)
        rank, weight = design.rank[rows], design.follow_weight[rows]
        left = _sum_at(rank, weight, times)
        censored = weight * (design.cause[rows] == 0)
        gone = _sum_at(rank, censored, times)
        at_risk = np.cumsum(left[::-1])[::-1]
        at_risk = np.where(at_risk > 0, at_risk, 1.0)
        for j, cost in enumerate(_cost_of_censoring(design, sums, code)):
            per_head = cost / at_risk
            lost = np.cumsum(per_head * gone / at_risk)
            out[rows, j] = censored * per_head[rank] - weight * lost[rank]
    return out


def fine_gray_influence(design: FineGrayDesign, *, sums: FineGraySums, counted: bool) -> Floats:
    """Each row's share of the score, weighted, (n, p), in the design's order and scale.

    `counted` adds what the estimate of G brings.
    """
    own = _score_residuals(design, sums)
    return own + _censoring_residuals(design, sums) if counted else own
