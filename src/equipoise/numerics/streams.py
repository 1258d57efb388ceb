"""Random numbers that are named, not drawn in turn: Philox4x32-10, counter based.

Source: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC11.
The key is the seed; the counter is (index // 2, subject, replicate, purpose), 32 bits each.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import ndtri

_MULTIPLIER_0 = np.uint64(0xD2511F53)  # Salmon 2011, table 2 and Random123 philox.h
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW_32 = np.uint64(0xFFFFFFFF)
_SHIFT_32 = np.uint64(32)
_SHIFT_20 = np.uint64(20)
_SHIFT_12 = np.uint64(12)
_ONE = np.uint64(1)
_STEP = 2.0**-52


@njit(cache=True, inline="always")  # so that a loop over subjects can work on several at once
def philox4x32(
    counter_0: np.uint64,
    counter_1: np.uint64,
    counter_2: np.uint64,
    counter_3: np.uint64,
    key_0: np.uint64,
    key_1: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four random 32-bit words of one counter and key; every word travels as a uint64."""
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * counter_0
        product_1 = _MULTIPLIER_1 * counter_2
        counter_0 = (product_1 >> _SHIFT_32) ^ counter_1 ^ key_0
        counter_2 = (product_0 >> _SHIFT_32) ^ counter_3 ^ key_1
        counter_1 = product_1 & _LOW_32
        counter_3 = product_0 & _LOW_32
        key_0 = (key_0 + _WEYL_0) & _LOW_32
        key_1 = (key_1 + _WEYL_1) & _LOW_32
    return counter_0, counter_1, counter_2, counter_3


@njit(cache=True)
def _open_unit(word_high: np.uint64, word_low: np.uint64) -> float:
    """A number strictly between 0 and 1 from the leading 52 bits of two 32-bit words."""
    bits = (word_high << _SHIFT_20) | (word_low >> _SHIFT_12)
    return (float(bits) + 0.5) * _STEP


@njit(cache=True)
def uniform_at(
    seed: np.uint64, replicate: np.uint64, subject: np.uint64, purpose: np.uint64, index: np.uint64
) -> float:
    """The uniform draw with this name, for use inside other kernels; pass uint64 only.

    Equals `draw_uniforms(seed, ...)[row, index]`. Nothing is checked here.
    """
    first, second, third, fourth = philox4x32(
        index >> _ONE, subject, replicate, purpose, seed & _LOW_32, seed >> _SHIFT_32
    )
    if index & _ONE:
        return _open_unit(third, fourth)
    return _open_unit(first, second)


@njit(cache=True)
def _uniforms_kernel(
    seed: np.uint64,
    replicate: NDArray[np.uint64],
    subject: NDArray[np.uint64],
    purpose: np.uint64,
    out: NDArray[np.float64],
) -> None:
    count = out.shape[1]
    key_0 = seed & _LOW_32
    key_1 = seed >> _SHIFT_32
    for row in range(out.shape[0]):
        for block in range((count + 1) // 2):
            first, second, third, fourth = philox4x32(
                np.uint64(block), subject[row], replicate[row], purpose, key_0, key_1
            )
            out[row, 2 * block] = _open_unit(first, second)
            if 2 * block + 1 < count:
                out[row, 2 * block + 1] = _open_unit(third, fourth)


def _check_range(value: int, *, name: str, bits: int) -> None:
    if not 0 <= value < 2**bits:
        raise ValueError(f"{name} must be from 0 to 2**{bits} - 1, not {value}")


def _check_identities(values: NDArray[np.int64], *, name: str) -> NDArray[np.uint64]:
    checked = np.asarray(values)
    if checked.ndim != 1 or not np.issubdtype(checked.dtype, np.integer):
        raise ValueError(f"{name} must be a flat array of whole numbers")
    if checked.size and (int(checked.min()) < 0 or int(checked.max()) >= 2**32):
        raise ValueError(f"{name} must hold numbers from 0 to 2**32 - 1")
    return np.ascontiguousarray(checked, dtype=np.uint64)


def draw_uniforms(
    seed: int,
    *,
    replicate: NDArray[np.int64],
    subject: NDArray[np.int64],
    purpose: int,
    count: int,
) -> NDArray[np.float64]:
    """Uniform numbers strictly between 0 and 1, `count` for each row, 52 random bits each.

    A number depends on (seed, replicate, subject, purpose, column) alone: neither on the other
    rows, their order, nor `count`. Shapes: `replicate` and `subject` (n,), result (n, count).
    Ranges: `seed` below 2**64, the others below 2**32. Raises ValueError outside of them.
    """
    _check_range(seed, name="seed", bits=64)
    _check_range(purpose, name="purpose", bits=32)
    _check_range(count, name="count", bits=32)
    replicates = _check_identities(replicate, name="replicate")
    subjects = _check_identities(subject, name="subject")
    if replicates.shape != subjects.shape:
        raise ValueError(
            f"replicate has {replicates.size} rows but subject has {subjects.size}: give one each"
        )
    out = np.empty((subjects.size, count), dtype=np.float64)
    _uniforms_kernel(np.uint64(seed), replicates, subjects, np.uint64(purpose), out)
    return out


def draw_normals(
    seed: int,
    *,
    replicate: NDArray[np.int64],
    subject: NDArray[np.int64],
    purpose: int,
    count: int,
) -> NDArray[np.float64]:
    """Standard normal numbers: the normal quantiles of `draw_uniforms` with the same names."""
    uniforms = draw_uniforms(
        seed, replicate=replicate, subject=subject, purpose=purpose, count=count
    )
    return np.asarray(ndtri(uniforms), dtype=np.float64)
