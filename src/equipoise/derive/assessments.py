"""Tumour assessments as rows: baseline and every visit with its response."""

import polars as pl

from equipoise.derive.lesions import BASELINE
from equipoise.derive.schemas import ASSESSMENTS, KEY, conform, derived_schema


def derive_assessments(
    holds: pl.DataFrame, *, baseline: pl.DataFrame, disease_free: pl.DataFrame
) -> pl.DataFrame:
    """Every assessment; adequate = the response is evaluable (D2.2).

    `held` marks a progression that rests on index lesions alone (rule R12), confirmed or not.
    """
    entries = pl.concat_list(
        [
            pl.col(name).fill_null([])
            for name in ("target_entries", "non_target_entries", "new_entries")
        ]
    )
    later = holds.with_columns(
        baseline=pl.lit(value=False),
        adequate=pl.col("response").is_not_null() & (pl.col("response") != "NE"),
        sum_tenths_mm=pl.col("sum_tenths"),
        nadir_tenths_mm=pl.col("nadir_tenths"),
        entries=entries,
    )
    empty = pl.DataFrame(schema=ASSESSMENTS).drop(KEY)
    nothing = pl.DataFrame({"visit": [BASELINE], "baseline": [True], "adequate": [True]})
    free = pl.concat([empty, nothing], how="diagonal")
    parts = [
        conform(_baseline_rows(baseline), schema=ASSESSMENTS),
        conform(disease_free.join(free, how="cross"), schema=ASSESSMENTS),
        conform(later, schema=ASSESSMENTS),
    ]
    return pl.concat(parts).sort(*KEY, "first_date", "last_date", "visit")


def source_of(assessments: pl.DataFrame) -> pl.DataFrame:
    """The assessments as endpoint sources see them."""
    return conform(assessments, schema=derived_schema("assessments"))


def _baseline_rows(baseline: pl.DataFrame) -> pl.DataFrame:
    targets = pl.col("baseline_tenths").filter(pl.col("role") == "target")
    text, number = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.Int64)
    return baseline.group_by(KEY).agg(
        visit=pl.lit(BASELINE),
        first_date=pl.col("scan_date").min(),
        last_date=pl.col("scan_date").max(),
        baseline=pl.lit(value=True),
        adequate=pl.col("scan_date").is_not_null().any(),
        sum_tenths_mm=targets.sum(),
        nadir_tenths_mm=number,
        target_response=text,
        non_target_response=text,
        new_lesion=pl.lit(value=False),
        response=text,
        held=pl.lit(value=False),
        entries=pl.col("baseline_entry").sort(),
    )
