"""Hazard ratios of interval-censored times without a model of the baseline hazard."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtri

from equipoise.numerics.checks import check_codes, check_level
from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.intervals.interval_hazard import (
    IntervalRows,
    factor_kernel,
    fit_interval_hazard,
    solve_kernel,
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
_STEEPEST = 60.0  # log hazards beyond it would leave the range of floats


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
class _Stratum:
    rows: IntervalRows
    innermost: Innermost
    x: Values


def _strata(times: IntervalTimes, x: Values, codes: NDArray[np.int64]) -> list[_Stratum]:
    found = []
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
        innermost = find_innermost(own)
        again = here[own.entry > 0]
        rows = interval_rows(own, innermost=innermost)
        found.append(_together(rows, innermost, x[np.r_[here, again]]))
    return found


def _together(rows: IntervalRows, innermost: Innermost, x: Values) -> _Stratum:
    """Rows of the same bounds and covariates as one of their weight, where they are many."""
    n, bounds = rows.low.size, rows.low * (rows.nodes + 1) + rows.high
    distinct = 1 + np.count_nonzero(np.diff(np.sort(bounds)))  # sooner than their places, too
    if 2 * distinct > n:
        return _Stratum(rows=rows, innermost=innermost, x=x)
    code = np.zeros(n, dtype=np.int64)
    for column in (bounds, *x.T):
        values, place = np.unique(column, return_inverse=True)
        kinds, code = np.unique(code * values.size + place, return_inverse=True)
        if 2 * kinds.size > n:
            return _Stratum(rows=rows, innermost=innermost, x=x)
    _, one, code = np.unique(code, return_index=True, return_inverse=True)
    fewer = IntervalRows(
        low=rows.low[one],
        high=rows.high[one],
        weight=np.bincount(code, weights=rows.weight).astype(np.float64),
        risk=rows.risk[one],
        nodes=rows.nodes,
    )
    return _Stratum(rows=fewer, innermost=innermost, x=x[one])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    times: IntervalTimes
    centre: Values
    scaled: ScaledCovariates
    strata: list[_Stratum]


def _read(times: IntervalTimes, covariates: ArrayLike, stratum: ArrayLike | None) -> _Rows:
    n = times.left.size
    scaled = scale_covariates(covariates, n=n)
    codes = check_codes(stratum, name="stratum", n=n)
    return _Rows(
        times=times,
        centre=np.asarray(covariates, dtype=np.float64).reshape(n, -1).mean(axis=0),
        scaled=scaled,
        strata=_strata(times, scaled.table, codes),
    )


def _at_risk(stratum: _Stratum, risk: Values) -> IntervalRows:
    rows = stratum.rows
    return IntervalRows(
        low=rows.low, high=rows.high, weight=rows.weight, risk=risk, nodes=rows.nodes
    )


@njit(cache=True)
def _profile_slopes_kernel(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    weight: Values,
    x: Values,
    risk: Values,
    hazard: Values,
) -> tuple[Values, Values]:
    """Score and information of the coefficients where the hazard follows them.

    With a = risk H(left), g the gap to H(right) times risk, q = 1 / (exp(g) - 1): the row's slope
    along its log hazard is g q - a. The hazard's share is taken off the information: I_bb less
    C' K^-1 C over the nodes where it jumps. Source: Finkelstein (1986); Murphy, van der Vaart
    (2000), section 2.
    """
    n, p = x.shape
    end = hazard.size - 1
    place = np.zeros(end + 1, dtype=np.int64)  # where each node stands among those that jump
    for j in range(1, end):
        place[j] = place[j - 1] + (1 if hazard[j] > hazard[j - 1] else 0)
    size = place[end - 1]
    score, information, across = np.zeros(p), np.zeros((p, p)), np.zeros((p, size + 1))
    curvature = np.zeros(n)
    for i in range(n):
        start = risk[i] * hazard[low[i]]
        along, curve, at_high = -start, start, 0.0
        at_low = -weight[i] * risk[i]
        if high[i] < end:
            gap = risk[i] * (hazard[high[i]] - hazard[low[i]])
            q = 1.0 / math.expm1(gap)
            bend = gap * q * (1.0 + q)
            along, curve = along + gap * q, curve + gap * (bend - q)
            at_high = weight[i] * risk[i] * (q - bend)
            at_low -= at_high
            curvature[i] = weight[i] * risk[i] ** 2 * q * (1.0 + q)
        for j in range(p):
            score[j] += weight[i] * along * x[i, j]
            across[j, place[low[i]]] += at_low * x[i, j]
            across[j, place[high[i]]] += at_high * x[i, j]
            for k in range(j + 1):
                information[j, k] += weight[i] * curve * x[i, j] * x[i, k]
    across[:, 0] = 0.0
    first, offset, factor = factor_kernel(low, high, curvature, place, size)
    for k in range(p):
        solved = solve_kernel(first, offset, factor, across[k])
        for j in range(k, p):
            information[j, k] -= np.sum(across[j] * solved)
            information[k, j] = information[j, k]
    return score, information


def _profile_of(strata: list[_Stratum], hazards: list[Values | None]) -> Objective:
    """The profile likelihood of the coefficients; `hazards` keeps the last, to start from."""

    def at(beta: Values) -> Slopes:
        p = beta.size
        total, score, information = 0.0, np.zeros(p), np.zeros((p, p))
        nothing = Slopes(value=-math.inf, score=score, information=information)
        for place, stratum in enumerate(strata):
            line = stratum.x @ beta
            if np.abs(line).max(initial=0.0) > _STEEPEST:
                return nothing
            risk = np.exp(line)
            fit = fit_interval_hazard(_at_risk(stratum, risk), start=hazards[place])
            if not fit.converged:
                return nothing
            hazards[place] = fit.hazard
            rows = stratum.rows
            own_score, own_information = _profile_slopes_kernel(
                rows.low, rows.high, rows.weight, stratum.x, risk, fit.hazard
            )
            if not np.isfinite(own_information).all():
                return nothing
            total += fit.log_likelihood
            score, information = score + own_score, information + own_information
        return Slopes(value=total, score=score, information=information)

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
    return _fit(_read(times, covariates, stratum))


def _fit(rows: _Rows) -> IntervalCox:
    times, scaled = rows.times, rows.scaled
    hazards: list[Values | None] = [None] * len(rows.strata)
    profile = _profile_of(rows.strata, hazards)
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
        innermost=tuple(one.innermost for one in rows.strata),
        hazards=tuple(hazard for hazard in hazards if hazard is not None),
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
    fit, scaled = _fit(rows), rows.scaled
    if not fit.converged or math.isnan(fit.coefficients[column]):
        return math.nan, math.nan
    own = int(np.flatnonzero(scaled.kept == column)[0])
    size = float(scaled.size[own])
    hazards: list[Values | None] = list(fit.hazards)
    profile = _profile_of(rows.strata, hazards)
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
        hazards[:] = fit.hazards
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
