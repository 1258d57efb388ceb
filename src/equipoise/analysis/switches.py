"""When each patient crossed over, and until when he could have been followed."""

from dataclasses import replace

import numpy as np
import polars as pl

from equipoise.analysis.gather import DAYS_PER_MONTH
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
    switched = intercurrent.filter(named).select("subject", "day")
    ends = pl.col("start_date") + pl.duration(days=pl.col("days"))
    last = times.select(ends.max()).to_series()
    started = (
        times.filter(pl.col("row").is_in(list(sample.rows)))
        .select(
            "row", "subject", follow_up=pl.lit(last.first(), dtype=pl.Date) - pl.col("start_date")
        )
        .with_columns(pl.col("follow_up").dt.total_days())
        .join(switched, on="subject", how="left")
    )
    rows = pl.DataFrame({"row": sample.rows}, schema={"row": pl.String})
    told = rows.join(started, on="row", how="left", maintain_order="left")
    day = told["day"].cast(pl.Float64).to_numpy() - 1  # day 1 is the day of the origin
    return replace(
        sample,
        switch=np.where(np.isnan(day), np.inf, np.maximum(day, 0.0)) / DAYS_PER_MONTH,
        follow_up=told["follow_up"].cast(pl.Float64).to_numpy() / DAYS_PER_MONTH,
    )
