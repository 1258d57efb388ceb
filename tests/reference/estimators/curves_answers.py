"""Our answers for `curves_reference.json`."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from equipoise.numerics.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from reference.estimators.tables import Table, whole


def _kaplan_meier(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    curve = estimate_kaplan_meier(table[arguments["time"]], event=whole(table[arguments["event"]]))
    found = estimate_survival_at(curve, at=arguments["at"])
    return {
        "survival": found.survival,
        "standard_error": found.standard_error,
        "lower": found.lower,
        "upper": found.upper,
    }


ANSWERS = {"kaplan_meier": _kaplan_meier}
