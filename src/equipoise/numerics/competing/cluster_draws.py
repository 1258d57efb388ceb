"""Patients with all their rows drawn again, and shuffled between groups, and their incidence."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.streams import philox4x32

_PURPOSE, _ZERO = np.uint64(0xB0075), np.uint64(0)  # of its own within the streams of a seed
_LOW_32, _SHIFT_32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_BATCH = 112  # resamples that are worked out at once
_FEW = 1024  # patients, of whom a word draws two
_ROUNDING = 1e-12  # of the weight of rows: less of it is none

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Weights = NDArray[np.float64] | NDArray[np.uint16]
Lots = NDArray[np.uint32]  # a number for each resample of a batch
Inside = NDArray[np.uint8]  # how often a patient is in each resample, (patients, _BATCH)
Rows = tuple[Codes, Codes, Weights, Weights]  # as `_sum_kernel` takes them


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Rows up to the time, in its order, with their patient's position; and each patient.

    `kind` is 0 or 1 where a row ends with an event of cause 1 or 2, and 2 where it is censored, as
    those after an event of the same time are. `held` is the weight of all rows of a patient.
    """

    kind: Codes
    patient: Codes
    weight: Floats
    held: Floats
    group: Codes
    stratum: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Resamples:
    """Incidence in both groups, that observed first, and differences of shuffled groups.

    Shapes (2, 1 + replicates) and (replicates,). A group of nobody has 0, and no difference (NaN).
    """

    incidence: Floats
    shuffled: Floats


def _weigh(clusters: Clusters) -> tuple[Weights, Weights]:
    """The weights of rows and those held; as whole numbers, four times as many are added at once.

    60 times as great they give the same incidence, and one over up to five lesions is whole. No
    sum may pass 65,535.
    """
    every, n = np.concatenate([clusters.weight, clusters.held]), clusters.weight.size
    for whole in (every, 60 * every):
        if (whole == np.floor(whole)).all() and clusters.held.size * whole.max() < 2**16:
            return whole[:n].astype(np.uint16), whole[n:].astype(np.uint16)
    return clusters.weight, clusters.held


@njit(cache=True)
def _order_kernel(kind: Codes, place: Codes) -> tuple[Codes, Codes]:
    """Where the parts of all runs end, and the rows whose patient has a place, part by part."""
    part, many, run, before = np.empty_like(kind), np.zeros(3 * kind.size + 6, dtype=np.int64), 0, 2
    for row in range(kind.size):
        if place[row] >= 0:
            run += 1 if before == 2 and kind[row] < 2 else 0
            before, part[row] = kind[row], 3 * run + kind[row]
            many[part[row] + 1] += 1
    ends = np.cumsum(many)
    rows = np.empty(ends[-1], dtype=np.int64)
    for row in range(kind.size):
        if place[row] >= 0:  # where a part begins moves on to where it ends
            rows[ends[part[row]]] = row
            ends[part[row]] += 1
    return ends[: 3 * (1 + run)], rows


def _lay_out(clusters: Clusters, weights: tuple[Weights, Weights], *, patients: Codes) -> Rows:
    """The rows of these patients, who are numbered in this order, and the weights they hold.

    A run has the events up to the next that are censored, and these; its rows are sorted by kind,
    and the first array tells where those of each kind end, shape (3 * runs,).
    """
    place = np.full(clusters.held.size, -1, dtype=np.int64)
    place[patients] = np.arange(patients.size)
    patient = place[clusters.patient]
    ends, rows = _order_kernel(clusters.kind, patient)
    weight, held = weights
    return ends, patient[rows], weight[rows], held[patients]


@njit(cache=True)
def _sum_kernel(rows: Rows, inside: Inside, sums: Weights) -> None:
    """Weights at risk, then of the rows of each kind in each run, in every resample of a batch.

    `sums` is written, shape (1 + 3 * runs, `_BATCH`).
    """
    ends, patient, weight, held = rows
    sums[0], row = 0, 0
    for who in range(held.size):
        total, drawn, each = sums[0], inside[who], held[who]
        for k in range(_BATCH):
            total[k] += drawn[k] * each
    for part in range(ends.size):
        total, begin = sums[1 + part], row
        if begin == ends[part]:
            total[:] = 0
        for row in range(begin, ends[part]):
            drawn, each = inside[patient[row]], weight[row]
            if row == begin:  # what is written is not read before
                for k in range(_BATCH):
                    total[k] = drawn[k] * each
            else:
                for k in range(_BATCH):
                    total[k] += drawn[k] * each
        row = ends[part]


