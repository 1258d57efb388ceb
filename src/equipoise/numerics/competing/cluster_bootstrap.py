"""Incidence by lesion with patients as the unit of chance: bootstrap and permutation."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_labels, check_times, check_weights
from equipoise.numerics.competing.incidences import estimate_incidences, estimate_incidences_at
from equipoise.numerics.event_counts import rank_times
from equipoise.numerics.hazards.cox import Sampling
from equipoise.numerics.streams import uniform_at

_BOOTSTRAP = np.uint64(0xB0075)  # purposes of their own within the streams of a seed
_PERMUTATION = np.uint64(0x9E97)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """The patient of each row: a label, the group (0 or 1) and the stratum, all shape (n,).

    `weight` weighs the rows: `weigh_by_patient` where the number of lesions tells of the outcome.
    """

    label: ArrayLike
    group: ArrayLike
    stratum: ArrayLike | None = None
    weight: ArrayLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How often to resample, and from which seed (below 2**64)."""

    seed: int
    replicates: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBootstrap:
    """Incidence in both groups at a time and the difference (group 1 less 0), by resampling.

    Intervals are percentiles of `replicates` resamples of patients within groups. A replicate in
    which a group has no estimate at the time (all followed less long) counts as carried forward.
    `p_value` comes from permuting the groups of patients within strata.
    """

    at: float
    incidence: tuple[float, float]
    lower: tuple[float, float]
    upper: tuple[float, float]
    difference: float
    standard_error: float
    difference_lower: float
    difference_upper: float
    p_value: float
    replicates: int
    patients: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clusters:
    """Rows in order of time with their patient's position; group and stratum of each patient."""

    rank: NDArray[np.int64]
    cause: NDArray[np.int64]
    patient: NDArray[np.int64]
    weight: NDArray[np.float64]
    group: NDArray[np.int64]
    stratum: NDArray[np.int64]
    last: int


@njit(cache=True)
def _incidences(
    rank: NDArray[np.int64],
    cause: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    often: NDArray[np.int64],
    last: int,
) -> tuple[float, float]:
    """Weighted Aalen-Johansen incidence of both groups after the time ranked `last`."""
    at_risk = np.zeros(2)
    for row in range(rank.size):
        at_risk[group[patient[row]]] += often[patient[row]] * weight[row]
    survival, incidence = np.ones(2), np.zeros(2)
    gone, one, two = np.zeros(2), np.zeros(2), np.zeros(2)
    row = 0
    while row < rank.size and rank[row] <= last:
        now = rank[row]
        gone[:], one[:], two[:] = 0.0, 0.0, 0.0
        while row < rank.size and rank[row] == now:
            g, w = group[patient[row]], often[patient[row]] * weight[row]
            gone[g] += w
            if cause[row] == 1:
                one[g] += w
            elif cause[row] == 2:
                two[g] += w
            row += 1
        for g in range(2):
            if gone[g] > 0.0:
                incidence[g] += survival[g] * one[g] / at_risk[g]
                # the last of a group leave nobody, whatever rounding says
                survival[g] *= max(1.0 - (one[g] + two[g]) / at_risk[g], 0.0)
                at_risk[g] -= gone[g]
    return incidence[0], incidence[1]


