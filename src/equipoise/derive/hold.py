"""Which progressions count: suspected progression of an index lesion is held (rule R12).

Irradiated lesions swell and scar. So a progression that rests on index lesions alone, in either
arm, is held until the first evaluable scan at least 8 weeks later: confirmed, it is dated back to
its first sign; not confirmed, it was none; without such a scan (death, loss, cut) it counts.
"""

import polars as pl

from equipoise.derive.lesions import VISIT_KEY
from equipoise.derive.schemas import KEY, conform, derived_schema

CONFIRM_AFTER_DAYS = 56  # R12: at least 8 weeks (the schedule asks for 8 to 12)


def derive_holds(responses: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    """The responses with `held`, `counts` and the date and pattern of each progression.

    `held` marks a progression that rests on index lesions alone; `counts` whether it stands.
    """
    rows = _with_causes(responses).join(
        _biopsies(series), on=VISIT_KEY, how="left", maintain_order="left"
    )
    confirming = _confirming_scans(rows)
    keyed = rows.with_columns(_due=pl.col("first_date") + pl.duration(days=CONFIRM_AFTER_DAYS))
    joined = keyed.sort("_due").join_asof(
        confirming.sort("scan"),
        left_on="_due",
        right_on="scan",
        by=list(KEY),
        strategy="forward",
        check_sortedness=False,
    )
    viable, none = pl.col("viable").fill_null(value=False), pl.col("no_viable")
    refuted = (none.fill_null(value=False) | ~pl.col("still").fill_null(value=True)) & ~viable
    progressed = pl.col("response") == "PD"
    return joined.with_columns(
        counts=progressed & ~(pl.col("held") & refuted),
        confirmed_by=pl.when(pl.col("held") & pl.col("still")).then("scan_entries"),
    ).sort(*KEY, "order")


def derive_progressions(holds: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The progressions that count with suspected index lesions held, and all as first seen."""
    every = holds.filter(pl.col("response") == "PD")
    schema = derived_schema("progression")
    held = every.filter("counts").with_columns(
        entries=pl.concat_list("cause_entries", pl.col("confirmed_by").fill_null([])).list.unique(
            maintain_order=True
        )
    )
    unheld = every.with_columns(entries=pl.col("cause_entries"))
    return conform(held, schema=schema), conform(unheld, schema=schema)


def _with_causes(responses: pl.DataFrame) -> pl.DataFrame:
    """What each progression rests on, its earliest date, pattern and entries."""
    flag = {
        name: pl.col(name).fill_null(value=False)
        for name in ("target_growth", "other_target_growth", "index_non_target", "other_non_target")
    }
    new = pl.col("new_here").fill_null(0) > 0
    distant_new = pl.col("new_out_of_field").fill_null(value=False)
    beyond = flag["other_target_growth"] | flag["other_non_target"] | pl.col("new_lesion")
    local = (flag["target_growth"] & ~flag["other_target_growth"]) | flag["index_non_target"]
    local = local | (new & ~distant_new)
    existing = flag["other_target_growth"] | flag["other_non_target"]
    dates = pl.min_horizontal(
        pl.when(flag["target_growth"]).then("target_date"),
        "non_target_date",
        pl.when(new).then("new_date"),
        pl.when(pl.col("response") == "PD").then("last_date"),
    )
    return responses.with_columns(
        held=(pl.col("response") == "PD") & ~beyond,
        progression_date=dates,
        pattern=_pattern(local, distant_new, existing),
        cause_entries=_cause_entries(flag, new),
    )


def _pattern(local: pl.Expr, distant_new: pl.Expr, existing: pl.Expr) -> pl.Expr:
    """D3.7: local, distant new, distant existing, or mixed."""
    parts = local.cast(pl.Int8) + distant_new.cast(pl.Int8) + existing.cast(pl.Int8)
    return (
        pl.when(parts > 1)
        .then(pl.lit("mixed"))
        .when(local)
        .then(pl.lit("local"))
        .when(distant_new)
        .then(pl.lit("distant_new"))
        .when(existing)
        .then(pl.lit("distant_existing"))
    )


def _cause_entries(flag: dict[str, pl.Expr], new: pl.Expr) -> pl.Expr:
    non_target = flag["index_non_target"] | flag["other_non_target"]
    chosen = [
        pl.when(flag["target_growth"]).then("target_entries"),
        pl.when(non_target).then("non_target_entries"),
        pl.when(new).then("new_entries"),
    ]
    return pl.concat_list([entries.fill_null([]) for entries in chosen])


def _confirming_scans(rows: pl.DataFrame) -> pl.DataFrame:
    """The scans that can confirm or refute: `still` = index lesions are progressive on them."""
    target, other = pl.col("target_response"), pl.col("non_target_response")
    evaluable = (target.is_not_null() & (target != "NE")) | (
        target.is_null() & other.is_not_null() & (other != "NE")
    )
    evaluable = evaluable | (other == "PD").fill_null(value=False)
    still = pl.col("target_growth").fill_null(value=False) | pl.col("index_non_target").fill_null(
        value=False
    )
    return rows.filter(evaluable).select(
        *KEY, scan=pl.col("first_date"), still=still, scan_entries=pl.col("cause_entries")
    )


def _biopsies(series: pl.DataFrame) -> pl.DataFrame:
    """Whether a biopsy at a visit found viable tumour in an index lesion, or only none."""
    index = series.filter("index")
    return index.group_by(VISIT_KEY).agg(
        viable=(pl.col("pathology") == "viable").any(),
        no_viable=(pl.col("pathology") == "no_viable").any(),
    )
