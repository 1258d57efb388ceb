"""Our answers for the cases of `curves_reference.json` that compare groups."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.survival.kaplan_meier import KaplanMeier, estimate_kaplan_meier
from equipoise.numerics.survival.landmark import estimate_conditional_survival
from equipoise.numerics.survival.milestone import (
    compare_milestone,
    compare_milestone_groups,
    compare_milestone_strata,
)
from equipoise.numerics.survival.pooled_difference import (
    ArmsOfStratum,
    PooledDifference,
    Weighting,
    find_arms,
)
from equipoise.numerics.survival.pseudo_values import (
    Link,
    estimate_rmst_pseudo_values,
    estimate_survival_pseudo_values,
    regress_pseudo_values,
)
from equipoise.numerics.survival.quantile_difference import compare_quantiles
from equipoise.numerics.survival.rmst import compare_rmst, compare_rmst_strata
from equipoise.numerics.survival.rmst_regression import regress_rmst
from equipoise.numerics.survival.survival_scales import Interval
from equipoise.numerics.survival.weighted_rmst import compare_weighted_rmst
from reference.estimators.tables import Table, codes, whole

Arguments = Mapping[str, Any]
Answers = Mapping[str, ArrayLike]


def _first_two(table: Table) -> NDArray[np.bool_]:
    return np.asarray(table["arm"] < 2)


def _columns(
    table: Table, arguments: Arguments
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Time, event and arm."""
    return table[arguments["time"]], whole(table[arguments["event"]]), whole(table["arm"])


def _curves(table: Table, arguments: Arguments) -> list[KaplanMeier]:
    time, event, arm = _columns(table, arguments)
    return [estimate_kaplan_meier(time[arm == a], event=event[arm == a]) for a in np.unique(arm)]


def _milestone(table: Table, arguments: Arguments) -> Answers:
    curves, scale = _curves(table, arguments), Interval(arguments["scale"])
    two = compare_milestone(curves[0], second=curves[1], at=arguments["at"], scale=scale)
    many = compare_milestone_groups(curves, at=arguments["at"], scale=scale)
    return {
        "survival": many.survival,
        "standard_error": many.standard_error,
        "two_groups": two.test.statistic,
        "all_groups": many.test.statistic,
        "p": many.test.p_value,
    }


def _arms(table: Table, arguments: Arguments) -> tuple[ArmsOfStratum, ...]:
    kept = _first_two(table)
    time, event, arm = _columns(table, arguments)
    return find_arms(
        time[kept], event=event[kept], group=arm[kept], stratum=codes(table["stratum"])[kept]
    )


def _pooled(found: PooledDifference) -> Answers:
    assert found.message == ""
    return {
        "difference": found.difference,
        "standard_error": found.standard_error,
        "z": found.z,
        "p": found.p_value,
        "lower": found.lower,
        "upper": found.upper,
    }


def _milestone_strata(table: Table, arguments: Arguments) -> Answers:
    weighting = Weighting(arguments["weighting"])
    return _pooled(
        compare_milestone_strata(_arms(table, arguments), at=arguments["at"], weighting=weighting)
    )


def _rmst_strata(table: Table, arguments: Arguments) -> Answers:
    return _pooled(
        compare_rmst_strata(
            _arms(table, arguments),
            horizon=arguments["horizon"],
            weighting=Weighting(arguments["weighting"]),
        )
    )


def _rmst(table: Table, arguments: Arguments) -> Answers:
    kept = _first_two(table)
    time, event, arm = _columns(table, arguments)
    found = compare_rmst(
        time[kept], event=event[kept], group=arm[kept], horizon=arguments["horizon"]
    )
    return {
        "mean": [one.value for one in found.groups],
        "standard_error": [one.standard_error for one in found.groups],
        "difference": found.difference,
        "lower": found.lower,
        "upper": found.upper,
        "p": found.p_value,
        "ratio": [found.ratio, found.ratio_lower, found.ratio_upper],
        "lost_ratio": [found.lost_ratio, found.lost_ratio_lower, found.lost_ratio_upper],
    }


