"""Exposure: systemic therapy with relative dose intensity, and SBRT as delivered."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import EXPOSURE, KEY, LESION_KEY, SBRT, conform
from equipoise.protocol.model import Protocol


def derive_exposure(frames: Frames, *, contacts: pl.DataFrame) -> pl.DataFrame:
    """Per subject and agent: duration, relative dose intensity, holds around SBRT, reductions.

    Relative dose intensity is the dose given over the dose planned, both summed over the days of
    the records; a held record gives nothing, a reduced one without its dose leaves it unknown. A
    record without stop lasts to the last contact. A record below the planned dose is a reduction,
    also where it ends with the stop of the therapy.
    """
    rows = frames["ex_sys"].drop_nulls("start_date")
    rows = rows.join(contacts.select(*KEY, "alive_date"), on=list(KEY), how="left")
    end = pl.max_horizontal(pl.coalesce("stop_date", "alive_date"), "start_date")
    held = pl.col("action") == "held"
    as_planned = pl.when(pl.col("action") != "reduced").then("planned_dose_mg")
    less = (pl.col("dose_mg") < pl.col("planned_dose_mg")) & ~held
    lowered = (pl.col("action") == "reduced") | less.fill_null(value=False)
    rows = rows.with_columns(
        length=(end - pl.col("start_date")).dt.total_days() + 1,
        end=end,
        given=pl.when(held).then(0.0).otherwise(pl.coalesce("dose_mg", as_planned)),
    )
    summed = rows.group_by(*KEY, "agent").agg(
        pl.col("regimen").sort_by("start_date", "record").first(),
        start_date=pl.col("start_date").min(),
        stop_date=pl.col("end").max(),
        known=pl.all_horizontal(pl.col("given", "planned_dose_mg").is_not_null()).all(),
        given=(pl.col("given") * pl.col("length")).sum(),
        planned=(pl.col("planned_dose_mg") * pl.col("length")).sum(),
        held_for_sbrt_days=pl.col("length").filter(held & (pl.col("reason") == "sbrt")).sum(),
        reductions=lowered.sum(),
        entries=pl.col("entry").sort(),
    )
    computable = pl.col("known") & (pl.col("planned") > 0)
    intensity = pl.when(computable).then(pl.col("given") / pl.col("planned"))
    days = (pl.col("stop_date") - pl.col("start_date")).dt.total_days() + 1
    done = summed.with_columns(relative_dose_intensity=intensity, days=days)
    return conform(done.sort(*KEY, "agent"), schema=EXPOSURE)


def derive_sbrt_lesions(frames: Frames) -> pl.DataFrame:
    """Per lesion with a prescription or fraction: fractions planned and given, BED10, dates.

    BED10 counts the dose given, the sum of d (1 + d / 10) over the fractions (D5.1). `complete`
    when all prescribed fractions were given.
    """
    dose = pl.col("dose_gy")
    given = (
        frames["rt_fx"]
        .unique([*LESION_KEY, "fraction"], keep="first", maintain_order=True)
        .group_by(LESION_KEY)
        .agg(
            fractions_given=pl.len().cast(pl.Int64),
            bed10_gy=(dose * (1 + dose / 10)).sum(),
            first=pl.col("fraction_date").min(),
            last=pl.col("fraction_date").max(),
            entry_fx=pl.col("entry").sort(),
        )
    )
    planned = frames["rt_rx"].unique(LESION_KEY, keep="first", maintain_order=True)
    lesions = planned.select(*LESION_KEY, "fractions", "entry").join(
        given, on=list(LESION_KEY), how="full", coalesce=True
    )
    complete = pl.col("fractions_given") >= pl.col("fractions")
    return lesions.with_columns(complete=complete.fill_null(value=False))


def derive_sbrt(lesions: pl.DataFrame, *, frames: Frames, protocol: Protocol) -> pl.DataFrame:
    """Per subject with a prescription or fraction: lesions, fractions, least BED10, times."""
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    start = frames[form].group_by(KEY).agg(pl.col(item).min().alias("randomised_date"))
    fractions = pl.col("entry_fx").explode().drop_nulls()
    summed = lesions.group_by(KEY).agg(
        lesions_planned=pl.col("fractions").is_not_null().sum(),
        lesions_treated=pl.col("fractions_given").is_not_null().sum(),
        lesions_completed=pl.col("complete").sum(),
        fractions=pl.col("fractions_given").sum(),
        min_bed10_gy=pl.col("bed10_gy").min(),
        first=pl.col("first").min(),
        last=pl.col("last").max(),
        entries=pl.concat([pl.col("entry").drop_nulls(), fractions]).unique().sort(),
    )
    done = summed.join(start, on=list(KEY), how="left").with_columns(
        start_lag_days=(pl.col("first") - pl.col("randomised_date")).dt.total_days(),
        overall_days=(pl.col("last") - pl.col("first")).dt.total_days() + 1,
    )
    return conform(done.sort(KEY), schema=SBRT)
