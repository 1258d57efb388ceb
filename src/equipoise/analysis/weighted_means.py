"""Mean times where rows count by weights, as lesions by patient, and belong to clusters."""

import math
from dataclasses import replace

import numpy as np

from equipoise.analysis.comparison import with_log_ratio, with_wald
from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Sample
from equipoise.analysis.survival import with_estimates
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.hazards.cox_design import weigh_by_patient
from equipoise.numerics.survival.weighted_rmst import WeightedRmst, compare_weighted_rmst
from equipoise.protocol.methods.survival import RmstOptions


def compare_lesion_means(sample: Sample, *, options: RmstOptions, horizon: float) -> WeightedRmst:
    """The mean times of both arms, each patient's rows a cluster, by row or by patient."""
    by_patient = options.weights == "patient"
    return compare_weighted_rmst(
        sample.time,
        event=sample.event,
        group=sample.arm,
        weight=weigh_by_patient(sample.subject) if by_patient else np.ones(sample.time.size),
        horizon=horizon,
        cluster=sample.subject,
    )


def mean_of(found: WeightedRmst, *, arm: int, level: float) -> Estimate:
    """The mean time of an arm (0 the reference) with its interval."""
    half = normal_quantile(level) * found.standard_error[arm]
    value = found.value[arm]
    return build_estimate(
        value,
        lower=value - half,
        upper=value + half,
        standard_error=found.standard_error[arm],
        level=level,
    )


def with_weighted_means(
    part: Result, *, found: WeightedRmst, contrast: str, level: float
) -> Result:
    """The part with each arm's mean time, and their difference or ratio."""
    means = [{"rmst": mean_of(found, arm=place, level=level)} for place in (0, 1)]
    arms = tuple(
        with_estimates(arm, estimates=own) for arm, own in zip(part.arms, means, strict=True)
    )
    told = replace(part, arms=arms)
    if contrast == "ratio":
        log_value, error = log_ratio_of(found)
        return with_log_ratio(told, log_value=log_value, standard_error=error, level=level)
    value, error = found.difference, found.difference_error
    return with_wald(told, value=value, standard_error=error, level=level)


def log_ratio_of(found: WeightedRmst) -> tuple[float, float]:
    """The logarithm of the ratio of the means with its standard error; the arms share no patient.

    NaN where a mean is 0 or unknown.
    """
    first, second = found.value
    if not (first > 0 and second > 0):
        return math.nan, math.nan
    one, other = found.standard_error
    return math.log(second / first), math.hypot(one / first, other / second)
