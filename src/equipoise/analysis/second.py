"""The times of a second endpoint beside those of the first: one of the same patient a row."""

from dataclasses import replace

import numpy as np
import polars as pl

from equipoise.analysis.gather import DAYS_PER_MONTH
from equipoise.analysis.sample import Sample, select_rows

NO_SECOND = "the second endpoint is not known here: name `second_endpoint` in the plan's options"


def add_second(sample: Sample, *, times: pl.DataFrame, label: str) -> Sample:
    """The sample with each patient's time, cause and row of the endpoint of this label."""
    own = {
        subject: (days, cause, row)
        for subject, days, cause, row in times.select("subject", "days", "cause", "row").iter_rows()
    }
    found = [own.get(str(subject), (np.nan, 0, "")) for subject in sample.subject]
    return replace(
        sample,
        second_time=np.array([days for days, _, _ in found], dtype=np.float64) / DAYS_PER_MONTH,
        second_cause=np.array([cause for _, cause, _ in found], dtype=np.int64),
        second_rows=np.array([row for _, _, row in found], dtype=np.str_),
        second_label=label,
    )


def select_with_second(sample: Sample) -> tuple[Sample, tuple[str, ...]]:
    """The rows that have a second time, and how many have none; none where it is not known."""
    if sample.second_time is None:
        return sample, (NO_SECOND,)
    kept = np.isfinite(sample.second_time)
    lost = int((~kept).sum())
    words = (f"{lost} without a time of the second endpoint: left out",) if lost else ()
    return select_rows(sample, kept=kept), words


def rows_of_second(sample: Sample) -> tuple[str, ...]:
    """The ids of the second endpoint's rows."""
    return () if sample.second_rows is None else tuple(str(row) for row in sample.second_rows)
