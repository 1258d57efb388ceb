"""Our answers for `ranks_reference.json`."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.logrank import (
    LogRank,
    compare_groups_at_risk,
    compare_trend,
    estimate_one_step_ratio,
)
from equipoise.numerics.ranks.maxcombo import Side, compare_maxcombo
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    HeldWeights,
    ModestlyWeighted,
    PetoPeto,
    PiecewiseWeights,
    Prentice,
    TaroneWare,
    Weighting,
    compare_weighted_logrank,
)
from reference.estimators.tables import Table, codes

Arguments = Mapping[str, Any]
Numbers = Mapping[str, ArrayLike]


def _columns(table: Table, arguments: Arguments) -> Table:
    """The rows that have the columns asked for; in R's lung 1 is censored and 2 dead."""
    names = [arguments[name] for name in ("time", "event", "group")]
    if "ph.ecog" in table:
        kept = ~np.isnan(table["ph.ecog"])
        table = {name: column[kept] for name, column in table.items()}
        return {**table, names[1]: table[names[1]] - 1}
    return table


def _at_risk(given: Table, arguments: Arguments) -> GroupsAtRisk:
    table = _columns(given, arguments)
    group = codes(table[arguments["group"]])
    strata = arguments.get("strata")
    return count_groups_at_risk(
        table[arguments["time"]],
        event=table[arguments["event"]].astype(np.int64),
        group=np.minimum(group, 1) if "against_first" in arguments else group,
        stratum=codes(*(table[name] for name in strata)) if strata else None,
        entry=table[arguments["entry"]] if "entry" in arguments else None,
    )


def _numbers(test: LogRank) -> Numbers:
    return {
        "observed": test.observed,
        "expected": test.expected,
        "covariance": test.variance,
        "variance": test.variance[1, 1],
        "statistic": test.test.statistic,
        "p": test.test.p_value,
        "z": test.z,
        "numerator": test.observed[1] - test.expected[1],
    }


def _logrank(table: Table, arguments: Arguments) -> Numbers:
    return _numbers(compare_groups_at_risk(_at_risk(table, arguments)))


def _weighted(build: Callable[[Arguments], Weighting]) -> Callable[[Table, Arguments], Numbers]:
    def answer(table: Table, arguments: Arguments) -> Numbers:
        sets = _at_risk(table, arguments)
        test = compare_weighted_logrank(sets, weighting=build(arguments))
        return _numbers(test)

    return answer


def _one_step(table: Table, arguments: Arguments) -> Numbers:
    ratio = estimate_one_step_ratio(compare_groups_at_risk(_at_risk(table, arguments)))
    return {"value": ratio.value, "lower": ratio.lower, "upper": ratio.upper}


def _trend(table: Table, arguments: Arguments) -> Numbers:
    scores = np.unique(table[arguments["group"]]) if "by_value" in arguments else None
    return {"statistic": compare_trend(_at_risk(table, arguments), scores=scores).test.statistic}


def _maxcombo(table: Table, arguments: Arguments) -> Numbers:
    found = compare_maxcombo(
        _at_risk(table, arguments),
        weightings=[FlemingHarrington(rho=r, gamma=g) for r, g in arguments["weights"]],
        side=Side[arguments["side"]],
    )
    return {"z": found.z, "correlation": found.correlation, "p": found.p_value}


ANSWERS = {
    "logrank": _logrank,
    "late_entry": _logrank,
    "one_step": _one_step,
    "trend": _trend,
    "maxcombo": _maxcombo,
    "fleming_harrington": _weighted(lambda a: FlemingHarrington(rho=a["rho"], gamma=a["gamma"])),
    "gehan": _weighted(lambda _: TaroneWare(power=1)),
    "tarone_ware": _weighted(lambda _: TaroneWare()),
    "peto": _weighted(lambda _: PetoPeto()),
    "modified_peto": _weighted(lambda _: PetoPeto(modified=True)),
    "prentice": _weighted(lambda _: Prentice()),
    "piecewise": _weighted(
        lambda a: PiecewiseWeights(cuts=tuple(a["cuts"]), weights=tuple(a["weights"]))
    ),
    "modest": _weighted(lambda a: ModestlyWeighted(until=a["until"], largest=a["largest"])),
    "held": _weighted(lambda a: HeldWeights(until=a["until"], largest=a["largest"])),
}