def _rmst_adjusted(table: Table, arguments: Arguments) -> Answers:
    kept = _first_two(table)
    time, event, arm = _columns(table, arguments)
    if arguments.get("censored_first"):
        time = np.where((event == 0) & (time < arguments["horizon"]), time - 0.25, time)
    found = regress_rmst(
        time[kept],
        event=event[kept],
        group=arm[kept],
        horizon=arguments["horizon"],
        covariates=np.column_stack([table[name][kept] for name in arguments["covariates"]]),
        link=Link(arguments["link"]),
    )
    # survRM2's own result holds the difference between the groups alone
    own = slice(1, 2) if arguments.get("censored_first") else slice(1, None)
    return {
        "coefficient": found.coefficient[own],
        "standard_error": found.standard_error[own],
        "lower": found.lower[own],
        "upper": found.upper[own],
        "p": found.p_value[own],
    }


def _rmst_weighted(table: Table, arguments: Arguments) -> Answers:
    kept = _first_two(table)
    time, event, arm = _columns(table, arguments)
    weight = table["weight"] if arguments["weight"] == "weight" else table["age"] / 60
    found = compare_weighted_rmst(
        time[kept],
        event=event[kept],
        group=arm[kept],
        weight=weight[kept],
        horizon=arguments["horizon"],
        cluster=codes(table["site"])[kept] if arguments["by"] == "site" else None,
    )
    return {
        "mean": found.value,
        "standard_error": found.standard_error,
        "difference": found.difference,
        "difference_error": found.difference_error,
        "p": found.p_value,
    }


def _pseudo(table: Table, arguments: Arguments) -> dict[str, NDArray[np.float64]]:
    time, event, _ = _columns(table, arguments)
    at = arguments["at"]
    return {
        "survival": estimate_survival_pseudo_values(time, event=event, at=at),
        "mean": estimate_rmst_pseudo_values(time, event=event, horizon=at),
    }


def _pseudo_values(table: Table, arguments: Arguments) -> Answers:
    return {name: found[arguments["rows"]] for name, found in _pseudo(table, arguments).items()}


def _pseudo_regression(table: Table, arguments: Arguments) -> Answers:
    found = regress_pseudo_values(
        _pseudo(table, arguments)[arguments["what"]],
        covariates=np.column_stack([table[name] for name in arguments["covariates"]]),
        link=Link(arguments["link"]),
        cluster=codes(table["site"]) if arguments["by"] == "site" else None,
    )
    return {"coefficient": found.coefficient, "standard_error": found.standard_error}


def _conditional_survival(table: Table, arguments: Arguments) -> Answers:
    time, event, _ = _columns(table, arguments)
    found = estimate_conditional_survival(
        estimate_kaplan_meier(time, event=event), given=arguments["given"], at=arguments["at"]
    )
    return {
        "survival": found.survival,
        "standard_error": found.standard_error,
        "lower": found.lower,
        "upper": found.upper,
    }


def _quantile_difference(table: Table, arguments: Arguments) -> Answers:
    curves = _curves(table, arguments)
    found = compare_quantiles(curves[0], second=curves[1])
    return {
        "difference": found.difference,
        "lower": found.lower,
        "upper": found.upper,
        "ratio": found.ratio,
        "ratio_lower": found.ratio_lower,
        "ratio_upper": found.ratio_upper,
    }


COMPARISONS = {
    "milestone": _milestone,
    "milestone_strata": _milestone_strata,
    "rmst": _rmst,
    "rmst_strata": _rmst_strata,
    "rmst_adjusted": _rmst_adjusted,
    "rmst_weighted": _rmst_weighted,
    "pseudo_values": _pseudo_values,
    "pseudo_regression": _pseudo_regression,
    "conditional_survival": _conditional_survival,
    "quantile_difference": _quantile_difference,
}
