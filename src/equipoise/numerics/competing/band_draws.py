"""How far an incidence may lie from its estimate: draws of the whole path, in standard errors."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidences import Codes, Floats, Incidences
from equipoise.numerics.risk_sets import add_up
from equipoise.numerics.streams import philox4x32, uniform_at

_COINS, _BETWEEN = np.uint64(0xBA4D), np.uint64(0xBA4E)  # purposes within the streams of a seed
_ZERO, _LOW_32, _SHIFT_32 = np.uint64(0), np.uint64(0xFFFFFFFF), np.uint64(32)
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x55555555), np.uint64(0x33333333), np.uint64(0x0F0F0F0F)
_DRAWS = 32  # that go through the times together
_CALLS = _DRAWS // 4
_TIMES = 512  # asked for that are kept together
_VARIANCE = 8.0  # of the heads of 32 coins
_LONGEST = 20.0  # -log of a chance that is taken for none: one of 5e8 stretches between times


@njit(cache=True, inline="always")
def _heads(word: np.uint64) -> np.int8:
    """How many of 32 bits are set, less 16."""
    word = word - ((word >> np.uint64(1)) & _PAIRS)
    word = (word & _FOURS) + ((word >> np.uint64(2)) & _FOURS)
    word = (word + (word >> np.uint64(4))) & _EIGHTS
    return np.int8(((word * np.uint64(0x01010101)) & _LOW_32) >> np.uint64(24)) - np.int8(16)


@njit(cache=True)
def _toss(seed: np.uint64, block: int, coin: NDArray[np.int8]) -> None:
    """For each cluster and draw of a block the heads of 32 fair coins, less 16."""
    for cluster in range(coin.shape[0]):
        for call in range(_CALLS):
            first, second, third, fourth = philox4x32(
                np.uint64(block * _CALLS + call),
                np.uint64(cluster),
                _ZERO,
                _COINS,
                seed & _LOW_32,
                seed >> _SHIFT_32,
            )
            coin[cluster, call] = _heads(first)
            coin[cluster, call + _CALLS] = _heads(second)
            coin[cluster, call + 2 * _CALLS] = _heads(third)
            coin[cluster, call + 3 * _CALLS] = _heads(fourth)


@njit(cache=True)
def _reach_between(
    seed: np.uint64, draw: int, step: int, ends: tuple[float, float], spread: float
) -> float:
    """The farthest between two times, away from 0: the top of a Brownian bridge.

    P(top > c) = exp(-2 (c - a)(c - b) / variance), here solved for c; Karatzas, Shreve (1991) 4.3.
    """
    chance = uniform_at(seed, np.uint64(draw), np.uint64(step), _BETWEEN, _ZERO)
    apart = ends[1] - ends[0]
    return 0.5 * (abs(ends[0] + ends[1]) + math.sqrt(apart**2 - 2.0 * spread * math.log(chance)))


@njit(cache=True)
def _reach(
    seed: np.uint64,
    first: int,
    told: NDArray[np.int64],
    path: NDArray[np.float64],
    spread: NDArray[np.float64],
    far: NDArray[np.float64],
) -> None:
    """Raises the farthest of each draw of a block, from `first` on, by `path` at the times `told`.

    First by the times themselves: then few stretches between them can still reach farther.
    """
    for k in range(told.size):
        for lane in range(_DRAWS):
            far[lane] = max(far[lane], abs(path[k, lane]))
    for k in range(1, told.size):
        last, now = path[k - 1], path[k]
        most, close = 2.0 * spread[told[k]] * _LONGEST, 0
        for lane in range(_DRAWS):
            room = 2.0 * far[lane] - abs(last[lane] + now[lane])
            close += room**2 < (now[lane] - last[lane]) ** 2 + most
        if close == 0:
            continue
        for lane in range(_DRAWS):
            ends = (last[lane], now[lane])
            room = 2.0 * far[lane] - abs(ends[0] + ends[1])
            if room**2 < (ends[1] - ends[0]) ** 2 + most:
                top = _reach_between(seed, first + lane, told[k], ends, spread[told[k]])
                far[lane] = max(far[lane], top)


@njit(cache=True)
def _farthest_kernel(
    seed: np.uint64,
    enter: tuple[NDArray[np.int64], NDArray[np.int64]],
    leave: tuple[NDArray[np.int64], NDArray[np.int64]],
    cluster: NDArray[np.int64],
    weight: NDArray[np.float64],
    steps: NDArray[np.float64],
    coin: NDArray[np.int8],
    out: NDArray[np.float64],
) -> None:
    """The farthest of each draw. `enter`, `leave`: rows in order and where those of a time begin;
    `weight` (3, n): a row's, that if it has the cause, that if it has any.

    `steps` (m, 7) holds of each time: the hazard of the cause and of all, what one event of either
    by one adds and takes, the incidence, what the sum of heads is scaled by (0: not asked), and
    the variance since the last.
    """
    present, gained, lost, own, gone, failed, far = np.zeros((7, _DRAWS))
    path, told = np.empty((_TIMES, _DRAWS)), np.empty(_TIMES, dtype=np.int64)
    for block in range(out.size // _DRAWS):
        _toss(seed, block, coin)
        for lane in range(_DRAWS):
            present[lane], gained[lane], lost[lane] = 0.0, 0.0, 0.0
        asked, far[:] = 0, 0.0
        for k in range(steps.shape[0]):
            hazard, all_hazards, adds, takes, f, scale, _ = steps[k]
            for row in enter[0][enter[1][k] : enter[1][k + 1]]:
                mine, enters = coin[cluster[row]], weight[0, row]
                for lane in range(_DRAWS):
                    present[lane] += enters * mine[lane]
            for lane in range(_DRAWS):
                own[lane], gone[lane], failed[lane] = 0.0, 0.0, 0.0
            for row in leave[0][leave[1][k] : leave[1][k + 1]]:
                mine = coin[cluster[row]]
                leaves, has_own, has_any = weight[0, row], weight[1, row], weight[2, row]
                for lane in range(_DRAWS):
                    heads = float(mine[lane])
                    gone[lane] += leaves * heads
                    own[lane] += has_own * heads
                    failed[lane] += has_any * heads
            if all_hazards == 0.0:  # who is censored moves nothing
                for lane in range(_DRAWS):
                    present[lane] -= gone[lane]
                continue
            for lane in range(_DRAWS):
                loss = takes * (failed[lane] - present[lane] * all_hazards)
                gained[lane] += adds * (own[lane] - present[lane] * hazard) + loss * f
                lost[lane] += loss
                present[lane] -= gone[lane]
            if scale != 0.0:
                for lane in range(_DRAWS):
                    path[asked, lane] = scale * (gained[lane] - f * lost[lane])
                told[asked], asked = k, asked + 1
            if asked == _TIMES:
                _reach(seed, block * _DRAWS, told, path, steps[:, 6], far)
                path[0], told[0], asked = path[-1], told[-1], 1
        _reach(seed, block * _DRAWS, told[:asked], path, steps[:, 6], far)
        out[block * _DRAWS : (block + 1) * _DRAWS] = far


def _in_order(place: Codes, times: int) -> tuple[Codes, Codes]:
    """The rows in order of their place in time, and where each of the first times begins."""
    order = np.argsort(place, kind="stable")
    return order, np.searchsorted(place[order], np.arange(times + 1))


def _own_squares(curves: Incidences, cause: int) -> Floats:
    """The squares of what each cluster's events of the cause weigh at a time, added up, (m,)."""
    rows = curves.cause == cause
    place = curves.last[rows] * curves.label.size + curves.cluster[rows]
    pair, which = np.unique(place, return_inverse=True)
    weight = add_up(which, amount=curves.weight[rows], m=pair.size)
    return add_up(pair // curves.label.size, amount=weight**2, m=curves.time.size)


def draw_farthest(
    curves: Incidences,
    *,
    cause: int,
    error: Floats,
    told: NDArray[np.bool_],
    resampling: Resampling,
) -> Floats:
    """The farthest of each draw from the incidence over the times `told`, in errors, (replicates,).

    Each cluster's path (`incidence_influence`) is multiplied by the heads of 32 fair coins,
    standardised: mean 0 and variance 1, as the limit asks, and the same on every machine. `error`
    (m,) is the standard error. The limit has no steps, so that between two times with an event of
    the cause the path is a Brownian bridge. Work grows with rows plus times, for each draw.
    Source: Lin (1997); van der Vaart, Wellner (1996) 2.9 for multipliers other than normal.
    """
    size = curves.at_risk
    hazard, times = curves.events / size, int(np.flatnonzero(told)[-1]) + 1
    before = np.concatenate([[1.0], curves.survival[:-1]])
    left = 1 - hazard.sum(axis=0)
    later = np.where(left > 1e-12, 1 / np.where(left > 1e-12, left, 1.0), 0.0)
    scale = np.where(told, 1 / (error * math.sqrt(_VARIANCE)), 0.0)
    own = _own_squares(curves, cause) * (1 - hazard[cause - 1])
    steps = np.column_stack(
        [
            hazard[cause - 1],
            hazard.sum(axis=0),
            before / size,
            later / size,
            curves.incidence[cause - 1],
            scale,
            own * (before / size / np.where(told, error, 1.0)) ** 2,
        ]
    )[:times]
    out = np.empty(-(-resampling.replicates // _DRAWS) * _DRAWS)
    _farthest_kernel(
        np.uint64(resampling.seed),
        _in_order(curves.first, times),
        _in_order(curves.last, times),
        curves.cluster,
        curves.weight * np.stack([curves.cause >= 0, curves.cause == cause, curves.cause > 0]),
        np.ascontiguousarray(steps),
        np.empty((curves.label.size, _DRAWS), dtype=np.int8),
        out,
    )
    return out[: resampling.replicates]
