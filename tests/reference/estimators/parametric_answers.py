"""Our answers for `parametric_reference.json`."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.intervals.interval_times import (
    IntervalTimes,
    bound_event_times,
    bound_interval_times,
)
from equipoise.numerics.models.flexible_parametric import (
    FlexibleParametric,
    Spline,
    estimate_flexible_parametric,
    trace_flexible,
)
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.models.parametric import (
    Family,
    Parametric,
    estimate_parametric,
    estimate_weibull_hazard_ratio,
    trace_parametric,
)
from equipoise.numerics.models.parametric_curves import (
    compare_restricted_means,
    compare_survival,
    predict_hazard_ratio,
    predict_restricted_mean,
    predict_survival,
)
from reference.estimators.tables import Table, codes, whole


def read_times(table: Table, arguments: Mapping[str, Any]) -> IntervalTimes:
    """Times between bounds, or of events with late entry and weights, as the case names them."""
    if "left" in arguments:
        right = table[arguments["right"]]
        right = np.where(np.isnan(right), np.inf, right)
        return bound_interval_times(table[arguments["left"]], right=right)
    return bound_event_times(
        table[arguments["time"]],
        event=whole(table[arguments["event"]]),
        entry=table[arguments["entry"]] if "entry" in arguments else None,
        weight=table[arguments["weight"]] if "weight" in arguments else None,
    )


def read_covariates(table: Table, arguments: Mapping[str, Any]) -> NDArray[np.float64]:
    """The columns of covariates, (n, p)."""
    named = arguments["covariates"]
    return np.stack([table[name] for name in ([named] if isinstance(named, str) else named)], 1)


def _fit(table: Table, arguments: Mapping[str, Any], cluster: str | None = None) -> Parametric:
    strata = arguments.get("strata")
    return estimate_parametric(
        read_times(table, arguments),
        family=Family(arguments.get("family", "weibull")),
        covariates=read_covariates(table, arguments),
        scale_stratum=codes(table[strata]) if strata else None,
        cluster=table[cluster] if cluster else None,
    )


def _told(fit: Parametric) -> Mapping[str, ArrayLike]:
    return {
        "coefficients": fit.coefficients,
        "log_scales": fit.log_scales,
        "covariance": fit.covariance,
        "log_likelihood": [fit.log_likelihood_null, fit.log_likelihood],
    }


def _censored(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    return _told(_fit(table, arguments))


def _weighted(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    weighted = {**arguments, "weight": "weight"} if "weight" in table else arguments
    fit = _fit(table, weighted, cluster="site")
    assert fit.robust_covariance is not None
    return {**_told(fit), "robust": fit.robust_covariance}


def _late_entry(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    fit = _fit(table, arguments)
    return {**_told(fit), "log_likelihood": fit.log_likelihood}


def _weibull_hazards(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    fit = _fit(table, arguments)
    ratio = estimate_weibull_hazard_ratio(fit)
    return {
        "log_shape": -fit.log_scales,
        "log_scale": fit.coefficients[0],
        "log_ratio": ratio.coefficient,
        "standard_error": ratio.standard_error,
        "log_likelihood": fit.log_likelihood,
    }


def _curves(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    fit, at = _fit(table, arguments), arguments["at"]
    one = trace_parametric(fit, covariates=arguments["x"])
    other = trace_parametric(fit, covariates=arguments["other"])
    survival, difference = predict_survival(one, at=at), compare_survival(one, to=other, at=at)
    mean = predict_restricted_mean(one, horizon=at[-1])
    gain = compare_restricted_means(one, to=other, horizon=at[-1])
    return {
        "survival": survival.value,
        "survival_error": survival.standard_error,
        "difference": difference.value,
        "difference_error": difference.standard_error,
        "mean": mean.value,
        "mean_error": mean.standard_error,
        "gain": gain.value,
        "gain_error": gain.standard_error,
    }


def _rates(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    times, arm = read_times(table, arguments), table["arm"]
    x = (arm[:, None] == np.unique(arm)[1:]).astype(float)
    fit = estimate_parametric(times, family=Family.EXPONENTIAL, covariates=x)
    return {"rate": np.exp(-fit.coefficients[0] - np.r_[0.0, fit.coefficients[1:]])}


def _pieces(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    """Piecewise exponential: each piece is exponential among those who enter it."""
    times, cuts = read_times(table, arguments), [0.0, *arguments["cuts"], math.inf]
    rates, likelihoods = [], []
    for begin, end in pairwise(cuts):
        here = (times.left > begin) & (times.entry < end)
        upto = np.minimum(times.left[here], end)
        event = np.isfinite(times.right[here]) & (times.left[here] <= end)
        entry = np.maximum(times.entry[here] - begin, 0.0)
        piece = bound_event_times(upto - begin, event=event, entry=entry)
        fit = estimate_parametric(piece, family=Family.EXPONENTIAL)
        rates.append(math.exp(-fit.coefficients[0]))
        likelihoods.append(-2 * fit.log_likelihood)
    return {"rate": rates, "minus_two_log_likelihood": likelihoods}


def _fit_flexible(table: Table, arguments: Mapping[str, Any]) -> FlexibleParametric:
    varying = (0,) if arguments.get("varying") else ()
    return estimate_flexible_parametric(
        read_times(table, arguments),
        covariates=read_covariates(table, arguments),
        spline=Spline(
            inner_knots=arguments.get("inner", 0),
            scale=Latent(arguments["scale"]),
            varying=varying,
            varying_knots=arguments.get("varying_inner", 0),
        ),
    )


def _flexible(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    fit = _fit_flexible(table, arguments)
    return {
        "coefficients": fit.coefficients,
        "covariance": fit.covariance,
        "log_likelihood": fit.log_likelihood,
        "knots": fit.knots,
    }


def _flexible_curves(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    form = {"inner": 2, "scale": "hazard", "varying": 1}
    fit, at = _fit_flexible(table, {**arguments, **form}), arguments["at"]
    one = trace_flexible(fit, covariates=arguments["x"])
    other = trace_flexible(fit, covariates=arguments["other"])
    ratio, difference = (
        predict_hazard_ratio(one, to=other, at=at),
        compare_survival(one, to=other, at=at),
    )
    gain = compare_restricted_means(one, to=other, horizon=at[-1])
    return {
        "ratio": ratio.value,
        "ratio_error": ratio.standard_error,
        "difference": difference.value,
        "difference_error": difference.standard_error,
        "gain": gain.value,
        "gain_error": gain.standard_error,
    }


ANSWERS = {
    "flexible": _flexible,
    "flexible_straight": _flexible,
    "flexible_curves": _flexible_curves,
    "censored": _censored,
    "weighted": _weighted,
    "strata": _censored,
    "interval": _censored,
    "late_entry": _late_entry,
    "weibull_hazards": _weibull_hazards,
    "weibull_likelihood": _weibull_hazards,
    "curves": _curves,
    "rates": _rates,
    "pieces": _pieces,
}
