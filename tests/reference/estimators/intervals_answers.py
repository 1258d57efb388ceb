"""Our answers for `intervals_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.interval_logrank import IntervalScores, compare_interval_logrank
from equipoise.numerics.interval_times import IntervalTimes, bound_interval_times
from equipoise.numerics.turnbull import Turnbull, estimate_turnbull, estimate_turnbull_at
from reference.estimators.tables import Table, codes


def read_bounds(table: Table, arguments: Mapping[str, Any]) -> IntervalTimes:
    """The bounds of the rows that a case keeps; a right bound left empty was never seen."""
    keep = kept_rows(table, arguments)
    right = table[arguments["right"]]
    right = np.where(np.isnan(right), np.inf, right)
    return bound_interval_times(table[arguments["left"]][keep], right=right[keep])


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


ANSWERS = {"turnbull": _turnbull, "turnbull_at": _turnbull_at, "logrank": _logrank}
