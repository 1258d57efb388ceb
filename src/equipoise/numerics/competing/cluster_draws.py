"""Patients with all their rows drawn again, or shuffled between groups, and their incidence."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.streams import philox4x32

_BOOTSTRAP = np.uint64(0xB0075)  # purposes of their own within the streams of a seed
_PERMUTATION = np.uint64(0x9E97)
_LOW_32, _SHIFT_32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_BATCH = 128  # resamples that are worked out at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Rows up to the time, in its order, with their patient's position; and each patient.

    `kind` is 0 or 1 where a row ends with an event of cause 1 or 2, and 2 where it is censored, as
    those after an event of the same time are. `held` is the weight of all rows of a patient.
    """

    kind: NDArray[np.int64]
    patient: NDArray[np.int64]
    weight: NDArray[np.float64]
    held: NDArray[np.float64]
    group: NDArray[np.int64]
    stratum: NDArray[np.int64]


_Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def _lay_out(own: Clusters) -> _Rows:
    """What `_incidence_kernel` takes of clusters: ends, patients, weights and weights held.

    A run has the events up to the next that are censored, and these. `ends` tells where its rows
    of each kind do, shape (runs, 3).
    """
    censored = own.kind == 2
    run = np.cumsum(~censored & np.append(True, censored)[:-1])
    order = np.lexsort((own.kind, run))
    rows = np.bincount(3 * run + own.kind, minlength=3 * (1 + run.max(initial=0)))
    return np.cumsum(rows).reshape(-1, 3), own.patient[order], own.weight[order], own.held


@njit(cache=True, inline="always")
def _add_rows(
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    inside: NDArray[np.uint8],
    rows: tuple[int, int],
    total: NDArray[np.float64],
) -> None:
    total[:] = 0.0
    for row in range(rows[0], rows[1]):
        who = patient[row]
        for k in range(_BATCH):
            total[k] += inside[who, k] * weight[row]


# a division can be branchless and done for several resamples at once: numpy's error model
@njit(cache=True, error_model="numpy")
def _incidence_kernel(
    ends: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    inside: NDArray[np.uint8],
    out: NDArray[np.float64],
) -> None:
    """Weighted Aalen-Johansen incidence after the last of the rows, in every resample of a batch.

    `inside` tells how often a patient is in a resample, shape (patients, `_BATCH`). An event adds
    its weight times survival / at risk, which no event changes: (S - S d / Y) / (Y - d) = S / Y.
    Those censored do, who leave theirs to those still at risk (Efron 1967, section 7).
    """
    at_risk, each, total = np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH)
    _add_rows(np.arange(held.size), held, inside, (0, held.size), at_risk)
    for k in range(_BATCH):
        each[k] = 1.0 / at_risk[k] if at_risk[k] > 0.0 else 0.0
    out[:] = 0.0
    begin = 0
    for run in range(ends.shape[0]):
        _add_rows(patient, weight, inside, (begin, ends[run, 0]), total)
        for k in range(_BATCH):
            out[k] += each[k] * total[k]
            at_risk[k] -= total[k]
        _add_rows(patient, weight, inside, (ends[run, 0], ends[run, 1]), total)
        for k in range(_BATCH):
            at_risk[k] -= total[k]
        _add_rows(patient, weight, inside, (ends[run, 1], ends[run, 2]), total)
        for k in range(_BATCH):
            left = at_risk[k] - total[k]
            # nobody left has no event either, whatever rounding says
            each[k] *= at_risk[k] / left if left > 0.0 else 0.0
            at_risk[k] = left
        begin = ends[run, 2]


@njit(cache=True, inline="always")
def _draw_words(
    seed: np.uint64, start: int, purpose: np.uint64, first: int, word: NDArray[np.uint32]
) -> None:
    """The words of four patients, from number `first` on, in each replicate of a batch."""
    for k in range(_BATCH):
        word[0, k], word[1, k], word[2, k], word[3, k] = philox4x32(
            np.uint64(0),
            np.uint64(first),
            np.uint64(start + k),
            purpose,
            seed & _LOW_32,
            seed >> _SHIFT_32,
        )


