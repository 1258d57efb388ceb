"""Our answers for `cox_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.hazards.baseline_hazard import predict_survival
from equipoise.numerics.hazards.concordance import estimate_concordance
from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.cox_firth import estimate_firth, estimate_firth_interval
from equipoise.numerics.hazards.cox_profile import ProfileRatio, estimate_profile_interval
from equipoise.numerics.hazards.cox_residuals import estimate_residuals, estimate_schoenfeld
from equipoise.numerics.hazards.effect_over_time import estimate_effect_over_time
from equipoise.numerics.hazards.proportional_hazards import TimeScale, compare_hazards_over_time
from reference.estimators.tables import Table, codes, whole

Arguments = Mapping[str, Any]

# the columns of each data set that carry a role; `one` is the code of the event
ROLES: dict[str, dict[str, Any]] = {
    "site": {"time": "time", "event": "event", "stratum": "stratum", "cluster": "site"},
    "switched": {"time": "stop", "event": "event", "entry": "start", "cluster": "id"},
    "pfs_ev": {"time": "pfs", "event": "pfs_ev", "cluster": "site"},
    "trt": {"time": "time", "event": "status"},
    "ph.ecog": {"time": "time", "event": "status", "one": 2},
    "hormon": {"time": "rfstime", "event": "status"},
    "enum": {"time": "stop", "event": "event", "stratum": "enum", "cluster": "id"},
}


def _roles(table: Table) -> dict[str, Any]:
    """What the columns of a data set are, told by one that no other has."""
    names = {"stratum": "stratum", "weight": "weight", "entry": "entry"}
    found = next(ROLES[mark] for mark in ("pfs_ev", *ROLES) if mark in table)
    return names | found


def _without_events(table: Table) -> Table:
    """The data set with a covariate whose patients have no event: arm 2 in stratum 3."""
    sparse = (table["arm"] == 2) & (table["stratum"] == 3)
    return {**table, "sparse": sparse * 1.0, "event": np.where(sparse, 0.0, table["event"])}


def _rows(table: Table, arguments: Arguments) -> tuple[Table, NDArray[np.float64]]:
    if arguments.get("sparse"):
        table = _without_events(table)
    x = np.stack([table[column] for column in arguments["covariates"]], axis=1)
    whole_rows = np.isfinite(x).all(axis=1)
    return {name: column[whole_rows] for name, column in table.items()}, x[whole_rows]


def fit_case(table: Table, arguments: Arguments) -> Cox:
    """The fit of a case: which of stratum, weight, entry, cluster it takes is in `with`."""
    rows, x = _rows(table, arguments)
    roles, chosen = _roles(table), set(arguments["with"])

    def column(role: str) -> NDArray[Any] | None:
        return rows[roles[role]] if role in chosen else None

    stratum = column("stratum")
    return estimate_cox(
        rows[roles["time"]],
        event=whole(rows[roles["event"]]) == roles.get("one", 1),
        covariates=x,
        stratum=None if stratum is None else codes(stratum),
        sampling=Sampling(
            cluster=column("cluster"),
            weight=column("weight"),
            entry=column("entry"),
            robust="robust" in chosen,
        ),
        ties=Ties(arguments["ties"]),
    )


def _lower(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return matrix[np.triu_indices(matrix.shape[0])]


def _fit(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    fit = fit_case(table, arguments)
    found: dict[str, ArrayLike] = {
        "coefficients": fit.coefficients,
        "covariance": _lower(fit.covariance),
        "log_likelihood": [fit.log_likelihood_null, fit.log_likelihood],
        "score": fit.score_test.statistic,
        "likelihood_ratio": fit.likelihood_ratio_test.statistic,
    }
    if fit.robust_covariance is not None and fit.robust_score_test is not None:
        found["robust"] = _lower(fit.robust_covariance)
        found["robust_score"] = fit.robust_score_test.statistic
    return found


def _residuals(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    fit = fit_case(table, arguments)
    rows, events = estimate_residuals(fit), estimate_schoenfeld(fit)
    return {
        "martingale": rows.martingale,
        "deviance": rows.deviance,
        "score": rows.score.T,
        "influence": rows.influence.T,
        "schoenfeld": events.residual.T,
        "scaled": events.scaled.T,
    }


def _predicted(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    curve = predict_survival(
        fit_case(table, arguments),
        covariates=arguments["patient"],
        stratum=int(arguments["stratum"]),
    )
    return {
        "time": curve.time,
        "hazard": curve.hazard,
        "standard_error": curve.standard_error,
        "survival": curve.survival,
        "lower": curve.lower,
        "upper": curve.upper,
    }


def _slopes(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    found = compare_hazards_over_time(
        fit_case(table, arguments), scale=TimeScale(arguments["scale"])
    )
    tests = [*found.by_covariate, found.overall]
    return {"statistic": [one.statistic for one in tests], "p": [one.p_value for one in tests]}


def _slopes_of_terms(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    kinds = np.unique(table[arguments["factor"]])
    columns = [table[arguments["factor"]] == kind for kind in kinds[1:]]
    x = np.stack([*columns, table[arguments["covariate"]]], axis=1).astype(np.float64)
    fit = estimate_cox(
        table["time"], event=whole(table["status"]), covariates=x, ties=Ties(arguments["ties"])
    )
    k = len(columns)
    found = compare_hazards_over_time(
        fit, scale=TimeScale(arguments["scale"]), terms=[range(k), [k]]
    )
    tests = [*found.by_covariate, found.overall]
    return {"statistic": [one.statistic for one in tests], "p": [one.p_value for one in tests]}


def _effect_over_time(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    found = estimate_effect_over_time(
        fit_case(table, arguments),
        column=arguments["column"],
        scale=TimeScale(arguments["scale"]),
    )
    return {
        "position": found.position,
        "effect": np.sort(found.effect),
        "line": found.line,
        "standard_error": found.standard_error,
    }


def _concordance(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    found = estimate_concordance(fit_case(table, arguments))
    return {
        "value": found.value,
        "standard_error": found.standard_error,
        "pairs": [found.concordant, found.discordant, found.tied],
    }


def _ends(found: ProfileRatio) -> dict[str, ArrayLike]:
    return {
        "log_value": found.log_value,
        "log_lower": found.log_lower,
        "log_upper": found.log_upper,
        "statistic": found.test.statistic,
    }


def _profile(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    fit = fit_case(table, arguments)
    found = _ends(estimate_profile_interval(fit, column=arguments["column"]))
    return {name: np.where(np.isinf(value), np.nan, value) for name, value in found.items()}


def _firth(table: Table, arguments: Arguments) -> Mapping[str, ArrayLike]:
    fit = estimate_firth(fit_case(table, arguments))
    return {
        "coefficients": fit.coefficients,
        "covariance": _lower(fit.covariance),
        "log_likelihood": fit.log_likelihood,
        **_ends(estimate_firth_interval(fit)),
    }


ANSWERS = {
    "fit": _fit,
    "exact": _fit,
    "residuals": _residuals,
    "predicted": _predicted,
    "slopes": _slopes,
    "slopes_of_terms": _slopes_of_terms,
    "effect_over_time": _effect_over_time,
    "concordance": _concordance,
    "profile": _profile,
    "firth": _firth,
}
