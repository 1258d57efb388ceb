"""RECIST 1.1 time-point response on integers (Eisenhauer 2009; D3.2-3.5).

Sums are in tenths of a millimetre, so that "20 % and 5 mm" is `10 S >= 12 N and S - N >= 50`.
"""

import polars as pl

from equipoise.derive.lesions import VISIT_KEY
from equipoise.derive.schemas import KEY

_NODE_NORMAL_TENTHS = 100  # RECIST 1.1, 4.3.2: a node under 10 mm short axis is normal
_LEAST_GROWTH_TENTHS = 50  # RECIST 1.1, 4.3.1: at least 5 mm


def has_grown(now: pl.Expr, *, nadir: pl.Expr) -> pl.Expr:
    """Whether a sum or diameter is progressive against its nadir: 20 % and 5 mm."""
    return (10 * now >= 12 * nadir) & (now - nadir >= _LEAST_GROWTH_TENTHS)


def derive_responses(
    series: pl.DataFrame, visits: pl.DataFrame, new_lesions: pl.DataFrame, baseline: pl.DataFrame
) -> pl.DataFrame:
    """The response of each assessment after baseline.

    Returns the visits with: baseline_sum, sum_tenths, nadir_tenths (before this visit),
    target_response, non_target_response, new_lesion, response, and what explains a progression:
    `target_growth`, `index_non_target`, `other_non_target`, `other_target_growth`, dates, entries.
    """
    sums = _sums(series)
    non_targets = _non_targets(series)
    new = _new_lesions(new_lesions)
    known = baseline.group_by(KEY).agg(assessed_baseline=pl.len() > 0)
    rows = visits.join(known, on=KEY, how="left").sort(*KEY, "order")
    for part in (sums, non_targets, new):
        rows = rows.join(part, on=VISIT_KEY, how="left", maintain_order="left")
    rows = rows.with_columns(
        new_lesion=pl.col("new_here").fill_null(0).cum_sum().over(KEY) > 0,
    )
    return _overall(_sticky(rows))


def _sums(series: pl.DataFrame) -> pl.DataFrame:
    """Target response before stickiness: sum, nadir from complete sums, CR, PD, NE, PR or SD."""
    targets = series.filter(pl.col("role") == "target")
    index = pl.col("index")
    summed = targets.group_by([*VISIT_KEY, "order"]).agg(
        complete=pl.col("tenths").is_not_null().all(),
        available=pl.col("tenths").sum(),
        baseline_sum=pl.col("baseline_tenths").sum(),
        baseline_complete=pl.col("baseline_tenths").is_not_null().all(),
        gone=_is_gone().all(),
        back=(~_is_gone() & (pl.col("kind") == "non_nodal") & (pl.col("tenths") > 0)).any(),
        back_node=(~_is_gone()).any(),
        other_available=pl.col("tenths").filter(~index).sum(),
        other_baseline=pl.col("baseline_tenths").filter(~index).sum(),
        other_complete=pl.col("tenths").filter(~index).is_not_null().all(),
        target_date=pl.col("scan_date").min(),
        target_entries=pl.col("entry").drop_nulls().sort(),
    )
    ordered = summed.sort(*KEY, "order").with_columns(
        sum_tenths=pl.when("complete").then("available"),
        other_sum=pl.when("other_complete").then("other_available"),
        baseline_sum=pl.when("baseline_complete").then("baseline_sum"),
    )
    ordered = ordered.with_columns(
        nadir_tenths=_nadir("sum_tenths", start="baseline_sum"),
        other_nadir=_nadir("other_sum", start="other_baseline"),
    )
    return _target_response(ordered).drop("order")


def _nadir(column: str, *, start: str) -> pl.Expr:
    """The smallest complete sum before this visit, baseline included (D3.2)."""
    before = pl.col(column).shift(1).over(KEY)
    smallest = before.fill_null(2**62).cum_min().over(KEY)
    return pl.when(pl.col(start).is_not_null()).then(pl.min_horizontal(smallest, start))


