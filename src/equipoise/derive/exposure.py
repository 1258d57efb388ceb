"""Exposure: systemic therapy with relative dose intensity, and SBRT as delivered."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import EXPOSURE, KEY, SBRT, conform
from equipoise.protocol.model import Protocol

_LESION = (*KEY, "lesion")


def derive_exposure(frames: Frames, contacts: pl.DataFrame) -> pl.DataFrame:
    """Per subject and agent: duration, relative dose intensity, holds around SBRT, reductions.

    Relative dose intensity is the dose given over the dose planned, both summed over the days of
    the records; a held record gives nothing. A record without stop lasts to the last contact.
    """
    rows = frames["ex_sys"].drop_nulls("start_date").join(
        contacts.select(*KEY, "alive_date"), on=list(KEY), how="left"
    )  # fmt: skip
    end = pl.max_horizontal(pl.coalesce("stop_date", "alive_date"), "start_date")
    held = pl.col("action") == "held"
    rows = rows.with_columns(
        length=(end - pl.col("start_date")).dt.total_days() + 1,
        end=end,
        given=pl.when(held).then(0.0).otherwise(pl.coalesce("dose_mg", "planned_dose_mg")),
    )
    summed = rows.group_by(*KEY, "agent").agg(
        pl.col("regimen").sort_by("start_date", "record").first(),
        start_date=pl.col("start_date").min(),
        stop_date=pl.col("end").max(),
        given=(pl.col("given") * pl.col("length")).sum(),
        planned=(pl.col("planned_dose_mg") * pl.col("length")).sum(),
        held_for_sbrt_days=pl.col("length").filter(held & (pl.col("reason") == "sbrt")).sum(),
        reductions=(pl.col("action") == "reduced").sum(),
        entries=pl.col("entry").sort(),
    )
    intensity = pl.when(pl.col("planned") > 0).then(pl.col("given") / pl.col("planned"))
    days = (pl.col("stop_date") - pl.col("start_date")).dt.total_days() + 1
    done = summed.with_columns(relative_dose_intensity=intensity, days=days)
    return conform(done.sort(*KEY, "agent"), schema=EXPOSURE)


def derive_sbrt(frames: Frames, protocol: Protocol) -> pl.DataFrame:
    """Per subject with a prescription or fraction: lesions, fractions, least BED10, times.

    A lesion is complete when all its prescribed fractions were given; BED10 counts the dose
    given, n d (1 + d / 10) (D5.1).
    """
    given = frames["rt_fx"].group_by(_LESION).agg(
        fractions_given=pl.len().cast(pl.Int64),
        bed10=(pl.col("dose_gy") * (1 + pl.col("dose_gy") / 10)).sum(),
        first=pl.col("fraction_date").min(),
        last=pl.col("fraction_date").max(),
        entry_fx=pl.col("entry").sort(),
    )  # fmt: skip
    planned = frames["rt_rx"].unique(_LESION, keep="first", maintain_order=True)
    lesions = planned.select(*_LESION, "fractions", "entry").join(
        given, on=list(_LESION), how="full", coalesce=True
    )
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    start = frames[form].unique(KEY, keep="first").select(*KEY, randomised_date=item)
    treated = pl.col("fractions_given").is_not_null()
    summed = lesions.group_by(KEY).agg(
        lesions_planned=pl.col("fractions").is_not_null().sum(),
        lesions_treated=treated.sum(),
        lesions_completed=(pl.col("fractions_given") >= pl.col("fractions")).sum(),
        fractions=pl.col("fractions_given").sum(),
        min_bed10_gy=pl.col("bed10").min(),
        first=pl.col("first").min(),
        last=pl.col("last").max(),
        entries=pl.concat([pl.col("entry").drop_nulls(), pl.col("entry_fx").explode().drop_nulls()])
        .unique()
        .sort(),
    )
    done = summed.join(start, on=list(KEY), how="left").with_columns(
        start_lag_days=(pl.col("first") - pl.col("randomised_date")).dt.total_days(),
        overall_days=(pl.col("last") - pl.col("first")).dt.total_days() + 1,
    )
    return conform(done.sort(KEY), schema=SBRT)
