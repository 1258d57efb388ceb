"""Levels and coverages of lesions, whose patients are the unit of chance."""

from functools import partial

import numpy as np

from equipoise.numerics.competing.cluster_bootstrap import (
    ClusterBootstrap,
    Patients,
    Resampling,
    compare_clustered_incidence,
)
from equipoise.numerics.competing.clustered_tests import Hazard, compare_clustered
from equipoise.numerics.competing.fine_gray import (
    estimate_fine_gray,
    estimate_subdistribution_ratio,
)
from equipoise.numerics.competing.incidences import estimate_incidences, estimate_incidences_at
from equipoise.numerics.hazards.cox import estimate_cox, estimate_hazard_ratio
from equipoise.numerics.hazards.cox_design import Sampling, weigh_by_patient
from equipoise.numerics.hazards.frailty import Frailty, estimate_frailty
from equipoise.numerics.hazards.frailty_sums import FrailtyLaw
from long.level_checks import Check, Limits, around, coverage, excludes, level, once
from long.level_data import lesion_incidence, lesions
from long.level_trials import AT, SEED, Trial, Truth


def _clustered(trial: Trial, *, hazard: Hazard, told_by_size: bool) -> float:
    own = lesions(trial, told_by_size=told_by_size)
    weight = weigh_by_patient(own.patient) if told_by_size else None
    return compare_clustered(
        own.time,
        cause=own.cause,
        group=own.arm,
        sampling=Sampling(cluster=own.patient, weight=weight),
        hazard=hazard,
    ).test.p_value


def _clustered_cox(trial: Trial) -> float:
    own = lesions(trial, told_by_size=True)
    fit = estimate_cox(
        own.time,
        event=(own.cause == 1).astype(np.int64),
        covariates=own.arm,
        sampling=Sampling(cluster=own.patient, weight=weigh_by_patient(own.patient)),
    )
    return estimate_hazard_ratio(fit).p_value


def _clustered_fine_gray(trial: Trial) -> float:
    own = lesions(trial, told_by_size=False)
    fit = estimate_fine_gray(
        own.time, cause=own.cause, covariates=own.arm, sampling=Sampling(cluster=own.patient)
    )
    return estimate_subdistribution_ratio(fit).p_value


@once
def _frailty(trial: Trial, law: FrailtyLaw) -> Frailty:
    own = lesions(trial, told_by_size=False)
    return estimate_frailty(
        own.time,
        event=(own.cause == 1).astype(np.int64),
        covariates=own.arm,
        sampling=Sampling(cluster=own.patient),
        law=law,
    )


def _frailty_limits(trial: Trial) -> tuple[float, float]:
    fit = _frailty(trial, FrailtyLaw.GAMMA)
    return around(float(fit.coefficients[0]), float(np.sqrt(fit.covariance[0, 0])))


def _lesion_limits(trial: Trial, *, by_patient: bool) -> Limits:
    """Incidence of a lesion at `AT` in arm 1, clustered in patients, weighed or not."""
    own = lesions(trial, told_by_size=True)
    rows = own.arm == 1
    weight = weigh_by_patient(own.patient[rows]) if by_patient else None
    curve = estimate_incidences(
        own.time[rows],
        cause=own.cause[rows],
        sampling=Sampling(cluster=own.patient[rows], weight=weight),
    )
    found = estimate_incidences_at(curve, at=[AT])
    return float(found.lower[0, 0]), float(found.upper[0, 0])


@once
def _bootstrap(trial: Trial) -> ClusterBootstrap:
    own = lesions(trial, told_by_size=True)
    return compare_clustered_incidence(
        own.time,
        cause=own.cause,
        patients=Patients(label=own.patient, group=own.arm, weight=weigh_by_patient(own.patient)),
        at=AT,
        resampling=Resampling(seed=SEED + trial.replicate, replicates=400),
    )


def _bootstrap_limits(trial: Trial) -> Limits:
    found = _bootstrap(trial)
    return found.difference_lower, found.difference_upper


def _lesion_difference(truth: Truth) -> float:
    return lesion_incidence(truth, 1, True) - lesion_incidence(truth, 0, True)


CHECKS: tuple[Check, ...] = (
    *(
        level(
            f"{hazard.value} hazard, {'1 to 3' if not told else '1 or 3'} lesions a patient"
            f"{', by frailty, weighed by patient' if told else ''}",
            partial(_clustered, hazard=hazard, told_by_size=told),
        )
        for hazard in Hazard
        for told in (False, True)
    ),
    level("Cox, robust by patient, weighed by patient", _clustered_cox),
    level("Fine-Gray, robust by patient", _clustered_fine_gray),
    level("shared gamma frailty, Wald", lambda t: excludes(_frailty_limits(t), 0.0)),
    level("incidence, patients permuted", lambda t: _bootstrap(t).p_value),
    coverage(
        "hazard ratio given the patient, shared gamma frailty",
        _frailty_limits,
        lambda truth: float(np.log(truth.ratio)),
    ),
    coverage(
        "incidence of a typical patient's lesion",
        partial(_lesion_limits, by_patient=True),
        lambda truth: lesion_incidence(truth, 1, True),
    ),
    coverage(
        "incidence of a typical lesion",
        partial(_lesion_limits, by_patient=False),
        lambda truth: lesion_incidence(truth, 1, False),
    ),
    coverage(
        "incidence difference, patients resampled",
        _bootstrap_limits,
        _lesion_difference,
    ),
)