def _target_response(sums: pl.DataFrame) -> pl.DataFrame:
    back = (pl.col("nadir_tenths") == 0) & (pl.col("back") | pl.col("back_node"))
    grown = has_grown(pl.col("available"), nadir=pl.col("nadir_tenths"))
    other = has_grown(pl.col("other_available"), nadir=pl.col("other_nadir"))
    reliable = pl.col("nadir_tenths").is_not_null()
    complete_response = pl.col("complete") & pl.col("gone")
    return sums.with_columns(
        target_growth=(reliable & ~complete_response & (grown | back)).fill_null(value=False),
        other_target_growth=(reliable & ~complete_response & other).fill_null(value=False),
    ).with_columns(
        target_now=pl.when(~reliable)
        .then(pl.lit("NE"))
        .when(complete_response)
        .then(pl.lit("CR"))
        .when("target_growth")
        .then(pl.lit("PD"))
        .when(~pl.col("complete"))
        .then(pl.lit("NE"))
        .when(10 * pl.col("sum_tenths") <= 7 * pl.col("baseline_sum"))
        .then(pl.lit("PR"))
        .otherwise(pl.lit("SD"))
    )


def _is_gone() -> pl.Expr:
    """A target that is gone: 0 mm, or a node of normal size."""
    node = (pl.col("kind") == "nodal") & (pl.col("tenths") < _NODE_NORMAL_TENTHS)
    return ((pl.col("tenths") == 0) | node).fill_null(value=False)


def _non_targets(series: pl.DataFrame) -> pl.DataFrame:
    """Non-target response (D3.3), and whether index or other lesions progress."""
    rows = series.filter(pl.col("role") == "non_target")
    progressed = pl.col("status") == "progression"
    response = (
        pl.when(progressed.any())
        .then(pl.lit("PD"))
        .when(~pl.col("evaluable").all())
        .then(pl.lit("NE"))
        .when(_is_gone().all())
        .then(pl.lit("CR"))
        .otherwise(pl.lit("NON-CR/NON-PD"))
    )
    return rows.group_by(VISIT_KEY).agg(
        non_target_response=response,
        index_non_target=(progressed & pl.col("index")).any(),
        other_non_target=(progressed & ~pl.col("index")).any(),
        non_target_date=pl.col("scan_date").filter(progressed).min(),
        non_target_entries=pl.col("entry").drop_nulls().sort(),
    )


def _new_lesions(new_lesions: pl.DataFrame) -> pl.DataFrame:
    in_field = pl.col("relation").fill_null("") == "in_field"
    return new_lesions.group_by(VISIT_KEY).agg(
        new_here=pl.len().cast(pl.Int64),
        new_out_of_field=(~in_field).any(),
        new_date=pl.col("seen_date").min(),
        new_entries=pl.col("entry").sort(),
    )


def _sticky(rows: pl.DataFrame) -> pl.DataFrame:
    """Once PR, later stable sums stay PR until progression against the nadir (EORTC, D3.2)."""
    since = (pl.col("target_now") == "PD").fill_null(value=False).cum_sum().over(KEY)
    rows = rows.with_columns(_since=since)
    shrunk = pl.col("target_now").is_in(["PR", "CR"]).fill_null(value=False).cum_max()
    kept = shrunk.over([*KEY, "_since"])
    return rows.with_columns(
        target_response=pl.when((pl.col("target_now") == "SD") & kept)
        .then(pl.lit("PR"))
        .otherwise("target_now")
    ).drop("_since")


def _overall(rows: pl.DataFrame) -> pl.DataFrame:
    """Overall response (D3.5); reappearance of a target after an overall CR is progression."""
    rows = rows.with_columns(response=_table())
    was_complete = (pl.col("response") == "CR").cum_max().shift(1).over(KEY).fill_null(value=False)
    returned = was_complete & pl.col("back").fill_null(value=False)
    return rows.with_columns(
        target_growth=pl.col("target_growth").fill_null(value=False) | returned,
        target_response=pl.when(returned).then(pl.lit("PD")).otherwise("target_response"),
    ).with_columns(response=_table())


def _table() -> pl.Expr:
    target, other = pl.col("target_response"), pl.col("non_target_response")
    progressed = (target == "PD").fill_null(value=False) | (other == "PD").fill_null(value=False)
    return (
        pl.when(progressed | pl.col("new_lesion"))
        .then(pl.lit("PD"))
        .when(pl.col("assessed_baseline").is_null())
        .then(pl.lit("NE"))
        .when(target.is_null())
        .then(other)
        .when((target == "CR") & other.is_not_null() & (other != "CR"))
        .then(pl.lit("PR"))
        .otherwise(target)
    )
