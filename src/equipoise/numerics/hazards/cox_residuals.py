"""What a Cox model leaves unexplained, row by row and event by event."""

from dataclasses import dataclass

import numpy as np
import scipy  # its special is loaded when it is first used
from numpy.typing import NDArray

from equipoise.numerics.hazards.cox import Cox, CoxModel, Ties
from equipoise.numerics.hazards.cox_means import mean_at_events, score_residuals
from equipoise.numerics.hazards.cox_sandwich import sum_scores
from equipoise.numerics.hazards.cox_sums import relative_risks, sum_seen, walk_risk_sets
from equipoise.numerics.row_order import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxResiduals:
    """Residuals of each row as given: (n,), or (n, p) with NaN for a coefficient not told.

    `martingale` is the event less what the model expected, `deviance` its symmetric form. `score`
    is the row's share of the score, per unit of weight. `influence` (dfbeta) is about how much the
    row moves the coefficients, its weight included; its products summed are the robust variance.
    """

    martingale: NDArray[np.float64]
    deviance: NDArray[np.float64]
    score: NDArray[np.float64]
    influence: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoenfeldResiduals:
    """For each event (d), by stratum and time: row, time, covariates less their mean at risk.

    `scaled` (d, p) is residual times the covariance times the number of events, plus the
    coefficient: its trend over time is that of the log hazard ratio.
    """

    row: NDArray[np.int64]
    time: NDArray[np.float64]
    residual: NDArray[np.float64]
    scaled: NDArray[np.float64]


def model_of(fit: Cox) -> CoxModel:
    """The model of a fit that settled; ValueError for another, and for exact ties."""
    if not fit.converged:
        raise ValueError(f"the fit did not settle: {fit.message}")
    if fit.model.ties is Ties.EXACT:
        raise ValueError("exact ties have no residuals or baseline: fit with Ties.EFRON")
    return fit.model


def _all_columns(
    model: CoxModel, values: NDArray[np.float64], rows: Places | None = None
) -> NDArray[np.float64]:
    """Values (d, told) over all columns, NaN where not told; at `rows` if they are to be turned."""
    out = np.full((values.shape[0], model.columns), np.nan)
    out[np.ix_(np.arange(values.shape[0]) if rows is None else rows, model.kept)] = values
    return out


def estimate_residuals(fit: Cox) -> CoxResiduals:
    """Martingale, deviance and score residuals and the influence of each row of a fit.

    ValueError where the fit did not settle. Source: Therneau, Grambsch (2000), 4.2-4.6, 7.1.
    """
    model = model_of(fit)
    design = model.design
    risk = relative_risks(design, beta=model.beta)
    sets = walk_risk_sets(design, risk=risk)
    expected = sum_seen(design, steps=sets.steps, times=risk / design.weight)
    martingale = np.empty(expected.size)
    martingale[design.order] = design.event - expected
    event = np.empty(expected.size)
    event[design.order] = design.event
    spread = -2 * (martingale + scipy.special.xlogy(event, event - martingale))
    score = score_residuals(design, beta=model.beta)
    return CoxResiduals(
        martingale=martingale,
        deviance=np.sign(martingale) * np.sqrt(np.maximum(spread, 0.0)),
        score=_all_columns(model, score * design.scale, design.order),
        influence=_all_columns(model, (score * design.weight[:, None]) @ _turn(fit), design.order),
    )


def _turn(fit: Cox) -> NDArray[np.float64]:
    """From scaled shares of the score to moves of the coefficients told."""
    kept = fit.model.kept
    return fit.covariance[np.ix_(kept, kept)] * fit.model.design.scale[:, None]


def influence_of_clusters(fit: Cox, *, cluster: NDArray[np.int64]) -> NDArray[np.float64]:
    """The influence of the rows as `estimate_residuals` has it, added up by their cluster (c, p).

    `cluster` (n,) numbers the rows as given; one without rows has 0.
    """
    model = model_of(fit)
    code = cluster[model.design.order].astype(np.int32)
    turn = _turn(fit)
    sums, _ = sum_scores(model.design, beta=model.beta, turn=turn, cluster=code)
    return _all_columns(model, sums @ turn)


def estimate_schoenfeld(fit: Cox) -> SchoenfeldResiduals:
    """Schoenfeld residuals of a fit, plain and scaled, unweighted.

    ValueError where the fit did not settle. Source: Schoenfeld (1982); Grambsch, Therneau (1994).
    """
    model = model_of(fit)
    design = model.design
    risk = relative_risks(design, beta=model.beta)
    sets = walk_risk_sets(design, risk=risk, with_sums=True)
    failed = np.flatnonzero(design.event)
    residual = (design.x[failed] - mean_at_events(design, sets=sets)) * design.scale
    covariance = fit.covariance[np.ix_(model.kept, model.kept)]
    scaled = residual @ covariance * failed.size + fit.coefficients[model.kept]
    return SchoenfeldResiduals(
        row=design.order[failed].astype(np.int64),
        time=design.time[failed],
        residual=_all_columns(model, residual),
        scaled=_all_columns(model, scaled),
    )