@njit(cache=True, inline="always")
def _pass_run(
    own: float, other: float, censored: float, at_risk: float, each: float
) -> tuple[float, float]:
    """Those left after a run, and what each event adds then."""
    before = at_risk - own - other
    left = before - censored
    # nobody left has no event either, whatever rounding says
    return left, each * (before / left if left > 0.0 else 0.0)


# a division can be branchless and done for several resamples at once: numpy's error model
@njit(cache=True, error_model="numpy")
def _incidence_kernel(sums: Weights, out: Floats) -> None:
    """Weighted Aalen-Johansen incidence after the last of the rows, in every resample of a batch.

    An event adds its weight times survival / at risk, which no event changes: (S - S d / Y) /
    (Y - d) = S / Y. Those censored do, who leave theirs to those still at risk (Efron 1967,
    section 7).
    """
    at_risk, each = sums[0].astype(np.float64), np.empty(_BATCH)
    for k in range(_BATCH):
        each[k] = 1.0 / at_risk[k] if at_risk[k] > 0.0 else 0.0
    out[:] = 0.0
    for part in range(1, sums.shape[0], 3):
        own, other, censored = sums[part], sums[part + 1], sums[part + 2]
        for k in range(_BATCH):
            out[k] += each[k] * own[k]
            at_risk[k], each[k] = _pass_run(own[k], other[k], censored[k], at_risk[k], each[k])


