"""Patients with all their rows drawn again, or shuffled between groups, and their incidence."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.streams import philox4x32

_BOOTSTRAP = np.uint64(0xB0075)  # purposes of their own within the streams of a seed
_PERMUTATION = np.uint64(0x9E97)
_LOW_32 = np.uint64(0xFFFFFFFF)
_SHIFT_32, _SHIFT_20, _SHIFT_12 = np.uint64(32), np.uint64(20), np.uint64(12)
_STEP = 2.0**-52
_BATCH = 32  # resamples that are worked out at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
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


def select_patients(clusters: Clusters, *, patients: NDArray[np.int64]) -> Clusters:
    """These patients and their rows, numbered in this order."""
    place = np.full(clusters.held.size, -1, dtype=np.int64)
    place[patients] = np.arange(patients.size)
    rows = place[clusters.patient] >= 0
    return Clusters(
        rank=clusters.rank[rows],
        has_event=clusters.has_event[rows],
        patient=place[clusters.patient[rows]],
        weight=np.ascontiguousarray(clusters.weight[:, rows]),
        held=clusters.held[patients],
        group=clusters.group[patients],
        stratum=clusters.stratum[patients],
    )


def resample_patients(
    own: Clusters, *, seed: int, replicates: int, first: int
) -> NDArray[np.float64]:
    """Incidence in one group, shape (1 + replicates,): that observed, then of its resamples.

    `first` is the number of its first patient among all.
    """
    out = np.empty(1 + replicates)
    rows = (own.begin, own.patient, own.weight, own.held)
    once, found = np.zeros((own.held.size, _BATCH)), np.empty(_BATCH)
    once[:, 0] = 1.0
    _incidence_kernel(*rows, once, found)
    out[0] = found[0]
    _bootstrap_kernel(*rows, first, np.uint64(seed), out[1:])
    return out


def shuffle_groups(clusters: Clusters, *, seed: int, replicates: int) -> NDArray[np.float64]:
    """Differences in incidence, groups of patients shuffled within strata."""
    out = np.empty(replicates)
    own = select_patients(clusters, patients=np.argsort(clusters.stratum, kind="stable"))
    starts = np.flatnonzero(np.diff(own.stratum, prepend=-1) > 0)
    _permutation_kernel(
        own.begin,
        own.patient,
        own.weight,
        own.held,
        own.group.astype(np.float64),
        np.append(starts, own.group.size),
        np.uint64(seed),
        out,
    )
    return out
