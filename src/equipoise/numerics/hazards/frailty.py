"""Cox models whose clusters share an unseen hazard: lesions of a patient, patients of a site."""

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, psi

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.frailty_pairs import laplace_likelihood, laplace_slope
from equipoise.numerics.hazards.frailty_sums import (
    FrailtyLaw,
    FrailtyModel,
    FrailtyState,
    climb_frailty,
    evaluate_frailty,
    solve_information,
)

_LEAST = math.log(1e-5)  # a log variance where the likelihood falls from here on: there is none
_MOST = math.log(1e3)  # and one where it still rises here: there is no largest likelihood
_ENOUGH = 1e-11  # of a log variance
_ROUGHLY = 1e-12  # a step of 1e-6 standard errors shows which way the likelihood slopes
_CLUSTERS = 2000  # normal frailties need a matrix of so many rows and columns


class Slope(Protocol):
    """The slope of a likelihood along the log variance, at the top for that variance."""

    def __call__(self, model: FrailtyModel, *, state: FrailtyState) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Frailty:
    """Log hazard ratios given the frailty (p,), and the frailty's variance.

    `covariance` (p, p) is that of the coefficients at this variance. `frailty` (q,) multiplies
    the hazard of each of the `clusters`. `log_likelihood` has the frailties integrated out
    (gamma: exactly, normal: by Laplace). `variance_test` is the likelihood ratio against no
    frailty with half the p of chi-square, for the variance lies at the edge. All is NaN, with a
    `message`, where the model without frailty has no largest likelihood.
    """

    n_events: int
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    variance: float
    clusters: NDArray[np.generic]
    frailty: NDArray[np.float64]
    log_likelihood: float
    variance_test: ChiSquare
    converged: bool
    message: str


def _gamma_likelihood(model: FrailtyModel, *, state: FrailtyState) -> float:
    """Source: Therneau, Grambsch, Pankratz (2003), section 3.2."""
    d, nu = model.deaths, 1 / state.variance
    gain = d - (nu + d) * np.log1p(d / nu) - d * math.log(nu) + gammaln(nu + d) - gammaln(nu)
    return state.penalised + float(gain.sum())


def _gamma_slope(model: FrailtyModel, *, state: FrailtyState) -> float:
    """The slope of that likelihood along the log variance: at the top nothing else moves it."""
    d, nu = model.deaths, 1 / state.variance
    gain = psi(nu + d) - psi(nu) - np.log1p(d / nu) - np.expm1(state.logs) + state.logs
    return -nu * float(np.sum(gain))


def _best_state(
    model: FrailtyModel, start: FrailtyState, slope_of: Slope
) -> tuple[FrailtyState, str]:
    """The state whose variance has slope 0: by false position on the log variance (Illinois)."""

    def at(place: float, near: FrailtyState) -> tuple[FrailtyState, float]:
        found = climb_frailty(model, start=near, variance=math.exp(place))
        return found, slope_of(model, state=found)

    low = high = _LEAST
    state = climb_frailty(model, start=start, variance=math.exp(low), enough=_ROUGHLY)
    down = slope_of(model, state=state)
    if down <= 0:
        return state, "no frailty: the clusters vary no more than by chance"
    up = down
    while up > 0:
        low, down, high = high, up, max(high + 1.5, math.log(0.1))
        if high > _MOST:
            return state, "the likelihood rises with the variance of the frailty without end"
        state, up = at(high, state)
    kept = 0
    for _ in range(80):
        middle = (low * up - high * down) / (up - down)
        state, slope = at(middle, state)
        if abs(slope) < 1e-12 or high - low < _ENOUGH:
            break
        if slope > 0:
            low, down, up, kept = middle, slope, up / 2 if kept > 0 else up, 1
        else:
            high, up, down, kept = middle, slope, down / 2 if kept < 0 else down, -1
        if min(abs(middle - low), abs(middle - high)) < _ENOUGH and abs(slope) < 1e-9:
            break
    return state, ""


def _covariance(model: FrailtyModel, state: FrailtyState) -> NDArray[np.float64]:
    """The block of the coefficients in the inverse of the whole penalised information."""
    p = state.beta.size
    units = np.eye(p, p + state.logs.size)
    inverse = np.stack([solve_information(model, state=state, right=u)[:p] for u in units])
    return np.asarray(inverse / np.outer(model.design.scale, model.design.scale))


