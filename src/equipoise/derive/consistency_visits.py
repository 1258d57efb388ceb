"""Questions about the dates of visits: order, windows, spans, names (D2.2, D7.1)."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.schemas import KEY, VISIT_KEY

LONGEST_VISIT_DAYS = 28  # the scans of one assessment; twice the width of the widest window
_UNPLANNED = "^U|U[0-9]*$"  # how an unscheduled visit is marked: U200, M6U
_SCANS = ("les_fu", "newles")


def _visits(given: Evidence) -> pl.DataFrame:
    """The assessments after baseline with an entry each can be found by."""
    rows = given.datasets.assessments.filter(~pl.col("baseline"))
    rows = rows.with_columns(entry=pl.col("entries").list.first()).drop_nulls("entry")
    return rows.select(*VISIT_KEY, "entry", "first_date", "last_date")


def _planned(given: Evidence) -> pl.DataFrame:
    """The planned imaging after randomisation: its day, and half the way to its neighbours."""
    visits = [visit for visit in given.protocol.schedule.imaging_visits if visit.day > 0]
    rows = pl.DataFrame(
        [(visit.code, visit.day) for visit in visits],
        schema={"visit": pl.String, "day": pl.Int64},
        orient="row",
    ).sort("day")
    before = pl.col("day") - pl.col("day").shift(1).fill_null(0)
    after = (pl.col("day").shift(-1) - pl.col("day")).fill_null(before)
    return rows.with_columns(
        earliest=pl.col("day") - before / 2,
        latest=pl.col("day") + after / 2,
    )


def _out_of_order(given: Evidence) -> pl.DataFrame:
    """A planned visit whose scans lie before those of the planned visit before it."""
    rows = _visits(given).join(_planned(given), on="visit", how="inner").sort(*KEY, "day")
    before = pl.col("first_date", "visit").shift(1).over(KEY).name.suffix("_before")
    late = rows.with_columns(before).filter(pl.col("first_date") < pl.col("first_date_before"))
    return tell_rows(late, found=_and_before("first_date"))


def _far_from_plan(given: Evidence) -> pl.DataFrame:
    start = given.datasets.subjects.select(*KEY, "randomised_date")
    rows = _visits(given).join(_planned(given), on="visit", how="inner")
    rows = rows.join(start, on=list(KEY), how="inner").with_columns(
        at=(pl.col("first_date") - pl.col("randomised_date")).dt.total_days()
    )
    far = rows.filter(~pl.col("at").is_between("earliest", "latest"))
    words = pl.concat_str(pl.lit("day "), pl.col("at"), pl.lit(", planned "), pl.col("day"))
    return tell_rows(far, found=words)


def _overlapping(given: Evidence) -> pl.DataFrame:
    """A visit that begins before the one before it, in time, is over."""
    rows = _visits(given).sort(*KEY, "first_date", "last_date", "visit")
    before = pl.col("last_date", "visit").shift(1).over(KEY).name.suffix("_before")
    both = rows.with_columns(before).filter(pl.col("first_date") <= pl.col("last_date_before"))
    return tell_rows(both, found=_and_before("last_date"))


def _and_before(date: str) -> pl.Expr:
    """The date of a visit, and that of the visit before it."""
    other = [pl.col("visit_before"), pl.lit(" on "), pl.col(f"{date}_before")]
    return pl.concat_str(pl.col("first_date"), pl.lit("; "), *other)


def _long_visit(given: Evidence) -> pl.DataFrame:
    """Of a visit that lasts for weeks, the scan furthest from the others."""
    days = (pl.col("last_date") - pl.col("first_date")).dt.total_days()
    long = _visits(given).filter(days > LONGEST_VISIT_DAYS).drop("entry")
    scans = pl.concat(
        [given.forms[form].select(*VISIT_KEY, "entry", "scan_date") for form in _SCANS]
    )
    rows = scans.join(long, on=list(VISIT_KEY), how="inner")
    middle = pl.col("scan_date").cast(pl.Int64).median().over(VISIT_KEY)
    away = (pl.col("scan_date").cast(pl.Int64) - middle).abs()
    furthest = rows.with_columns(away=away).sort("away", "entry", descending=[True, False])
    once = furthest.unique(VISIT_KEY, keep="first", maintain_order=True)
    words = pl.concat_str(
        *(pl.col("scan_date"), pl.lit("; the visit lasts from "), pl.col("first_date")),
        *(pl.lit(" to "), pl.col("last_date")),
    )
    return tell_rows(once, found=words)


def _unknown_visit(given: Evidence) -> pl.DataFrame:
    """The first entry of a visit that is neither planned nor marked as unscheduled."""
    codes = [visit.code for visit in given.protocol.schedule.visit]
    strange = ~pl.col("visit").is_in(codes) & ~pl.col("visit").str.contains(_UNPLANNED)
    rows = [
        given.forms[form].filter(strange).select(*VISIT_KEY, "entry") for form in (*_SCANS, "rs")
    ]
    once = pl.concat(rows).unique(VISIT_KEY, keep="first", maintain_order=True)
    return tell_rows(once, found=pl.col("visit"))


VISIT_CHECKS = (
    Check(
        code="visits-out-of-order",
        item="scan_date",
        message="A planned visit is dated before the planned visit that precedes it.",
        mend="Compare the dates of both with the scans; derivation goes by the dates.",
        find=_out_of_order,
    ),
    Check(
        code="visit-far-from-plan",
        item="scan_date",
        message="A planned visit is dated nearer to the planned day of another.",
        mend="Correct the visit or the date; an unscheduled scan has a visit of its own (U...).",
        find=_far_from_plan,
    ),
    Check(
        code="visits-overlap",
        item="scan_date",
        message="The scans of two visits lie on one day, or among each other.",
        mend="Enter the scans of one assessment under one visit, or correct the date.",
        find=_overlapping,
    ),
    Check(
        code="visit-over-weeks",
        item="scan_date",
        message="The scans of one visit lie more than 28 days apart.",
        mend="Correct the date of this scan, or enter a visit of its own.",
        find=_long_visit,
    ),
    Check(
        code="unknown-visit",
        item="visit",
        message="The visit is neither planned nor marked as unscheduled.",
        mend="Write the code of the schedule; an unscheduled visit begins or ends with U.",
        find=_unknown_visit,
    ),
)
