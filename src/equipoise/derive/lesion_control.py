"""Local control of index lesions (D2.5): failure, and the imaging that judged each lesion."""

import polars as pl

from equipoise.derive.confirmation import add_verdicts
from equipoise.derive.schemas import KEY, LESION_KEY, conform, derived_schema
from equipoise.derive.targets import NODE_NORMAL_TENTHS, has_grown

_MEASURABLE_TENTHS = 100  # D2.5: a lesion under 10 mm fails when it reaches 10 mm


def derive_lesion_assessments(
    series: pl.DataFrame, *, baseline: pl.DataFrame, resections: pl.DataFrame
) -> pl.DataFrame:
    """Each scan that looked at an index lesion, and its removal; nothing judges it afterwards.

    A lesion that has merged into another is judged no longer by itself.
    """
    scans = _in_place(series).filter(pl.col("index") & pl.col("entry").is_not_null())
    judged = scans.select(
        *LESION_KEY,
        "visit",
        assessed_date=pl.col("scan_date"),
        adequate=pl.col("evaluable") & (pl.col("status") != "merged"),
        entries=pl.concat_list("entry"),
    )
    index = baseline.filter("index").select(LESION_KEY)
    removed = resections.join(index, on=LESION_KEY, how="semi").select(
        *LESION_KEY,
        visit=pl.lit(""),
        assessed_date="resected_date",
        adequate=pl.lit(value=True),
        entries=pl.concat_list("resection_entry"),
    )
    schema = derived_schema("lesion_assessments")
    both = pl.concat([conform(judged, schema=schema), conform(removed, schema=schema)])
    return both.sort(*LESION_KEY, "assessed_date")


def derive_lesion_failures(series: pl.DataFrame, *, in_field: pl.DataFrame) -> pl.DataFrame:
    """The local failure of each index lesion that failed, dated at its first sign.

    Growth of 20 % and 5 mm over the lesion's own nadir (a lesion under 10 mm must reach 10 mm),
    reappearance, or unequivocal growth of a lesion that is not measured, each under rule R12;
    viable tumour on biopsy; a new lesion inside the irradiated volume, which is never held.
    `kind` is growth, reappearance, biopsy or in_field.
    """
    scans = _with_signs(_in_place(series)).filter("index")
    biopsies = _biopsies(scans)
    seen = _confirmed(scans, biopsies)
    viable = biopsies.filter("confirms").select(
        *LESION_KEY, "entries", failure_date="date", kind=pl.lit("biopsy")
    )
    index = series.filter("index").select(LESION_KEY).unique()
    inside = in_field.join(index, on=LESION_KEY, how="semi").with_columns(kind=pl.lit("in_field"))
    schema = derived_schema("lesion_failure")
    every = pl.concat([conform(part, schema=schema) for part in (seen, viable, inside)])
    return every.sort(*LESION_KEY, "failure_date", "kind").unique(
        LESION_KEY, keep="first", maintain_order=True
    )


def _in_place(series: pl.DataFrame) -> pl.DataFrame:
    """The scans of lesions that were not removed yet."""
    return series.filter(pl.col("status") != "resected")


def _with_signs(scans: pl.DataFrame) -> pl.DataFrame:
    """The kind of sign of failure that each scan shows, against the smallest size before it.

    Where other lesions have merged into this one, the mass is held against the smallest sizes of
    all of them together, or against its own smallest size since the same lesions are in it.
    """
    own = pl.when(pl.col("status") != "merged").then("tenths")
    rows = scans.sort(*LESION_KEY, "order").with_columns(size=own)
    rows = rows.with_columns(lowest=pl.min_horizontal(_smallest_before("size"), "baseline_tenths"))
    rows = rows.join(_absorbed(rows), on=[*LESION_KEY, "order"], how="left", maintain_order="left")
    is_mass = pl.col("absorbed").is_not_null()
    rows = rows.with_columns(
        alone=pl.when(~is_mass).then("size"), mass=pl.when(is_mass).then("size")
    )
    parts = pl.min_horizontal(_smallest_before("alone"), "baseline_tenths") + pl.col("absorbed")
    since = pl.col("mass").cum_min().forward_fill().shift(1).over(*LESION_KEY, "members")
    together = pl.min_horizontal(parts, since)
    nadir = pl.when(is_mass).then(together).otherwise("lowest")
    now = pl.col("size")
    reaches = (nadir >= _MEASURABLE_TENTHS) | (now >= _MEASURABLE_TENTHS)
    node = (pl.col("kind") == "nodal") & (now < NODE_NORMAL_TENTHS)
    return rows.with_columns(
        sign=pl.when((nadir == 0) & ((now > 0) & ~node | _is_unmeasured()))
        .then(pl.lit("reappearance"))
        .when((has_grown(now, nadir=nadir) & reaches) | (pl.col("status") == "progression"))
        .then(pl.lit("growth"))
    )


def _smallest_before(size: str) -> pl.Expr:
    """The smallest size of the lesion at the scans before this one; null without any."""
    return pl.col(size).cum_min().forward_fill().shift(1).over(LESION_KEY)


def _is_unmeasured() -> pl.Expr:
    """A lesion that is there without a size: a non-measurable one."""
    return pl.col("status").is_in(["present", "progression"]) & pl.col("tenths").is_null()


def _absorbed(rows: pl.DataFrame) -> pl.DataFrame:
    """Per lesion and visit: which lesions have merged into it, and their smallest sizes added."""
    merged = rows.filter((pl.col("status") == "merged") & pl.col("merged_into").is_not_null())
    return (
        merged.group_by(*KEY, "merged_into", "order")
        .agg(absorbed=pl.col("lowest").sum(), members=pl.col("lesion").sort().str.join(" "))
        .rename({"merged_into": "lesion"})
    )


def _confirmed(scans: pl.DataFrame, biopsies: pl.DataFrame) -> pl.DataFrame:
    """The signs that stand under rule R12, with the entries of sign and verdict."""
    judged = scans.filter(pl.col("evaluable") & (pl.col("status") != "merged")).select(
        *LESION_KEY,
        date="scan_date",
        confirms=pl.col("sign").is_not_null(),
        entries=pl.concat_list("entry"),
    )
    signs = scans.filter(pl.col("sign").is_not_null()).select(
        *LESION_KEY, "entry", failure_date="scan_date", sign_date="scan_date", kind="sign"
    )
    suspected = judged.join(signs.select(LESION_KEY).unique(), on=LESION_KEY, how="semi")
    rows = add_verdicts(signs, scans=suspected, biopsies=biopsies, key=LESION_KEY)
    own = pl.concat_list("entry")
    entries = pl.concat_list(own, pl.col("verdict_entries").fill_null([]))
    return rows.filter(pl.col("verdict").fill_null(value=True)).with_columns(
        entries=entries.list.unique(maintain_order=True)
    )


def _biopsies(scans: pl.DataFrame) -> pl.DataFrame:
    return scans.filter(pl.col("pathology").is_not_null()).select(
        *LESION_KEY,
        date="scan_date",
        confirms=pl.col("pathology") == "viable",
        entries=pl.concat_list("entry"),
    )