def _without_fit(fit: Cox, clusters: NDArray[np.generic]) -> Frailty:
    return Frailty(
        n_events=fit.n_events,
        coefficients=np.full_like(fit.coefficients, np.nan),
        covariance=np.full_like(fit.covariance, np.nan),
        variance=math.nan,
        clusters=clusters,
        frailty=np.full(clusters.size, np.nan),
        log_likelihood=math.nan,
        variance_test=chi_square_of(math.nan, degrees_of_freedom=1),
        converged=False,
        message=fit.message,
    )


def estimate_frailty(
    time: ArrayLike,
    *,
    event: ArrayLike,
    covariates: ArrayLike,
    sampling: Sampling,
    stratum: ArrayLike | None = None,
    law: FrailtyLaw = FrailtyLaw.GAMMA,
) -> Frailty:
    """Log hazard ratios of rows whose clusters (`sampling.cluster`) share a random hazard.

    Ties are Efron's. The variance has the largest likelihood with the frailties integrated out:
    a sensitivity analysis beside the robust variance, which speaks of the population and not of
    patients of one frailty. Weights are refused; `entry` is for rows of one course, not for
    patients chosen by having come late. Normal frailties are for up to 2,000 clusters.
    Source: Therneau, Grambsch, Pankratz (2003); Ripatti, Palmgren (2000).
    """
    if sampling.cluster is None or sampling.weight is not None:
        raise ValueError("frailties are shared by a cluster, and have no weights")
    labels = np.asarray(sampling.cluster)
    fit = estimate_cox(
        time,
        event=event,
        covariates=covariates,
        stratum=stratum,
        sampling=replace(sampling, cluster=None, robust=False),
        ties=Ties.EFRON,
    )
    if labels.shape != fit.model.design.order.shape:
        raise ValueError(f"cluster has shape {labels.shape}: one label a row")
    clusters, code = np.unique(labels, return_inverse=True)
    if law is FrailtyLaw.NORMAL and clusters.size > _CLUSTERS:
        raise ValueError(f"{clusters.size} clusters with normal frailties: {_CLUSTERS} at most")
    if not fit.converged:
        return _without_fit(fit, clusters)
    return _with_frailty(fit, code.ravel(), clusters, law)


def _with_frailty(
    fit: Cox, code: NDArray[np.intp], clusters: NDArray[np.generic], law: FrailtyLaw
) -> Frailty:
    design, kept = fit.model.design, fit.model.kept
    group = code[design.order].astype(np.int64)
    events = design.event.astype(np.float64)
    deaths = np.bincount(group, weights=events, minlength=clusters.size).astype(np.float64)
    model = FrailtyModel(design=design, group=group, deaths=deaths, law=law)
    start = evaluate_frailty(
        model, beta=fit.model.beta, logs=np.zeros(clusters.size), variance=math.exp(_LEAST)
    )
    gamma = law is FrailtyLaw.GAMMA
    state, words = _best_state(model, start, _gamma_slope if gamma else laplace_slope)
    coefficients, covariance = fit.coefficients.copy(), fit.covariance.copy()
    none, endless = words.startswith("no frailty"), words.startswith("the likelihood")
    value = fit.log_likelihood
    if not none:
        coefficients[kept] = state.beta / design.scale
        covariance[np.ix_(kept, kept)] = _covariance(model, state)
        value = (_gamma_likelihood if gamma else laplace_likelihood)(model, state=state)
    gain = max(2 * (value - fit.log_likelihood), 0.0)
    test = chi_square_of(gain, degrees_of_freedom=1)
    return Frailty(
        n_events=fit.n_events,
        coefficients=coefficients,
        covariance=covariance,
        variance=0.0 if none else state.variance,
        clusters=clusters,
        frailty=np.ones(clusters.size) if none else np.exp(state.logs),
        log_likelihood=value,
        variance_test=replace(test, p_value=test.p_value / 2 if gain > 0 else 1.0),
        converged=not endless,
        message="; ".join(filter(None, [fit.message, words])),
    )
