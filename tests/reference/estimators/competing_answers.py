"""Our answers for `competing_reference.json`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.numerics.competing.clustered_tests import compare_clustered
from equipoise.numerics.competing.fine_gray import estimate_fine_gray, predict_incidence
from equipoise.numerics.competing.fine_gray_design import FINEGRAY, Censoring
from equipoise.numerics.competing.gray import compare_gray
from equipoise.numerics.competing.incidence_comparison import (
    compare_incidences_at,
    estimate_incidence_pseudo_values,
)
from equipoise.numerics.competing.incidences import (
    Incidences,
    estimate_incidences,
    estimate_incidences_at,
    estimate_lost_time,
)
from equipoise.numerics.competing.transitions import (
    Transitions,
    build_illness_death,
    estimate_occupation_at,
    estimate_time_in_states,
    estimate_transitions,
)
from equipoise.numerics.hazards.cause_specific import estimate_cause_specific_cox
from equipoise.numerics.hazards.cox import Sampling, estimate_cox
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.numerics.survival.pseudo_values import Link, regress_pseudo_values
from equipoise.numerics.survival.survival_scales import Interval
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


def _fine_gray_late(table: Table, arguments: Mapping[str, Any]) -> Values:
    """Entry as the script makes it."""
    time, x = table[arguments["time"]], _covariates(table, arguments)
    late = table.get("entry")
    late = np.minimum(np.floor(table["vol"] * 20), time // 3) if late is None else late
    fit = estimate_fine_gray(
        time,
        cause=whole(table[arguments["cause"]]),
        covariates=x,
        sampling=Sampling(entry=late),
        censoring=FINEGRAY,
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


def _curves(table: Table, arguments: Mapping[str, Any], how: str = "") -> list[Incidences]:
    """Of groups 0 and 1; `how` says what the rows are."""
    cluster = codes(table[arguments["cluster"]])
    weight = table["weight"] if "weight" in table else 1 / np.bincount(cluster)[cluster]
    out = []
    for group in (0, 1):
        own = table[arguments["group"]] == group
        sampling = Sampling(
            cluster=cluster[own] if how in ("clusters", "weights") else None,
            weight=weight[own] if how == "weights" else None,
            entry=table["entry"][own] if how == "late" else None,
            robust=how in ("rows", "late"),
        )
        out.append(
            estimate_incidences(
                table[arguments["time"]][own],
                cause=whole(table[arguments["cause"]])[own],
                sampling=sampling,
            )
        )
    return out


def _clustered_logrank(table: Table, arguments: Mapping[str, Any]) -> Values:
    cluster, how = table[arguments["cluster"]], arguments["how"]
    found = compare_clustered(
        table[arguments["time"]],
        cause=whole(table[arguments["cause"]]),
        group=whole(table[arguments["group"]]),
        sampling=Sampling(
            cluster=cluster, weight=weigh_by_patient(cluster) if how == "weighted" else None
        ),
        stratum=codes(table[arguments["stratum"]]) if how == "stratified" else None,
    )
    return {"statistic": found.test.statistic}


def _cause_specific_cox(table: Table, arguments: Mapping[str, Any]) -> Values:
    found = estimate_cause_specific_cox(
        table[arguments["time"]],
        cause=whole(table[arguments["cause"]]),
        covariates=_covariates(table, arguments),
        sampling=Sampling(cluster=codes(table[arguments["cluster"]])),
    )
    return {
        "coefficients": [one.coefficients for one in found],
        "covariance": [one.covariance for one in found],
        "robust": np.array([one.robust_covariance for one in found]),
    }


def _clustered_cox(table: Table, arguments: Mapping[str, Any]) -> Values:
    """Ties as Efron; the group as a number."""
    fit = estimate_cox(
        table[arguments["time"]],
        event=table[arguments["cause"]] == 1,
        covariates=table[arguments["group"]],
        sampling=Sampling(cluster=table[arguments["cluster"]]),
    )
    assert fit.robust_score_test is not None
    return {"statistic": fit.robust_score_test.statistic}


def _transitions(table: Table) -> Transitions:
    """Free, ill and dead, made of each data set as the script says."""
    if "switched" in table:
        code = codes(table["id"])
        end, died = np.zeros(code.max() + 1), np.zeros(code.max() + 1, dtype=np.int64)
        np.maximum.at(end, code, table["stop"])
        np.maximum.at(died, code, whole(table["event"]))
        ill = np.full(end.size, np.nan)
        ill[code[table["switched"] == 1]] = table["start"][table["switched"] == 1]
    else:
        end = table["time"] + table["count"]
        died = ((table["cause"] > 0) & (table["id"] % 4 > 0)).astype(np.int64)
        ill = np.where((table["cause"] == 1) & (table["count"] > 0), table["time"], np.nan)
    return estimate_transitions(build_illness_death(end, died=died, progression=ill), states=3)


def _illness_death(table: Table, arguments: Mapping[str, Any]) -> Values:
    found = _transitions(table)
    row = np.searchsorted(found.time, arguments["at"], side="right") - 1
    chance, covariance = found.probability[row], found.covariance[row]
    return {
        "free": chance[:, 0, 0],
        "ill": chance[:, 0, 1],
        "ill_dead": chance[:, 1, 2],
        "free_variance": covariance[:, 0, 0, 0],
        "ill_variance": covariance[:, 0, 1, 1],
        "dead_variance": covariance[:, 0, :2, :2].sum(axis=(1, 2)),  # of 1 - free - ill
        "ill_dead_variance": covariance[:, 1, 2, 2],
    }


def _incidence_regression(table: Table, arguments: Mapping[str, Any]) -> Values:
    pseudo = estimate_incidence_pseudo_values(
        table[arguments["time"]], cause=whole(table[arguments["cause"]]), at=arguments["at"]
    )
    fit = regress_pseudo_values(
        1 - pseudo,
        covariates=_covariates(table, arguments),
        link=Link.LOG_LOG,
        cluster=codes(table[arguments["cluster"]]),
    )
    return {"coefficients": fit.coefficient, "covariance": fit.covariance}


def _state_occupation(table: Table, arguments: Mapping[str, Any]) -> Values:
    found = _transitions(table)
    at = estimate_occupation_at(found, at=arguments["at"])
    time = estimate_time_in_states(found, horizon=arguments["at"][2])
    return {
        "share": at.share,
        "error": at.standard_error,
        "time": time.value,
        "time_error": time.standard_error,
    }


def _incidence(table: Table, arguments: Mapping[str, Any]) -> Values:
    found = [estimate_incidences_at(c, at=arguments["at"]) for c in _curves(table, arguments)]
    return {
        "incidence": [one.incidence for one in found],
        "variance": np.array([one.standard_error for one in found]) ** 2,
    }


def _incidence_difference(table: Table, arguments: Mapping[str, Any]) -> Values:
    curves = _curves(table, arguments)
    found = [compare_incidences_at(curves, at=at) for at in arguments["at"]]
    cloglog = [
        compare_incidences_at(curves, at=at, scale=Interval.LOG_LOG) for at in arguments["at"]
    ]
    return {
        "difference": [one.difference for one in found],
        "standard_error": [one.difference_standard_error for one in found],
        "plain": [one.test.statistic for one in found],
        "cloglog": [one.test.statistic for one in cloglog],
        "ratio": [one.ratio for one in found],
        "ratio_upper": [one.ratio_upper for one in found],
    }


def _incidence_jackknife(table: Table, arguments: Mapping[str, Any]) -> Values:
    curves = _curves(table, arguments, arguments["how"])
    scale = Interval(arguments["scale"])
    found = [estimate_incidences_at(c, at=arguments["at"], interval=scale) for c in curves]
    lost = [estimate_lost_time(c, horizon=arguments["at"][-1]) for c in curves]
    return {
        "incidence": [one.incidence for one in found],
        "standard_error": [one.standard_error for one in found],
        "lower": [one.lower for one in found],
        "upper": [one.upper for one in found],
        "lost": [one.value for one in lost],
        "lost_error": [one.standard_error for one in lost],
    }


def _incidence_pseudo(table: Table, arguments: Mapping[str, Any]) -> Values:
    return {
        name: 1
        + estimate_incidence_pseudo_values(
            table[arguments["time"]],
            cause=whole(table[arguments["cause"]]),
            at=arguments["at"],
            of=of,
        )
        for name, of in (("one_more", 1), ("two_more", 2))
    }


ANSWERS = {
    "cause_specific_cox": _cause_specific_cox,
    "clustered_cox": _clustered_cox,
    "clustered_logrank": _clustered_logrank,
    "fine_gray": _fine_gray,
    "fine_gray_as_cox": _fine_gray_as_cox,
    "fine_gray_clustered": _fine_gray_clustered,
    "fine_gray_late": _fine_gray_late,
    "gray": _gray,
    "illness_death": _illness_death,
    "incidence": _incidence,
    "incidence_difference": _incidence_difference,
    "incidence_jackknife": _incidence_jackknife,
    "incidence_pseudo": _incidence_pseudo,
    "incidence_regression": _incidence_regression,
    "state_occupation": _state_occupation,
}
