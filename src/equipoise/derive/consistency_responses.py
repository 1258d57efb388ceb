"""Questions about responses, and about therapy given for a progression."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.schemas import KEY, VISIT_KEY

_READ_WITHIN_DAYS = 28  # a reading may follow its scans, not by the time of another visit


def _response_differs(given: Evidence) -> pl.DataFrame:
    derived = given.datasets.assessments.filter(~pl.col("baseline")).select(*VISIT_KEY, "response")
    both = given.forms["rs"].join(derived, on=list(VISIT_KEY), how="inner")
    differ = both.filter(pl.col("overall") != pl.col("response"))
    words = pl.concat_str(pl.col("overall"), pl.lit(" entered, derived "), pl.col("response"))
    return tell_rows(differ, found=words)


def _response_without_scans(given: Evidence) -> pl.DataFrame:
    judged = given.forms["rs"].filter(pl.col("overall").is_not_null() & (pl.col("overall") != "NE"))
    seen = given.datasets.assessments.select(VISIT_KEY)
    return tell_rows(judged.join(seen, on=list(VISIT_KEY), how="anti"), found=pl.col("overall"))


def _therapy_without_progression(given: Evidence) -> pl.DataFrame:
    seen = given.datasets.sources["progression_unheld"].group_by(KEY)
    first = seen.agg(seen=pl.col("progression_date").min())
    said = given.forms["rs"].filter(pl.col("overall") == "PD").group_by(KEY)
    rows = (
        given.forms["subseq"]
        .filter(pl.col("reason") == "progression")
        .join(first, on=list(KEY), how="left")
        .join(said.agg(said=pl.col("assessment_date").min()), on=list(KEY), how="left")
    )
    known = pl.min_horizontal("seen", "said") <= pl.col("start_date")
    return tell_rows(rows.filter(~known.fill_null(value=False)), found=pl.col("start_date"))


def _progression_unsaid(given: Evidence) -> pl.DataFrame:
    derived = given.datasets.assessments.filter(pl.col("response") == "PD")
    derived = derived.with_columns(entry=pl.col("entries").list.first()).drop_nulls("entry")
    said = given.forms["rs"].drop_nulls("overall").select(VISIT_KEY)
    return tell_rows(derived.join(said, on=list(VISIT_KEY), how="anti"), found=pl.col("visit"))


def _dated_elsewhere(given: Evidence) -> pl.DataFrame:
    scans = given.datasets.assessments.select(*VISIT_KEY, "first_date", "last_date")
    rows = given.forms["rs"].join(scans, on=list(VISIT_KEY), how="inner")
    late = (pl.col("assessment_date") - pl.col("last_date")).dt.total_days()
    far = (pl.col("assessment_date") < pl.col("first_date")) | (late > _READ_WITHIN_DAYS)
    words = pl.concat_str(
        *(pl.col("assessment_date"), pl.lit(", scans from "), pl.col("first_date")),
        *(pl.lit(" to "), pl.col("last_date")),
    )
    return tell_rows(rows.filter(far), found=words)


RESPONSE_CHECKS = (
    Check(
        code="response-differs",
        item="overall",
        message="The overall response entered differs from the one derived from the measurements.",
        mend="Compare the measurements with the response; the derived one counts.",
        find=_response_differs,
    ),
    Check(
        code="response-without-scans",
        item="overall",
        message="A response is entered, but no lesion of that visit.",
        mend="Enter the lesions, or 'not evaluable'.",
        find=_response_without_scans,
    ),
    Check(
        code="therapy-for-progression-never-seen",
        item="start_date",
        message="A therapy is given for progression, but none was seen or said before it.",
        mend="Enter the scan that showed it, or correct the reason.",
        find=_therapy_without_progression,
    ),
    Check(
        code="progression-without-response",
        item="overall",
        message="The measurements show progression, but no response is entered for the visit.",
        mend="Enter the response of the investigator.",
        find=_progression_unsaid,
    ),
    Check(
        code="response-dated-elsewhere",
        item="assessment_date",
        message="The response is dated before the scans of its visit, or weeks after them.",
        mend="Compare the date with the scans.",
        find=_dated_elsewhere,
    ),
)
