"""Our answers for `intervals_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.intervals.interval_cox import estimate_interval_cox
from equipoise.numerics.intervals.interval_logrank import IntervalScores, compare_interval_logrank
from equipoise.numerics.intervals.interval_times import (
    IntervalTimes,
    bound_event_times,
    bound_interval_times,
)
from equipoise.numerics.intervals.turnbull import Turnbull, estimate_turnbull, estimate_turnbull_at
from reference.estimators.tables import Table, codes, whole


def read_bounds(table: Table, arguments: Mapping[str, Any]) -> IntervalTimes:
    """The bounds of the rows that a case keeps; a right bound left empty was never seen."""
    keep = kept_rows(table, arguments)
    if "time" in arguments:
        return bound_event_times(
            table[arguments["time"]][keep],
            event=whole(table[arguments["event"]])[keep],
            entry=table[arguments["entry"]][keep] if "entry" in arguments else None,
        )
    right = table[arguments["right"]]
    right = np.where(np.isnan(right), np.inf, right)
    left = table[arguments["left"]][keep]
    third = (np.arange(1, left.size + 1) % 3 == 0) & (left > 0)
    entry = np.where(third, left / 2 + 0.033, 0.0) if "entry" in arguments else None
    return bound_interval_times(left, right=right[keep], entry=entry)


def kept_rows(table: Table, arguments: Mapping[str, Any]) -> NDArray[np.bool_]:
    """All rows, or those of one group."""
    group, kept = table[arguments["group"]], arguments.get("keep", "all")
    if kept == "all":
        return np.ones(group.size, dtype=np.bool_)
    return np.asarray(group == (kept if group.dtype.kind == "U" else float(kept)))


def _curve(table: Table, arguments: Mapping[str, Any]) -> Turnbull:
    return estimate_turnbull(read_bounds(table, arguments))


def _turnbull(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    curve = _curve(table, arguments)
    return {
        "left": curve.left,
        "right": np.where(np.isinf(curve.right), np.nan, curve.right),
        "mass": curve.mass,
        "log_likelihood": curve.log_likelihood,
    }


def _turnbull_at(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    found = estimate_turnbull_at(_curve(table, arguments), at=arguments["at"])
    return {"survival": found.survival}


def _logrank(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    group = codes(table[arguments["group"]])
    if "groups" in arguments:
        group = group + 2 * codes(table["stratum"])
    found = compare_interval_logrank(
        read_bounds(table, arguments),
        group=group,
        stratum=codes(table[arguments["stratum"]]) if "stratum" in arguments else None,
        scores=IntervalScores(arguments["scores"]),
    )
    return {
        "statistic": found.test.statistic,
        "p": found.test.p_value,
        "z": found.z,
        "trend": found.trend,
    }


def _proportional_hazards(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    named = arguments["covariates"]
    columns = [table[name] for name in ([named] if isinstance(named, str) else named)]
    x = [column if column.dtype.kind == "f" else codes(column) for column in columns]
    anyone = arguments.get("left", arguments.get("time"))
    fit = estimate_interval_cox(
        read_bounds(table, {"group": anyone, **arguments}),
        covariates=np.stack(x, axis=1),
        stratum=codes(table["stratum"]) if "stratum" in arguments else None,
    )
    return {
        "coefficients": fit.coefficients,
        "covariance": fit.covariance,
        "log_likelihood": fit.log_likelihood,
    }


ANSWERS = {
    "proportional_hazards": _proportional_hazards,
    "turnbull": _turnbull,
    "turnbull_at": _turnbull_at,
    "logrank": _logrank,
}
