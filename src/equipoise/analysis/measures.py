"""The measure that a sensitivity analysis looks at, on the scale on which it is normal."""

import math
from dataclasses import dataclass

import numpy as np

from equipoise.analysis.result import Estimate, build_estimate
from equipoise.analysis.sample import Sample
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from equipoise.numerics.survival.rmst import estimate_rmst
from equipoise.protocol.methods.sensitivity import Measure

NAMES: dict[Measure, str] = {
    "cox": "hazard_ratio",
    "milestone": "survival_difference",
    "rmst": "rmst_difference",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A comparison, other arm against reference: log hazard ratio or difference; NaN if untold."""

    value: float
    variance: float

    @property
    def told(self) -> bool:
        """Whether both numbers are known."""
        return math.isfinite(self.value) and math.isfinite(self.variance) and self.variance > 0


UNTOLD = Measured(value=math.nan, variance=math.nan)


def measure(sample: Sample, *, compared: Measure, at: float) -> Measured:
    """The measure of two arms with its variance, without strata."""
    if np.unique(sample.arm).size < 2:
        return UNTOLD
    if compared == "cox":
        return _log_hazard_ratio(sample)
    first, second = (_of_arm(sample, arm, compared, at) for arm in (0, 1))
    return Measured(value=second.value - first.value, variance=first.variance + second.variance)


def _log_hazard_ratio(sample: Sample) -> Measured:
    fit = estimate_cox(sample.time, event=sample.event, covariates=sample.arm.astype(np.float64))
    if not fit.converged:
        return UNTOLD
    return Measured(value=float(fit.coefficients[0]), variance=float(fit.covariance[0, 0]))


def _of_arm(sample: Sample, arm: int, compared: Measure, at: float) -> Measured:
    own = sample.arm == arm
    curve = estimate_kaplan_meier(sample.time[own], event=sample.event[own])
    if compared == "milestone":
        point = estimate_survival_at(curve, at=[at])
        error = float(point.standard_error[0])
        value = float(point.survival[0])
        # survival 0: Greenwood's sum is infinite, its variance 0
        return Measured(value=value, variance=0.0 if value == 0 else error**2)
    mean = estimate_rmst(curve, horizon=at)
    return Measured(value=mean.value, variance=mean.standard_error**2)


def as_estimate(found: Measured, *, compared: Measure, level: float) -> Estimate:
    """The estimate with its normal interval; a ratio back from its logarithm."""
    error = math.sqrt(found.variance) if found.told else math.nan
    width = normal_quantile(level) * error
    ends = (found.value, found.value - width, found.value + width)
    if compared == "cox":
        with np.errstate(over="ignore"):
            value, lower, upper = (float(np.exp(end)) for end in ends)
        return build_estimate(value, lower=lower, upper=upper, level=level)
    return build_estimate(ends[0], lower=ends[1], upper=ends[2], standard_error=error, level=level)
