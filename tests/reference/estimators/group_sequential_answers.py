"""Our answers for `group_sequential_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.design.bound_scales import express_bounds
from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.combination import (
    combine_inverse_normal,
    find_fisher_bounds,
    reestimate_size,
)
from equipoise.design.conditional_power import (
    find_conditional_power,
    find_predictive_power,
    find_trend,
)
from equipoise.design.error_rates import ErrorRates
from equipoise.design.recalculation import recalculate_bounds
from equipoise.design.sequential_inference import estimate_after_stopping, estimate_repeatedly
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import OBRIEN_FLEMING, BoundRule
from equipoise.numerics.sequential.group_sequential import crossing_probabilities, find_bounds
from reference.estimators.tables import Table


def _bounds(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    upper = find_bounds(
        arguments["spent"],
        information=arguments["information"],
        two_sided=arguments["two_sided"],
    )
    return {"upper": upper}


def _crossing(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    found = crossing_probabilities(
        arguments["upper"], information=arguments["information"], drift=arguments["drift"]
    )
    return {"upper": found.upper}


def read_design(arguments: Mapping[str, Any]) -> SequentialDesign:
    """The design that the arguments of a case ask for."""
    given = dict(arguments)
    rates = ErrorRates(**{key: given.pop(key) for key in ("alpha", "sides", "power")})
    rules: dict[str, Any] = {
        "efficacy": BoundRule(**given.pop("efficacy", {"name": OBRIEN_FLEMING})),
        "futility": BoundRule(**given.pop("futility")) if "futility" in given else None,
    }
    given["information"] = tuple(given["information"])
    return build_design(SequentialPlan(rates=rates, **rules, **given))


def _design(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    design = read_design(arguments)
    expected = [design.expected_information(drift) for drift in (0.0, design.drift)]
    return {
        "upper": design.upper,
        "lower": design.lower,
        "inflation": [design.inflation],
        "shift": [design.drift**2],
        "expected_ratio": [design.inflation * expected[1]],
        "expected_information": design.inflation * np.array(expected),
        "chances_above": np.concatenate([design.null.above, design.alternative.above]),
    }


def _conditional_power(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    design = read_design(arguments["plan"])
    look, z = arguments["look"], arguments["z"]
    trend = find_trend(z, share=design.plan.information[look - 1])
    drifts = {"null": 0.0, "design": design.drift, "trend": trend}
    found: dict[str, ArrayLike] = {
        name: [find_conditional_power(design, look=look, z=z, drift=drift)]
        for name, drift in drifts.items()
    }
    return found | {"predictive": [find_predictive_power(design, look=look, z=z)]}


def _stopped(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    given = {key: arguments[key] for key in ("look", "z", "information")}
    found = estimate_after_stopping(read_design(arguments["plan"]), **given)
    return {name: [getattr(found, name)] for name in ("p_value", "estimate", "lower", "upper")}


def _repeated(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    given = {key: arguments[key] for key in ("look", "z", "information")}
    found = estimate_repeatedly(read_design(arguments["plan"]), **given)
    return {name: [getattr(found, name)] for name in ("p_value", "lower", "upper")}


def _hazard_ratio(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    design = read_design(arguments["plan"])
    found = express_bounds(design.upper, design=design, events=arguments["events"])
    return {"hazard_ratio": found.hazard_ratio}


def _recalculated(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    design = read_design(arguments["plan"])
    came = design.plan.information[: arguments["looks"]]
    found = recalculate_bounds(design, information=came, final=arguments["final"])
    return {"upper": found.upper, "lower": found.lower}


def _inverse_normal(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    weights = np.sqrt(np.diff(arguments["information"], prepend=0.0))
    z = combine_inverse_normal(arguments["p_values"], weights=weights)
    return {"z": z, "last": z[-1:]}


def _fisher(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    given = {key: value for key, value in arguments.items() if key != "alpha"}
    return {"product": [find_fisher_bounds(arguments["alpha"], **given).product]}


def _reestimate(_: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    found = reestimate_size(read_design(arguments["plan"]), z=arguments["z"])
    return {"needed": [found.needed], "as_planned": [found.as_planned]}


ANSWERS = {
    "bounds": _bounds,
    "crossing": _crossing,
    "design": _design,
    "conditional_power": _conditional_power,
    "stopped": _stopped,
    "repeated": _repeated,
    "hazard_ratio": _hazard_ratio,
    "recalculated": _recalculated,
    "inverse_normal": _inverse_normal,
    "fisher": _fisher,
    "reestimate": _reestimate,
}
