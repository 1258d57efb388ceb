"""Our answers for `stratified_reference.json`."""

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.shares.breslow_day import compare_odds_ratios
from equipoise.numerics.shares.counts import count_tables
from equipoise.numerics.shares.mantel_haenszel import (
    DifferenceLimits,
    compare_cmh,
    estimate_common_odds_ratio,
    estimate_common_risk_difference,
    estimate_common_risk_ratio,
)
from equipoise.numerics.shares.stratified_difference import (
    StratumWeights,
    compare_minimum_risk,
    compare_stratified_newcombe,
    compare_stratified_score,
)
from reference.estimators.agreement import Answer
from reference.estimators.tables import Table, codes, whole

Told = Mapping[str, ArrayLike]


def _tables(
    table: Table, arguments: Mapping[str, Any], groups: int = 2
) -> tuple[NDArray[Any], NDArray[Any]]:
    kept = table["arm"] < groups
    strata = codes(*(table[name] for name in arguments["strata"]))
    return count_tables(
        whole(table[arguments["event"]])[kept],
        group=whole(table["arm"])[kept],
        stratum=strata[kept],
        groups=groups,
    )


def _limits(compare: Callable[..., Any], *more: str, **options: Any) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Told:
        events, n = _tables(table, arguments)
        found = compare(events, n=n, **options)
        return {name: getattr(found, name) for name in ("value", "lower", "upper", *more)}

    return answer


def _cmh(table: Table, arguments: Mapping[str, Any], correction: bool = False) -> Told:
    events, n = _tables(table, arguments)
    test = compare_cmh(events, n=n, correction=correction).test
    return {"statistic": test.statistic, "p_value": test.p_value}


def _cmh_corrected(table: Table, arguments: Mapping[str, Any]) -> Told:
    return _cmh(table, arguments, correction=True)


def _cmh_of_groups(table: Table, arguments: Mapping[str, Any]) -> Told:
    events, n = _tables(table, arguments, groups=3)
    test = compare_cmh(events, n=n).test
    return {"statistic": test.statistic, "df": test.degrees_of_freedom, "p_value": test.p_value}


def _breslow_day(table: Table, arguments: Mapping[str, Any]) -> Told:
    events, n = _tables(table, arguments)
    found = compare_odds_ratios(events, n=n)
    return {
        "breslow_day": found.breslow_day.statistic,
        "tarone": found.tarone.statistic,
        "breslow_day_p": found.breslow_day.p_value,
        "tarone_p": found.tarone.p_value,
    }


def _score(table: Table, arguments: Mapping[str, Any]) -> Told:
    events, n = _tables(table, arguments)
    found = compare_stratified_score(events, n=n, weights=StratumWeights(arguments["weights"]))
    return {
        "value": found.value,
        "lower": found.lower,
        "upper": found.upper,
        "statistic": found.test.statistic,
    }


ANSWERS: Mapping[str, Answer] = {
    "cmh": _cmh,
    "cmh_corrected": _cmh_corrected,
    "cmh_of_groups": _cmh_of_groups,
    "common_odds_ratio": _limits(estimate_common_odds_ratio),
    "common_risk_ratio": _limits(estimate_common_risk_ratio, "log_standard_error"),
    "common_risk_difference": _limits(estimate_common_risk_difference, "standard_error"),
    "klingenberg": _limits(estimate_common_risk_difference, limits=DifferenceLimits.KLINGENBERG),
    "breslow_day": _breslow_day,
    "minimum_risk": _limits(compare_minimum_risk),
    "stratified_newcombe": _limits(compare_stratified_newcombe),
    "stratified_score": _score,
}
