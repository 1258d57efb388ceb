"""The clock of an arm that never has the origin counts from a stand-in (D2.5 LC-4; D2.1 S9)."""

import math

import polars as pl

from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.model import Protocol

REFERENCE_CLOCK = "reference"  # how derivation names the times counted from `reference_origin`


def select_by_clock(
    times: pl.DataFrame, *, members: pl.DataFrame, endpoint: Endpoint, protocol: Protocol
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The times of an endpoint, each arm by its own clock, and how the stand-in was set.

    The reference arm counts from `reference_origin` plus `reference_offset_days`, else plus the
    median lag from there to the origin seen in the units of the other arms (half a day up). Units
    whose time had ended by then are not at risk. `times` holds both clocks of one endpoint.
    """
    reference = members.filter(pl.col("arm") == protocol.reference_arm.code).select("subject")
    by_reference = pl.col("convention") == REFERENCE_CLOCK
    own = times.filter(~by_reference).join(reference, on="subject", how="anti")
    since = times.filter(by_reference).select("subject", "lesion", since="start_date")
    both = own.join(since, on=["subject", "lesion"], how="inner")
    lags = both.select((pl.col("start_date") - pl.col("since")).dt.total_days())[:, 0]
    offset, words = set_offset(lags, endpoint=endpoint)
    stand_in = times.filter(by_reference).join(reference, on="subject", how="semi")
    counted = [name for name in ("days", "left_days", "right_days") if name in times.columns]
    moved = stand_in.with_columns(
        (pl.col(counted) - offset).clip(lower_bound=0),
        start_date=pl.col("start_date") + pl.duration(days=offset),
    )
    late = moved.filter(pl.col("days") <= 0).height
    told = (f"{late} of the reference arm ended before the clock starts: left out",) if late else ()
    rows = pl.concat([own, moved.filter(pl.col("days") > 0)])
    return rows, (*words, *told)


def set_offset(lags_days: pl.Series, *, endpoint: Endpoint) -> tuple[int, tuple[str, ...]]:
    """How many days after its origin the clock of the reference arm starts, and how that was set.

    `lags_days` are those from `reference_origin` to the origin in the other arms.
    """
    median = lags_days.median()
    if endpoint.reference_offset_days is not None:
        days, how = endpoint.reference_offset_days, "as the protocol gives it"
    elif isinstance(median, float):
        days, how = math.floor(median + 0.5), "the median lag of the other arm"
    else:
        return 0, ("reference arm: nobody in the other arm has the start of the clock, so no lag",)
    return days, (f"reference arm: the clock starts {days} days after its origin, {how}",)
