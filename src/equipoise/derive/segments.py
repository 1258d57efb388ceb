"""What was so far, group by group, over rows that are sorted by their group."""

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

NONE = 2**40  # larger than every number that is counted here
_APART = 2 * NONE


def smallest_before(values: Numbers, *, group: Numbers) -> Numbers:
    """The smallest of the values before each row in its group; `NONE` for the first.

    `group` is sorted; values are smaller than `NONE` in size. Shapes (n,).
    """
    return _shifted(_smallest_so_far(values, group), group=group, first=NONE)


def any_so_far(flags: Flags, *, group: Numbers) -> Flags:
    """Whether a flag was set at this row or before it in its group; shapes (n,)."""
    return np.equal(_smallest_so_far(np.where(flags, 0, 1), group), 0)


def any_before(flags: Flags, *, group: Numbers) -> Flags:
    """Whether a flag was set before this row in its group; shapes (n,)."""
    set_so_far = np.where(any_so_far(flags, group=group), 1, 0)
    return np.equal(_shifted(set_so_far, group=group, first=0), 1)


def number_runs(starts: Flags) -> Numbers:
    """A number for each run of rows; a run starts where the flag is set. Shape (n,)."""
    return np.cumsum(starts, dtype=np.int64)


def is_first(group: Numbers) -> Flags:
    """Whether each row is the first of its group; shape (n,)."""
    first = np.ones(len(group), dtype=np.bool_)
    first[1:] = group[1:] != group[:-1]
    return first


def _smallest_so_far(values: Numbers, group: Numbers) -> Numbers:
    # each group lies below the one before it, so that the running minimum starts anew
    place = number_runs(is_first(group)) * _APART
    return np.minimum.accumulate(values - place) + place


def _shifted(values: Numbers, *, group: Numbers, first: int) -> Numbers:
    before = np.full(len(values), first, dtype=np.int64)
    before[1:] = values[:-1]
    return np.where(is_first(group), first, before)
