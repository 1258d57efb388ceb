"""Anticancer therapy outside the protocol: what R7 and R15 ask for, and the later lines."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LATER_LINES, conform, derived_schema


def derive_new_therapy(frames: Frames) -> pl.DataFrame:
    """Each start of anticancer therapy that the protocol did not plan.

    R14: planned nephrectomy, protocol SBRT and per-protocol holds are never new therapy. R13:
    treatment that is not active against the trial's cancer does not count. R15: local therapy
    outside the protocol counts. Surgery counts where it is said not to have been planned.
    """
    later = _outside_protocol(frames["subseq"]).select(
        *KEY, "start_date", "type", "reason", entries=pl.concat_list("entry")
    )
    surgery = (
        frames["surg"]
        .filter(~pl.col("planned"))
        .select(
            *KEY,
            start_date="surgery_date",
            type=pl.lit("surgery"),
            reason=pl.lit("choice"),
            entries=pl.concat_list("entry"),
        )
    )
    schema = derived_schema("new_therapy")
    both = pl.concat([conform(later, schema=schema), conform(surgery, schema=schema)])
    return both.drop_nulls("start_date").sort(*KEY, "start_date", "type")


def derive_later_lines(frames: Frames) -> pl.DataFrame:
    """Per subject with any: number and first date of later systemic and local therapies."""
    rows = _outside_protocol(frames["subseq"])
    systemic = pl.col("type") == "systemic"
    dates = pl.col("start_date")
    summed = rows.group_by(KEY).agg(
        systemic_lines=systemic.sum(),
        first_systemic_date=dates.filter(systemic).min(),
        local_therapies=(~systemic).sum(),
        first_local_date=dates.filter(~systemic).min(),
        entries=pl.col("entry").sort(),
    )
    return conform(summed.sort(KEY), schema=LATER_LINES)


def _outside_protocol(rows: pl.DataFrame) -> pl.DataFrame:
    planned = pl.col("protocol_defined").fill_null(value=False)
    active = pl.col("against_rcc").fill_null(value=True)
    return rows.filter(~planned & active)
