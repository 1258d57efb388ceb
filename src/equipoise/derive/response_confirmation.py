"""Which complete and partial responses are confirmed by a later assessment (D3.6)."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.derive.schemas import KEY
from equipoise.protocol.model import Response

_DAYS = 2**20  # more days than any trial has, so that subject and day are one number
_OTHER = -1

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """Assessments in the order of subject and day: which subject, the day, the response."""

    subject: Ints
    day: Ints
    response: NDArray[np.str_]

    def is_any(self, *codes: str) -> Flags:
        """The assessments with one of these responses."""
        return np.isin(self.response, codes)


def find_confirming(course: pl.DataFrame, *, settings: Response) -> pl.Series:
    """For each assessment the row of the one that confirms it; null where none does.

    `course` holds the assessments in time, sorted by key and day. CR is confirmed by the first CR
    from `confirm_after_days` on, with CR and NE alone in between; PR by the first CR or PR, with
    CR, PR, NE and (one, where accepted) SD in between and no PR after a CR. At most
    `max_not_evaluable` may be NE. Source: the rules documented with admiralonco (D3.6).
    """
    rows = _Course(
        subject=course.select(pl.struct(KEY).rle_id()).to_series().cast(pl.Int64).to_numpy(),
        day=course["days"].to_numpy(),
        response=course["response"].to_numpy().astype(np.str_),
    )
    found = np.full(course.height, _OTHER, dtype=np.int64)
    for code, by, between, stable in (
        ("CR", ("CR",), ("CR", "NE"), 0),
        ("PR", ("CR", "PR"), ("CR", "PR", "SD", "NE"), int(settings.accept_stable)),
    ):
        own = np.flatnonzero(rows.is_any(code))
        later = _first_later(rows, own, is_wanted=rows.is_any(*by), after=settings)
        own, later = own[later >= 0], later[later >= 0]
        fits = _count(~rows.is_any(*between), own, later) == 0
        fits &= _count(rows.is_any("NE"), own, later) <= settings.max_not_evaluable
        fits &= _count(rows.is_any("SD"), own, later) <= stable
        fits &= _falls_back(rows)[later] <= own
        found[own[fits]] = later[fits]
    return pl.Series("confirming", found).replace(_OTHER, None)


def _first_later(rows: _Course, own: Ints, *, is_wanted: Flags, after: Response) -> Ints:
    """The first wanted assessment of the same subject so many days later; -1 without one."""
    place = np.flatnonzero(is_wanted)
    moment = rows.subject * _DAYS + rows.day
    at = np.searchsorted(moment[place], moment[own] + after.confirm_after_days)
    known = at < len(place)
    found = np.full(len(own), _OTHER, dtype=np.int64)
    found[known] = place[at[known]]
    same = known & (rows.subject[found] == rows.subject[own])
    return np.where(same, found, _OTHER)


def _count(is_such: Flags, own: Ints, later: Ints) -> Ints:
    """How many such assessments lie after `own`, up to `later`."""
    until = np.cumsum(is_such)
    return np.asarray(until[later] - until[own], dtype=np.int64)


def _falls_back(rows: _Course) -> Ints:
    """Up to each assessment, the last CR that a PR has followed; -1 without one."""
    place = np.arange(len(rows.day))
    last = np.maximum.accumulate(np.where(rows.is_any("CR"), place, _OTHER))
    return np.maximum.accumulate(np.where(rows.is_any("PR"), last, _OTHER))
