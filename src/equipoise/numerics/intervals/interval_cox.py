"""Hazard ratios of interval-censored times without a model of the baseline hazard."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtri

from equipoise.numerics.checks import check_codes, check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.intervals.interval_profile import (
    ProfileRows,
    ReachedHazards,
    profile_slopes,
    split_hazards,
)
from equipoise.numerics.intervals.interval_times import Innermost, IntervalTimes, find_innermost
from equipoise.numerics.intervals.turnbull import Turnbull, interval_rows
from equipoise.numerics.likelihood_climb import LikelihoodSums
from equipoise.numerics.models.regression import Effect, effect_of
from equipoise.numerics.models.scaled_covariates import (
    ScaledCovariates,
    missing_words,
    scale_covariates,
    unscaling,
)
from equipoise.numerics.models.uneven_climb import Slopes, Summit, climb_uneven, invert_information
from equipoise.numerics.profile_end import find_profile_end

Values = NDArray[np.float64]
Objective = Callable[[Values], Slopes]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalCox:
    """Log hazard ratios (p,), their covariance (p, p), and tests against none.

    The covariance is the inverse of the observed information, the curvature of the profile
    likelihood. `hazards` are the cumulative hazards at covariates `centre`, one array a stratum,
    after its `innermost` intervals. A covariate without information of its own has NaN. `message`
    says in words what went wrong where `converged` is false.
    """

    n: int
    n_events: int
    coefficients: Values
    covariance: Values
    log_likelihood_null: float
    log_likelihood: float
    score_test: ChiSquare
    likelihood_ratio_test: ChiSquare
    centre: Values
    innermost: tuple[Innermost, ...]
    hazards: tuple[Values, ...]
    iterations: int
    converged: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    times: IntervalTimes
    centre: Values
    scaled: ScaledCovariates
    innermost: tuple[Innermost, ...]
    strata: ProfileRows


def _read(times: IntervalTimes, covariates: ArrayLike, stratum: ArrayLike | None) -> _Rows:
    n = times.left.size
    scaled = scale_covariates(covariates, n=n)
    codes = check_codes(stratum, name="stratum", n=n)
    innermost, strata = _strata(times, scaled.table, codes)
    return _Rows(
        times=times,
        centre=np.asarray(covariates, dtype=np.float64).reshape(n, -1).mean(axis=0),
        scaled=scaled,
        innermost=innermost,
        strata=strata,
    )


def _strata(
    times: IntervalTimes, x: Values, codes: NDArray[np.int64]
) -> tuple[tuple[Innermost, ...], ProfileRows]:
    found, innermost, order = [], [], []
    for code in range(int(codes.max()) + 1):
        here = np.flatnonzero(codes == code)
        if here.size == 0:
            raise ValueError(f"stratum {code} has no row: number the strata without gaps")
        own = IntervalTimes(
            left=times.left[here],
            right=times.right[here],
            entry=times.entry[here],
            weight=times.weight[here],
        )
        innermost.append(find_innermost(own))
        found.append(interval_rows(own, innermost=innermost[-1]))
        order += [here, here[own.entry > 0]]
    rows = ProfileRows(
        low=np.concatenate([one.low for one in found]),
        high=np.concatenate([one.high for one in found]),
        weight=np.concatenate([one.weight for one in found]),
        x=x[np.concatenate(order)],
        row=_beginnings([one.low.size for one in found]),
        node=_beginnings([one.nodes for one in found]),
    )
    return tuple(innermost), _together(rows)


def _beginnings(sizes: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *sizes])


def _together(rows: ProfileRows) -> ProfileRows:
    """Rows of the same bounds and covariates as one of their weight, where they are many."""
    n, most = rows.low.size, rows.low.size // 2
    stratum = np.repeat(np.arange(rows.row.size - 1), np.diff(rows.row))
    bounds = (rows.low + rows.node[stratum]) * (rows.node[-1] + 1) + rows.high
    columns = (bounds, *rows.x.T)
    if any(_distinct(column) > most for column in columns):
        return rows
    code = np.zeros(n, dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        kinds, code = np.unique(code * values.size + place, return_inverse=True)
        if kinds.size > most:
            return rows
    _, one, code = np.unique(code, return_index=True, return_inverse=True)
    return ProfileRows(
        low=rows.low[one],
        high=rows.high[one],
        weight=np.bincount(code, weights=rows.weight).astype(np.float64),
        x=rows.x[one],
        row=np.searchsorted(stratum[one], np.arange(rows.row.size)),
        node=rows.node,
    )


def _distinct(column: NDArray[np.generic]) -> int:
    ordered = np.sort(column)
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _profile_of(rows: ProfileRows, reached: list[ReachedHazards]) -> Objective:
    """The profile likelihood of the coefficients; `reached` keeps the last, to start from."""

    def at(beta: Values) -> Slopes:
        slopes, now = profile_slopes(rows, beta=beta, reached=reached[-1] if reached else None)
        reached[:] = [now] if now else []
        return slopes

    return at


def _score_test(null: Slopes) -> ChiSquare:
    statistic = float(null.score @ np.linalg.lstsq(null.information, null.score)[0])
    return chi_square_of(statistic, degrees_of_freedom=null.score.size)


def _message(times: IntervalTimes, scaled: ScaledCovariates, top: Summit) -> str:
    if not np.isfinite(times.right).any():
        return "no event: there is no hazard to compare"
    if top.flat.any():
        which = ", ".join(str(scaled.kept[k]) for k in np.flatnonzero(top.flat))
        return f"the likelihood rises without end, or is level, along covariate {which}"
    return "" if top.settled else "the climb to the largest likelihood did not settle"


def estimate_interval_cox(
    times: IntervalTimes, *, covariates: ArrayLike, stratum: ArrayLike | None = None
) -> IntervalCox:
    """Log hazard ratios per unit of each covariate, each stratum with a baseline of its own.

    The likelihood of grouped proportional hazards: S(left) - S(right) with S = S0^exp(x b) and S0
    free. Known times are days on which S0 drops, so that the answer is near Cox's, not equal to
    it. The standard error takes the places of the jumps as known: right where all are scanned on
    few days, near it else; `estimate_profile_interval` asks less. Rows that enter late count
    from their entry. Source: Finkelstein (1986); Pan, Chappell (2002) for late entry; the hazard by
    `fit_interval_hazard`.
    """
    return _fit(_read(times, covariates, stratum), [])


def _fit(rows: _Rows, reached: list[ReachedHazards]) -> IntervalCox:
    times, scaled = rows.times, rows.scaled
    profile = _profile_of(rows.strata, reached)
    start = np.zeros(scaled.kept.size)
    null = profile(start)
    top = climb_uneven(profile, start=start, first=null, rows=float(times.weight.sum()))
    if not top.settled:  # the hazards may be those of a step not taken
        profile(top.parameters)
    message = _message(times, scaled, top)
    if scaled.kept.size == 0:
        message = "no covariate has information of its own"
    back = unscaling(scaled, before=0, after=0)
    ratio = 2 * (top.slopes.value - null.value)
    return IntervalCox(
        n=times.left.size,
        n_events=int(np.isfinite(times.right).sum()),
        coefficients=back @ top.parameters,
        covariance=back @ invert_information(top) @ back.T,
        log_likelihood_null=null.value,
        log_likelihood=top.slopes.value,
        score_test=_score_test(null),
        likelihood_ratio_test=chi_square_of(ratio, degrees_of_freedom=scaled.kept.size),
        centre=rows.centre,
        innermost=rows.innermost,
        hazards=tuple(one for last in reached for one in split_hazards(rows.strata, reached=last)),
        iterations=top.steps,
        converged=top.settled and message == "",
        message=message or missing_words(scaled),
    )


def estimate_interval_hazard_ratio(
    fit: IntervalCox, *, column: int = 0, level: float = 0.95
) -> Effect:
    """The hazard ratio of one covariate with Wald's interval and p."""
    error = math.sqrt(float(fit.covariance[column, column]))
    return effect_of(float(fit.coefficients[column]), standard_error=error, level=level)


