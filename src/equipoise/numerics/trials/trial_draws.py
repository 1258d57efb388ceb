"""The chance of one simulated trial: for each subject entry, times and stratum, drawn by name.

A word of 32 bits of Philox4x32 is one uniform number, (word + 1/2) / 2**32; one counter block
(0, subject, replicate, purpose) gives a subject all four that it needs. A time to an event is the
time at which its cumulative hazard reaches -log(uniform). The loops are free of branches, calls
and errors where they can be, so that the compiler works on several subjects at once.
"""

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from equipoise.numerics.streams import philox4x32

_HALF_WORD = 2.0**-33
_WORD = 2.0**-32
_LN2_HIGH = 6.93147180369123816490e-01  # fdlibm e_log.c: ln 2 in two parts
_LN2_LOW = 1.90821492927058770002e-10
_MANTISSA = np.int64(52)
_ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)  # the bits of sqrt(1/2)


def _cast_to_bits(_typing: Any, _number: Any) -> Any:
    def cast(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), cast


def _cast_to_number(_typing: Any, _bits: Any) -> Any:
    def cast(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), cast


# The bits of a number as a whole number, and back: from 0 on, numbers are ordered as their bits.
bits_of: Any = intrinsic(_cast_to_bits)
number_of: Any = intrinsic(_cast_to_number)


@njit(cache=True, inline="always")
def negative_log(share: float) -> float:
    """-log of a normal number above 0, within a unit in the last place and without a branch.

    Source: fdlibm, e_log.c (Sun Microsystems, 1993), its polynomial and its two-part ln 2.
    """
    bits = bits_of(share)
    power = (bits - _ROOT_HALF) >> _MANTISSA
    over = number_of(bits - (power << _MANTISSA)) - 1.0
    halves = float(power)
    ratio = over / (2.0 + over)
    square = ratio * ratio
    tail = square * (
        0.6666666666666735130
        + square
        * (
            0.3999999999940941908
            + square
            * (
                0.2857142874366239149
                + square
                * (
                    0.2222219843214978396
                    + square
                    * (
                        0.1818357216161805012
                        + square * (0.1531383769920937332 + square * 0.1479819860511658591)
                    )
                )
            )
        )
    )
    half = 0.5 * over * over
    return -float(
        halves * _LN2_HIGH - ((half - (ratio * (half + tail) + halves * _LN2_LOW)) - over)
    )


@njit(cache=True, error_model="numpy")
def draw_words_kernel(
    replicate: np.uint64,
    purpose: np.uint64,
    key_0: np.uint64,
    key_1: np.uint64,
    uniform: NDArray[np.float64],
) -> None:
    """Four uniform numbers for each subject into `uniform` (4, n): its columns in word order."""
    first, second, third, fourth = uniform[0], uniform[1], uniform[2], uniform[3]
    for subject in range(uniform.shape[1]):
        word_0, word_1, word_2, word_3 = philox4x32(
            np.uint64(0), np.uint64(subject), replicate, purpose, key_0, key_1
        )
        first[subject] = float(np.int64(word_0)) * _WORD + _HALF_WORD
        second[subject] = float(np.int64(word_1)) * _WORD + _HALF_WORD
        third[subject] = float(np.int64(word_2)) * _WORD + _HALF_WORD
        fourth[subject] = float(np.int64(word_3)) * _WORD + _HALF_WORD


@njit(cache=True, error_model="numpy")
def enter_kernel(
    uniform: NDArray[np.float64],
    knots: NDArray[np.float64],
    start: NDArray[np.float64],
    slope: NDArray[np.float64],
    mass: NDArray[np.float64],
) -> None:
    """Turns uniform numbers (n,) into times of entry.

    The density at x after knot j is start[j] + slope[j] x; `mass` (pieces + 1,) is what it adds up
    to at the knots, from 0 to 1.
    """
    if start.size == 1 and slope[0] == 0.0:
        length = knots[1] - knots[0]
        for i in range(uniform.size):
            uniform[i] = knots[0] + uniform[i] * length
        return
    for i in range(uniform.size):
        piece = 0
        while piece + 1 < start.size and uniform[i] > mass[piece + 1]:
            piece += 1
        more = uniform[i] - mass[piece]
        root = math.sqrt(start[piece] * start[piece] + 2.0 * slope[piece] * more)
        uniform[i] = knots[piece] + (2.0 * more / (start[piece] + root) if more > 0.0 else 0.0)


@njit(cache=True, error_model="numpy")
def choose_stratum_kernel(
    uniform: NDArray[np.float64], shares: NDArray[np.float64], stratum: NDArray[np.int64]
) -> None:
    """The stratum of each subject; `shares` are cumulative, up to the last but one."""
    for i in range(uniform.size):
        code = 0
        for share in shares:
            code += uniform[i] > share
        stratum[i] = code


@njit(cache=True, error_model="numpy")
def reach_hazard_kernel(
    target: float, cuts: NDArray[np.float64], rate: NDArray[np.float64], shape: float
) -> float:
    """When a cumulative hazard reaches the target; inf where it never does.

    The hazard is rate[j] from cuts[j] (the first 0) on; the time runs as its power `shape`, 1 but
    for one rate alone: (rate t)**shape is Weibull's.
    """
    left = target if shape == 1.0 else target ** (1.0 / shape)
    for j in range(cuts.size - 1):
        step = rate[j] * (cuts[j + 1] - cuts[j])
        if left <= step:
            return float(cuts[j] + left / rate[j])
        left -= step
    last = float(rate[-1])
    return float(cuts[-1]) + left / last if last > 0.0 else math.inf


@njit(cache=True, error_model="numpy")
def _wait_evenly_kernel(uniform: NDArray[np.float64], scale: float) -> None:
    for i in range(uniform.size):
        uniform[i] = negative_log(uniform[i]) * scale


@njit(cache=True, error_model="numpy")
def wait_kernel(
    uniform: NDArray[np.float64],
    sizes: NDArray[np.int64],
    stratum: NDArray[np.int64],
    frailty: NDArray[np.float64],
    cuts: NDArray[np.float64],
    rate: NDArray[np.float64],
    shape: NDArray[np.float64],
    cured: NDArray[np.float64],
) -> None:
    """Turns uniform numbers (n,) into times to the event of one kind, arm 0 first.

    The law of arm a in stratum s is row a of `rate` (2, strata, pieces), `shape` and `cured`
    (2, strata). `frailty` (n,) multiplies the hazard; of size 0 it is 1 for all. The cured, the
    share of the smallest uniform numbers, never have the event.
    """
    strata, last = rate.shape[1], 0
    plain = strata * cuts.size == 1 and frailty.size == 0
    for arm in range(2):
        first, last = last, last + sizes[arm]
        if plain and shape[arm, 0] == 1.0 and cured[arm, 0] == 0.0:
            _wait_evenly_kernel(uniform[first:last], 1.0 / rate[arm, 0, 0])
            continue
        for i in range(first, last):
            code = stratum[i] if strata > 1 else 0
            share = cured[arm, code]
            if uniform[i] <= share:
                uniform[i] = math.inf
                continue
            target = -math.log((uniform[i] - share) / (1.0 - share))
            if frailty.size > 0:
                target /= frailty[i]
            uniform[i] = reach_hazard_kernel(target, cuts, rate[arm, code], shape[arm, code])
