"""Our answers for `group_sequential_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import OBRIEN_FLEMING, BoundRule
from equipoise.numerics.group_sequential import crossing_probabilities, find_bounds
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
        "expected_ratio": [design.inflation * expected[1]],
        "expected_information": design.inflation * np.array(expected),
        "chances_above": np.concatenate([design.null.above, design.alternative.above]),
    }


ANSWERS = {"bounds": _bounds, "crossing": _crossing, "design": _design}
