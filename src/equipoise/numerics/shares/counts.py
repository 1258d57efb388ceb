"""Events and group sizes, as every comparison of shares and rates asks for them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _whole(values: ArrayLike, *, name: str) -> NDArray[np.int64]:
    given = np.asarray(values)
    numbers = given.astype(np.float64)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers)))
    if wrong.any():
        place = np.argwhere(wrong)[0].tolist() if given.ndim else []
        raise ValueError(f"{name}{place or ''} is {given[tuple(place)]}: counts are whole, from 0")
    return np.ascontiguousarray(numbers, dtype=np.int64)


def check_share(events: int, *, n: int) -> None:
    """ValueError where these are no events of n subjects."""
    if not (0 <= events <= n and events == events // 1 and n == n // 1):
        raise ValueError(f"{events} of {n}: events must be from 0 to n")


def check_pair(events: Sequence[int], *, n: Sequence[int]) -> None:
    """ValueError where these are no events and sizes of two groups, group 0 first."""
    if len(events) != 2 or len(n) != 2:
        raise ValueError(f"{len(events)} counts and {len(n)} sizes: two groups are compared")
    for x, size in zip(events, n, strict=True):
        check_share(x, n=size)


def check_tables(events: ArrayLike, *, n: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Events and sizes of shape (strata, groups) as whole numbers; else ValueError."""
    x, size = _whole(events, name="events"), _whole(n, name="n")
    if x.ndim != 2 or x.shape[1] < 2 or x.shape != size.shape:
        raise ValueError(
            f"events have shape {x.shape} and n {size.shape}: one row a stratum, one column a group"
        )
    if (x > size).any():
        stratum, group = np.argwhere(x > size)[0]
        raise ValueError(
            f"events[{stratum}, {group}] is {x[stratum, group]} of {size[stratum, group]}: "
            "events must be from 0 to n"
        )
    return x, size


def check_rate_tables(
    events: ArrayLike, *, time: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Events and times at risk of shape (strata, 2); ValueError names the first wrong."""
    x = _whole(events, name="events")
    at_risk = np.ascontiguousarray(time, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != 2 or x.shape != at_risk.shape:
        raise ValueError(
            f"events have shape {x.shape} and time {at_risk.shape}: one row a stratum, two groups"
        )
    wrong = ~(np.isfinite(at_risk) & (at_risk >= 0)) | ((at_risk == 0) & (x > 0))
    if wrong.any():
        stratum, group = np.argwhere(wrong)[0]
        raise ValueError(
            f"time[{stratum}, {group}] is {at_risk[stratum, group]} with {x[stratum, group]} "
            "events: time is finite, not negative, and above 0 where there are events"
        )
    return x, at_risk


def count_tables(
    event: ArrayLike, *, group: ArrayLike, stratum: ArrayLike | None = None, groups: int = 2
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Events and sizes of shape (strata, groups) from one row a subject.

    `event` is 0 or 1, `group` from 0 to `groups` - 1, `stratum` codes from 0; strata that nobody
    has are left out.
    """
    seen = _whole(event, name="event")
    arm = _whole(group, name="group")
    part = (
        np.zeros(seen.size, dtype=np.int64) if stratum is None else _whole(stratum, name="stratum")
    )
    if seen.ndim != 1 or seen.size == 0 or not seen.shape == arm.shape == part.shape:
        raise ValueError("event, group and stratum are flat, of one length, with a row at least")
    for name, codes, top in (("event", seen, 1), ("group", arm, groups - 1)):
        if codes.max() > top:
            row = int(np.argmax(codes > top))
            raise ValueError(f"{name}[{row}] is {codes[row]}: codes are from 0 to {top}")
    _, dense = np.unique(part, return_inverse=True)
    cell = dense * groups + arm
    shape = (int(dense.max()) + 1, groups)
    size = np.bincount(cell, minlength=shape[0] * groups).reshape(shape)
    return np.bincount(cell[seen == 1], minlength=shape[0] * groups).reshape(shape), size


def tell_strata(*, idle: NDArray[np.bool_], why: str) -> str:
    """The strata that add nothing, numbered from 0, and why; empty where all add."""
    if not idle.any():
        return ""
    which = ", ".join(str(stratum) for stratum in np.flatnonzero(idle))
    return f"{'strata' if idle.sum() > 1 else 'stratum'} {which}: {why}"
