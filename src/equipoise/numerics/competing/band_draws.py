"""How far an incidence may lie from its estimate: draws of the whole path, in standard errors."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.numerics.competing.band_stretches import Stretches
from equipoise.numerics.competing.cluster_bootstrap import Resampling
from equipoise.numerics.competing.incidences import Floats
from equipoise.numerics.streams import philox4x32

_MULTIPLIERS, _BETWEEN = np.uint64(0xBA4D), np.uint64(0xBA4E)  # purposes in the streams of a seed
_ZERO, _ONE, _LOW_32, _SHIFT_32 = (np.uint64(number) for number in (0, 1, 0xFFFFFFFF, 32))
_DRAWS = 64  # that go through the times together: each loop over them is one for the processor
_CALLS = _DRAWS // 4
_ROOT_HALF, _FRACTION = np.int32(0x3F3504F3), np.int32(2**23 - 1)  # bits of sqrt(1 / 2)
_F_HALF, _F_1, _F_2, _F_31 = (np.float32(number) for number in (0.5, 1, 2, 31))
_LOG_2, _HALF_PI, _STEP = np.float32(math.log(2)), np.float32(math.pi / 2), np.float32(2.0**-30)
_LOG = tuple(np.float32(2 / k) for k in (1, 3, 5, 7))
_SINE = tuple(np.float32(-1 / (k * k - k)) for k in (3, 5, 7, 9, 11))
_COSINE = tuple(np.float32(-1 / (k * k - k)) for k in (2, 4, 6, 8, 10, 12))


@njit(cache=True, inline="always")
def _draw_words(
    seed: np.uint64, block: int, number: int, purpose: np.uint64, word: NDArray[np.uint64]
) -> None:
    """A random word of 32 bits for each draw of a block."""
    for call in range(_CALLS):
        word[call], word[call + _CALLS], word[call + 2 * _CALLS], word[call + 3 * _CALLS] = (
            philox4x32(
                np.uint64(block * _CALLS + call),
                np.uint64(number),
                _ZERO,
                purpose,
                seed & _LOW_32,
                seed >> _SHIFT_32,
            )
        )


@njit(cache=True, inline="always")
def _leading(word: np.uint64) -> np.float32:
    """31 bits and a half, in single precision: more digits than draws tell."""
    return np.float32(np.int32(word >> _ONE)) + _F_HALF


@njit(cache=True, error_model="numpy", inline="always")
def _find_exponentials(word: NDArray[np.uint64], out: NDArray[np.float32]) -> None:
    """-log of a uniform number: a library's log would part the draws of a block.

    A number is 2**power times one between the roots of 1/2 and 2, whose log is a short series.
    """
    bits = out.view(np.int32)
    for lane in range(_DRAWS):
        out[lane] = _leading(word[lane])
    for lane in range(_DRAWS):
        above = np.int32(bits[lane] - _ROOT_HALF)
        power = np.float32(np.int32(above >> np.int32(23)))
        bits[lane] = np.int32(np.int32(above & _FRACTION) + _ROOT_HALF)
        q = (out[lane] - _F_1) / (out[lane] + _F_1)
        s = q * q
        series = _LOG[0] + s * (_LOG[1] + s * (_LOG[2] + s * _LOG[3]))
        out[lane] = (_F_31 - power) * _LOG_2 - q * series


@njit(cache=True, inline="always")
def _find_normals(
    word: NDArray[np.uint64],
    chance: NDArray[np.float32],
    first: NDArray[np.float32],
    second: NDArray[np.float32],
) -> None:
    """Two normal numbers of a uniform and an exponential one. Source: Box, Muller (1958).

    The angle lies to either side of an axis; one bit chooses its end. Sine and cosine are series.
    """
    for lane in range(_DRAWS):
        angle = (_STEP * _leading(word[lane]) - _F_1) * _HALF_PI
        s = angle * angle
        sine, cosine = _F_1, _F_1
        for k in range(4, -1, -1):
            sine = _F_1 + s * _SINE[k] * sine
        for k in range(5, -1, -1):
            cosine = _F_1 + s * _COSINE[k] * cosine
        radius = math.sqrt(_F_2 * chance[lane])
        end = _F_2 * np.float32(np.int32(word[lane] & _ONE)) - _F_1
        first[lane], second[lane] = end * radius * cosine, radius * angle * sine


@njit(cache=True, error_model="numpy")  # else a test for division by 0 parts the draws
def _farthest_kernel(
    seed: np.uint64,
    root: NDArray[np.float32],
    spread: NDArray[np.float32],
    normal: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """The farthest of each draw, (blocks, `_DRAWS`); `root` has an even number of columns.

    The top of a Brownian bridge from p to q, away from 0: P(top > c) = exp(-2 (c - p)(c - q) /
    variance), solved for c; Karatzas, Shreve (1991) 4.3.
    """
    word, chance = np.empty(_DRAWS, dtype=np.uint64), np.empty(_DRAWS, dtype=np.float32)
    last, now = np.empty(_DRAWS, dtype=np.float32), np.empty(_DRAWS, dtype=np.float32)
    for block in range(out.shape[0]):
        for number in range(0, normal.shape[0], 2):
            _draw_words(seed, block, number, _MULTIPLIERS, word)
            _find_exponentials(word, chance)
            _draw_words(seed, block, number + 1, _MULTIPLIERS, word)
            _find_normals(word, chance, normal[number], normal[number + 1])
        far = out[block]
        for lane in range(_DRAWS):
            last[lane], far[lane] = 0.0, 0.0
        for k in range(spread.size):
            for lane in range(_DRAWS):
                now[lane] = 0.0
            for j in range(0, k + 1, 2):
                first, second = normal[j], normal[j + 1]
                by_first, by_second = root[k, j], root[k, j + 1]
                for lane in range(_DRAWS):
                    now[lane] += by_first * first[lane] + by_second * second[lane]
            _draw_words(seed, block, k, _BETWEEN, word)
            _find_exponentials(word, chance)
            for lane in range(_DRAWS):
                apart = now[lane] - last[lane]
                bend = math.sqrt(apart * apart + _F_2 * spread[k] * chance[lane])
                far[lane] = max(far[lane], _F_HALF * (abs(last[lane] + now[lane]) + bend))
                last[lane] = now[lane]


def draw_farthest(stretches: Stretches, *, resampling: Resampling) -> Floats:
    """The farthest of each draw from the incidence over its stretches, (replicates,).

    In standard errors. Each cluster's path (`incidence_influence`) times a normal number of its
    own, added up, is a path with the covariance of which `Stretches` has a root: that many normal
    numbers draw it, the same on every machine.
    The limit has no steps: from one time to the next the path is a Brownian bridge.
    Source: Lin (1997).
    """
    k = stretches.spread.size
    root = np.zeros((k, k + k % 2), dtype=np.float32)
    root[:, :k] = stretches.root
    out = np.empty((-(-resampling.replicates // _DRAWS), _DRAWS), dtype=np.float32)
    _farthest_kernel(
        np.uint64(resampling.seed),
        root,
        stretches.spread.astype(np.float32),
        np.empty((root.shape[1], _DRAWS), dtype=np.float32),
        out,
    )
    return out.ravel()[: resampling.replicates].astype(np.float64)
