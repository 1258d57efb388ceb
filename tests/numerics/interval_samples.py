"""Small groups of rows between bounds, for properties: few days, so that many bounds tie."""

import math
from dataclasses import replace

from hypothesis import strategies as st

from equipoise.numerics.intervals.interval_times import IntervalTimes, bound_interval_times
from naive.turnbull import Bounds


@st.composite
def _row(draw: st.DrawFn) -> Bounds:
    left = draw(st.integers(0, 6))
    width = draw(st.sampled_from([0, 1, 2, 3, 5, math.inf]))
    return Bounds(
        left=float(max(left, 1) if width == 0 else left),
        right=float(max(left, 1) if width == 0 else left + width),
        weight=draw(st.sampled_from([1.0, 1.0, 2.0, 0.5])),
        group=draw(st.integers(0, 2)),
        stratum=draw(st.integers(0, 1)),
    )


def bounded_rows(most: int = 14) -> st.SearchStrategy[list[Bounds]]:
    """Rows known exactly, between bounds, from 0 on, never seen; also one alone."""
    return st.lists(_row(), min_size=1, max_size=most)


def late_rows(most: int = 12) -> st.SearchStrategy[list[Bounds]]:
    """The same, of which some enter some days before their left bound, or by it."""
    waited = st.tuples(_row(), st.sampled_from([0, 0, 1, 2, 6]))
    return st.lists(waited, min_size=2, max_size=most).map(
        lambda pairs: [replace(row, entry=_entry(row, days)) for row, days in pairs]
    )


def _entry(row: Bounds, days: int) -> float:
    """So many days before the first on which the event may lie; the start where that is none."""
    if days == 0:
        return 0.0
    return max((row.left - 1 if row.left == row.right else row.left) + 1 - days, 0.0)


def times_of(rows: list[Bounds], *, weighted: bool = True) -> IntervalTimes:
    return bound_interval_times(
        [r.left for r in rows],
        right=[r.right for r in rows],
        entry=[r.entry for r in rows],
        weight=[r.weight for r in rows] if weighted else None,
    )


def spelled(text: str) -> IntervalTimes:
    """Rows written as "3-5 7 4+": between 3 and 5, at 7, after 4."""
    pairs = []
    for word in text.split():
        if word.endswith("+"):
            pairs.append((float(word[:-1]), math.inf))
        else:
            begin, _, end = word.partition("-")
            pairs.append((float(begin), float(end or begin)))
    return bound_interval_times([left for left, _ in pairs], right=[right for _, right in pairs])
