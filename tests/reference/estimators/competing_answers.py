"""Our answers for `competing_reference.json`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.numerics.cox import Sampling
from equipoise.numerics.fine_gray import estimate_fine_gray, predict_incidence
from equipoise.numerics.fine_gray_sums import FINEGRAY, Censoring
from equipoise.numerics.gray import compare_gray
from reference.estimators.tables import Table, codes, whole

Values = Mapping[str, ArrayLike]


def _covariates(table: Table, arguments: Mapping[str, Any]) -> Any:
    return np.stack([table[name] for name in arguments["covariates"]], axis=1)


def _fine_gray(table: Table, arguments: Mapping[str, Any]) -> Values:
    """crr, which has no variance of the prediction."""
    x = _covariates(table, arguments)
    group = arguments.get("cengroup")
    fit = estimate_fine_gray(
        table[arguments["time"]],
        cause=whole(table[arguments["cause"]]),
        covariates=x,
        censoring=Censoring(group=None if group is None else codes(table[group])),
    )
    return {
        "coefficients": fit.coefficients,
        "robust": fit.robust_covariance,
        "model": fit.covariance,
        "likelihood": fit.log_likelihood,
        "null": fit.log_likelihood_null,
        "time": fit.time,
        "incidence": predict_incidence(fit, covariates=x[0]),
    }


def _fine_gray_as_cox(table: Table, arguments: Mapping[str, Any]) -> Values:
    kind = arguments["kind"]
    cluster = codes(table[arguments["cluster"]])
    weight = table["weight"] if "weight" in table else 1 / np.bincount(cluster)[cluster]
    strata = codes(table[arguments["stratum"]])
    fit = estimate_fine_gray(
        table[arguments["time"]],
        cause=whole(table[arguments["cause"]]),
        covariates=_covariates(table, arguments),
        stratum=strata if kind == "stratified" else None,
        sampling=Sampling(
            cluster=cluster if kind == "clustered" else None,
            weight=weight if kind == "weighted" else None,
        ),
        censoring=replace(FINEGRAY, group=strata if kind == "stratified" else None),
    )
    return {
        "coefficients": fit.coefficients,
        "robust": fit.robust_covariance,
        "likelihood": fit.log_likelihood,
    }


def _fine_gray_clustered(table: Table, arguments: Mapping[str, Any]) -> Values:
    x = _covariates(table, arguments)
    told = np.isfinite(x).all(axis=1)
    fit = estimate_fine_gray(
        table[arguments["time"]][told],
        cause=whole(table[arguments["cause"]])[told],
        covariates=x[told],
        sampling=Sampling(cluster=table[arguments["cluster"]][told]),
    )
    return {
        "coefficients": fit.coefficients,
        "standard_error": np.sqrt(np.diag(fit.robust_covariance)),
    }


def _gray(table: Table, arguments: Mapping[str, Any]) -> Values:
    """Causes 1 and 2 in turn."""
    cause = whole(table[arguments["cause"]])
    found = [
        compare_gray(
            table[arguments["time"]],
            cause=np.array(names)[cause],
            group=whole(table[arguments["group"]]),
            stratum=codes(table[arguments["stratum"]]) if arguments["by"] else None,
            rho=arguments["rho"],
        ).test
        for names in ([0, 1, 2], [0, 2, 1])
    ]
    return {
        "statistic": [one.statistic for one in found],
        "p_value": [one.p_value for one in found],
        "df": [one.degrees_of_freedom for one in found],
    }


ANSWERS = {
    "fine_gray": _fine_gray,
    "fine_gray_as_cox": _fine_gray_as_cox,
    "fine_gray_clustered": _fine_gray_clustered,
    "gray": _gray,
}
