"""The likelihood of a Fine-Gray model: its value, slope, curvature, and each row's influence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_covariates, check_times, check_weights
from equipoise.numerics.event_counts import order_by_stratum_and_time, rank_times

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Censoring:
    """How G, the chance of not being censored yet, is estimated, and what its estimate costs.

    `group` (n,) gives each group a G of its own. `counted`: the robust variance counts that G is
    an estimate, as cmprsk::crr; without it, as survival::finegray with coxph. `events_first`: who
    has an event on a day is not at risk of censoring on it, as finegray; else he is, as crr.
    `weighted`: the weights of the rows count in G too; finegray leaves them out.
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
    row's own. `still` (groups, m) is G just before each, `still_own` (n,) just before the row's
    own time, `follow_weight` (n,) the weights in it. `x` (n, p) is (covariate - `centre`) /
    `scale`. `events` (strata, m) are weighted. `competing` holds the rows with another cause, by
    group of censoring.
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


def _censoring_curve(rank: Codes, cause: Codes, weight: Floats, *, events_first: bool) -> Floats:
    """G just before each distinct time up to the group's last: Kaplan-Meier of censoring."""
    m = int(rank.max()) + 1
    left = _sum_at(rank, weight, m)
    gone = _sum_at(rank, weight * (cause == 0), m)
    at_risk = np.cumsum(left[::-1])[::-1]
    exposed = at_risk - (left - gone) if events_first else at_risk
    share = np.where(gone > 0, 1 - gone / np.where(exposed > 0, exposed, 1.0), 1.0)
    return np.concatenate([[1.0], np.cumprod(share)[:-1]])


def _censoring_curves(
    rank: Codes, cause: Codes, group: Codes, weight: Floats, *, events_first: bool
) -> Floats:
    """G of each group, (groups, distinct times); 0 after a group's last time, as cmprsk."""
    out = np.zeros((int(group.max()) + 1, int(rank.max()) + 1))
    for code in range(out.shape[0]):
        own = group == code
        curve = _censoring_curve(rank[own], cause[own], weight[own], events_first=events_first)
        out[code, : curve.size] = curve
    return out


def _centre_and_scale(x: Floats) -> tuple[Floats, Floats]:
    """The mean of each column and its spread, 1 where it is constant."""
    centre = x.mean(axis=0)
    spread = (x - centre).std(axis=0)
    return centre, np.where(spread > 1e-12 * np.abs(x).max(axis=0), spread, 1.0)


def build_fine_gray_design(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike | None,
    weight: ArrayLike | None,
    censoring: Censoring,
) -> FineGrayDesign:
    """The rows checked and in order of time, G estimated, covariates centred and scaled."""
    times = check_times(time)
    n = times.size
    x = check_covariates(covariates, n=n)
    ranked = rank_times(times)
    order = order_by_stratum_and_time(np.zeros(n, dtype=np.int64), rank=ranked.rank)
    rank = ranked.rank[order]
    causes = check_codes(cause, name="cause", n=n)[order]
    strata = _check_labels(stratum, name="stratum", n=n)[order]
    groups = _check_labels(censoring.group, name="group of censoring", n=n)[order]
    weights = check_weights(weight, n=n)[order]
    follow_weight = weights if censoring.weighted else np.ones(n)
    centre, scale = _centre_and_scale(x)
    any_event = np.bincount(rank[causes == 1], minlength=ranked.distinct.size) > 0
    event_rank = np.flatnonzero(any_event)
    cells = event_rank.size + 1
    place = strata * cells + np.cumsum(any_event)[rank]
    events = _sum_at(place, weights * (causes == 1), (int(strata.max()) + 1) * cells)
    curves = _censoring_curves(
        rank, causes, groups, follow_weight, events_first=censoring.events_first
    )
    return FineGrayDesign(
        order=order,
        time=ranked.distinct,
        rank=rank,
        cause=causes,
        group=groups,
        weight=weights,
        follow_weight=follow_weight,
        x=((x - centre) / scale)[order],
        centre=centre,
        scale=scale,
        place=place,
        event_rank=event_rank,
        events=events.reshape(-1, cells)[:, 1:],
        still=curves[:, event_rank],
        still_own=curves[groups, rank],
        competing=tuple(
            np.flatnonzero((causes > 1) & (groups == code)) for code in range(curves.shape[0])
        ),
    )


def _at_risk(design: FineGrayDesign, values: Floats) -> Floats:
    """The sum of `values` over those at risk at each time of event, (strata, m).

    Who had a competing event stays, with weight G(t-) / G(T-).
    """
    strata, m = design.events.shape
    cells = strata * (m + 1)
    counted = _sum_at(design.place, values, cells)
    total = _later(counted.reshape(strata, m + 1))[:, 1:-1]
    for code, rows in enumerate(design.competing):
        shares = values[rows] / design.still_own[rows]
        counted = _sum_at(design.place[rows], shares, cells)
        total += np.cumsum(counted.reshape(strata, m + 1), axis=1)[:, :-1] * design.still[code]
    return total


def _passed(design: FineGrayDesign, steps: Floats) -> Floats:
    """The sum of `steps` (strata, m) over the times of event at which each row is at risk, (n,)."""
    total = _earlier(steps).ravel()[design.place]
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
