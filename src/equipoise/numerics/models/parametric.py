"""Exponential, Weibull, log-normal and log-logistic survival, with covariates on log time."""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_labels
from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.intervals.interval_times import IntervalTimes, check_logarithms
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.location_scale import (
    LocationScale,
    build_model,
    row_scores,
    start_of,
    sum_slopes,
)
from equipoise.numerics.models.parametric_curves import ModelCurve, Traced
from equipoise.numerics.models.regression import Effect, effect_of
from equipoise.numerics.models.scaled_covariates import (
    ScaledCovariates,
    missing_words,
    scale_covariates,
    unscaling,
)
from equipoise.numerics.models.uneven_climb import (
    Slopes,
    Summit,
    climb_uneven,
    cluster_covariance,
    invert_information,
)

Values = NDArray[np.float64]
_TINY_SCALE = -12.0  # log scale below which the times lie on the line itself
_SCALE_STEP = 0.5  # of a log scale: a large effect is met by a longer one that overshoots


class Family(Enum):
    """The distribution of time: log T = line + scale W."""

    EXPONENTIAL = "exponential"
    WEIBULL = "weibull"
    LOG_NORMAL = "log-normal"
    LOG_LOGISTIC = "log-logistic"


_LATENT = {
    Family.EXPONENTIAL: Latent.HAZARD,
    Family.WEIBULL: Latent.HAZARD,
    Family.LOG_NORMAL: Latent.NORMAL,
    Family.LOG_LOGISTIC: Latent.ODDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parametric:
    """Intercept and log time ratios (1 + p,), log scales (k,), and their covariance.

    `covariance` is over coefficients and log scales, in that order ((1 + p,) alone for the
    exponential, whose log scale is 0); `robust_covariance` the sandwich, None without clusters.
    A covariate without information of its own has NaN. The test compares with the model without
    covariates. `message` says in words what went wrong where `converged` is false.
    """

    family: Family
    n: int
    n_events: int
    coefficients: Values
    log_scales: Values
    covariance: Values
    robust_covariance: Values | None
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio_test: ChiSquare
    iterations: int
    converged: bool
    message: str


def estimate_parametric(
    times: IntervalTimes,
    *,
    family: Family = Family.WEIBULL,
    covariates: ArrayLike | None = None,
    scale_stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Parametric:
    """The model log T = intercept + covariates . coefficients + scale W of largest likelihood.

    Rows may be known, right-, left- or interval-censored, enter late and have weights. Each code
    of `scale_stratum` has a scale of its own. `cluster` (n,) asks for the sandwich over clusters
    (give row numbers for the robust one). The log likelihood is that of the times, not of their
    logarithms. Rows that bound no event, or a likelihood without a top (an arm without events,
    one event time alone) give `converged` false and a message. ValueError for an event at time 0.
    Source: Kalbfleisch, Prentice (2002) 3.4 and 3.6; Lin, Wei (1989) for the sandwich.
    """
    check_logarithms(times)
    n = times.left.size
    strata = _strata(scale_stratum, n)
    scales = 0 if family is Family.EXPONENTIAL else int(strata.max()) + 1
    start = start_of(times, latent=_LATENT[family], scales=scales)
    scaled = scale_covariates(covariates, n=n, before=1)
    model = build_model(
        times, latent=_LATENT[family], x=scaled.table, stratum=strata, scales=scales
    )
    null, top = _climb_twice(model, start, rows=float(times.weight.sum()))
    inverse = invert_information(top)
    robust = None
    if cluster is not None:
        code = check_labels(cluster, name="cluster", n=n)
        scores = row_scores(model, parameters=top.parameters)
        robust = cluster_covariance(scores, inverse=inverse, code=code)
    back = unscaling(scaled, before=1, after=scales)
    parameters = back @ top.parameters
    message = _message(times, model, scaled, top)
    ratio = 2 * (top.slopes.value - null.slopes.value)
    return Parametric(
        family=family,
        n=n,
        n_events=int(np.isfinite(times.right).sum()),
        coefficients=parameters[: 1 + scaled.columns],
        log_scales=parameters[1 + scaled.columns :] if scales else np.zeros(1),
        covariance=back @ inverse @ back.T,
        robust_covariance=None if robust is None else back @ robust @ back.T,
        log_likelihood_null=null.slopes.value,
        log_likelihood=top.slopes.value,
        likelihood_ratio_test=chi_square_of(ratio, degrees_of_freedom=scaled.kept.size),
        iterations=null.steps + (top.steps if top is not null else 0),
        converged=top.settled and message == missing_words(scaled),
        message=message,
    )


def _strata(scale_stratum: ArrayLike | None, n: int) -> NDArray[np.int64]:
    if scale_stratum is None:
        return np.zeros(n, dtype=np.int64)
    return check_codes(scale_stratum, name="scale_stratum", n=n)


def _climb_twice(model: LocationScale, start: Values, *, rows: float) -> tuple[Summit, Summit]:
    """The top without covariates and, from there, with them."""
    level, covariates = replace(model, columns=1), model.columns - 1
    longest = np.r_[math.inf, np.full(covariates, math.inf), np.full(model.scales, _SCALE_STEP)]

    def with_covariates(at: Values) -> Slopes:
        """Where the one climb ends, the other begins: the place is looked at once."""
        return sum_slopes(model, parameters=np.r_[at[:1], np.zeros(covariates), at[1:]])

    null = climb_uneven(
        lambda at: sum_slopes(level, parameters=at),
        start=start,
        rows=rows,
        longest=longest[covariates:],
        at_last=with_covariates if covariates else None,
    )
    if covariates == 0:
        return null, null
    begin = np.r_[null.parameters[:1], np.zeros(covariates), null.parameters[1:]]
    return null, climb_uneven(
        lambda at: sum_slopes(model, parameters=at),
        start=begin,
        rows=rows,
        first=null.slopes if null.slopes.score.size == begin.size else None,
        longest=longest,
    )


def _message(
    times: IntervalTimes, model: LocationScale, scaled: ScaledCovariates, top: Summit
) -> str:
    """What keeps the numbers from being estimates, in words; empty where nothing does."""
    q = model.columns
    if not np.isfinite(times.right).any():
        return "no event: the likelihood rises without end as the times grow"
    if model.scales and top.parameters[q:].min() < _TINY_SCALE:
        return "the event times lie on the line itself: the scale shrinks to 0"
    if top.flat.any():
        along = [str(scaled.kept[k - 1]) for k in np.flatnonzero(top.flat) if 0 < k < q]
        where = f"covariate {', '.join(along)}" if along else "the intercept or scale"
        return f"the likelihood rises without end along {where}"
    if not top.settled:
        return "the climb to the largest likelihood did not settle"
    return missing_words(scaled)


def _covariance(fit: Parametric) -> Values:
    return fit.covariance if fit.robust_covariance is None else fit.robust_covariance


def estimate_time_ratio(fit: Parametric, *, column: int = 0, level: float = 0.95) -> Effect:
    """By how much a unit of the covariate stretches time, by the robust variance if there is one.

    Above 1: events come later. Source: Kalbfleisch, Prentice (2002) 2.3.3.
    """
    place = 1 + column
    error = math.sqrt(float(_covariance(fit)[place, place]))
    return effect_of(float(fit.coefficients[place]), standard_error=error, level=level)


def estimate_weibull_hazard_ratio(
    fit: Parametric, *, column: int = 0, stratum: int = 0, level: float = 0.95
) -> Effect:
    """The hazard ratio of a unit of the covariate in a Weibull or exponential model.

    exp(-coefficient / scale), with the delta method; in a model with several scales that of the
    stratum. ValueError for other families: their hazards are not proportional.
    Source: Kalbfleisch, Prentice (2002) 2.3.
    """
    if _LATENT[fit.family] is not Latent.HAZARD:
        raise ValueError(
            f"hazards of a {fit.family.value} model are not proportional: no one ratio"
        )
    shape = math.exp(-float(fit.log_scales[stratum]))
    value = -shape * float(fit.coefficients[1 + column])
    gradient = np.zeros(fit.covariance.shape[0])
    gradient[1 + column] = -shape
    if fit.family is Family.WEIBULL:
        gradient[fit.coefficients.size + stratum] = -value
    told = np.flatnonzero(gradient)
    covariance = _covariance(fit)[np.ix_(told, told)]
    error = math.sqrt(float(gradient[told] @ covariance @ gradient[told]))
    return effect_of(value, standard_error=error, level=level)


def trace_parametric(
    fit: Parametric, *, covariates: ArrayLike = (), stratum: int = 0
) -> ModelCurve:
    """The curve of a subject with these covariates (p,), in a stratum of the scales.

    ValueError where a coefficient that the curve needs is missing.
    """
    x = np.r_[1.0, np.asarray(covariates, dtype=np.float64)]
    if x.shape != fit.coefficients.shape:
        raise ValueError(f"covariates must hold {fit.coefficients.size - 1} numbers")
    used = x != 0
    if np.isnan(fit.coefficients[used]).any():
        raise ValueError("a coefficient of these covariates could not be estimated")
    line = float(x[used] @ fit.coefficients[used])
    inverse = math.exp(-float(fit.log_scales[stratum]))
    parameters = fit.covariance.shape[0]
    scaled = fit.family is not Family.EXPONENTIAL

    def trace(log_time: Values) -> Traced:
        z = (log_time - line) * inverse
        gradient, slope_gradient = np.zeros((2, log_time.size, parameters))
        gradient[:, : x.size] = -x * inverse
        if scaled:
            gradient[:, x.size + stratum] = -z
            slope_gradient[:, x.size + stratum] = -inverse
        return Traced(
            z=z,
            slope=np.full(log_time.size, inverse),
            gradient=gradient,
            slope_gradient=slope_gradient,
        )

    return ModelCurve(
        latent=_LATENT[fit.family], trace=trace, covariance=np.nan_to_num(_covariance(fit))
    )
