"""Our answers for `rates_reference.json`."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.rates.rate_comparison import (
    RateLimits,
    compare_rate_difference,
    compare_rate_difference_wald,
    compare_rate_ratio,
)
from equipoise.numerics.rates.stratified_rates import (
    compare_rate_ratios,
    compare_stratified_rates,
    estimate_common_rate_difference,
    estimate_common_rate_ratio,
)
from reference.estimators.agreement import Answer
from reference.estimators.tables import Table, codes

Told = Mapping[str, ArrayLike]


def _pair(compare: Callable[..., Any], *names: str, **options: Any) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Told:
        found = compare(tuple(arguments["events"]), time=tuple(arguments["time"]), **options)
        told = {name: getattr(found, name) for name in ("value", "lower", "upper", *names)}
        return {**told, "statistic": found.test.statistic} if hasattr(found, "test") else told

    return answer


def _sums(table: Table, column: str, strata: list[str]) -> NDArray[np.float64]:
    kept = table["arm"] < 2
    cell = codes(*(table[name] for name in strata))[kept] * 2 + table["arm"][kept].astype(int)
    sums = np.asarray(np.bincount(cell, weights=table[column][kept]), dtype=np.float64)
    return sums.reshape(-1, 2)


def _strata(compare: Callable[..., Any], *names: str) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Told:
        found = compare(
            _sums(table, arguments["count"], arguments["strata"]),
            time=_sums(table, arguments["time"], arguments["strata"]),
        )
        return {name: getattr(found, name) for name in names}

    return answer


def _strata_test(compare: Callable[..., Any]) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Told:
        test: Any = _strata(compare, "test")(table, arguments)["test"]
        return {
            "statistic": test.statistic, "df": test.degrees_of_freedom, "p_value": test.p_value
        }  # fmt: skip

    return answer


ANSWERS: Mapping[str, Answer] = {
    "rate_ratio_exact": _pair(compare_rate_ratio, "p_value"),
    "rate_ratio_mid_p": _pair(compare_rate_ratio, "p_value", limits=RateLimits.MID_P),
    "rate_ratio_score": _pair(compare_rate_ratio, "p_value", limits=RateLimits.SCORE),
    "rate_difference": _pair(compare_rate_difference),
    "rate_difference_wald": _pair(compare_rate_difference_wald),
    "common_rate_ratio": _strata(
        estimate_common_rate_ratio, "value", "lower", "upper", "log_standard_error"
    ),
    "common_rate_difference": _strata(
        estimate_common_rate_difference, "value", "lower", "upper", "standard_error"
    ),
    "stratified_rates": _strata_test(compare_stratified_rates),
    "rate_homogeneity": _strata_test(compare_rate_ratios),
}