def estimate_profile_interval(
    times: IntervalTimes,
    *,
    covariates: ArrayLike,
    stratum: ArrayLike | None = None,
    column: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """The log hazard ratios between which the profile likelihood is within the chi-square limit.

    NaN where the fit did not settle. Source: Murphy, van der Vaart (2000), section 3.
    """
    check_level(level)
    rows = _read(times, covariates, stratum)
    reached: list[ReachedHazards] = []
    fit, scaled = _fit(rows, reached), rows.scaled
    if not fit.converged or math.isnan(fit.coefficients[column]):
        return math.nan, math.nan
    own = int(np.flatnonzero(scaled.kept == column)[0])
    size = float(scaled.size[own])
    profile, at_top = _profile_of(rows.strata, reached), list(reached)
    best = fit.coefficients[scaled.kept] * scaled.size
    fall = float(chdtri(1, 1 - level)) / 2
    target = fit.log_likelihood - fall
    along = fit.covariance[column, scaled.kept] * scaled.size * size
    error = math.sqrt(float(along[own]))

    def height(value: float) -> float:
        return _best_beside(profile, best, own, value) - target

    def sums(beta: Values) -> LikelihoodSums:
        at = profile(beta)
        return LikelihoodSums(log_likelihood=at.value, score=at.score, information=at.information)

    def limit(side: float) -> float:
        """Found at once from where the curvature leads, else by search along the coefficient."""
        reached[:] = at_top
        start = best + side * math.sqrt(2 * fall) / error * along
        value = float(best[own])
        end = find_profile_end(
            sums,
            start=start,
            own=own,
            top=value,
            target=target,
            search=lambda: _end(height, value, 2 * side * error),
        )
        return end / size

    return limit(-1.0), limit(1.0)


def _best_beside(profile: Objective, best: Values, own: int, value: float) -> float:
    """The largest likelihood with one coefficient held at a value."""
    others = np.arange(best.size) != own

    def held(rest: Values) -> Slopes:
        beta = np.empty(best.size)
        beta[own], beta[others] = value, rest
        found = profile(beta)
        return Slopes(
            value=found.value,
            score=found.score[others],
            information=found.information[np.ix_(others, others)],
        )

    if not others.any():
        return held(np.empty(0)).value
    return climb_uneven(held, start=best[others], rows=1.0).slopes.value


def _end(height: Callable[[float], float], top: float, step: float) -> float:
    """Where the height falls to 0 on one side of the top; infinite where it does not."""
    inner, outer = top, top + step
    for _ in range(12):
        if height(outer) < 0:
            return float(brentq(height, inner, outer, xtol=1e-12, rtol=1e-14))
        inner, outer, step = outer, outer + 2 * step, 2 * step
    return math.copysign(math.inf, step)


def trace_interval_cox(fit: IntervalCox, *, covariates: ArrayLike, stratum: int = 0) -> Turnbull:
    """The masses of a subject with these covariates (p,), to be read as those of one group.

    `missed` is NaN: it is not bounded here. A covariate that was left out counts nothing.
    """
    x = np.atleast_1d(np.asarray(covariates, dtype=np.float64))
    if x.shape != fit.coefficients.shape:
        raise ValueError(f"covariates must hold {fit.coefficients.size} numbers")
    line = float(np.nan_to_num(fit.coefficients) @ (x - fit.centre))
    hazard, where = fit.hazards[stratum] * math.exp(line), fit.innermost[stratum]
    mass = np.exp(-hazard[:-1]) * -np.expm1(-np.diff(hazard))
    there = mass > 0
    return Turnbull(
        n=fit.n,
        left=where.left[there],
        right=where.right[there],
        mass=mass[there],
        survival=np.exp(-hazard[1:])[there],
        log_likelihood=fit.log_likelihood,
        missed=math.nan,
    )
