"""Local control of index lesions (D2.5): failure, and the imaging that judged each lesion."""

import polars as pl

from equipoise.derive.hold import CONFIRM_AFTER_DAYS
from equipoise.derive.lesions import LESION_KEY
from equipoise.derive.recist import has_grown
from equipoise.derive.schemas import conform, derived_schema

_MEASURABLE_TENTHS = 100  # D2.5: a lesion under 10 mm fails when it reaches 10 mm


def derive_lesion_assessments(series: pl.DataFrame) -> pl.DataFrame:
    """Each scan of each index lesion; after resection nothing judges the lesion any more."""
    rows = _before_resection(series).filter(pl.col("entry").is_not_null())
    judged = rows.select(
        *LESION_KEY,
        assessed_date=pl.col("scan_date"),
        adequate=pl.col("evaluable"),
        entries=pl.concat_list("entry"),
    )
    return conform(judged, schema=derived_schema("lesion_assessments"))


def derive_lesion_failures(series: pl.DataFrame, new_lesions: pl.DataFrame) -> pl.DataFrame:
    """The local failure of each index lesion that failed, dated at its first sign.

    Growth of 20 % and 5 mm over the lesion's own nadir (a lesion under 10 mm must reach 10 mm),
    reappearance, unequivocal growth of a non-measurable lesion, each confirmed by the first
    evaluable scan at least 8 weeks later (or not refuted by any); viable tumour on biopsy; a new
    lesion inside the irradiated volume. `kind` is growth, biopsy or in_field.
    """
    scans = _with_signs(_before_resection(series))
    grown = _confirmed(scans).select(
        *LESION_KEY, failure_date="scan_date", kind=pl.lit("growth"), entries="entries"
    )
    biopsies = scans.filter(pl.col("pathology") == "viable").select(
        *LESION_KEY,
        failure_date="scan_date",
        kind=pl.lit("biopsy"),
        entries=pl.concat_list("entry"),
    )
    in_field = _in_field(new_lesions, series)
    schema = derived_schema("lesion_failure")
    every = pl.concat([conform(part, schema=schema) for part in (grown, biopsies, in_field)])
    return every.sort(*LESION_KEY, "failure_date", "kind").unique(
        LESION_KEY, keep="first", maintain_order=True
    )


def _before_resection(series: pl.DataFrame) -> pl.DataFrame:
    gone = (pl.col("status") == "resected").cum_max().over(LESION_KEY)
    return series.sort(*LESION_KEY, "order").filter(pl.col("index") & ~gone)


def _with_signs(scans: pl.DataFrame) -> pl.DataFrame:
    """Whether each scan shows a sign of failure, against the smallest diameter before it."""
    before = pl.col("tenths").shift(1).over(LESION_KEY).fill_null(2**62).cum_min().over(LESION_KEY)
    nadir = pl.min_horizontal(before, "baseline_tenths")
    rows = scans.with_columns(own_nadir=nadir)
    now, least = pl.col("tenths"), pl.col("own_nadir")
    small = (least > 0) & (least < _MEASURABLE_TENTHS)
    reaches = ~small | (now >= _MEASURABLE_TENTHS)
    grown = has_grown(now, nadir=least) & reaches
    return rows.with_columns(
        sign=(grown.fill_null(value=False)) | (pl.col("status") == "progression")
    )


def _confirmed(scans: pl.DataFrame) -> pl.DataFrame:
    """The signs that stand: not refuted by the next evaluable scan 8 weeks or more later."""
    later = scans.filter("evaluable").select(
        *LESION_KEY, next_date="scan_date", still="sign", next_entry="entry"
    )
    signs = scans.filter("sign").with_columns(
        due=pl.col("scan_date") + pl.duration(days=CONFIRM_AFTER_DAYS)
    )
    joined = signs.sort("due").join_asof(
        later.sort("next_date"),
        left_on="due",
        right_on="next_date",
        by=list(LESION_KEY),
        strategy="forward",
        check_sortedness=False,
    )
    biopsy = pl.col("pathology").fill_null("")
    stands = (biopsy == "viable") | (
        (biopsy != "no_viable") & pl.col("still").fill_null(value=True)
    )
    return joined.filter(stands).with_columns(
        entries=pl.concat_list("entry", "next_entry").list.drop_nulls()
    )


def _in_field(new_lesions: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    index = series.filter("index").select(LESION_KEY).unique()
    rows = new_lesions.filter(pl.col("relation") == "in_field").select(
        "replicate",
        "subject",
        lesion="relates_to",
        failure_date="seen_date",
        kind=pl.lit("in_field"),
        entries=pl.concat_list("entry"),
    )
    return rows.join(index, on=LESION_KEY, how="semi")
