"""How a site reads one scan: sums, growth, response; a few lines of its own, never derive's.

Everything in whole tenths of a millimetre (RECIST 1.1, 4.3.1: 20 % and 5 mm over the nadir).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from equipoise.simulate.cohort import Flags, Ints, any_of
from equipoise.simulate.lesions import Lesions

FIVE_MM = 50
TEN_MM = 100


class Response(IntEnum):
    """A response as small number; NONE where the question does not arise."""

    NONE = 0
    CR = 1
    PR = 2
    SD = 3
    PD = 4
    NE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a site remembers of earlier scans: smallest values, best response, no disease left."""

    lowest_sum: Ints
    lowest: Ints
    baseline_sum: Ints
    has_responded: Flags
    has_cleared: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a site concludes from one scan, before new lesions are looked for."""

    target: Ints
    non_target: Ints
    growing: Flags
    suspicious: Flags


def build_memory(lesions: Lesions) -> Memory:
    """What is remembered after the baseline scan."""
    total = np.where(lesions.target, lesions.tenths, 0).sum(axis=1)
    never = np.zeros(len(total), dtype=np.bool_)
    return Memory(
        lowest_sum=total,
        lowest=lesions.tenths,
        baseline_sum=total,
        has_responded=never,
        has_cleared=never,
    )


def read_scan(lesions: Lesions, *, tenths: Ints, unread: Flags, memory: Memory) -> Reading:
    """The site's reading of one scan of every subject; `unread` lesions cannot be judged."""
    target, by_sum = _read_targets(lesions, tenths=tenths, unread=unread, memory=memory)
    growing = is_growing(tenths, lowest=memory.lowest) & lesions.present & ~unread
    others = lesions.present & ~lesions.target
    is_gone = np.where(lesions.nodal, tenths < TEN_MM, tenths == 0)
    back = memory.has_cleared[:, None] & ~is_gone & ~unread  # EORTC: after CR, coming back is PD
    growing = (growing | back) & others
    by_other = any_of(growing)
    cleared = (is_gone | ~others).all(axis=1)
    non_target = np.where(by_other, Response.PD, np.where(cleared, Response.CR, Response.SD))
    return Reading(
        target=target,
        non_target=np.where(others.any(axis=1), non_target, Response.NONE),
        growing=growing,
        suspicious=by_sum | by_other,
    )


def is_growing(tenths: Ints, *, lowest: Ints) -> Flags:
    """Lesions at least 20 % and 5 mm over their smallest size, and at least 10 mm (D2.5)."""
    over = (10 * tenths >= 12 * lowest) & (tenths - lowest >= FIVE_MM)
    return np.asarray(over & (tenths >= TEN_MM), dtype=np.bool_)


def remember(
    memory: Memory, *, reading: Reading, lesions: Lesions, scan: tuple[Ints, Flags, Flags]
) -> Memory:
    """What is remembered after a scan; `scan` is its tenths, unread lesions, subjects seen."""
    tenths, unread, seen = scan
    total = np.where(lesions.target, tenths, 0).sum(axis=1)
    complete = seen & ~(unread & lesions.target).any(axis=1)
    judged = seen[:, None] & ~unread
    cleared = np.isin(reading.target, (Response.CR, Response.NONE))
    cleared &= np.isin(reading.non_target, (Response.CR, Response.NONE))
    responded = np.isin(reading.target, (Response.CR, Response.PR))
    return Memory(
        lowest_sum=np.where(complete, np.minimum(memory.lowest_sum, total), memory.lowest_sum),
        lowest=np.where(judged, np.minimum(memory.lowest, tenths), memory.lowest),
        baseline_sum=memory.baseline_sum,
        has_responded=memory.has_responded | (seen & responded),
        has_cleared=memory.has_cleared | (seen & cleared),
    )


def _read_targets(
    lesions: Lesions, *, tenths: Ints, unread: Flags, memory: Memory
) -> tuple[Ints, Flags]:
    """The target response (D3.2), and whether the sum shows progression."""
    missing = (unread & lesions.target).any(axis=1)
    total = np.where(lesions.target & ~unread, tenths, 0).sum(axis=1)
    lowest = memory.lowest_sum
    is_gone = np.where(lesions.nodal, tenths < TEN_MM, tenths == 0) | ~lesions.target
    gone = is_gone.all(axis=1) & ~missing
    grown = (10 * total >= 12 * lowest) & (total - lowest >= FIVE_MM)
    back = (lowest == 0) & (~is_gone & ~unread).any(axis=1)
    progression = lesions.target.any(axis=1) & ~gone & (grown | back)
    shrunk = (10 * total <= 7 * memory.baseline_sum) | memory.has_responded
    response = np.where(shrunk, Response.PR, Response.SD)
    response = np.where(gone, Response.CR, response)
    response = np.where(missing, Response.NE, response)
    response = np.where(progression, Response.PD, response)
    return np.where(lesions.target.any(axis=1), response, Response.NONE), progression
