"""Limits that hold for the whole curve of an incidence, patients as clusters."""

from dataclasses import replace

import numpy as np

from equipoise.analysis.result import Curve
from equipoise.analysis.sample import Sample, select_arms
from equipoise.analysis.survival import start_at_zero
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidence_band import (
    estimate_incidence_band,
    estimate_incidence_variance,
)
from equipoise.numerics.competing.incidences import Incidences, estimate_incidences
from equipoise.numerics.hazards.cox_design import Sampling

EQUAL_PRECISION = "equal precision"


def draw_whole_band(curve: Curve, *, sample: Sample, seed: int, level: float) -> Curve:
    """The curve of an arm with a band of equal precision; without limits where none can be.

    A band needs two times with an event. Source: Lin (1997); Spiekerman, Lin (1998).
    """
    own = select_arms(sample, arms=(curve.arm,))
    sampling = Sampling(cluster=own.subject)
    found = estimate_incidences(own.time, cause=own.cause, sampling=sampling, causes=2)
    none = np.full(found.time.size, np.nan)
    limits = (none, none)
    if _tells(found):
        resampling = Resampling(seed=seed)
        band = estimate_incidence_band(found, resampling=resampling, level=level)
        limits = (band.lower, band.upper)
    lower, upper = (start_at_zero(found.time, values=each, at_zero=np.nan) for each in limits)
    return replace(curve, lower=lower, upper=upper, band=EQUAL_PRECISION)


def _tells(curves: Incidences) -> bool:
    varies = estimate_incidence_variance(curves) > 0
    told = (curves.events[0] > 0) & varies & (curves.incidence[0] < 1)
    return int(told.sum()) >= 2
