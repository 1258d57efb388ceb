"""Cox models whose clusters share an unseen hazard: lesions of a patient, patients of a site."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.numerics.hazards.cox import (
    Cox,
    CoxTop,
    Sampling,
    Ties,
    climb_cox,
    missing_words,
    spread_out,
    summarise_top,
)
from equipoise.numerics.hazards.cox_design import build_design
from equipoise.numerics.hazards.frailty_climb import invert_information
from equipoise.numerics.hazards.frailty_sums import (
    ENDLESS,
    NONE,
    FrailtyLaw,
    build_frailty_model,
    evaluate_frailty,
)
from equipoise.numerics.hazards.frailty_variance import find_variance
from equipoise.numerics.likelihood_climb import Climb

_CLUSTERS = 2000  # normal frailties need a matrix of so many rows and columns


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
    design = build_design(
        time, event=event, covariates=covariates, stratum=stratum, sampling=sampling
    )
    if labels.shape != design.order.shape:
        raise ValueError(f"cluster has shape {labels.shape}: one label a row")
    clusters, code = np.unique(labels, return_inverse=True)
    if law is FrailtyLaw.NORMAL and clusters.size > _CLUSTERS:
        raise ValueError(f"{clusters.size} clusters with normal frailties: {_CLUSTERS} at most")
    top = climb_cox(design, ties=Ties.EFRON)
    if top.path is None or top.path.message:
        return _without_fit(summarise_top(top), clusters)
    return _with_frailty(top, top.path, code=code.ravel(), clusters=clusters, law=law)


def _with_frailty(
    plain: CoxTop,
    path: Climb,
    *,
    code: NDArray[np.intp],
    clusters: NDArray[np.generic],
    law: FrailtyLaw,
) -> Frailty:
    design, kept, columns = plain.model.design, plain.model.kept, plain.model.columns
    model = build_frailty_model(design, code=code, clusters=clusters.size, law=law)
    null = evaluate_frailty(model, beta=path.beta, logs=np.zeros(clusters.size), variance=1.0)
    top = find_variance(model, null=null)
    state, words = top.state, top.words
    none = words == NONE
    if none:
        beta, value = path.beta, path.end.log_likelihood
        covariance = summarise_top(plain).covariance
    else:
        beta, value = state.beta, top.likelihood
        unit = np.outer(design.scale, design.scale)
        covariance = spread_out(
            invert_information(model, state=state) / unit, kept=kept, columns=columns
        )
    gain = max(2 * (value - path.end.log_likelihood), 0.0)
    test = chi_square_of(gain, degrees_of_freedom=1)
    return Frailty(
        n_events=int(design.event.sum()),
        coefficients=spread_out(beta / design.scale, kept=kept, columns=columns),
        covariance=covariance,
        variance=0.0 if none else state.variance,
        clusters=clusters,
        frailty=np.ones(clusters.size) if none else np.exp(state.logs),
        log_likelihood=value,
        variance_test=replace(test, p_value=test.p_value / 2 if gain > 0 else 1.0),
        converged=words != ENDLESS,
        message="; ".join(filter(None, [missing_words(kept, columns=columns), words])),
    )
