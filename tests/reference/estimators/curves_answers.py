"""Our answers for `curves_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.survival.confidence_bands import BandKind, find_critical_value
from equipoise.numerics.survival.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.nelson_aalen import (
    Ties,
    estimate_hazard_band,
    estimate_nelson_aalen,
)
from equipoise.numerics.survival.survival_scales import Interval, survival_limits
from reference.estimators.curves_comparisons import COMPARISONS
from reference.estimators.tables import Table, whole

Arguments = Mapping[str, Any]
Answers = Mapping[str, ArrayLike]


def _place(time: NDArray[np.float64], at: list[float]) -> NDArray[np.intp]:
    return np.searchsorted(time, at, side="right") - 1


def _kaplan_meier(table: Table, arguments: Arguments) -> Answers:
    curve = estimate_kaplan_meier(table[arguments["time"]], event=whole(table[arguments["event"]]))
    scale = Interval(arguments["scale"])
    found = estimate_survival_at(curve, at=arguments["at"], interval=scale)
    quantiles = [
        estimate_quantile(curve, probability=p, interval=scale) for p in arguments["probability"]
    ]
    return {
        "survival": found.survival,
        "standard_error": found.standard_error,
        "lower": found.lower,
        "upper": found.upper,
        "quantile": [one.value for one in quantiles],
        "quantile_lower": [one.lower for one in quantiles],
        "quantile_upper": [one.upper for one in quantiles],
    }


def _extra(table: Table, arguments: Arguments) -> dict[str, Any]:
    """Late entry, weights, repeats and clusters, as far as the case has them."""
    extra: dict[str, Any] = {k: table[arguments[k]] for k in ("entry", "weight") if k in arguments}
    if "cluster" in arguments:
        extra["cluster"] = whole(table[arguments["cluster"]])
    return extra


def _weighted_curve(table: Table, arguments: Arguments) -> Answers:
    time, event = table[arguments["time"]], whole(table[arguments["event"]])
    extra, at = _extra(table, arguments), arguments["at"]
    repeats = whole(table["arm"]) + 1 if "repeats" in arguments else None
    curve = estimate_kaplan_meier(time, event=event, repeats=repeats, **extra)
    found = estimate_survival_at(curve, at=at)
    if repeats is not None:
        time, event = np.repeat(time, repeats), np.repeat(event, repeats)
    hazard = estimate_nelson_aalen(time, event=event, **extra)
    place = _place(hazard.time, at)
    return {
        "survival": found.survival,
        "standard_error": found.standard_error,
        "lower": found.lower,
        "upper": found.upper,
        "hazard": hazard.hazard[place],
        "hazard_error": np.sqrt(hazard.variance[place]),
    }


def _nelson_aalen(table: Table, arguments: Arguments) -> Answers:
    curve = estimate_nelson_aalen(
        table[arguments["time"]],
        event=whole(table[arguments["event"]]),
        ties=Ties(arguments["ties"]),
    )
    place = _place(curve.time, arguments["at"])
    limits = survival_limits(curve.survival, greenwood=curve.variance)
    found: dict[str, ArrayLike] = {
        "hazard": curve.hazard[place],
        "error": np.sqrt(curve.variance[place]),
        "survival": curve.survival[place],
        "survival_lower": limits.lower[place],
        "survival_upper": limits.upper[place],
    }
    names = {"plain": Interval.LOG, "log": Interval.LOG_LOG, "arcsine": Interval.ARCSINE}
    for name, scale in names.items():
        band = estimate_hazard_band(curve, interval=scale)
        found |= {f"{name}_lower": band.lower[place], f"{name}_upper": band.upper[place]}
    return found


def _critical_value(_: Table, arguments: Arguments) -> Answers:
    kind = BandKind(arguments["kind"])
    stretches = zip(arguments["first"], arguments["last"], arguments["level"], strict=True)
    return {
        "critical": [
            find_critical_value(kind, first=first, last=last, level=level)
            for first, last, level in stretches
        ]
    }


ANSWERS = {
    "kaplan_meier": _kaplan_meier,
    "weighted_curve": _weighted_curve,
    "nelson_aalen": _nelson_aalen,
    "critical_value": _critical_value,
    **COMPARISONS,
}
