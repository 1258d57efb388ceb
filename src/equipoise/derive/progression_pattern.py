"""Where a subject first progressed, and in how many lesions (D3.7)."""

import polars as pl

from equipoise.derive.schemas import (
    KEY,
    LESION_KEY,
    PROGRESSION_PATTERNS,
    conform,
)
from equipoise.derive.targets import has_grown, is_gone
from equipoise.protocol.model import Response


def derive_progression_patterns(
    holds: pl.DataFrame, *, series: pl.DataFrame, deaths: pl.DataFrame, settings: Response
) -> pl.DataFrame:
    """The first progression that counts of each subject, or its death without one.

    `progressing_lesions` counts new lesions and growing ones at that visit: grown by a fifth and
    5 mm over their own smallest size, unequivocally progressive, or back. Where a sum progresses
    in no single lesion, every target over its smallest size counts, and at least one. `extent` is
    oligo up to `oligoprogression_max_lesions`, else poly; a death has none.
    """
    first = (
        holds.filter("counts")
        .sort(*KEY, "progression_date", "order")
        .unique(KEY, keep="first", maintain_order=True)
    )
    rows = first.join(_growing(first, series=series), on=list(KEY), how="left")
    grown = pl.when(pl.col("growing") > 0).then("growing").otherwise("larger").fill_null(0)
    lesions = pl.max_horizontal(grown + pl.col("new_here").fill_null(0), 1)
    verdict = pl.when("held").then("verdict_entries").fill_null([])
    progressed = rows.with_columns(
        date=pl.col("progression_date"),
        progressing_lesions=lesions,
        extent=pl.when(lesions <= settings.oligoprogression_max_lesions)
        .then(pl.lit("oligo"))
        .otherwise(pl.lit("poly")),
        entries=pl.concat_list("cause_entries", verdict).list.unique(maintain_order=True),
    )
    died = deaths.join(first.select(KEY), on=list(KEY), how="anti").with_columns(
        date=pl.col("death_date"),
        pattern=pl.lit("death"),
        progressing_lesions=pl.lit(None, dtype=pl.Int64),
        extent=pl.lit(None, dtype=pl.String),
    )
    parts = [conform(part, schema=PROGRESSION_PATTERNS) for part in (progressed, died)]
    return pl.concat(parts).sort(KEY)


def _growing(first: pl.DataFrame, *, series: pl.DataFrame) -> pl.DataFrame:
    """Per subject: lesions that grow at the first progression, and targets that are larger."""
    at = first.select(*KEY, at="order")
    scans = series.join(at, on=list(KEY), how="inner").filter(pl.col("order") <= pl.col("at"))
    now = pl.col("order") == pl.col("at")
    lesions = scans.group_by(LESION_KEY).agg(
        before=pl.min_horizontal(
            pl.col("tenths").filter(~now).min(), pl.col("baseline_tenths").first()
        ),
        tenths=pl.col("tenths").filter(now).first(),
        status=pl.col("status").filter(now).first(),
        kind=pl.col("kind").first(),
        role=pl.col("role").first(),
    )
    there, before = ~is_gone(), pl.col("before")
    grown = has_grown(pl.col("tenths"), nadir=before) | (before == 0)
    grows = there & grown.fill_null(value=False) & pl.col("tenths").is_not_null()
    is_larger = there & (pl.col("tenths") > before) & (pl.col("role") == "target")
    return lesions.group_by(KEY).agg(
        growing=(grows | (pl.col("status") == "progression")).sum().cast(pl.Int64),
        larger=is_larger.fill_null(value=False).sum().cast(pl.Int64),
    )
