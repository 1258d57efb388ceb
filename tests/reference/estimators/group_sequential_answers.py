"""Our answers for `group_sequential_reference.json`."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

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


ANSWERS = {"bounds": _bounds, "crossing": _crossing}
