"""RECIST 1.1 response of each assessment (Eisenhauer 2009; D3.2-3.5)."""

import polars as pl

from equipoise.derive.new_lesions import summarise_new_lesions
from equipoise.derive.schemas import KEY, VISIT_KEY
from equipoise.derive.targets import derive_non_target_response, derive_target_response


def derive_responses(
    series: pl.DataFrame,
    *,
    visits: pl.DataFrame,
    new_lesions: pl.DataFrame,
    assessed: pl.DataFrame,
    sticky: bool = True,
) -> pl.DataFrame:
    """The response of each assessment after baseline.

    `assessed` names the subjects (key) with a baseline assessment, disease-free ones included;
    `sticky` keeps a partial response until progression.
    Returns the visits with: baseline_sum, sum_tenths, nadir_tenths (before this visit),
    target_response, non_target_response, new_lesion, response, and what explains a progression:
    `target_growth`, `other_target_growth`, `index_non_target`, `other_non_target`, dates, entries.
    """
    known = assessed.with_columns(has_baseline=pl.lit(value=True))
    rows = visits.join(known, on=KEY, how="left").sort(*KEY, "order")
    for part in (
        derive_target_response(series),
        derive_non_target_response(series),
        summarise_new_lesions(new_lesions),
    ):
        rows = rows.join(part, on=VISIT_KEY, how="left", maintain_order="left")
    flags = ("target_growth", "other_target_growth", "index_non_target", "other_non_target")
    rows = rows.with_columns(
        new_lesion=pl.col("new_here").fill_null(0).cum_sum().over(KEY) > 0,
        **{name: pl.col(name).fill_null(value=False) for name in flags},
    )
    judged = _after_complete_response(rows)
    return (_sticky(judged) if sticky else judged).with_columns(response=_overall())


def _sticky(rows: pl.DataFrame) -> pl.DataFrame:
    """Once PR, later stable sums stay PR until progression against the nadir (EORTC, D3.2)."""
    now = pl.col("target_response")
    since = (now == "PD").fill_null(value=False).cum_sum().over(KEY)
    rows = rows.with_columns(_since=since)
    kept = now.is_in(["PR", "CR"]).fill_null(value=False).cum_max().over([*KEY, "_since"])
    return rows.with_columns(
        target_response=pl.when((now == "SD") & kept).then(pl.lit("PR")).otherwise(now)
    ).drop("_since")


def _after_complete_response(rows: pl.DataFrame) -> pl.DataFrame:
    """A lesion that is back after an overall complete response is progression (EORTC, D3.4)."""
    rows = rows.with_columns(target_response="target_now").with_columns(response=_overall())
    cleared = (pl.col("response") == "CR").fill_null(value=False).cast(pl.Int8).cum_max()
    after = (cleared.shift(1).over(KEY) > 0).fill_null(value=False)
    back = after & pl.col("back").fill_null(value=False)
    index = after & pl.col("index_shown").fill_null(value=False)
    other = after & pl.col("other_shown").fill_null(value=False)
    return rows.with_columns(
        target_growth=pl.col("target_growth") | back,
        other_target_growth=pl.col("other_target_growth")
        | (after & pl.col("other_back").fill_null(value=False)),
        target_response=pl.when(back).then(pl.lit("PD")).otherwise("target_response"),
        index_non_target=pl.col("index_non_target") | index,
        other_non_target=pl.col("other_non_target") | other,
        non_target_response=pl.when(index | other)
        .then(pl.lit("PD"))
        .otherwise("non_target_response"),
        non_target_date=pl.when(index | other).then("shown_date").otherwise("non_target_date"),
    )


def _overall() -> pl.Expr:
    """The table of D3.5 (RECIST 1.1, tables 1 and 2).

    Without any target the non-target response stands; without any lesion at baseline there is no
    evidence of disease; without a baseline assessment only a new lesion tells something.
    """
    target, other = pl.col("target_response"), pl.col("non_target_response")
    progressed = (target == "PD").fill_null(value=False) | (other == "PD").fill_null(value=False)
    return (
        pl.when(progressed | pl.col("new_lesion"))
        .then(pl.lit("PD"))
        .when(pl.col("has_baseline").is_null())
        .then(pl.lit("NE"))
        .when(target.is_null())
        .then(other.fill_null("NED"))
        .when((target == "CR") & other.is_not_null() & (other != "CR"))
        .then(pl.lit("PR"))
        .otherwise(target)
    )
