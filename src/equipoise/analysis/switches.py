"""When each patient crossed over, and until when he could have been followed."""

from dataclasses import replace

import numpy as np
import polars as pl

from equipoise.analysis.gather import DAYS_PER_MONTH, read_days
from equipoise.analysis.sample import Sample


def add_switch(
    sample: Sample, *, times: pl.DataFrame, intercurrent: pl.DataFrame, endpoint: str, event: str
) -> Sample:
    """The sample with the time of this intercurrent event, and how long each could be followed.

    `follow_up` runs from each start to the last day on which any time of the trial ends. Without an
    event named the sample stays as it is.
    """
    if not event:
        return sample
    named = (pl.col("endpoint") == endpoint) & (pl.col("event") == event)
    known = intercurrent.filter(named & pl.col("day").is_not_null())
    switched = dict(known.select("subject", "day").iter_rows())
    start = read_days(times["start_date"])
    last = np.fmax.reduce(start + times["days"].to_numpy(), initial=-np.inf)
    own = np.flatnonzero(times["endpoint"] == endpoint)
    started = dict(zip(times["row"][own].to_list(), start[own], strict=True))
    # day 1 is the day of the origin
    days = np.array([switched.get(str(one), np.inf) for one in sample.subject]) - 1
    return replace(
        sample,
        switch=np.maximum(days, 0.0) / DAYS_PER_MONTH,
        follow_up=(last - np.array([started[row] for row in sample.rows])) / DAYS_PER_MONTH,
    )
