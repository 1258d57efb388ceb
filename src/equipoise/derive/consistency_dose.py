"""Questions about SBRT whose dose or timing does not fit the protocol."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.schemas import LESION_KEY


def _outside_library(given: Evidence) -> pl.DataFrame:
    outside = given.datasets.dose.filter(pl.col("library") == "outside")
    words = pl.format("{} Gy in {}", "prescribed_gy", "prescribed_fractions")
    return tell_rows(_with_entry(outside, given, form="rt_rx"), found=words)


def _too_close(given: Evidence) -> pl.DataFrame:
    close = given.datasets.dose.filter(pl.col("verdict_gap") != "per_protocol")
    words = (
        pl.when("untimed_day")
        .then(pl.lit("one day"))
        .otherwise(pl.format("{} hours", pl.col("least_gap_hours").round(1)))
    )
    return tell_rows(_with_entry(close, given, form="rt_fx"), found=words)


def _out_of_order(given: Evidence) -> pl.DataFrame:
    odd = given.datasets.dose.filter(pl.col("out_of_order") | pl.col("skipped"))
    words = pl.when("out_of_order").then(pl.lit("out of order")).otherwise(pl.lit("skipped"))
    return tell_rows(_with_entry(odd, given, form="rt_fx"), found=words)


def _with_entry(rows: pl.DataFrame, given: Evidence, *, form: str) -> pl.DataFrame:
    """The rows with the first entry of the lesion in a form."""
    first = given.forms[form].group_by(LESION_KEY).agg(pl.col("entry").min())
    return rows.join(first, on=list(LESION_KEY), how="inner")


DOSE_CHECKS = (
    Check(
        code="dose-outside-library",
        item="dose_gy",
        message="Dose and fractions are not in the protocol's library for this site.",
        mend="Correct the prescription; a true one stays and counts as a variation.",
        find=_outside_library,
    ),
    Check(
        code="fractions-too-close",
        item="fraction_date",
        message="Two fractions of the lesion lie closer together than the protocol allows.",
        mend="Compare date and time of day with the record of the treatment.",
        find=_too_close,
    ),
    Check(
        code="fractions-out-of-order",
        item="fraction",
        message="The numbers of the fractions do not follow their dates, or one is left out.",
        mend="Enter the fraction that is missing, or correct numbers and dates.",
        find=_out_of_order,
    ),
)
