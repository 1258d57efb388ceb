"""Questions about lesions and visits whose derived course does not fit the entries."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.schemas import KEY, LESION_KEY, VISIT_KEY


def _no_baseline(given: Evidence) -> pl.DataFrame:
    without = given.datasets.subjects.filter(~pl.col("baseline_assessed"))
    rows = without.with_columns(entry=pl.col("entries").list.first())
    return tell_rows(rows, found=pl.col("randomised_date"))


def _lesion_not_entered(given: Evidence) -> pl.DataFrame:
    """The first entry of a visit that leaves out a lesion of the baseline list."""
    visits = (
        given.forms["les_fu"].sort("entry").unique(VISIT_KEY, keep="first", maintain_order=True)
    )
    listed = given.forms["les_bl"].select(LESION_KEY).unique()
    removed = given.datasets.sources["lesion_removal"].group_by(LESION_KEY)
    due = (
        visits.select(*VISIT_KEY, "entry", "scan_date")
        .join(listed, on=list(KEY), how="inner")
        .join(given.forms["les_fu"], on=[*VISIT_KEY, "lesion"], how="anti")
        .join(removed.agg(gone=pl.col("removal_date").min()), on=list(LESION_KEY), how="left")
    )
    there = (pl.col("scan_date") <= pl.col("gone")).fill_null(value=True)
    return tell_rows(due.filter(there), found=pl.col("lesion"))


def _merged_nowhere(given: Evidence) -> pl.DataFrame:
    merged = given.forms["les_fu"].filter(pl.col("status") == "merged")
    hosts = given.forms["les_fu"].filter(pl.col("mm").is_not_null())
    hosts = hosts.select(*VISIT_KEY, merged_into="lesion")
    lone = merged.join(hosts, on=[*VISIT_KEY, "merged_into"], how="anti")
    return tell_rows(lone, found=pl.col("merged_into"))


def _moved(given: Evidence) -> pl.DataFrame:
    """A new lesion that is entered at another site than when it was first seen."""
    rows = given.forms["newles"].drop_nulls("site").sort(*LESION_KEY, "scan_date", "visit")
    first = rows.unique(LESION_KEY, keep="first", maintain_order=True)
    both = rows.join(first.select(*LESION_KEY, at="site"), on=list(LESION_KEY), how="inner")
    words = pl.concat_str(pl.col("site"), pl.lit(", first "), pl.col("at"))
    return tell_rows(both.filter(pl.col("site") != pl.col("at")), found=words)


def _perhaps_old(given: Evidence) -> pl.DataFrame:
    """A new lesion where a baseline lesion is absent for the first time, at the same visit."""
    seen = given.forms["newles"].drop_nulls(["site", "scan_date"]).sort("scan_date", "visit")
    first = seen.unique(LESION_KEY, keep="first").rename({"lesion": "new"})
    gone = given.forms["les_fu"].filter(pl.col("status") == "absent").sort("scan_date")
    gone = gone.unique(LESION_KEY, keep="first").select(*LESION_KEY, "visit")
    listed = given.forms["les_bl"].select(*LESION_KEY, "site")
    lost = listed.join(gone, on=list(LESION_KEY), how="inner")
    rows = first.join(lost, on=[*VISIT_KEY, "site"], how="inner").sort("lesion")
    words = pl.concat_str("site", pl.lit(", where "), "lesion", pl.lit(" is absent"))
    return tell_rows(rows.unique(["replicate", "entry"], keep="first"), found=words)


LESION_CHECKS = (
    Check(
        code="no-baseline-assessment",
        item="randomised_date",
        message="A randomised subject without any lesion at baseline.",
        mend="Enter the baseline lesions; without them no response can be derived.",
        find=_no_baseline,
    ),
    Check(
        code="lesion-not-entered",
        item="lesion",
        message="A lesion of the baseline list is not entered at this visit.",
        mend="Enter its size or status; 'not evaluable' where nobody could tell.",
        find=_lesion_not_entered,
    ),
    Check(
        code="merged-into-nothing",
        item="merged_into",
        message="A lesion is said to have merged, but the mass is not measured at that visit.",
        mend="Measure the mass at the lesion it is entered under.",
        find=_merged_nowhere,
    ),
    Check(
        code="new-lesion-moved",
        item="site",
        message="The new lesion is at another site than when it was first seen.",
        mend="Correct the site, or give another lesion another number.",
        find=_moved,
    ),
    Check(
        code="new-lesion-perhaps-old",
        item="lesion",
        message="A new lesion at the site of a baseline lesion that goes missing at that visit.",
        mend="If it is the lesion of the baseline list, enter its size there.",
        find=_perhaps_old,
    ),
)
