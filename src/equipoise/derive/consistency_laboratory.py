"""Questions about laboratory values: no event beside a severe one, and values without a grade."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.laboratory import (
    GRADED,
    NEGATIVE,
    NO_LIMITS,
    NO_TERM,
    NO_VALUE,
    SWAPPED,
    UNKNOWN_UNIT,
)
from equipoise.derive.schemas import KEY

SEVERE = 3
NEAR_DAYS = 14  # between a sample and the onset or end of the event that it shows


def _severe_without_event(given: Evidence) -> pl.DataFrame:
    """Emergent values of grade 3 or higher while no event of their term was entered."""
    grades = given.datasets.laboratory_grades
    severe = grades.filter("treatment_emergent").filter(pl.col("grade") >= SEVERE)
    events = given.forms["ae"].select(
        *KEY,
        "term",
        first=pl.col("onset_earliest_date").dt.offset_by(f"-{NEAR_DAYS}d"),
        last=pl.col("end_latest_date").dt.offset_by(f"{NEAR_DAYS}d"),
    )
    both = severe.join(events, on=[*KEY, "term"], how="inner")
    since = (pl.col("lab_date") >= pl.col("first")).fill_null(value=True)
    until = (pl.col("lab_date") <= pl.col("last")).fill_null(value=True)
    named = both.filter(since & until).select(*KEY, "entry", "term").unique()
    alone = severe.join(named, on=[*KEY, "entry", "term"], how="anti")
    found = pl.concat_str(pl.lit("grade "), pl.col("grade"), pl.lit(": "), pl.col("term"))
    return tell_rows(alone, found=found)


def _not_graded(given: Evidence) -> pl.DataFrame:
    """Values that cannot be graded though CTCAE has limits for their test."""
    rows = given.datasets.laboratory_grades
    told = (GRADED[0], NO_TERM[0], NO_VALUE[0])  # an empty value is asked for by its form
    said = dict((NEGATIVE, UNKNOWN_UNIT, SWAPPED, NO_LIMITS))
    without = rows.filter(~pl.col("rule").is_in(told))
    reason = pl.col("rule").replace_strict(said, return_dtype=pl.String)
    test = pl.col("test").fill_null("no test")
    return tell_rows(without, found=pl.concat_str(test, pl.lit(": "), reason))


LABORATORY_CHECKS = (
    Check(
        code="laboratory-value-without-event",
        item="value",
        message="A value of grade 3 or higher under treatment, but no adverse event of its term.",
        mend="Enter the adverse event, or correct the value, its unit or its limits.",
        find=_severe_without_event,
    ),
    Check(
        code="laboratory-value-not-graded",
        item="value",
        message="The value cannot be graded by CTCAE; it counts nowhere.",
        mend="Correct the unit, or enter the limits of normal of the laboratory.",
        find=_not_graded,
    ),
)
