"""Survival, hazard ratios and restricted means of a fitted curve, by the delta method."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.models.latent_distributions import (
    Latent,
    log_density,
    log_hazard,
    log_survival,
)

Values = NDArray[np.float64]
_PANELS = 16
_NODES = 24  # of Gauss and Legendre in each panel
_POWER = 4  # time = horizon v^4, so that curves steep at 0 are smooth in v


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """z and its slope by log time at log times, shape (k,), and their gradients (k, parameters)."""

    z: Values
    slope: Values
    gradient: Values
    slope_gradient: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCurve:
    """The curve S(z(log t)) of one subject, with the covariance of the model's parameters."""

    latent: Latent
    trace: Callable[[Values], Traced]
    covariance: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveEstimate:
    """Numbers at chosen times, shape (k,), with standard errors and limits."""

    at: Values
    value: Values
    standard_error: Values
    lower: Values
    upper: Values


def _errors(gradient: Values, covariance: Values) -> Values:
    return np.asarray(np.sqrt(np.einsum("ki,ij,kj->k", gradient, covariance, gradient)))


def _times(at: ArrayLike) -> Values:
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times > 0)).all():
        raise ValueError("at must hold finite times above 0")
    return times


def _around(at: Values, value: Values, error: Values, level: float) -> CurveEstimate:
    width = normal_quantile(level) * error
    return CurveEstimate(
        at=at, value=value, standard_error=error, lower=value - width, upper=value + width
    )


def _survival(curve: ModelCurve, log_time: Values) -> tuple[Values, Values, Traced]:
    """Survival and its gradient."""
    traced = curve.trace(log_time)
    survival = np.exp(log_survival(traced.z, latent=curve.latent))
    density = np.exp(log_density(traced.z, latent=curve.latent))
    return survival, -density[:, None] * traced.gradient, traced


def predict_survival(curve: ModelCurve, *, at: ArrayLike, level: float = 0.95) -> CurveEstimate:
    """Survival of the curve at chosen times; its limits are symmetric in z, so between 0 and 1.

    Source: delta method; Royston, Parmar (2002), section 3.4.
    """
    times = _times(at)
    survival, gradient, traced = _survival(curve, np.log(times))
    width = normal_quantile(level) * _errors(traced.gradient, curve.covariance)
    limits = [np.exp(log_survival(traced.z + way * width, latent=curve.latent)) for way in (1, -1)]
    return CurveEstimate(
        at=times,
        value=survival,
        standard_error=_errors(gradient, curve.covariance),
        lower=limits[0],
        upper=limits[1],
    )


def compare_survival(
    curve: ModelCurve, *, to: ModelCurve, at: ArrayLike, level: float = 0.95
) -> CurveEstimate:
    """Survival of the curve less that of another of the same fit, at chosen times."""
    times = _times(at)
    one, one_gradient, _ = _survival(curve, np.log(times))
    other, other_gradient, _ = _survival(to, np.log(times))
    error = _errors(one_gradient - other_gradient, curve.covariance)
    return _around(times, one - other, error, level)


def _log_hazard(curve: ModelCurve, log_time: Values) -> tuple[Values, Values]:
    """The log hazard by log time and its gradient: log f(z) - log S(z) + log slope."""
    traced = curve.trace(log_time)
    latent, along = log_hazard(traced.z, latent=curve.latent)
    if (traced.slope <= 0).any():
        raise ValueError(
            "the curve rises at a chosen time: it has no hazard there; use fewer knots"
        )
    gradient = along[:, None] * traced.gradient + traced.slope_gradient / traced.slope[:, None]
    return latent + np.log(traced.slope), gradient


def predict_hazard_ratio(
    curve: ModelCurve, *, to: ModelCurve, at: ArrayLike, level: float = 0.95
) -> CurveEstimate:
    """The hazard of the curve over that of another of the same fit, at chosen times.

    `standard_error` is that of the log ratio. ValueError where a curve rises instead of falling.
    Source: Royston, Parmar (2002), section 3.
    """
    times = _times(at)
    one, one_gradient = _log_hazard(curve, np.log(times))
    other, other_gradient = _log_hazard(to, np.log(times))
    error = _errors(one_gradient - other_gradient, curve.covariance)
    logs = _around(times, one - other, error, level)
    with np.errstate(over="ignore"):  # where next to nothing is told a limit is infinite
        return CurveEstimate(
            at=times,
            value=np.exp(logs.value),
            standard_error=error,
            lower=np.exp(logs.lower),
            upper=np.exp(logs.upper),
        )


def _restricted_mean(curve: ModelCurve, horizon: float) -> tuple[float, Values]:
    """Area under the curve and its gradient, by Gauss and Legendre in panels of time^(1/4)."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    v = ((node + 1) / 2 + np.arange(_PANELS)[:, None]).ravel() / _PANELS
    share = np.tile(weight, _PANELS) / (2 * _PANELS) * horizon * _POWER * v ** (_POWER - 1)
    survival, gradient, _ = _survival(curve, math.log(horizon) + _POWER * np.log(v))
    return float(share @ survival), share @ gradient


def predict_restricted_mean(
    curve: ModelCurve, *, horizon: float, level: float = 0.95
) -> CurveEstimate:
    """The mean time up to the horizon under the curve, shape (1,)."""
    at = _times(horizon)
    mean, gradient = _restricted_mean(curve, horizon)
    return _around(at, np.array([mean]), _errors(gradient[None, :], curve.covariance), level)


def compare_restricted_means(
    curve: ModelCurve, *, to: ModelCurve, horizon: float, level: float = 0.95
) -> CurveEstimate:
    """The restricted mean of the curve less that of another of the same fit, shape (1,)."""
    at = _times(horizon)
    one, one_gradient = _restricted_mean(curve, horizon)
    other, other_gradient = _restricted_mean(to, horizon)
    error = _errors((one_gradient - other_gradient)[None, :], curve.covariance)
    return _around(at, np.array([one - other]), error, level)
