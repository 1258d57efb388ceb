"""R's survival and cmprsk, to 1e-8, on their own data sets and on ours (see SOURCE.md)."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.hazards.cox import Cox, Sampling, Ties, estimate_cox
from equipoise.numerics.hazards.proportional_hazards import compare_hazards_over_time
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.survival.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_quantile,
    estimate_survival_at,
)
from equipoise.numerics.survival.rmst import estimate_rmst
from equipoise.numerics.survival.survival_scales import Interval

HERE = Path(__file__).parent
SHARED = HERE.parents[2].parent / "shared" / "data" / "reference" / "data"
REFERENCE: dict[str, list[float | None]] = json.loads((HERE / "reference.json").read_text())

# Embury et al. (1977): weeks of remission, + censored; maintained, then not
AML = (
    "9 13 13+ 18 23 28+ 31 34 45+ 48 161+".split(),
    "5 5 8 8 12 16+ 23 27 30 33 43 45".split(),
)
Columns = dict[str, NDArray[np.float64]]


def read(path: Path) -> Columns:
    with path.open() as file:
        rows = list(csv.DictReader(file))

    def numbers(name: str) -> NDArray[np.float64]:
        texts = [row[name] for row in rows]
        try:
            return np.array([float(text) if text else np.nan for text in texts])
        except ValueError:
            return np.unique(texts, return_inverse=True)[1].astype(np.float64)

    return {name: numbers(name) for name in rows[0]}


def codes(*columns: NDArray[np.float64]) -> NDArray[np.int64]:
    """One code for each combination of values."""
    stacked = np.stack(columns, axis=1)
    return np.unique(stacked, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def aml() -> Columns:
    texts = [text for arm in AML for text in arm]
    return {
        "time": np.array([float(text.rstrip("+")) for text in texts]),
        "event": np.array([not text.endswith("+") for text in texts], dtype=np.float64),
        "group": np.repeat([0.0, 1.0], [len(arm) for arm in AML]),
    }


def sim_trial() -> Columns:
    data = read(HERE / "sim_trial.csv")
    return data | {"time": data["pfs"], "event": data["pfs_ev"], "group": data["arm"]}


def sim_trial_reverse() -> Columns:
    data = sim_trial()
    return data | {"event": 1 - data["event"], "group": 0 * data["group"]}


def lung() -> Columns:
    data = read(SHARED / "lung.csv")
    known = np.isfinite(data["ph.ecog"])
    data = {name: column[known] for name, column in data.items()}
    return data | {"event": data["status"] - 1, "group": data["sex"]}


def veteran() -> Columns:
    data = read(SHARED / "veteran.csv")
    return data | {"event": data["status"], "group": data["trt"], "cell": data["celltype"]}


def ovarian() -> Columns:
    data = read(SHARED / "ovarian.csv")
    return data | {"time": data["futime"], "event": data["fustat"], "group": data["rx"]}


LOADERS: dict[str, Callable[[], Columns]] = {
    "sim_trial": sim_trial, "sim_trial_reverse": sim_trial_reverse, "aml": aml,
}  # fmt: skip
if SHARED.is_dir():
    LOADERS |= {"lung": lung, "veteran": veteran, "ovarian": ovarian}

CURVES = sorted({"/".join(k.split("/")[:4]) for k in REFERENCE
                 if "/km/" in k and k.split("/")[0] in LOADERS})  # fmt: skip
AT = {"aml": [10, 24, 40], "veteran": [50, 100, 200], "ovarian": [400, 500, 600]}


def expected(name: str) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in REFERENCE[name]])


def same(ours: object, name: str, rtol: float = 1e-9) -> bool:
    theirs = expected(name)
    return np.allclose(np.ravel(np.asarray(ours)), theirs, rtol=rtol, atol=1e-10, equal_nan=True)


@pytest.mark.parametrize("name", CURVES)
def test_survival_its_limits_median_and_restricted_mean_are_those_of_r(name: str) -> None:
    data_name, _, group, scale = name.split("/")
    data = LOADERS[data_name]()
    own = data["group"] == float(group)
    curve = estimate_kaplan_meier(data["time"][own], event=data["event"][own].astype(int))
    at = AT.get(data_name, [180, 365, 545])
    interval = Interval(scale)
    found = estimate_survival_at(curve, at=at, interval=interval)
    quartiles = [estimate_quantile(curve, probability=q, interval=interval)
                 for q in (0.25, 0.5, 0.75)]  # fmt: skip
    mean = estimate_rmst(curve, horizon=at[1])

    assert same(found.survival, f"{name}/survival")
    assert same(found.standard_error, f"{name}/standard_error")
    assert same(found.at_risk, f"{name}/at_risk")
    assert same(found.lower, f"{name}/lower")
    assert same(found.upper, f"{name}/upper")
    assert same([q.value for q in quartiles] + [q.lower for q in quartiles]
                + [q.upper for q in quartiles], f"{name}/quantile")  # fmt: skip
    assert same([quartiles[1].value, quartiles[1].lower, quartiles[1].upper], f"{name}/median")
    assert same([mean.value, mean.standard_error], f"{name}/rmst")


LOGRANK: dict[str, Callable[[Columns], tuple[NDArray[np.int64], NDArray[np.int64] | None]]] = {
    "sim_trial/logrank": lambda d: (codes(d["arm"]), None),
    "sim_trial/logrank_strata": lambda d: (codes(d["arm"]), codes(d["stratum"], d["ecog"])),
    "sim_trial/logrank_ecog": lambda d: (codes(d["ecog"]), None),
    "aml/logrank": lambda d: (codes(d["group"]), None),
    "lung/logrank": lambda d: (codes(d["sex"]), None),
    "lung/logrank_strata": lambda d: (codes(d["sex"]), codes(d["ph.ecog"])),
    "veteran/logrank": lambda d: (codes(d["trt"]), None),
    "veteran/logrank_cell": lambda d: (codes(d["cell"]), None),
    "ovarian/logrank": lambda d: (codes(d["rx"]), None),
}


@pytest.mark.parametrize("name", [name for name in LOGRANK if name.split("/")[0] in LOADERS])
def test_logrank_is_that_of_survdiff(name: str) -> None:
    data = LOADERS[name.split("/", maxsplit=1)[0]]()
    group, stratum = LOGRANK[name](data)
    found = compare_logrank(
        data["time"], event=data["event"].astype(int), group=group, stratum=stratum
    )

    assert same(found.observed, f"{name}/observed")
    assert same(found.expected, f"{name}/expected")
    assert same(found.variance, f"{name}/variance")
    assert same(found.test.statistic, f"{name}/chi_square")


Design = tuple[list[str], list[str]]
COX: dict[str, Design] = {  # covariates, strata
    "sim_trial/cox": (["arm"], []),
    "sim_trial/cox_strata": (["arm", "age"], ["stratum", "ecog"]),
    "aml/cox": (["group"], []),
    "lung/cox_strata": (["sex", "age"], ["ph.ecog"]),
    "veteran/cox": (["trt", "karno", "age"], []),
    "veteran/cox_strata": (["trt", "karno"], ["cell"]),
    "ovarian/cox_strata": (["rx", "age"], ["ecog.ps"]),
}
COX_CASES = [
    (name, ties)
    for name in COX
    for ties in Ties
    if name.split("/")[0] in LOADERS and f"{name}_{ties.value}/score" in REFERENCE
]


@pytest.mark.parametrize(("name", "ties"), COX_CASES)
def test_cox_and_its_tests_are_those_of_coxph_and_cox_zph(name: str, ties: Ties) -> None:
    data = LOADERS[name.split("/", maxsplit=1)[0]]()
    covariates, strata = COX[name]
    x = np.stack([data[column] for column in covariates], axis=1)
    stratum = codes(*(data[column] for column in strata)) if strata else None
    time, event = data["time"], data["event"].astype(int)
    fit = estimate_cox(time, event=event, covariates=x, stratum=stratum, ties=ties)
    slopes = compare_hazards_over_time(fit)
    key = f"{name}_{ties.value}"
    # R repeats the test of all for a single covariate
    statistics = [test.statistic for test in slopes.by_covariate] + [slopes.overall.statistic]

    assert fit.converged
    assert same(fit.coefficients, f"{key}/coefficients")
    assert same(fit.covariance, f"{key}/covariance")
    assert same([fit.log_likelihood_null, fit.log_likelihood], f"{key}/log_likelihood")
    assert same(fit.score_test.statistic, f"{key}/score")
    assert same(fit.wald_test.statistic, f"{key}/wald", rtol=1e-8)
    assert same(statistics, f"{key}/zph", rtol=1e-8)


def robust_same(fit: Cox, key: str) -> bool:
    return same(fit.covariance, f"{key}/covariance") and same(
        fit.robust_covariance, f"{key}/robust"
    )


@pytest.mark.parametrize("ties", [Ties.EFRON, Ties.BRESLOW])
def test_clustered_and_weighted_variances_are_those_of_coxph(ties: Ties) -> None:
    data = sim_trial()
    time, event = data["time"], data["event"].astype(int)
    x = np.stack([data["arm"], data["age"]], axis=1)
    site = estimate_cox(time, event=event, covariates=x, stratum=codes(data["stratum"]),
                        sampling=Sampling(cluster=data["site"]), ties=ties)  # fmt: skip
    weight = 0.5 + data["ecog"] / 2 + data["site"] / 10
    weighted = estimate_cox(time, event=event, covariates=x, ties=ties,
                            sampling=Sampling(weight=weight, cluster=data["id"]))  # fmt: skip

    assert robust_same(site, f"sim_trial/cox_site_{ties.value}")
    assert robust_same(weighted, f"sim_trial/cox_weights_{ties.value}")


def test_variance_of_lesions_clustered_in_patients_is_that_of_coxph() -> None:
    data = read(HERE / "sim_lesions.csv")
    fit = estimate_cox(data["time"], event=(data["status"] == 1).astype(int),
                       covariates=data["arm"], sampling=Sampling(cluster=data["id"]))  # fmt: skip

    assert robust_same(fit, "sim_lesions/cox_patient")


@pytest.mark.parametrize("arm", [0, 1])
def test_incidence_and_its_variance_are_those_of_cuminc(arm: int) -> None:
    trial, lesions = sim_trial(), read(HERE / "sim_lesions.csv")
    for name, time, status, at in (
        ("sim_trial", trial["pfs"], trial["cr_status"], [180, 365, 545]),
        ("sim_lesions", lesions["time"], lesions["status"], [365, 730]),
    ):
        own = (trial if name == "sim_trial" else lesions)["arm"] == arm
        for cause in (1, 2):
            kind = np.where(status == 0, 0, np.where(status == cause, 1, 2))
            curve = estimate_incidence(time[own], cause=kind[own])
            found = estimate_incidence_at(curve, at=at)

            assert same(found.incidence, f"{name}/cif/{arm}/{cause}/estimate")
            assert same(found.standard_error**2, f"{name}/cif/{arm}/{cause}/variance")
