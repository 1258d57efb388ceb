"""How the targets changed: against baseline and nadir at each assessment (waterfall, spider)."""

import polars as pl

from equipoise.derive.schemas import KEY, TARGET_CHANGES, VISIT_KEY, conform


def derive_target_changes(course: pl.DataFrame, *, assessments: pl.DataFrame) -> pl.DataFrame:
    """Each assessment with a complete sum of targets, with its change in per cent (D3.6).

    `in_time` = up to the first progression or new therapy; `deepest` marks the first smallest sum
    among those, the bar of a waterfall. Without a complete sum at baseline there is no change.
    """
    rows = course.filter(pl.col("sum_tenths").is_not_null() & (pl.col("baseline_sum") > 0))
    smallest = pl.col("sum_tenths").filter("in_time").min().over(KEY)
    at_depth = (pl.col("in_time") & (pl.col("sum_tenths") == smallest)).fill_null(value=False)
    marked = rows.with_columns(at_depth=at_depth)
    nadir = pl.col("nadir_tenths")
    entries = assessments.select(*VISIT_KEY, "entries")
    return conform(
        marked.with_columns(
            days=pl.col("days") + 1,
            sum_tenths_mm="sum_tenths",
            change_from_baseline_percent=_change(pl.col("baseline_sum")),
            change_from_nadir_percent=pl.when(nadir > 0).then(_change(nadir)),
            deepest=pl.col("at_depth") & (pl.col("at_depth").cum_sum().over(KEY) == 1),
        ).join(entries, on=list(VISIT_KEY), how="left", maintain_order="left"),
        schema=TARGET_CHANGES,
    )


def _change(base: pl.Expr) -> pl.Expr:
    return 100.0 * (pl.col("sum_tenths") / base - 1.0)
