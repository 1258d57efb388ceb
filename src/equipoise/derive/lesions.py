"""Lesions and assessments: what each scan says of each lesion, in tenths of a millimetre."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LESION_STATES, conform

TOO_SMALL_TENTHS = 50  # RECIST 1.1, 4.3.1: too small to measure counts as 5 mm
BASELINE = "BL"
VISIT_KEY = (*KEY, "visit")
LESION_KEY = (*KEY, "lesion")
GONE = ("absent", "merged", "resected")


def derive_baseline(frames: Frames) -> pl.DataFrame:
    """The lesions at baseline: role, kind, index or not, tenths of a millimetre, entry."""
    rows = frames["les_bl"].unique(LESION_KEY, keep="first", maintain_order=True)
    return rows.select(
        *LESION_KEY,
        "role",
        "kind",
        "scan_date",
        index=pl.col("intend_sbrt").fill_null(value=False),
        baseline_tenths=_tenths(pl.coalesce("ld_mm", "sa_mm")),
        baseline_entry=pl.col("entry"),
    )


def derive_visits(frames: Frames) -> pl.DataFrame:
    """The assessments after baseline: first and last scan date of each visit, in time order.

    Columns: replicate, subject, visit, first_date, last_date, order (0, 1, ... per subject).
    """
    scans = [
        frames[form].select(*VISIT_KEY, "scan_date").drop_nulls("scan_date")
        for form in ("les_fu", "newles")
    ]
    visits = (
        pl.concat(scans)
        .group_by(VISIT_KEY)
        .agg(first_date=pl.col("scan_date").min(), last_date=pl.col("scan_date").max())
        .sort(*KEY, "first_date", "last_date", "visit")
    )
    return visits.with_columns(order=pl.int_range(pl.len()).over(KEY))


def derive_lesion_series(
    frames: Frames, baseline: pl.DataFrame, visits: pl.DataFrame
) -> pl.DataFrame:
    """Every baseline lesion at every visit of its subject, whether entered or not.

    `tenths` is what enters the sum: the measurement, 0 where the lesion is gone (absent, merged
    into another, resected), 50 where it is too small to measure; null where it was not evaluated.
    """
    follow_up = (
        frames["les_fu"]
        .unique([*VISIT_KEY, "lesion"], keep="first", maintain_order=True)
        .select(*VISIT_KEY, "lesion", "status", "mm", "pathology", "entry", scanned="scan_date")
    )
    grid = baseline.drop("scan_date").join(visits, on=KEY, how="inner")
    series = grid.join(follow_up, on=[*VISIT_KEY, "lesion"], how="left")
    status = pl.col("status").fill_null("ne")
    tenths = (
        pl.when(status.is_in(GONE))
        .then(0)
        .when(status == "tstm")
        .then(_tenths(pl.col("mm")).fill_null(TOO_SMALL_TENTHS))
        .when(status != "ne")
        .then(_tenths(pl.col("mm")))
    )
    return (
        series.with_columns(status=status, tenths=tenths)
        .with_columns(
            evaluable=pl.col("tenths").is_not_null()
            | pl.col("status").is_in(["present", "progression"]),
            scan_date=pl.coalesce("scanned", "first_date"),
        )
        .drop("scanned", "mm")
        .sort(*KEY, "lesion", "order")
    )


def derive_new_lesions(frames: Frames, visits: pl.DataFrame) -> pl.DataFrame:
    """The new lesions that count, each at its first sighting.

    An equivocal lesion that is unequivocal later counts from its first sighting (D3.4). Columns:
    key, visit, order, lesion, seen_date, relation, relates_to, entry.
    """
    rows = frames["newles"].drop_nulls("scan_date").sort(*KEY, "lesion", "scan_date", "visit")
    certain = pl.col("certainty") == "unequivocal"
    seen = (
        rows.filter(certain.any().over(LESION_KEY))
        .group_by(LESION_KEY, maintain_order=True)
        .agg(
            pl.col("visit").first(),
            seen_date=pl.col("scan_date").first(),
            relation=pl.col("relation").drop_nulls().last(),
            relates_to=pl.col("relates_to").drop_nulls().last(),
            entry=pl.col("entry").first(),
        )
    )
    return seen.join(visits.select(*VISIT_KEY, "order"), on=VISIT_KEY, how="inner")


def derive_lesion_states(series: pl.DataFrame, baseline: pl.DataFrame) -> pl.DataFrame:
    """Every lesion at baseline and at every visit, as it can be shown to a reader."""
    first = baseline.select(
        *LESION_KEY,
        "scan_date",
        visit=pl.lit(BASELINE),
        tenths_mm=pl.col("baseline_tenths"),
        status=pl.lit("measured"),
        evaluable=pl.col("baseline_tenths").is_not_null(),
        entries=pl.concat_list("baseline_entry"),
    )
    later = series.filter(pl.col("entry").is_not_null()).select(
        *LESION_KEY,
        "scan_date",
        "visit",
        "status",
        "evaluable",
        tenths_mm=pl.col("tenths"),
        entries=pl.concat_list("entry"),
    )
    both = pl.concat([conform(first, schema=LESION_STATES), conform(later, schema=LESION_STATES)])
    return both.sort(*LESION_KEY, "scan_date", "visit")


def _tenths(mm: pl.Expr) -> pl.Expr:
    return (mm * 10).round().cast(pl.Int64)