@njit(cache=True)
def _draw_again(seed: np.uint64, start: int, first: int, inside: NDArray[np.uint8]) -> None:
    """How often patients are drawn, as many as there are, in each replicate of a batch.

    A share of a word's 2**32 values is given to each. No patient is drawn 256 times: the chance
    of one is 1 / 256!.
    """
    patients, word = inside.shape[0], np.empty((4, _BATCH), dtype=np.uint32)
    inside[:] = 0
    for i in range(patients):
        if i % 4 == 0:
            _draw_words(seed, start, _BOOTSTRAP, first + i, word)
        for k in range(_BATCH):
            who = (np.uint64(word[i % 4, k]) * np.uint64(patients)) >> _SHIFT_32
            inside[np.int64(who), k] += np.uint8(1)


@njit(cache=True)
def _shuffle(
    seed: np.uint64,
    start: int,
    begin: NDArray[np.int64],
    treated: NDArray[np.int64],
    inside: NDArray[np.uint8],
) -> None:
    """Which patients of each stratum are in group 1, in each replicate of a batch.

    One after the other is taken with the chance of places left over patients left.
    Source: Knuth (1997), The art of computer programming 2, section 3.4.2, algorithm S.
    """
    places, word = np.empty(_BATCH, dtype=np.uint64), np.empty((4, _BATCH), dtype=np.uint32)
    for s in range(treated.size):
        places[:] = treated[s]
        for i in range(begin[s], begin[s + 1]):
            if i % 4 == 0:
                _draw_words(seed, start, _PERMUTATION, i, word)
            left = np.uint64(begin[s + 1] - i)
            for k in range(_BATCH):
                taken = (np.uint64(word[i % 4, k]) * left) >> _SHIFT_32 < places[k]
                inside[i, k] = taken
                places[k] -= np.uint64(taken)


@njit(cache=True)
def _bootstrap_kernel(
    ends: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    first: int,
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """The patients of one group drawn from themselves; `first` is the number of the first."""
    inside, found = np.empty((held.size, _BATCH), dtype=np.uint8), np.empty(_BATCH)
    for start in range(0, out.size, _BATCH):
        _draw_again(seed, start, first, inside)
        _incidence_kernel(ends, patient, weight, held, inside, found)
        batch = min(_BATCH, out.size - start)
        out[start : start + batch] = found[:batch]


@njit(cache=True)
def _permutation_kernel(
    ends: NDArray[np.int64],
    patient: NDArray[np.int64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    begin: NDArray[np.int64],
    treated: NDArray[np.int64],
    seed: np.uint64,
    out: NDArray[np.float64],
) -> None:
    """Patients stand sorted by stratum: from its `begin` to the next, `treated` are in group 1."""
    inside, found = np.empty((held.size, _BATCH), dtype=np.uint8), np.empty((2, _BATCH))
    for start in range(0, out.size, _BATCH):
        _shuffle(seed, start, begin, treated, inside)
        _incidence_kernel(ends, patient, weight, held, inside, found[1])
        for i in range(held.size):
            for k in range(_BATCH):
                inside[i, k] ^= np.uint8(1)
        _incidence_kernel(ends, patient, weight, held, inside, found[0])
        batch = min(_BATCH, out.size - start)
        out[start : start + batch] = (found[1] - found[0])[:batch]


def select_patients(clusters: Clusters, *, patients: NDArray[np.int64]) -> Clusters:
    """These patients and their rows, numbered in this order."""
    place = np.full(clusters.held.size, -1, dtype=np.int64)
    place[patients] = np.arange(patients.size)
    rows = place[clusters.patient] >= 0
    return Clusters(
        kind=clusters.kind[rows],
        patient=place[clusters.patient[rows]],
        weight=clusters.weight[rows],
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
    out, found, rows = np.empty(1 + replicates), np.empty(_BATCH), _lay_out(own)
    _incidence_kernel(*rows, np.ones((own.held.size, _BATCH), dtype=np.uint8), found)
    out[0] = found[0]
    _bootstrap_kernel(*rows, first, np.uint64(seed), out[1:])
    return out


def shuffle_groups(clusters: Clusters, *, seed: int, replicates: int) -> NDArray[np.float64]:
    """Differences in incidence, groups of patients shuffled within strata."""
    out = np.empty(replicates)
    own = select_patients(clusters, patients=np.argsort(clusters.stratum, kind="stable"))
    begin = np.flatnonzero(np.diff(own.stratum, prepend=-1) > 0)
    _permutation_kernel(
        *_lay_out(own),
        np.append(begin, own.group.size),
        np.add.reduceat(own.group, begin),
        np.uint64(seed),
        out,
    )
    return out
