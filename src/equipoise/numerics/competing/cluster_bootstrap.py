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
from equipoise.numerics.streams import philox4x32

_BOOTSTRAP = np.uint64(0xB0075)  # purposes of their own within the streams of a seed
_PERMUTATION = np.uint64(0x9E97)
_LOW_32 = np.uint64(0xFFFFFFFF)
_SHIFT_32, _SHIFT_20, _SHIFT_12 = np.uint64(32), np.uint64(20), np.uint64(12)
_STEP = 2.0**-52


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
    """Rows up to the time, in its order, with their patient's position; and each patient.

    `begin` tells where each block of rows starts that are alike at risk: those of an event with
    those censored until the next one. `weight` has a row's weight, that if its cause is 1, and
    that if it is 1 or 2, shape (3, rows); `held` the weight of all rows of a patient.
    """

    begin: NDArray[np.int64]
    patient: NDArray[np.int64]
    weight: NDArray[np.float64]
    held: NDArray[np.float64]
    group: NDArray[np.int64]
    stratum: NDArray[np.int64]


@njit(cache=True)
def _incidences(
    begin: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    inside: NDArray[np.float64],
) -> tuple[float, float]:
    """Weighted Aalen-Johansen incidence of both groups after the last of the rows.

    `inside` tells how often a patient is in each group, shape (2, patients). No branch follows
    what is drawn, so that it is not mispredicted.
    """
    at_risk_0, at_risk_1 = 0.0, 0.0
    for i in range(held.size):
        at_risk_0 += inside[0, i] * held[i]
        at_risk_1 += inside[1, i] * held[i]
    survival_0, survival_1, incidence_0, incidence_1 = 1.0, 1.0, 0.0, 0.0
    for block in range(begin.size - 1):
        gone_0, gone_1, first_0, first_1, failed_0, failed_1 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for row in range(begin[block], begin[block + 1]):
            in_0, in_1 = inside[0, patient[row]], inside[1, patient[row]]
            gone_0 += in_0 * weight[0, row]
            gone_1 += in_1 * weight[0, row]
            first_0 += in_0 * weight[1, row]
            first_1 += in_1 * weight[1, row]
            failed_0 += in_0 * weight[2, row]
            failed_1 += in_1 * weight[2, row]
        if at_risk_0 > 0.0:
            incidence_0 += survival_0 * first_0 / at_risk_0
            # the last of a group leave nobody, whatever rounding says
            survival_0 *= max(1.0 - failed_0 / at_risk_0, 0.0)
            at_risk_0 -= gone_0
        if at_risk_1 > 0.0:
            incidence_1 += survival_1 * first_1 / at_risk_1
            survival_1 *= max(1.0 - failed_1 / at_risk_1, 0.0)
            at_risk_1 -= gone_1
    return incidence_0, incidence_1


@njit(cache=True)
def _draw_kernel(
    seed: np.uint64, replicate: np.uint64, purpose: np.uint64, out: NDArray[np.float64]
) -> None:
    """The first uniform number of every patient of a replicate, as `uniform_at` names it."""
    for i in range(out.size):
        first, second, _, _ = philox4x32(
            np.uint64(0), np.uint64(i), replicate, purpose, seed & _LOW_32, seed >> _SHIFT_32
        )
        out[i] = (float((first << _SHIFT_20) | (second >> _SHIFT_12)) + 0.5) * _STEP


@njit(cache=True)
def _bootstrap_kernel(
    begin: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    group: NDArray[np.int64],
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """Patients stand sorted by group: a draw falls into the patient's own group."""
    patients = group.size
    second = patients - group.sum()  # the first of group 1
    inside, uniform = np.zeros((2, patients)), np.empty(patients)
    for replicate in range(out.shape[0]):
        _draw_kernel(seed, np.uint64(replicate), _BOOTSTRAP, uniform)
        inside[:] = 0.0
        for i in range(second):
            inside[0, int(uniform[i] * second)] += 1.0
        for i in range(second, patients):
            inside[1, second + int(uniform[i] * (patients - second))] += 1.0
        out[replicate, 0], out[replicate, 1] = _incidences(begin, patient, weight, held, inside)


@njit(cache=True)
def _permutation_kernel(
    begin: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    group: NDArray[np.int64],
    stratum_start: NDArray[np.int64],
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """Patients stand sorted by stratum: labels are shuffled between its start and the next."""
    inside, uniform = np.empty((2, group.size)), np.empty(group.size)
    shuffled = inside[1]
    for replicate in range(out.size):
        _draw_kernel(seed, np.uint64(replicate), _PERMUTATION, uniform)
        shuffled[:] = group
        for s in range(stratum_start.size - 1):
            low = stratum_start[s]
            for i in range(stratum_start[s + 1] - 1, low, -1):  # Fisher, Yates
                j = low + int(uniform[i] * (i - low + 1))
                shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
        for i in range(group.size):
            inside[0, i] = 1.0 - shuffled[i]
        first, second = _incidences(begin, patient, weight, held, inside)
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
        begin=clusters.begin,
        patient=place[clusters.patient],
        weight=clusters.weight,
        held=clusters.held[order],
        group=clusters.group[order],
        stratum=clusters.stratum[order],
    )


def _bootstrap(clusters: _Clusters, resampling: Resampling) -> NDArray[np.float64]:
    """Incidence in both groups, shape (replicates, 2), patients resampled within their group."""
    out = np.empty((resampling.replicates, 2))
    by_group = _sorted_by(clusters, clusters.group)
    _bootstrap_kernel(
        by_group.begin,
        by_group.patient,
        by_group.weight,
        by_group.held,
        by_group.group,
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
        by_stratum.begin,
        by_stratum.patient,
        by_stratum.weight,
        by_stratum.held,
        by_stratum.group,
        np.r_[starts, by_stratum.group.size],
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
    group = _one_value_each(codes[0], patient, "group")
    if group.min() == group.max():
        raise ValueError("group must hold both 0 and 1")
    weight = check_weights(patients.weight, n=times.size)
    ranked = rank_times(times)
    order = np.argsort(ranked.rank, kind="stable")
    last = int(np.searchsorted(ranked.distinct, at, side="right"))
    order = order[ranked.rank[order] < last]
    own, cause = weight[order], causes[order]
    return _Clusters(
        begin=_begin_blocks(ranked.rank[order], cause),
        patient=patient[order],
        weight=np.stack([own, own * (cause == 1), own * (cause > 0)]),
        held=np.bincount(patient, weights=weight, minlength=group.size).astype(np.float64),
        group=group,
        stratum=_one_value_each(codes[1], patient, "stratum"),
    )


def _begin_blocks(rank: NDArray[np.int64], cause: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a time with an event begins among rows in order of time, the start and the end."""
    with_event = np.unique(rank[cause > 0])
    return np.unique(np.r_[0, np.searchsorted(rank, with_event), rank.size])


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
