"""Incidence by lesion with patients as the unit of chance: bootstrap and permutation."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_labels, check_times, check_weights
from equipoise.numerics.event_counts import RankedTimes, rank_times
from equipoise.numerics.streams import philox4x32

_BOOTSTRAP = np.uint64(0xB0075)  # purposes of their own within the streams of a seed
_PERMUTATION = np.uint64(0x9E97)
_LOW_32 = np.uint64(0xFFFFFFFF)
_SHIFT_32, _SHIFT_20, _SHIFT_12 = np.uint64(32), np.uint64(20), np.uint64(12)
_STEP = 2.0**-52
_BATCH = 32  # resamples that are worked out at once


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

    `rank` is that of a row's time, `has_event` whether it ends with one of either cause. `weight`
    has a row's weight, that if its cause is 1, and that if it is 1 or 2, shape (3, rows); `held`
    the weight of all rows of a patient.
    """

    rank: NDArray[np.int64]
    has_event: NDArray[np.bool_]
    patient: NDArray[np.int64]
    weight: NDArray[np.float64]
    held: NDArray[np.float64]
    group: NDArray[np.int64]
    stratum: NDArray[np.int64]

    @property
    def begin(self) -> NDArray[np.int64]:
        """Where each block of rows starts that are alike at risk, and the end.

        They are those of an event with those censored until the next one.
        """
        with_event = np.unique(self.rank[self.has_event])
        starts = np.searchsorted(self.rank, with_event)
        return np.unique(np.concatenate(([0], starts, [self.rank.size])))


