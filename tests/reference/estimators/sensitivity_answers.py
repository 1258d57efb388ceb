"""Our answers for `sensitivity_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.hazards.cox_design import Sampling
from equipoise.numerics.ranks.permutation import compare_with_draws, logrank_scores
from equipoise.numerics.sensitivity.censoring_weights import weigh_stayers
from equipoise.numerics.sensitivity.multiple_imputation import pool_estimates
from reference.estimators.tables import Table, codes, whole


def _all_sums(scores: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The sum of every choice of `size` scores, one score after another."""
    sums = [np.zeros(1), *(np.zeros(0) for _ in range(size))]
    for score in scores:
        for k in range(size, 0, -1):
            sums[k] = np.concatenate([sums[k], sums[k - 1] + score])
    return sums[size]


def _logrank_permutation(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    first, last = arguments["rows"]
    own = slice(first - 1, last)
    group = codes(table[arguments["group"]][own]) == 1
    scores = logrank_scores(
        table[arguments["time"]][own], event=whole(table[arguments["event"]][own])
    )
    drawn = _all_sums(scores, int(group.sum()))
    found = compare_with_draws(float(scores[group].sum()), drawn=drawn, exact=True)
    return {"p_value": found.p_value}


def _rubin(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    found = pool_estimates(
        arguments["estimates"],
        variances=arguments["variances"],
        complete_degrees_of_freedom=arguments["complete"],
    )
    return {
        "value": found.value,
        "within": found.within,
        "between": found.between,
        "total": found.standard_error**2,
        "degrees_of_freedom": found.degrees_of_freedom,
        "missing": found.missing_information,
    }


def _weighted_stayers(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    status, group = whole(table[arguments["status"]]), whole(table[arguments["group"]]) == 1
    rows = weigh_stayers(
        table[arguments["time"]],
        event=status == 1,
        left=status == 2,
        covariates=np.stack([table[name] for name in arguments["covariates"]], axis=1),
        group=group,
    )
    fit = estimate_cox(
        rows.time,
        event=rows.event,
        covariates=group[rows.row].astype(np.float64),
        sampling=Sampling(entry=rows.entry, weight=rows.weight, cluster=rows.row),
    )
    assert fit.robust_covariance is not None
    return {"coefficient": fit.coefficients, "robust_variance": fit.robust_covariance}


ANSWERS = {
    "logrank_permutation": _logrank_permutation,
    "rubin": _rubin,
    "weighted_stayers": _weighted_stayers,
}
