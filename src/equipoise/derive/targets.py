"""What the lesions of each assessment come to: sums, and what is gone, back or grown (D3.2, D3.3).

Sums are in tenths of a millimetre, so that "20 % and 5 mm" is `10 S >= 12 N and S - N >= 50`.
Everything is an array over all assessments of all subjects at once.
"""

from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import polars as pl

from equipoise.derive.dates import NEVER, Days, as_days
from equipoise.derive.schemas import KEY
from equipoise.derive.segments import NONE, Flags, Numbers, smallest_before

NODE_NORMAL_TENTHS = 100  # RECIST 1.1, 4.3.2: a node under 10 mm short axis is normal
_LEAST_GROWTH_TENTHS = 50  # RECIST 1.1, 4.3.1: at least 5 mm
_UNKNOWN = -1


@overload
def has_grown(now: pl.Expr, *, nadir: pl.Expr) -> pl.Expr: ...


@overload
def has_grown(now: Numbers, *, nadir: Numbers) -> Flags: ...


def has_grown(now: Any, *, nadir: Any) -> Any:
    """Whether a sum or diameter is progressive against its nadir: 20 % and 5 mm.

    Tenths of a millimetre; the one place of the rule, for columns and for arrays of one shape.
    """
    return (10 * now >= 12 * nadir) & (now - nadir >= _LEAST_GROWTH_TENTHS)


def is_gone() -> pl.Expr:
    """Whether a lesion is gone: 0 mm, or a node of normal size; not known is not gone."""
    node = (pl.col("kind") == "nodal") & (pl.col("tenths") < NODE_NORMAL_TENTHS)
    return ((pl.col("tenths") == 0) | node).fill_null(value=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionScans:
    """Every lesion at every assessment as arrays of shape (n,); `unit` has shape (assessments,).

    `assessment` are positions among the assessments, which stand subject by subject in time order;
    `unit` numbers their subjects. `tenths` and `baseline` are -1 where not known; `day` is that of
    the scan; `entered` whether there is an entry.
    """

    unit: Numbers
    assessment: Numbers
    target: Flags
    index: Flags
    node: Flags
    tenths: Numbers
    baseline: Numbers
    progression: Flags
    evaluable: Flags
    entered: Flags
    day: Days

    @property
    def gone(self) -> Flags:
        """Whether the lesion is gone: 0 mm, or a node of normal size; not known is not gone."""
        normal = self.node & self.known & (self.tenths < NODE_NORMAL_TENTHS)
        return normal | np.equal(self.tenths, 0)

    @property
    def known(self) -> Flags:
        """Whether the size is known."""
        return np.not_equal(self.tenths, _UNKNOWN)

    def has(self, rows: Flags) -> Flags:
        """Whether each assessment has such a lesion."""
        return np.greater(self.count(rows), 0)

    def count(self, rows: Flags) -> Numbers:
        """How many such lesions each assessment has."""
        return np.bincount(self.assessment[rows], minlength=len(self.unit))

    def total(self, values: Numbers, *, rows: Flags) -> Numbers:
        """The values of such lesions added, per assessment."""
        weights = values[rows].astype(np.float64)  # whole numbers under 2**53: exact
        sums = np.bincount(self.assessment[rows], weights=weights, minlength=len(self.unit))
        return sums.astype(np.int64)

    def first_day(self, rows: Flags) -> Days:
        """The earliest scan of such lesions, per assessment; `NEVER` where there is none."""
        first = np.full(len(self.unit), NEVER, dtype=np.int64)
        np.minimum.at(first, self.assessment[rows], self.day[rows])
        return first


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The sum of some targets at each assessment, shape (assessments,).

    `available` adds what is known, `complete` says whether all is; `nadir` is the smallest complete
    sum before, baseline included, and only where the baseline is complete (`comparable`).
    """

    available: Numbers
    baseline: Numbers
    complete: Flags
    comparable: Flags
    nadir: Numbers
    grown: Flags


def read_lesion_scans(series: pl.DataFrame, *, visits: pl.DataFrame) -> LesionScans:
    """The series of lesions as arrays; every assessment of it is among `visits`."""
    subject = visits.select(pl.struct(KEY).rle_id())[:, 0]

    def flags(expression: pl.Expr) -> Flags:
        return series.select(expression.fill_null(value=False))[:, 0].to_numpy()

    def numbers(name: str) -> Numbers:
        return series[name].cast(pl.Int64).fill_null(_UNKNOWN).to_numpy()

    return LesionScans(
        unit=subject.cast(pl.Int64).to_numpy(),
        assessment=np.searchsorted(visits["assessment"].to_numpy(), numbers("assessment")),
        target=flags(pl.col("role") == "target"),
        index=flags(pl.col("index")),
        node=flags(pl.col("kind") == "nodal"),
        tenths=numbers("tenths"),
        baseline=numbers("baseline_tenths"),
        progression=flags(pl.col("status") == "progression"),
        evaluable=flags(pl.col("evaluable")),
        entered=flags(pl.col("entry").is_not_null()),
        day=as_days(series["scan_date"]),
    )


def add_targets(scans: LesionScans, *, rows: Flags) -> Sums:
    """The sum of these targets at each assessment, and whether it has grown over its nadir.

    Growth is asked on partial data too; after a sum of 0 any lesion that is back has grown (D3.2).
    """
    known, compared = rows & scans.known, rows & (scans.baseline != _UNKNOWN)
    asked = scans.count(rows)
    available = scans.total(scans.tenths, rows=known)
    complete = scans.count(known) == asked
    comparable = scans.count(compared) == asked
    baseline = scans.total(scans.baseline, rows=compared)
    before = smallest_before(np.where(complete, available, NONE), group=scans.unit)
    nadir = np.minimum(before, baseline)
    grown = has_grown(available, nadir=nadir)
    returned = (nadir == 0) & scans.has(known & ~scans.gone)
    return Sums(
        available=available,
        baseline=baseline,
        complete=complete,
        comparable=comparable,
        nadir=nadir,
        grown=comparable & (grown | returned),
    )