@njit(cache=True)
def _draw_words(seed: np.uint64, start: int, words: Lots) -> None:
    """Four words a call of the generator, in each replicate of a batch; `words` (4 m, `_BATCH`)."""
    for i in range(0, words.shape[0], 4):
        for k in range(_BATCH):
            words[i, k], words[i + 1, k], words[i + 2, k], words[i + 3, k] = philox4x32(
                _ZERO,
                np.uint64(i // 4),
                np.uint64(start + k),
                _PURPOSE,
                seed & _LOW_32,
                seed >> _SHIFT_32,
            )


@njit(cache=True)
def _draws_a_word(patients: int) -> int:
    return 2 if patients <= _FEW else 1


@njit(cache=True)
def _draw_again(words: Lots, inside: Inside) -> None:
    """How often patients are drawn, as many as there are; writes on the words.

    A share of a word's 2**32 values is given to each. Where patients are few, what is left of a
    share draws another: pairs are equally likely but for one part in 4,096. No patient is drawn
    256 times: the chance of one is 1 / 256!.
    """
    patients, place = np.uint64(inside.shape[0]) & _LOW_32, np.empty(_BATCH, dtype=np.uint32)
    draws, flat = _draws_a_word(inside.shape[0]), inside.reshape(-1)
    flat[:] = 0
    for i in range(inside.shape[0]):
        word = words[i // draws]
        for k in range(_BATCH):
            share = np.uint64(word[k]) * patients
            place[k] = np.uint32(share >> _SHIFT_32) * np.uint32(_BATCH) + np.uint32(k)
            word[k] = share & _LOW_32
        for k in range(_BATCH):
            flat[np.uint64(place[k])] += np.uint8(1)


@njit(cache=True)
def _shuffle(words: Lots, begin: Codes, treated: Codes, inside: Inside) -> None:
    """Which patients are in group 1: from a stratum's `begin` to the next `treated` of them.

    One after the other is taken with the chance of places left over patients left, by half a
    word: to one part in 65,536.
    Source: Knuth (1997), The art of computer programming 2, section 3.4.2, algorithm S.
    """
    places = np.empty(_BATCH, dtype=np.float32)
    for s in range(treated.size):
        places[:] = treated[s]
        for i in range(begin[s], begin[s + 1]):
            left, word = np.float32((begin[s + 1] - i) * 2.0**-16), words[i // 2]
            up = np.uint32(1) if i % 2 else np.uint32(2**16)  # the low half of a word comes first
            for k in range(_BATCH):
                half = np.uint32(np.uint32(word[k] * up) >> np.uint32(16))
                taken = np.float32(np.int32(half)) * left < places[k]
                inside[i, k] = taken
                places[k] -= np.float32(taken)


@njit(cache=True, inline="always")
def _rest(whole: float, share: float) -> float:
    """What is left of the whole without a share; by rounding only, none."""
    rest = whole - share
    return rest if rest > _ROUNDING * whole else 0.0


@njit(cache=True, error_model="numpy")
def _difference_kernel(sums: Weights, whole: Floats, out: Floats) -> None:
    """Incidence in group 1, whose `sums` are, less that in group 0: it has the rest of `whole`."""
    at_risk, each = sums[0].astype(np.float64), np.empty(_BATCH)
    still, every = np.empty(_BATCH), np.empty(_BATCH)  # the same of group 0
    for k in range(_BATCH):
        still[k] = _rest(whole[0], sums[0, k])
        each[k] = 1.0 / at_risk[k] if at_risk[k] > 0.0 else 0.0
        every[k] = 1.0 / still[k] if still[k] > 0.0 else 0.0
    out[:] = 0.0
    for part in range(1, sums.shape[0], 3):
        own, other, censored = sums[part], sums[part + 1], sums[part + 2]
        first, second, third = whole[part], whole[part + 1], whole[part + 2]
        for k in range(_BATCH):
            rest = _rest(first, own[k])
            out[k] += each[k] * own[k] - every[k] * rest
            at_risk[k], each[k] = _pass_run(own[k], other[k], censored[k], at_risk[k], each[k])
            still[k], every[k] = _pass_run(
                rest, _rest(second, other[k]), _rest(third, censored[k]), still[k], every[k]
            )


@njit(cache=True)
def _group_kernel(rows: Rows, inside: Inside, sums: Weights, out: Floats) -> None:
    own = sums[: 1 + rows[0].size]
    _sum_kernel(rows, inside, own)
    _incidence_kernel(own, out)


@njit(cache=True)
def _first_words(groups: tuple[Rows, Rows]) -> Codes:
    """The first word that draws from each group, and how many draw from both."""
    first = np.zeros(3, dtype=np.int64)
    for g in range(2):
        size = groups[g][3].size
        first[g + 1] = first[g] + -(-size // _draws_a_word(size))
    return first


@njit(cache=True)
def _resample_kernel(
    groups: tuple[Rows, Rows],
    everyone: Rows,
    begin: Codes,
    treated: Codes,
    seed: np.uint64,
    out: Floats,
) -> None:
    """Writes incidence in both groups, as observed and again, and differences of shuffled groups.

    `everyone` stands sorted by stratum. The same words draw and shuffle: neither asks the other.
    """
    n, first, found = everyone[3].size, _first_words(groups), np.empty(_BATCH)
    words = np.empty((-(-first[2] // 4) * 4, _BATCH), dtype=np.uint32)
    inside = np.ones((n, _BATCH), dtype=np.uint8)
    sums = np.empty((1 + everyone[0].size, _BATCH), dtype=everyone[3].dtype)
    _sum_kernel(everyone, inside, sums)
    whole = sums[:, 0].astype(np.float64)
    for g in range(2):
        _group_kernel(groups[g], inside, sums, found)
        out[g, 0] = found[0]
    for start in range(1, out.shape[1], _BATCH):
        batch = min(_BATCH, out.shape[1] - start)
        _draw_words(seed, start - 1, words)
        if 0 < treated.sum() < n:
            _shuffle(words, begin, treated, inside)
            _sum_kernel(everyone, inside, sums)
            _difference_kernel(sums, whole, found)
            out[2, start : start + batch] = found[:batch]
        for g in range(2):
            drawn = inside[: groups[g][3].size]
            _draw_again(words[first[g] : first[g + 1]], drawn)
            _group_kernel(groups[g], drawn, sums, found)
            out[g, start : start + batch] = found[:batch]


def resample_patients(clusters: Clusters, *, seed: int, replicates: int) -> Resamples:
    """Patients drawn again within groups, and groups of patients shuffled within strata."""
    order = np.argsort(clusters.stratum, kind="stable")
    stratum = clusters.stratum[order]
    begin = np.append(0, 1 + np.flatnonzero(stratum[1:] != stratum[:-1]))
    weights = _weigh(clusters)
    first, second = (
        _lay_out(clusters, weights, patients=np.flatnonzero(clusters.group == group))
        for group in (0, 1)
    )
    out = np.full((3, 1 + replicates), np.nan)
    _resample_kernel(
        (first, second),
        _lay_out(clusters, weights, patients=order),
        np.append(begin, order.size),
        np.add.reduceat(clusters.group[order], begin),
        np.uint64(seed),
        out,
    )
    return Resamples(incidence=out[:2], shuffled=out[2, 1:])
