"""Which progressions count: a suspected progression of index lesions is held (rule R12)."""

import polars as pl

from equipoise.derive.confirmation import add_verdicts
from equipoise.derive.schemas import KEY, PROGRESSIONS, VISIT_KEY, conform, derived_schema


def derive_holds(responses: pl.DataFrame, *, series: pl.DataFrame) -> pl.DataFrame:
    """The responses with date, pattern and entries of each progression, `held` and `counts`.

    `held` marks a progression that rests on index lesions alone, `counts` whether it stands: a new
    lesion or the growth of other lesions is never held.
    """
    rows = _with_causes(responses)
    signs = rows.filter("held").select(
        *KEY, "assessment", sign_date="first_date", suspects=_suspects()
    )
    suspected = signs.select(KEY).unique()
    verdicts = add_verdicts(
        signs,
        scans=_scans(rows.join(suspected, on=KEY, how="semi")),
        biopsies=_biopsies(series.join(suspected, on=KEY, how="semi")),
        key=KEY,
        part=("suspects",),
    )
    found = verdicts.select("assessment", "verdict", "verdict_date", "verdict_entries")
    judged = rows.join(found, on="assessment", how="left", maintain_order="left")
    stands = ~pl.col("held") | pl.col("verdict").fill_null(value=True)
    return judged.with_columns(counts=(pl.col("response") == "PD") & stands)


def derive_progressions(holds: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The progressions that count with suspected index lesions held, and all as first seen."""
    every = holds.filter(pl.col("response") == "PD")
    verdict = pl.when("held").then("verdict_entries").fill_null([])
    counted = every.filter("counts").with_columns(
        entries=pl.concat_list("cause_entries", verdict).list.unique(maintain_order=True),
    )
    seen = every.with_columns(entries=pl.col("cause_entries"))
    return (
        conform(counted, schema=derived_schema("progression")),
        conform(seen, schema=derived_schema("progression_unheld")),
    )


def list_progressions(holds: pl.DataFrame) -> pl.DataFrame:
    """Every assessment with a progression: what it rests on, whether it was held, and what came.

    A progression that was held and has no verdict date was never judged, and counts.
    """
    seen = holds.filter(pl.col("response") == "PD").with_columns(
        verdict_date=pl.when("held").then("verdict_date"),
        verdict_entries=pl.when("held").then("verdict_entries").fill_null([]),
        entries=pl.col("cause_entries"),
    )
    return conform(seen, schema=PROGRESSIONS)


def _with_causes(responses: pl.DataFrame) -> pl.DataFrame:
    """What each progression rests on, its earliest date, pattern and entries (D2.2, D3.7)."""
    new = pl.col("new_here").fill_null(0) > 0
    new_date = pl.when(new).then("new_date")
    existing = pl.col("other_target_growth") | pl.col("other_non_target")
    index = pl.col("index_non_target") | (pl.col("target_growth") & ~pl.col("other_target_growth"))
    progressed = pl.col("response") == "PD"
    dates = pl.min_horizontal(
        pl.when("target_growth").then("target_date"), "non_target_date", new_date
    )
    local = index | pl.col("new_in_field").fill_null(value=False)
    rows = responses.with_columns(
        held=progressed & index & ~existing & ~pl.col("new_lesion"),
        progression_date=pl.when(progressed).then(pl.coalesce(dates, "first_date")),
        pattern=_pattern(local, pl.col("new_out_of_field").fill_null(value=False), existing),
    )
    causes = rows.filter(progressed).select("assessment", cause_entries=_cause_entries(new))
    return rows.join(causes, on="assessment", how="left", maintain_order="left")


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


def _cause_entries(new: pl.Expr) -> pl.Expr:
    non_target = pl.col("index_non_target") | pl.col("other_non_target")
    chosen = [
        pl.when("target_growth").then("target_entries"),
        pl.when(non_target).then("non_target_entries"),
        pl.when(new).then("new_entries"),
    ]
    return pl.concat_list([entries.fill_null([]) for entries in chosen])


def _suspects() -> pl.Expr:
    """What a suspicion rests on: the sum of targets, non-targets, or both."""
    return (
        pl.when(pl.col("target_growth") & pl.col("index_non_target"))
        .then(pl.lit("both"))
        .when("target_growth")
        .then(pl.lit("target"))
        .otherwise(pl.lit("non_target"))
    )


def _scans(rows: pl.DataFrame) -> pl.DataFrame:
    """The scans that can confirm or refute: index lesions progressive, or what is suspected read.

    A row for each `suspects`: a scan that could not read the lesions suspected refutes nothing.
    """
    target = (pl.col("target_response") == "NE").fill_null(value=False)
    other = pl.col("index_unread")
    grown = pl.col("target_growth") | pl.col("index_non_target")
    unread = {"target": target, "non_target": other, "both": target | other}
    scans = rows.select(
        *KEY,
        *(none.alias(f"_{name}") for name, none in unread.items()),
        date="first_date",
        confirms=grown,
        entries=_scan_entries(),
    )
    read = [
        scans.filter(pl.col("confirms") | ~pl.col(f"_{name}")).with_columns(suspects=pl.lit(name))
        for name in unread
    ]
    return pl.concat(read).drop([f"_{name}" for name in unread])


def _scan_entries() -> pl.Expr:
    parts = [pl.col(name).fill_null([]) for name in ("target_entries", "non_target_entries")]
    return pl.concat_list(parts)


def _biopsies(series: pl.DataFrame) -> pl.DataFrame:
    """The biopsies of index lesions by visit: viable tumour in any of them confirms."""
    taken = series.filter(pl.col("index") & pl.col("pathology").is_not_null())
    return taken.group_by(VISIT_KEY).agg(
        date=pl.col("scan_date").min(),
        confirms=(pl.col("pathology") == "viable").any(),
        entries=pl.col("entry").sort(),
    )
