"""Flexible parametric survival: a spline of log time on the scale where effects add up."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_labels
from equipoise.numerics.intervals.interval_times import IntervalTimes, check_logarithms
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.parametric_curves import ModelCurve, Traced
from equipoise.numerics.models.scaled_covariates import missing_words, scale_covariates
from equipoise.numerics.models.spline_likelihood import (
    SplineDesign,
    SplineRows,
    build_rows,
    natural_spline,
    point_scores,
    spread_design,
    spread_slopes,
    sum_slopes,
)
from equipoise.numerics.models.uneven_climb import (
    Summit,
    climb_uneven,
    cluster_covariance,
    invert_information,
)

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spline:
    """How the curve may bend: inner knots, the scale, and the covariates whose effect changes.

    The effects of the columns `varying` change along a spline of log time with `varying_knots`
    inner knots (0: along log time itself). On the scale HAZARD the others are log hazard ratios,
    on ODDS log odds ratios.
    """

    inner_knots: int = 2
    scale: Latent = Latent.HAZARD
    varying: tuple[int, ...] = ()
    varying_knots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexibleParametric:
    """Coefficients of the spline and of the covariates, with their covariance.

    In order: intercept, log time, one for each inner knot; the covariates (p,); for each varying
    one its change along log time and its knots. `knots` and `varying_knots` are log times, the
    outer two with them. A covariate without information of its own has NaN. `message` says in
    words what went wrong where `converged` is false.
    """

    spline: Spline
    n: int
    n_events: int
    knots: Values
    varying_knots: Values
    covariates: int
    coefficients: Values
    covariance: Values
    robust_covariance: Values | None
    log_likelihood: float
    iterations: int
    converged: bool
    message: str


def _knots(log_times: Values, inner: int) -> Values:
    """The least and largest log time of an event and even quantiles between them (type 7).

    The log times are in order.
    """
    last = log_times.size - 1
    knots = np.interp(np.linspace(0.0, last, inner + 2), np.arange(last + 1), log_times)
    if (np.diff(knots) <= 0).any():
        raise ValueError(
            f"{np.unique(log_times).size} distinct event times are too few for {inner} inner "
            "knots that differ: use fewer"
        )
    return np.asarray(knots)


def _event_times(times: IntervalTimes) -> Values:
    """Log times of the events in order: of those between bounds, the middle."""
    seen = np.isfinite(times.right)
    if not seen.any():
        raise ValueError("no event: a spline has no knots to bend at")
    return np.sort(np.log((times.left[seen] + times.right[seen]) / 2))


def _check_varying(spline: Spline, kept: NDArray[np.intp], columns: int) -> None:
    if spline.inner_knots < 0 or spline.varying_knots < 0:
        raise ValueError("numbers of inner knots are 0 or more")
    for column in spline.varying:
        if not 0 <= column < columns:
            raise ValueError(f"varying covariate {column} is not one of {columns}")
        if column not in kept:
            raise ValueError(f"varying covariate {column} has no information of its own")


def estimate_flexible_parametric(
    times: IntervalTimes,
    *,
    covariates: ArrayLike | None = None,
    spline: Spline | None = None,
    cluster: ArrayLike | None = None,
) -> FlexibleParametric:
    """The curve z(log t) = spline + effects of largest likelihood, S = S(z) on the chosen scale.

    Rows may be known, right-, left- or interval-censored, enter late and have weights. Knots lie
    at even quantiles of the log event times (type 7), the outer two at the first and last; beyond
    them the curve is straight. Without inner knots it is the Weibull, log-logistic or log-normal
    model. `cluster` (n,) asks for the sandwich. ValueError for an event at time 0, no event, or
    too few event times for the knots. Source: Royston, Parmar (2002).
    """
    check_logarithms(times)
    form = spline or Spline()
    n = times.left.size
    scaled = scale_covariates(covariates, n=n)
    _check_varying(form, scaled.kept, scaled.columns)
    events = _event_times(times)
    x = scaled.table * scaled.size + scaled.centre
    design = SplineDesign(
        knots=_knots(events, form.inner_knots),
        varying_knots=_knots(events, form.varying_knots),
        varying=tuple(int(np.flatnonzero(scaled.kept == c)[0]) for c in form.varying),
    )
    rows = build_rows(times, x=x, design=design, latent=form.scale)
    top = climb_uneven(
        lambda at: sum_slopes(rows, parameters=at),
        start=_start(rows, events),
        rows=float(times.weight.sum()),
    )
    back = _spread(rows.inverse, design, scaled.kept, scaled.columns)
    inverse = invert_information(top)
    robust = None
    if cluster is not None:
        code = check_labels(cluster, name="cluster", n=n)[rows.row]
        scores = point_scores(rows, parameters=top.parameters)
        robust = cluster_covariance(scores, inverse=inverse, code=code)
    return FlexibleParametric(
        spline=form,
        n=n,
        n_events=events.size,
        knots=design.knots,
        varying_knots=design.varying_knots,
        covariates=scaled.columns,
        coefficients=back @ top.parameters,
        covariance=back @ inverse @ back.T,
        robust_covariance=None if robust is None else back @ robust @ back.T,
        log_likelihood=top.slopes.value,
        iterations=top.steps,
        converged=top.settled,
        message=_message(top) or missing_words(scaled),
    )


def _start(rows: SplineRows, events: Values) -> Values:
    """A straight line through the spread of the events, which falls everywhere.

    Where times are known it stands so high that as many events are awaited as there are: with
    late entry the likelihood is not concave, and from elsewhere the climb is long.
    """
    middle = float(events.mean())
    away = events - middle
    spread = max(math.sqrt(float(away @ away) / events.size), 0.1)
    start = np.zeros(rows.triangle.shape[0])
    start[:2] = -middle / spread, 1.0 / spread
    whole = rows.weight.size - rows.at_zero.size  # known, censored and entered
    with np.errstate(over="ignore", invalid="ignore"):
        hazard = np.exp((rows.triangle @ start) @ rows.design[:, :whole])
        awaited = float(rows.weight[:whole] @ hazard)
    seen = float(rows.weight[: rows.known].sum())
    if seen > 0 and 0 < awaited < math.inf:
        start[0] += math.log(seen / awaited)
    return np.asarray(rows.triangle @ start)


def _message(top: Summit) -> str:
    """What keeps the numbers from being estimates, in words; empty where nothing does."""
    if top.flat.any():
        return "the likelihood rises without end: some covariates have no event beside them"
    return "" if top.settled else "the climb did not settle: use fewer knots"


def _spread(inverse: Values, design: SplineDesign, kept: NDArray[np.intp], columns: int) -> Values:
    """From the climb's parameters to all coefficients; a covariate left out is NaN."""
    base = design.knots.size
    out = np.full((inverse.shape[0] + columns - kept.size, inverse.shape[1]), np.nan)
    out[:base] = inverse[:base]
    out[base + kept] = inverse[base : base + kept.size]
    out[base + columns :] = inverse[base + kept.size :]
    return out


