"""Simulated two-arm trials, one after another in compiled code: only their statistics are kept.

Each trial is drawn, looked at, counted and forgotten: the memory is that of one trial and of the
answers. Chance is named by (seed, replicate, subject, purpose), so that a replicate is the same
whoever draws it, in whatever order.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.trials.trial_cuts import (
    calendar_kernel,
    kth_smallest_kernel,
    last_seen_kernel,
    order_rows_kernel,
    scans_before,
)
from equipoise.numerics.trials.trial_draws import (
    choose_stratum_kernel,
    draw_words_kernel,
    enter_kernel,
    wait_kernel,
)
from equipoise.numerics.trials.trial_statistics import (
    compare_curves_kernel,
    compare_sets_kernel,
    compare_weighted_kernel,
    estimate_ratio_kernel,
    find_sets_kernel,
    is_tied_kernel,
    logrank_kernel,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Law = tuple[Floats, Floats, Floats, Floats]
Entry = tuple[Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPlan:
    """A trial as the kernels read it.

    `sizes` (2,): subjects in arm 0 and 1. `entry`: knots (j + 1,), density and its slope (j,),
    mass at the knots (j + 1,). `shares`: of the strata, cumulative, up to the last but one. A law
    is (cuts (p,), rates (2, strata, p), shapes (2, strata), cured shares (2, strata)). `course`
    are the laws of progression, death before and death after it, with `frailty` (3,), what a
    standard normal number, one a subject, is multiplied by in their log hazards; where `frailty`
    has size 0 the first law is that of the only event. `leaving` is the law of drop-out, `scans`
    tell when the first event can be seen.
    """

    sizes: Ints
    entry: Entry
    shares: Floats
    course: tuple[Law, Law, Law]
    leaving: Law
    frailty: Floats
    scans: Floats

    @property
    def endpoints(self) -> int:
        """1, or 2: progression-free and overall survival."""
        return 1 if self.frailty.size == 0 else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPlan:
    """When a trial is looked at, and what is read from it.

    `looks` (l, 3): the endpoint whose events count, how many (0: none counts), the latest date.
    `weighting` (q, 3): rows (0, rho, gamma) or (1, until, largest). `at` and `horizon` are NaN
    where no milestone, no mean time is asked for.
    """

    looks: Floats
    weighting: Floats
    ratio: bool
    at: float
    horizon: float

    @property
    def columns(self) -> Ints:
        """Where z, weighted z, ratio, milestone and mean begin, and the number of columns."""
        q = self.weighting.shape[0]
        widths = [
            2, 1, q * (q + 1) // 2, 2 * self.ratio, 2 * (not math.isnan(self.at)),
            2 * (not math.isnan(self.horizon)),
        ]  # fmt: skip
        return np.cumsum(widths)


@njit(cache=True, error_model="numpy")
def _wait(uniform: Floats, sizes: Ints, stratum: Ints, frailty: Floats, law: Law) -> None:
    wait_kernel(uniform, sizes, stratum, frailty, law[0], law[1], law[2], law[3])


@njit(cache=True, error_model="numpy")
def _share_frailty(normal: Floats, coefficient: float, frailty: Floats) -> None:
    """What the hazards are multiplied by: log-normal with mean 1."""
    for i in range(frailty.size):
        frailty[i] = math.exp(coefficient * normal[i] - 0.5 * coefficient * coefficient)


@njit(cache=True, error_model="numpy")
def _see_at_scans(time: Floats, scans: Floats) -> None:
    """Moves times to the first scan from then on; never, after the last."""
    for i in range(time.size):
        place = scans_before(scans, time[i])
        time[i] = scans[place] if place < scans.size else math.inf


@njit(cache=True, error_model="numpy")
def _draw_course(
    first: Floats,
    second: Floats,
    sizes: Ints,
    stratum: Ints,
    laws: tuple[Law, Law, Law],
    coefficients: Floats,
    frailty: Floats,
) -> None:
    """Progression in `first`, and in `second` (4, n) uniform numbers, to progression and death.

    Death is in row 0 afterwards, progression in row 1. Source: Box, Muller (1958) for the normal.
    """
    for i in range(first.size):
        length = math.sqrt(-2.0 * math.log(second[2, i]))
        second[3, i] = length * math.cos(2.0 * math.pi * second[3, i])
    _share_frailty(second[3], coefficients[0], frailty)
    _wait(first, sizes, stratum, frailty, laws[0])
    _share_frailty(second[3], coefficients[1], frailty)
    _wait(second[0], sizes, stratum, frailty, laws[1])
    _share_frailty(second[3], coefficients[2], frailty)
    _wait(second[1], sizes, stratum, frailty, laws[2])
    for i in range(first.size):
        if first[i] < second[0, i]:
            second[0, i] = first[i] + second[1, i]


@njit(cache=True, error_model="numpy")
def draw_trial_kernel(
    replicate: np.uint64,
    purpose: np.uint64,
    key_0: np.uint64,
    key_1: np.uint64,
    sizes: Ints,
    entry: Entry,
    shares: Floats,
    laws: tuple[Law, Law, Law],
    leaving: Law,
    coefficients: Floats,
    scans: Floats,
    first: Floats,
    second: Floats,
    stratum: Ints,
    frailty: Floats,
) -> None:
    """The subjects of a replicate: `first` (4, n) holds entry, time to the event, to leaving.

    With `coefficients` (3,) `second` (4, n) holds the time to death in row 0. The numbers of
    purpose + 1 are drawn only then.
    """
    draw_words_kernel(replicate, purpose, key_0, key_1, first)
    enter_kernel(first[0], entry[0], entry[1], entry[2], entry[3])
    if shares.size > 0:
        choose_stratum_kernel(first[3], shares, stratum)
    _wait(first[2], sizes, stratum, frailty[:0], leaving)
    if coefficients.size == 0:
        _wait(first[1], sizes, stratum, frailty[:0], laws[0])
    else:
        draw_words_kernel(replicate, purpose + np.uint64(1), key_0, key_1, second)
        _draw_course(first[1], second, sizes, stratum, laws, coefficients, frailty)
    if scans.size > 0:
        _see_at_scans(first[1], scans)
    if coefficients.size > 0:
        for i in range(frailty.size):
            first[1, i] = min(first[1, i], second[0, i])


@njit(cache=True, error_model="numpy")
def _summarise(
    ordered: Ints,
    strata: int,
    weighting: Floats,
    at: float,
    horizon: float,
    place: Ints,
    sets: Floats,
    moment: Floats,
    layer: Ints,
    codes: Ints,
    sums: Floats,
    out: Floats,
) -> None:
    """All statistics of the rows in order into `out` (place[-1],)."""
    more = place[3] > place[1] or strata > 1
    if more or is_tied_kernel(ordered):
        risk, fail = codes[:strata], codes[strata:]
        m = find_sets_kernel(ordered, risk, fail, sets, moment, layer)
        compare_sets_kernel(sets[:, :m], out)
        if place[2] > place[1]:
            q = weighting.shape[0]
            compare_weighted_kernel(
                sets[:, :m], moment[:m], layer[:m], weighting, sums[0, :strata],
                sums[1 : q + 1, :strata], sums[q + 1 :, :q], out[place[1] : place[2]],
            )  # fmt: skip
        if place[3] > place[2]:
            estimate_ratio_kernel(sets[:, :m], out[place[2] : place[3]])
    else:
        logrank_kernel(ordered, out)
    if place[5] > place[3]:
        compare_curves_kernel(
            ordered, at, horizon, out[place[3] : place[4]], out[place[4] : place[5]]
        )


@njit(cache=True, nogil=True, error_model="numpy")
def replicate_kernel(
    seed: np.uint64,
    purpose: np.uint64,
    first_replicate: int,
    sizes: Ints,
    entry: Entry,
    shares: Floats,
    laws: tuple[Law, Law, Law],
    leaving: Law,
    coefficients: Floats,
    scans: Floats,
    looks: Floats,
    weighting: Floats,
    at: float,
    horizon: float,
    place: Ints,
    out: Floats,
) -> None:
    """The statistics of consecutive replicates into `out` (trials, looks, 2 + endpoints * p).

    At each look its time, how many have entered, then the p columns of each endpoint: events of
    arm 0 and 1, z, and what `place` says. NaN where a look never comes.
    """
    n, strata, q = sizes[0] + sizes[1], shares.size + 1, weighting.shape[0]
    endpoints = 1 if coefficients.size == 0 else 2
    first, second = np.empty((4, n)), np.empty((4, n if endpoints > 1 else 0))
    stratum = np.zeros(n if strata > 1 else 0, dtype=np.int64)
    frailty, pool, calendar = np.empty(n), np.empty(n + 1), np.empty((2, n))
    slot, row = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    ordered = np.empty(n, dtype=np.int64)
    start, spans = np.empty(n + 2, dtype=np.int64), np.ones(looks.shape[0])
    sets, layer = np.empty((5, n)), np.empty(n, dtype=np.int64)
    codes, sums = np.empty((2 * strata, 2), dtype=np.int64), np.empty((2 * q + 4, max(strata, q)))
    key_0, key_1 = seed & np.uint64(0xFFFFFFFF), seed >> np.uint64(32)
    for trial in range(out.shape[0]):
        draw_trial_kernel(
            np.uint64(first_replicate + trial), purpose, key_0, key_1, sizes, entry, shares, laws,
            leaving, coefficients, scans, first, second, stratum, frailty,
        )  # fmt: skip
        times = (first[1], second[0] if endpoints > 1 else first[1])
        for endpoint in range(endpoints):
            calendar_kernel(first[0], times[endpoint], first[2], calendar[endpoint])
        for look in range(looks.shape[0]):
            cut = looks[look, 2]
            chosen, events = int(looks[look, 0]), int(looks[look, 1])
            if events > 0:
                reached = kth_smallest_kernel(
                    calendar[chosen], events, spans[look], slot, start[:n], pool
                )
                if reached == math.inf and cut == math.inf:
                    reached = last_seen_kernel(first[0], times[chosen], first[2])
                cut = min(cut, reached)
            told = out[trial, look]
            told[:] = math.nan
            if cut == math.inf:
                continue
            spans[look] = 2.0 * cut
            told[0] = cut
            for endpoint in range(endpoints):
                entered = order_rows_kernel(
                    first[0], times[endpoint], first[2], calendar[endpoint], stratum,
                    scans if endpoint == 0 else scans[:0], cut, sizes[0], row, slot, start, ordered,
                )  # fmt: skip
                told[1] = entered
                begin = 2 + endpoint * place[-1]
                _summarise(
                    ordered[:entered], strata, weighting, at, horizon, place, sets[:4], sets[4],
                    layer, codes, sums, told[begin : begin + place[-1]],
                )  # fmt: skip