@njit(cache=True)
def _bootstrap_kernel(
    rank: NDArray[np.int64],
    cause: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    last: int,
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """Patients stand sorted by group: a draw falls into the patient's own group."""
    patients = group.size
    first_of_second = patients - group.sum()
    often = np.zeros(patients, dtype=np.int64)
    for replicate in range(out.shape[0]):
        often[:] = 0
        for i in range(patients):
            low = 0 if i < first_of_second else first_of_second
            size = first_of_second if i < first_of_second else patients - first_of_second
            u = uniform_at(seed, np.uint64(replicate), np.uint64(i), _BOOTSTRAP, np.uint64(0))
            often[low + int(u * size)] += 1
        out[replicate, 0], out[replicate, 1] = _incidences(
            rank, cause, patient, weight, group, often, last
        )


@njit(cache=True)
def _permutation_kernel(
    rank: NDArray[np.int64],
    cause: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    stratum_start: NDArray[np.int64],
    last: int,
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """Patients stand sorted by stratum: labels are shuffled between its start and the next."""
    often = np.ones(group.size, dtype=np.int64)
    shuffled = group.copy()
    for replicate in range(out.size):
        shuffled[:] = group
        for s in range(stratum_start.size - 1):
            low = stratum_start[s]
            for i in range(stratum_start[s + 1] - 1, low, -1):  # Fisher, Yates
                u = uniform_at(seed, np.uint64(replicate), np.uint64(i), _PERMUTATION, np.uint64(0))
                j = low + int(u * (i - low + 1))
                shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
        first, second = _incidences(rank, cause, patient, weight, shuffled, often, last)
        out[replicate] = second - first


def _one_value_each(
    values: NDArray[np.int64], code: NDArray[np.int64], name: str
) -> NDArray[np.int64]:
    """The value of each patient; ValueError where rows of one patient differ."""
    by_patient = np.empty(int(code.max()) + 1, dtype=np.int64)
    by_patient[code] = values
    differing = by_patient[code] != values
    if differing.any():
        raise ValueError(f"{name} differs between rows of one cluster (row {differing.argmax()})")
    return by_patient


def _sorted_by(clusters: _Clusters, key: NDArray[np.int64]) -> _Clusters:
    """The same rows, their patients numbered anew in order of the key."""
    order = np.argsort(key, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return _Clusters(
        rank=clusters.rank,
        cause=clusters.cause,
        patient=place[clusters.patient],
        weight=clusters.weight,
        group=clusters.group[order],
        stratum=clusters.stratum[order],
        last=clusters.last,
    )


def _bootstrap(clusters: _Clusters, resampling: Resampling) -> NDArray[np.float64]:
    """Incidence in both groups, shape (replicates, 2), patients resampled within their group."""
    out = np.empty((resampling.replicates, 2))
    by_group = _sorted_by(clusters, clusters.group)
    _bootstrap_kernel(
        by_group.rank,
        by_group.cause,
        by_group.patient,
        by_group.weight,
        by_group.group,
        by_group.last,
        np.uint64(resampling.seed),
        out,
    )
    return out


def _permutations(clusters: _Clusters, resampling: Resampling) -> NDArray[np.float64]:
    """Differences in incidence, groups of patients shuffled within strata."""
    out = np.empty(resampling.replicates)
    by_stratum = _sorted_by(clusters, clusters.stratum)
    starts = np.flatnonzero(np.r_[True, np.diff(by_stratum.stratum) > 0])
    _permutation_kernel(
        by_stratum.rank,
        by_stratum.cause,
        by_stratum.patient,
        by_stratum.weight,
        by_stratum.group,
        np.r_[starts, by_stratum.group.size],
        by_stratum.last,
        np.uint64(resampling.seed),
        out,
    )
    return out


def _gather(
    times: NDArray[np.float64],
    causes: NDArray[np.int64],
    codes: tuple[NDArray[np.int64], NDArray[np.int64]],
    patients: Patients,
    at: float,
) -> _Clusters:
    patient = check_labels(patients.label, name="cluster", n=times.size)
    ranked = rank_times(times)
    order = np.argsort(ranked.rank, kind="stable")
    group = _one_value_each(codes[0], patient, "group")
    if group.min() == group.max():
        raise ValueError("group must hold both 0 and 1")
    return _Clusters(
        rank=ranked.rank[order],
        cause=causes[order],
        patient=patient[order],
        weight=check_weights(patients.weight, n=times.size)[order],
        group=group,
        stratum=_one_value_each(codes[1], patient, "stratum"),
        last=int(np.searchsorted(ranked.distinct, at, side="right")) - 1,
    )


def _incidence_at(
    time: NDArray[np.float64], cause: NDArray[np.int64], weight: NDArray[np.float64], at: float
) -> float:
    rows = Sampling(weight=weight)
    curves = estimate_incidences(time, cause=cause, causes=2, sampling=rows)
    return float(estimate_incidences_at(curves, at=at).incidence[0, 0])


def compare_clustered_incidence(
    time: ArrayLike,
    *,
    cause: ArrayLike,
    patients: Patients,
    at: float,
    resampling: Resampling,
    level: float = 0.95,
) -> ClusterBootstrap:
    """Cumulative incidence at a time in groups 0 and 1, rows (lesions) clustered in patients.

    All rows of a patient share group and stratum, both groups are present (else ValueError).
    Patients are numbered by their sorted labels: the result depends on the data and the seed
    alone, not on the order of rows. p is (1 + permutations at least as far from 0) / (1 +
    replicates). All is NaN where the follow-up of a group ends before the time.
    Source: Field, Welsh (2007), cluster bootstrap; Phipson, Smyth (2010), permutation p.
    """
    times = check_times(time)
    causes = check_codes(cause, name="cause", n=times.size, upper=2)
    groups = check_codes(patients.group, name="group", n=times.size, upper=1)
    strata = check_codes(patients.stratum, name="stratum", n=times.size)
    if resampling.replicates < 1 or not 0 <= resampling.seed < 2**64:
        raise ValueError("replicates must be 1 or more and seed from 0 to 2**64 - 1")
    clusters = _gather(times, causes, (groups, strata), patients, at)
    weight = check_weights(patients.weight, n=times.size)
    observed = np.array(
        [
            _incidence_at(times[own], causes[own], weight[own], at)
            for own in (groups == 0, groups == 1)
        ]
    )
    resampled = _bootstrap(clusters, resampling)
    if not np.isfinite(observed).all():
        resampled = np.full_like(resampled, np.nan)
    shuffled = _permutations(clusters, resampling)
    return _summarise(observed, resampled, shuffled, at=at, level=level, clusters=clusters)


def _summarise(
    observed: NDArray[np.float64],
    resampled: NDArray[np.float64],
    shuffled: NDArray[np.float64],
    *,
    at: float,
    level: float,
    clusters: _Clusters,
) -> ClusterBootstrap:
    difference = float(observed[1] - observed[0])
    differences = resampled[:, 1] - resampled[:, 0]
    tails = ((1 - level) / 2, (1 + level) / 2)
    lower, upper = np.quantile(resampled, tails, axis=0)
    difference_lower, difference_upper = np.quantile(differences, tails)
    # a shuffle that repeats the observed allocation must count in spite of rounding
    as_far = int((np.abs(shuffled) >= abs(difference) - 1e-12).sum())
    treated = int(clusters.group.sum())
    return ClusterBootstrap(
        at=at,
        incidence=(float(observed[0]), float(observed[1])),
        lower=(float(lower[0]), float(lower[1])),
        upper=(float(upper[0]), float(upper[1])),
        difference=difference,
        standard_error=float(differences.std(ddof=1)) if differences.size > 1 else math.nan,
        difference_lower=float(difference_lower),
        difference_upper=float(difference_upper),
        p_value=(1 + as_far) / (1 + shuffled.size) if math.isfinite(difference) else math.nan,
        replicates=shuffled.size,
        patients=(clusters.group.size - treated, treated),
    )
