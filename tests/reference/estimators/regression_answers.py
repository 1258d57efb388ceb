"""Our answers for `regression_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.heterogeneity import compare_subgroup_effects
from equipoise.numerics.models.firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.models.likelihood_interval import estimate_profile_interval
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import Regression, RegressionSampling, estimate_regression
from equipoise.numerics.models.sandwich import Robust
from equipoise.numerics.models.standardisation import (
    RiskMeasure,
    RiskVariance,
    compare_standardised_risks,
    estimate_standardised_risks,
)
from equipoise.numerics.rates.negative_binomial import estimate_negative_binomial
from reference.estimators.tables import Table, codes, whole

Arguments = Mapping[str, Any]
Answered = dict[str, ArrayLike]


def _column(table: Table, name: str) -> NDArray[np.float64]:
    if name == "solitary":
        return np.asarray(table["stratum"] == "solitary", dtype=np.float64)
    return table[name]


def _columns(table: Table, arguments: Arguments) -> NDArray[np.float64]:
    return np.stack([_column(table, name) for name in arguments["x"]], axis=1)


def _sampling(table: Table, arguments: Arguments, cluster: bool = False) -> RegressionSampling:
    return RegressionSampling(
        offset=np.log(table[arguments["time"]]) if "time" in arguments else None,
        weight=table[arguments["weight"]] if "weight" in arguments else None,
        cluster=table[arguments["cluster"]] if cluster else None,
    )


def _errors(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.diag(covariance)))


def _upper(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The upper triangle by column, as R reads it."""
    return np.asarray(matrix.T[np.tril_indices(matrix.shape[0])])


def _fit(
    table: Table, arguments: Arguments, family: Family, robust: Robust, cluster: bool = False
) -> Regression:
    return estimate_regression(
        table[arguments["outcome"]],
        covariates=_columns(table, arguments),
        family=family,
        sampling=_sampling(table, arguments, cluster),
        tested=(0,),
        robust=robust,
    )


def _regression(family: Family, table: Table, arguments: Arguments) -> Answered:
    fit = _fit(table, arguments, family, Robust.HC0)
    found: Answered = {
        "coefficients": fit.coefficients,
        "covariance": _upper(fit.covariance),
        "standard_error": _errors(fit.covariance),
        "log_likelihood": fit.log_likelihood,
        "wald_test": fit.wald_test.statistic,
        "score_and_ratio_test": [fit.score_test.statistic, fit.likelihood_ratio_test.statistic],
    }
    for robust in Robust:
        found[robust.value] = _errors(_fit(table, arguments, family, robust).robust_covariance)
    for robust in (Robust.HC0, Robust.HC1) if "cluster" in arguments else ():
        clustered = _fit(table, arguments, family, robust, cluster=True)
        found[f"cluster_{robust.value}"] = _errors(clustered.robust_covariance)
    return found


def _of(family: Family) -> Any:
    return lambda table, arguments: _regression(family, table, arguments)


def _profile(table: Table, arguments: Arguments) -> Answered:
    found = estimate_profile_interval(
        table[arguments["outcome"]],
        covariates=_columns(table, arguments),
        family=Family.LOGISTIC,
    )
    return {"limits": [found.lower, found.upper]}


def _firth(table: Table, arguments: Arguments) -> Answered:
    """`separated` takes the responders of the last arm away."""
    arm, x = table["arm"], _columns(table, arguments)
    response = table[arguments["outcome"]]
    if "separated" in arguments:
        response = response * (arm < arm.max())
    fit = estimate_firth(response, covariates=x, tested=(0,))
    interval = estimate_firth_interval(response, covariates=x)
    return {
        "coefficients": fit.coefficients,
        "standard_error": _errors(fit.covariance),
        "log_likelihood": fit.log_likelihood,
        "limits": [interval.lower, interval.upper],
        "ratio_test": fit.likelihood_ratio_test.statistic,
    }


def _negative_binomial(table: Table, arguments: Arguments) -> Answered:
    found = estimate_negative_binomial(
        table[arguments["outcome"]],
        covariates=_columns(table, arguments),
        sampling=_sampling(table, arguments),
    )
    return {
        "coefficients": found.regression.coefficients,
        "standard_error": _errors(found.regression.covariance),
        "theta": found.theta,
        "theta_standard_error": found.theta_standard_error,
        "HC0": _errors(found.regression.robust_covariance),
        "log_likelihood": found.regression.log_likelihood,
    }


def _standardised(table: Table, arguments: Arguments) -> Answered:
    found: Answered = {}
    for variance in (*RiskVariance, "blocks"):
        risks = estimate_standardised_risks(
            table[arguments["outcome"]],
            group=whole(table[arguments["group"]]),
            covariates=_columns(table, arguments),
            variance=RiskVariance.RANDOMISED if variance == "blocks" else RiskVariance(variance),
            stratum=codes(table[arguments["stratum"]]) if variance == "blocks" else None,
            interaction=arguments["interaction"],
        )
        found["risk"] = risks.risk
        name = variance if isinstance(variance, str) else variance.value
        lone = arguments["interaction"] and name in ("model", "sandwich")  # no covariances then
        found[name] = np.diag(risks.covariance) if lone else _upper(risks.covariance)
    return found


def _contrast(table: Table, arguments: Arguments) -> Answered:
    risks = estimate_standardised_risks(
        table[arguments["outcome"]],
        group=whole(table[arguments["group"]]),
        covariates=_columns(table, arguments),
    )
    found = compare_standardised_risks(risks, measure=RiskMeasure(arguments["measure"]))
    return {
        "effect": [found.value, found.lower, found.upper],
        "standard_error": found.standard_error,
        "p": found.p_value,
    }


def _heterogeneity(_: Table, arguments: Arguments) -> Answered:
    found = compare_subgroup_effects(
        arguments["effect"], standard_error=arguments["error"], score=arguments["score"]
    )
    return {
        "pooled": found.pooled,
        "standard_error": found.standard_error,
        "q": found.test.statistic,
        "p": found.test.p_value,
        "i_squared": found.i_squared,
        "slope": found.slope,
        "slope_standard_error": found.slope_standard_error,
        "trend": found.trend_test.statistic,
    }


ANSWERS = {
    "heterogeneity": _heterogeneity,
    "logistic": _of(Family.LOGISTIC),
    "modified_poisson": _of(Family.POISSON),
    "log_binomial": _of(Family.LOG_BINOMIAL),
    "linear": _of(Family.LINEAR),
    "poisson": _of(Family.POISSON),
    "profile": _profile,
    "firth": _firth,
    "negative_binomial": _negative_binomial,
    "standardised": _standardised,
    "standardised_contrast": _contrast,
}
