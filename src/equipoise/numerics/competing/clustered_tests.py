"""Tests of groups whose rows (lesions) are clustered in patients, by score and robust variance."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes
from equipoise.numerics.chi_square import ChiSquare, quadratic_test
from equipoise.numerics.competing.fine_gray_design import Censoring, build_fine_gray_design
from equipoise.numerics.competing.fine_gray_influence import sum_influence_squares
from equipoise.numerics.competing.fine_gray_sums import risk_moments, sum_fine_gray
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.row_order import number_clusters

_ROUNDING = 1e-10  # of information an event: less is none


class Hazard(Enum):
    """Which hazard of cause 1 is compared: among those free of all causes (log-rank), or the
    subdistribution's, where who had another cause stays at risk (as Gray's test)."""

    CAUSE = "cause-specific"
    SUBDISTRIBUTION = "subdistribution"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredTest:
    """Excess of events of cause 1 in each group, its robust covariance, and the test.

    `score` has shape (k,), `variance` (k, k), each with sums of 0; `clusters` counts patients.
    `z` is for two groups: above 0 when group 1 has more events than expected; NaN for others.
    """

    clusters: int
    score: NDArray[np.float64]
    variance: NDArray[np.float64]
    z: float
    test: ChiSquare


def compare_clustered(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    group: ArrayLike,
    sampling: Sampling,
    stratum: ArrayLike | None = None,
    hazard: Hazard = Hazard.CAUSE,
) -> ClusteredTest:
    """Whether the hazard of cause 1 differs between groups, rows clustered in patients.

    `cause` is 0 censored, 1 the event, 2 or more competing; `group` holds codes from 0. The score
    is the log-rank's (observed less expected), or that of the Fine-Gray model without effect; its
    variance sums each patient's influence, so it needs many patients, not many lesions. Weighted
    rows give a weighted score. NaN on 0 degrees of freedom without two groups at risk at an
    event. Source: Lee, Wei, Amato (1992), Jeong, Jung (2006); Zhou et al. (2012), subdistribution.
    """
    if sampling.entry is not None and hazard is Hazard.SUBDISTRIBUTION:
        raise ValueError("with late entry only Hazard.CAUSE is tested")
    codes = check_codes(group, name="group", n=np.size(time))
    causes = check_codes(cause, name="cause", n=codes.size)
    if hazard is Hazard.CAUSE:
        causes = (causes == 1).astype(np.int64)
    patient = number_clusters(sampling.cluster, n=codes.size)
    count = max(int(codes.max(initial=0)) + 1, 2)
    design = build_fine_gray_design(
        time,
        cause=causes,
        covariates=codes[:, None] == np.arange(count),
        stratum=stratum,
        sampling=sampling,
        censoring=Censoring(),
    )
    sums = sum_fine_gray(design, beta=np.zeros(count))
    variance = sum_influence_squares(
        design,
        at=risk_moments(design, beta=np.zeros(count)),
        turn=np.diag(design.scale),
        cluster=patient,
        counted=hazard is Hazard.SUBDISTRIBUTION,
    )
    score = sums.score * design.scale
    events = float(np.sum(design.weight * (design.cause == 1)))
    told = np.trace(sums.information) > _ROUNDING * events
    test = quadratic_test(score, variance=variance if told else np.zeros_like(variance))
    two = count == 2 and test.degrees_of_freedom == 1
    return ClusteredTest(
        clusters=int(patient.max()) + 1 if patient.size else codes.size,
        score=score,
        variance=variance,
        z=float(score[1] / math.sqrt(variance[1, 1])) if two else math.nan,
        test=test,
    )
