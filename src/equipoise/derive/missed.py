"""Missed assessments: whether an event came after two or more scheduled ones without a scan."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from equipoise.protocol.model import Visit

_NEVER = 2**31 - 1


def missed_limit(
    last_day: pl.Series, *, label: pl.Series, visits: Sequence[Visit], missed: int
) -> pl.Series:
    """The last day on which an event still counts, for each day of the last adequate assessment.

    D2.3: with A0 the last adequate assessment and T1 < T2 < ... the scheduled ones after it, an
    event after T_k + its window has k missed assessments before it. Days are counted from the
    origin. A scheduled assessment is after A0 when its window opens after A0 and A0 is not that
    very visit (`label`), made early. Beyond the schedule there is nothing to miss.
    """
    following = {visit.code: place + 1 for place, visit in enumerate(visits)}
    named = label.replace_strict(following, default=0, return_dtype=pl.Int64).to_numpy()
    opens = np.array([visit.day - visit.before_days for visit in visits], dtype=np.int64)
    closes = np.array([visit.day + visit.after_days for visit in visits], dtype=np.int64)
    first = np.searchsorted(opens, last_day.to_numpy(), side="right")
    place = np.maximum(first, named) + missed - 1
    known = place < len(visits)
    limit = np.full(len(last_day), _NEVER, dtype=np.int64)
    limit[known] = closes[place[known]]
    return pl.Series(last_day.name, limit)