def trace_flexible(fit: FlexibleParametric, *, covariates: ArrayLike = ()) -> ModelCurve:
    """The curve of a subject with these covariates (p,).

    ValueError where a coefficient that the curve needs is missing.
    """
    x = np.asarray(covariates, dtype=np.float64)
    if x.shape != (fit.covariates,):
        raise ValueError(f"covariates must hold {fit.covariates} numbers")
    base = fit.knots.size
    missing = np.isnan(fit.coefficients)
    if (missing[base : base + fit.covariates] & (x != 0)).any():
        raise ValueError("a coefficient of these covariates could not be estimated")
    design = SplineDesign(
        knots=fit.knots, varying_knots=fit.varying_knots, varying=fit.spline.varying
    )
    coefficients = np.where(missing, 0.0, fit.coefficients)
    covariance = fit.covariance if fit.robust_covariance is None else fit.robust_covariance

    def trace(log_time: Values) -> Traced:
        wide = np.broadcast_to(x, (log_time.size, x.size))
        values = spread_design(log_time, x=wide, design=design)
        slopes = spread_slopes(log_time, x=wide, design=design)
        return Traced(
            z=values @ coefficients,
            slope=slopes @ coefficients,
            gradient=values,
            slope_gradient=slopes,
        )

    return ModelCurve(latent=fit.spline.scale, trace=trace, covariance=np.nan_to_num(covariance))


def baseline_spline(fit: FlexibleParametric, *, at: ArrayLike) -> Values:
    """z at times of a subject whose covariates are all 0: on HAZARD the log cumulative hazard."""
    values = natural_spline(np.log(np.asarray(at, dtype=np.float64)), knots=fit.knots)
    base = fit.coefficients[: fit.knots.size]
    return np.asarray(base[0] + values @ base[1:])
