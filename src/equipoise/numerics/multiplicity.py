"""P values adjusted for the number of hypotheses."""

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Adjustment(Enum):
    """Which error is held, and by what steps; all but the last hold the familywise error."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"  # holds under any dependence, as Bonferroni's, and rejects no less
    HOCHBERG = "hochberg"  # holds where Simes' inequality does
    HOMMEL = "hommel"  # as Hochberg's, and rejects no less
    FIXED_SEQUENCE = "fixed_sequence"  # in the order given, each at the whole level
    BENJAMINI_HOCHBERG = "benjamini_hochberg"  # the false discovery rate


def check_p_values(p: ArrayLike) -> Floats:
    """The p values as a flat float64 array, from 0 to 1 or NaN; else ValueError."""
    checked = np.array(p, dtype=np.float64)
    if checked.ndim != 1 or checked.size == 0:
        raise ValueError("p must be a flat array with at least one hypothesis")
    wrong = ~(np.isnan(checked) | ((checked >= 0) & (checked <= 1)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"p[{row}] is {checked[row]}: p values lie from 0 to 1")
    return checked


def adjust_p_values(p: ArrayLike, *, method: Adjustment) -> Floats:
    """The smallest level at which each hypothesis is rejected by the whole procedure, shape (m,).

    A NaN is a hypothesis that was planned and cannot be tested: it stays in the family as if its
    p were 1, and stays NaN; in a fixed sequence it stops what comes after. (R's p.adjust drops
    it, and tests the others more lightly than planned.) Source: Wright (1992); Holm (1979);
    Hochberg (1988); Hommel (1988); Benjamini, Hochberg (1995).
    """
    checked = check_p_values(p)
    unknown = np.isnan(checked)
    known = np.where(unknown, 1.0, checked)
    if method is Adjustment.FIXED_SEQUENCE:
        adjusted = np.maximum.accumulate(known)
    else:
        order = np.argsort(known, kind="stable")
        adjusted = np.empty_like(known)
        adjusted[order] = np.minimum(_STEPS[method](known[order]), 1.0)
    adjusted[unknown] = np.nan
    return adjusted


def _bonferroni(p: Floats) -> Floats:
    return p * p.size


def _holm(p: Floats) -> Floats:
    return np.asarray(np.maximum.accumulate(p * np.arange(p.size, 0, -1)))


def _hochberg(p: Floats) -> Floats:
    return np.asarray(np.minimum.accumulate((p * np.arange(p.size, 0, -1))[::-1])[::-1])


def _benjamini_hochberg(p: Floats) -> Floats:
    steps = p * p.size / np.arange(1, p.size + 1)
    return np.asarray(np.minimum.accumulate(steps[::-1])[::-1])


def _hommel(p: Floats) -> Floats:
    """The greatest p of Simes' test over all sets that hold a hypothesis, one size at a time.

    Of the sets of one size, the one with the other hypotheses of greatest p is the hardest.
    """
    adjusted = p.copy()
    for size in range(2, p.size + 1):
        top = size * p[-size:] / np.arange(1, size + 1)
        others = top[1:].min()
        below = np.minimum(size * p[:-size], others)
        adjusted[:-size] = np.maximum(adjusted[:-size], below)
        adjusted[-size:] = np.maximum(adjusted[-size:], min(top[0], others))
    return adjusted


_STEPS = {
    Adjustment.BONFERRONI: _bonferroni,
    Adjustment.HOLM: _holm,
    Adjustment.HOCHBERG: _hochberg,
    Adjustment.HOMMEL: _hommel,
    Adjustment.BENJAMINI_HOCHBERG: _benjamini_hochberg,
}
