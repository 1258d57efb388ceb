"""The fractions of each irradiated lesion: dose, gaps between them, their order."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import LESION_KEY


def derive_fractions(frames: Frames, *, alpha_beta_gy: float) -> pl.DataFrame:
    """Per lesion with a fraction: dose and BED given, smallest gap, order.

    Gaps lie between one fraction and the next in time; `least_gap_hours` where both times of day
    are known, `least_gap_days` between the dates. `untimed_day`: two fractions on one day, and the
    time of one of them is not known. `out_of_order`: a later fraction with a lower number.
    `skipped`: a number below the highest is not there. BED adds up d (1 + d / (alpha/beta)) over
    the fractions as given (D5.1).
    """
    dose = pl.col("dose_gy")
    rows = _with_gaps(frames)
    hours, days = pl.col("gap_hours"), pl.col("gap_days")
    backwards = pl.col("fraction") <= pl.col("fraction_before")
    return rows.group_by(LESION_KEY).agg(
        given_gy=dose.sum(),
        tumour_bed_gy=(dose * (1 + dose / alpha_beta_gy)).sum(),
        least_gap_hours=hours.min(),
        least_gap_days=days.min(),
        untimed_day=((days == 0) & hours.is_null()).any(),
        out_of_order=backwards.any(),
        skipped=pl.col("fraction").max() > pl.len(),
    )


def _with_gaps(frames: Frames) -> pl.DataFrame:
    """The fractions of each lesion in time, each with what lies between it and the one before.

    Where the time of day of two fractions of one day is not known, the lower number came first.
    """
    once = frames["rt_fx"].unique([*LESION_KEY, "fraction"], keep="first", maintain_order=True)
    time = pl.col("fraction_time").str.to_time("%H:%M", strict=False)
    at = pl.col("fraction_date").dt.combine(time)
    timed = once.select(*LESION_KEY, "fraction", "fraction_date", "dose_gy", at=at)
    rows = _sort_days(timed)
    before = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in LESION_KEY)
    passed = (pl.col("fraction_date") - pl.col("fraction_date").shift(1)).dt.total_days()
    elapsed = (pl.col("at") - pl.col("at").shift(1)).dt.total_minutes() / 60
    return rows.with_columns(
        gap_days=pl.when(before).then(passed),
        gap_hours=pl.when(before).then(elapsed),
        fraction_before=pl.when(before).then(pl.col("fraction").shift(1)),
    )


def _sort_days(rows: pl.DataFrame) -> pl.DataFrame:
    """In time: by date, then by time of day where every fraction of that day has one."""
    day = [*LESION_KEY, "fraction_date"]
    several = rows.select(pl.struct(day).is_duplicated().any()).item() if rows.height else False
    if not several:
        return rows.sort(day)
    known = rows.with_columns(at_known=pl.col("at").is_not_null().all().over(day))
    by_time = pl.when("at_known").then("at")
    return known.sort([*(pl.col(name) for name in day), by_time, pl.col("fraction")])