# a division can be branchless and done for several resamples at once: numpy's error model
@njit(cache=True, error_model="numpy")
def _incidence_kernel(
    begin: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    inside: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Weighted Aalen-Johansen incidence after the last of the rows, in every resample of a batch.

    `inside` tells how often a patient is in a resample, shape (patients, `_BATCH`). No branch
    follows what is drawn, so that it is not mispredicted.
    """
    at_risk, survival = np.zeros(_BATCH), np.ones(_BATCH)
    gone, first, failed = np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH)
    out[:] = 0.0
    for i in range(held.size):
        for k in range(_BATCH):
            at_risk[k] += inside[i, k] * held[i]
    for block in range(begin.size - 1):
        gone[:], first[:], failed[:] = 0.0, 0.0, 0.0
        for row in range(begin[block], begin[block + 1]):
            who = patient[row]
            for k in range(_BATCH):
                gone[k] += inside[who, k] * weight[0, row]
                first[k] += inside[who, k] * weight[1, row]
                failed[k] += inside[who, k] * weight[2, row]
        for k in range(_BATCH):
            share = 1.0 / at_risk[k] if at_risk[k] > 0.0 else 0.0
            out[k] += survival[k] * (first[k] * share)
            # the last of a group leave nobody, whatever rounding says
            survival[k] *= max(1.0 - failed[k] * share, 0.0)
            at_risk[k] -= gone[k]


@njit(cache=True)
def _draw_kernel(
    seed: np.uint64, start: int, purpose: np.uint64, first: int, out: NDArray[np.float64]
) -> None:
    """The first uniform number of patients `first` and on in each replicate of a batch.

    They are those that `uniform_at` names; `out` has shape (patients, `_BATCH`).
    """
    for i in range(out.shape[0]):
        for k in range(_BATCH):
            one, two, _, _ = philox4x32(
                np.uint64(0),
                np.uint64(first + i),
                np.uint64(start + k),
                purpose,
                seed & _LOW_32,
                seed >> _SHIFT_32,
            )
            out[i, k] = (float((one << _SHIFT_20) | (two >> _SHIFT_12)) + 0.5) * _STEP


@njit(cache=True)
def _bootstrap_kernel(
    begin: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    first: int,
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """The patients of one group drawn from themselves; `first` is the number of the first."""
    size, found = held.size, np.empty(_BATCH)
    inside, uniform = np.empty((size, _BATCH)), np.empty((size, _BATCH))
    for start in range(0, out.size, _BATCH):
        _draw_kernel(seed, start, _BOOTSTRAP, first, uniform)
        inside[:] = 0.0
        for i in range(size):
            for k in range(_BATCH):
                inside[int(uniform[i, k] * size), k] += 1.0
        _incidence_kernel(begin, patient, weight, held, inside, found)
        batch = min(_BATCH, out.size - start)
        out[start : start + batch] = found[:batch]


@njit(cache=True)
def _permutation_kernel(
    begin: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    group: NDArray[np.float64],
    stratum_start: NDArray[np.int64],
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """Patients stand sorted by stratum: labels are shuffled between its start and the next."""
    size, found = group.size, np.empty((2, _BATCH))
    inside, uniform = np.empty((size, _BATCH)), np.empty((size, _BATCH))
    for start in range(0, out.size, _BATCH):
        _draw_kernel(seed, start, _PERMUTATION, 0, uniform)
        for i in range(size):
            inside[i] = group[i]
        for s in range(stratum_start.size - 1):
            low = stratum_start[s]
            for i in range(stratum_start[s + 1] - 1, low, -1):  # Fisher, Yates
                for k in range(_BATCH):
                    j = low + int(uniform[i, k] * (i - low + 1))
                    inside[i, k], inside[j, k] = inside[j, k], inside[i, k]
        _incidence_kernel(begin, patient, weight, held, inside, found[1])
        inside[:] = 1.0 - inside
        _incidence_kernel(begin, patient, weight, held, inside, found[0])
        batch = min(_BATCH, out.size - start)
        out[start : start + batch] = (found[1] - found[0])[:batch]


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


def _select(clusters: _Clusters, patients: NDArray[np.int64]) -> _Clusters:
    """These patients and their rows, numbered in this order."""
    place = np.full(clusters.held.size, -1, dtype=np.int64)
    place[patients] = np.arange(patients.size)
    rows = place[clusters.patient] >= 0
    return _Clusters(
        rank=clusters.rank[rows],
        has_event=clusters.has_event[rows],
        patient=place[clusters.patient[rows]],
        weight=np.ascontiguousarray(clusters.weight[:, rows]),
        held=clusters.held[patients],
        group=clusters.group[patients],
        stratum=clusters.stratum[patients],
    )


def _bootstrap(clusters: _Clusters, resampling: Resampling) -> NDArray[np.float64]:
    """Incidence in both groups, shape (2, 1 + replicates): that observed, then the resamples.

    Patients are resampled within their group.
    """
    out, first = np.empty((2, 1 + resampling.replicates)), 0
    for group in (0, 1):
        own = _select(clusters, np.flatnonzero(clusters.group == group))
        rows = (own.begin, own.patient, own.weight, own.held)
        once, found = np.zeros((own.held.size, _BATCH)), np.empty(_BATCH)
        once[:, 0] = 1.0
        _incidence_kernel(*rows, once, found)
        out[group, 0] = found[0]
        _bootstrap_kernel(*rows, first, np.uint64(resampling.seed), out[group, 1:])
        first += own.held.size
    return out


def _permutations(clusters: _Clusters, resampling: Resampling) -> NDArray[np.float64]:
    """Differences in incidence, groups of patients shuffled within strata."""
    out = np.empty(resampling.replicates)
    own = _select(clusters, np.argsort(clusters.stratum, kind="stable"))
    starts = np.flatnonzero(np.diff(own.stratum, prepend=-1) > 0)
    _permutation_kernel(
        own.begin,
        own.patient,
        own.weight,
        own.held,
        own.group.astype(np.float64),
        np.append(starts, own.group.size),
        np.uint64(resampling.seed),
        out,
    )
    return out


def _gather(
    ranked: RankedTimes,
    causes: NDArray[np.int64],
    codes: tuple[NDArray[np.int64], NDArray[np.int64]],
    patients: Patients,
    at: float,
) -> _Clusters:
    patient = check_labels(patients.label, name="cluster", n=causes.size)
    group = _one_value_each(codes[0], patient, "group")
    if group.min() == group.max():
        raise ValueError("group must hold both 0 and 1")
    weight = check_weights(patients.weight, n=causes.size)
    order = np.argsort(ranked.rank, kind="stable")
    last = int(np.searchsorted(ranked.distinct, at, side="right"))
    order = order[ranked.rank[order] < last]
    own, cause = weight[order], causes[order]
    return _Clusters(
        rank=ranked.rank[order],
        has_event=cause > 0,
        patient=patient[order],
        weight=np.stack([own, own * (cause == 1), own * (cause > 0)]),
        held=np.bincount(patient, weights=weight, minlength=group.size).astype(np.float64),
        group=group,
        stratum=_one_value_each(codes[1], patient, "stratum"),
    )


def _is_followed(
    ranked: RankedTimes, causes: NDArray[np.int64], own: NDArray[np.bool_], at: float
) -> bool:
    """Whether the rows of a group are followed until the time, or nobody is left without event."""
    last = own & (ranked.rank == ranked.rank[own].max())
    return bool(at <= ranked.distinct[ranked.rank[own].max()] or (causes[last] > 0).all())


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
    ranked = rank_times(times)
    clusters = _gather(ranked, causes, (groups, strata), patients, at)
    resampled = _bootstrap(clusters, resampling)
    if not all(_is_followed(ranked, causes, groups == group, at) for group in (0, 1)):
        resampled = np.full_like(resampled, np.nan)
    shuffled = _permutations(clusters, resampling)
    return _summarise(resampled, shuffled, at=at, level=level, clusters=clusters)


def _summarise(
    resampled: NDArray[np.float64],
    shuffled: NDArray[np.float64],
    *,
    at: float,
    level: float,
    clusters: _Clusters,
) -> ClusterBootstrap:
    first, second = resampled
    three = np.stack([first, second, second - first])
    observed, drawn = three[:, 0], three[:, 1:]
    lower, upper = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2), axis=1)
    difference = float(observed[2])
    # a shuffle that repeats the observed allocation must count in spite of rounding
    as_far = int((np.abs(shuffled) >= abs(difference) - 1e-12).sum())
    treated = int(clusters.group.sum())
    return ClusterBootstrap(
        at=at,
        incidence=(float(observed[0]), float(observed[1])),
        lower=(float(lower[0]), float(lower[1])),
        upper=(float(upper[0]), float(upper[1])),
        difference=difference,
        standard_error=float(drawn[2].std(ddof=1)) if shuffled.size > 1 else math.nan,
        difference_lower=float(lower[2]),
        difference_upper=float(upper[2]),
        p_value=(1 + as_far) / (1 + shuffled.size) if math.isfinite(difference) else math.nan,
        replicates=shuffled.size,
        patients=(clusters.group.size - treated, treated),
    )
