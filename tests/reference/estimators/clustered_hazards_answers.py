"""Our answers for `clustered_hazards_reference.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.frailty import estimate_frailty
from equipoise.numerics.hazards.frailty_sums import FrailtyLaw
from equipoise.numerics.hazards.wei_lin_weissfeld import (
    SeveralEvents,
    combine_kinds,
    estimate_marginal_cox,
)
from reference.estimators.tables import Table, codes, whole

Arguments = Mapping[str, Any]
Answered = Mapping[str, ArrayLike]
Column = NDArray[Any]


def _times(table: Table) -> tuple[Column, Column, Column]:
    """Time, event and kind of each row: two rows a patient where there are two times or causes."""
    if "pfs" in table:
        both = np.r_[table["pfs"], table["os"]], np.r_[table["pfs_ev"], table["os_ev"]]
        return *both, np.repeat([0, 1], table["pfs"].size)
    if "cause" in table:
        causes = np.r_[table["cause"] == 1, table["cause"] == 2]
        return np.tile(table["time"], 2), causes, np.repeat([0, 1], table["time"].size)
    if "lesion" in table:
        return table["time"], table["status"] == 1, whole(np.minimum(table["lesion"], 3) - 1)
    return table["stop"], table["event"], whole(table["enum"] - 1)


def _marginal(table: Table, arguments: Arguments) -> Answered:
    time, event, kind = _times(table)
    times = time.size // table["id"].size

    def column(name: str) -> Column:
        return np.tile(table[name], times)

    def asked(name: str) -> Column | None:
        return column(arguments[name]) if name in arguments else None

    stratum = asked("stratum")
    found = estimate_marginal_cox(
        SeveralEvents(
            time=time,
            event=whole(np.asarray(event, dtype=np.float64)),
            kind=kind,
            subject=column("id"),
            covariates=np.stack([column(name) for name in arguments["x"]], axis=1),
            stratum=None if stratum is None else codes(stratum),
            weight=asked("weight"),
            entry=asked("entry"),
        ),
        ties=Ties(arguments["ties"]),
    )
    common = combine_kinds(found)
    effect, size = common.effect, found.coefficients.size
    covariance = found.covariance.reshape(size, size)
    return {
        "coefficients": found.coefficients,
        "covariance": covariance.T[np.tril_indices(size)],
        "weight": common.weight,
        "common": [effect.log_value, effect.standard_error, effect.lower, effect.upper],
        "global": common.global_test.statistic,
        "equality": common.equality_test.statistic,
        "rx": found.coefficients[:, 0],
        "pooled": [effect.log_value, effect.standard_error],
    }


def _robust(fit: Cox) -> Answered:
    assert fit.robust_covariance is not None
    assert fit.robust_score_test is not None
    return {
        "coefficients": fit.coefficients,
        "robust": fit.robust_covariance.T[np.tril_indices(fit.coefficients.size)],
        "robust_score": fit.robust_score_test.statistic,
    }


def _common(table: Table, arguments: Arguments) -> Answered:
    time, event, kind = _times(table)
    times = time.size // table["id"].size
    fit = estimate_cox(
        time,
        event=whole(np.asarray(event, dtype=np.float64)),
        covariates=np.stack([np.tile(table[name], times) for name in arguments["x"]], axis=1),
        stratum=kind,
        sampling=Sampling(cluster=np.tile(table["id"], times)),
        ties=Ties(arguments["ties"]),
    )
    return _robust(fit)


def _andersen_gill(table: Table, arguments: Arguments) -> Answered:
    """Where a table has no start, a row starts at the event before of the patient, or at 0."""
    stop = table["stop"]
    start = table["start"] if "start" in table else np.r_[0.0, stop[:-1]]
    if "enum" in table:
        start = np.where(table["enum"] == 1, 0.0, start)
    rows = stop > start
    fit = estimate_cox(
        stop[rows],
        event=whole(table["event"])[rows],
        covariates=np.stack([table[name] for name in arguments["x"]], axis=1)[rows],
        sampling=Sampling(cluster=table["id"][rows], entry=start[rows]),
        ties=Ties(arguments["ties"]),
    )
    return _robust(fit)


def _frailty(law: FrailtyLaw, table: Table, arguments: Arguments) -> Answered:
    """Rows and clusters as `clustered_hazards_reference.R` has them."""
    rows = np.ones(next(iter(table.values())).size, dtype=np.bool_)
    if "litter" in table:
        rows, cluster = table["sex"] == "f", table["litter"]
    else:
        cluster = table["id"] % 20 if "stop" in table else table["id"]
    words = arguments["surv"].removeprefix("Surv(").removesuffix(")").split(", ")
    event = table["event"] if "event" in table else table["status"] == 1
    found = estimate_frailty(
        table[words[-2]][rows],
        event=whole(np.asarray(event, dtype=np.float64))[rows],
        covariates=np.stack([table[name] for name in arguments["x"]], axis=1)[rows],
        sampling=Sampling(
            cluster=cluster[rows], entry=table[words[0]][rows] if len(words) == 3 else None
        ),
        stratum=codes(table[arguments["stratum"]])[rows] if arguments["stratum"] else None,
        law=law,
    )
    return {
        "coefficients": found.coefficients,
        "standard_error": np.sqrt(np.diag(found.covariance)),
        "variance": found.variance,
        "log_likelihood": found.log_likelihood,
        "frailty": found.frailty,
    }


ANSWERS = {
    "marginal_cox": _marginal,
    "common_cox": _common,
    "andersen_gill": _andersen_gill,
    "frailty_gamma": lambda table, arguments: _frailty(FrailtyLaw.GAMMA, table, arguments),
    "frailty_normal": lambda table, arguments: _frailty(FrailtyLaw.NORMAL, table, arguments),
}
