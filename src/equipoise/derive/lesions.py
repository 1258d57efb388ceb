"""Lesions and assessments: what each scan says of each lesion, in tenths of a millimetre."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import (
    KEY,
    LESION_KEY,
    LESION_STATES,
    VISIT_KEY,
    conform,
    derived_schema,
)
from equipoise.protocol.model import Protocol

TOO_SMALL_TENTHS = 50  # RECIST 1.1, 4.3.1: too small to measure counts as 5 mm
BASELINE = "BL"
_SEEN = ("measured", "split", "present", "progression")


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


def derive_disease_free(frames: Frames) -> pl.DataFrame:
    """The subjects without a lesion at baseline whom the investigator calls free of disease."""
    free = frames["rs"].filter(pl.col("overall") == "NED").select(KEY).unique()
    return free.join(frames["les_bl"].select(KEY).unique(), on=KEY, how="anti")


def derive_visits(frames: Frames, protocol: Protocol) -> pl.DataFrame:
    """The assessments after baseline: first and last scan date of each visit, in time order.

    A scan dated on or before randomisation is a wrong date (an edit check finds it) and none of
    them. Subjects without disease at baseline have no lesion to follow: their assessments are
    those of the investigator. Columns: replicate, subject, visit, first_date, last_date, order
    (0, 1, ... per subject), assessment (0, 1, ... over all).
    """
    clear = frames["rs"].join(derive_disease_free(frames), on=KEY, how="semi")
    scans = [frames[form].select(*VISIT_KEY, "scan_date") for form in ("les_fu", "newles")]
    scans.append(clear.select(*VISIT_KEY, scan_date="assessment_date"))
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    start = frames[form].group_by(KEY).agg(pl.col(item).min().alias("start"))
    visits = (
        pl.concat(scans)
        .drop_nulls("scan_date")
        .join(start, on=list(KEY), how="left")
        .filter((pl.col("scan_date") > pl.col("start")).fill_null(value=True))
        .group_by(VISIT_KEY)
        .agg(first_date=pl.col("scan_date").min(), last_date=pl.col("scan_date").max())
        .sort(*KEY, "first_date", "last_date", "visit")
    )
    return visits.with_columns(
        order=pl.int_range(pl.len()).over(KEY), assessment=pl.int_range(pl.len())
    )


def derive_resections(frames: Frames) -> pl.DataFrame:
    """The day on which each removed lesion was removed: key, resected_date, resection_entry."""
    later = frames["subseq"].filter(pl.col("type") == "surgery")
    both = [
        frames["surg"].select(*LESION_KEY, "entry", resected_date="surgery_date"),
        later.select(*LESION_KEY, "entry", resected_date="start_date"),
    ]
    rows = pl.concat(both).drop_nulls(["lesion", "resected_date"])
    first = rows.sort(*LESION_KEY, "resected_date", "entry").unique(
        LESION_KEY, keep="first", maintain_order=True
    )
    return first.rename({"entry": "resection_entry"})


def derive_irradiated(frames: Frames) -> pl.DataFrame:
    """The lesions that received a fraction of the protocol's SBRT: key, irradiated."""
    treated = frames["rt_fx"].select(LESION_KEY).drop_nulls().unique()
    return treated.with_columns(irradiated=pl.lit(value=True))


def derive_removals(frames: Frames) -> pl.DataFrame:
    """Each resection or ablation of a lesion, after which it is no longer at risk (D2.5).

    A lesion that a scan finds resected, without a record of the surgery, is removed on that day.
    """
    ablation = frames["subseq"].filter(pl.col("type") == "ablation")
    found = frames["les_fu"].filter(pl.col("status") == "resected")
    resected = derive_resections(frames)
    found = found.join(resected, on=list(LESION_KEY), how="anti")
    parts = (
        (resected, "resected_date", "resection_entry", "resected"),
        (ablation, "start_date", "entry", "ablated"),
        (found, "scan_date", "entry", "resected"),
    )
    schema = derived_schema("lesion_removal")
    rows = [
        conform(
            frame.drop_nulls(["lesion", date]).select(
                *LESION_KEY, type=pl.lit(kind), removal_date=date, entries=pl.concat_list(entry)
            ),
            schema=schema,
        )
        for frame, date, entry, kind in parts
    ]
    return pl.concat(rows).sort(*LESION_KEY, "removal_date", "type")


def derive_lesion_series(
    frames: Frames, *, baseline: pl.DataFrame, visits: pl.DataFrame
) -> pl.DataFrame:
    """Every baseline lesion at every visit of its subject, whether entered or not.

    `tenths` is what enters the sum: the measurement, 0 where the lesion is gone (absent, removed,
    or merged into another whose mass carries both), 50 where it is too small to measure; null
    where it was not evaluated. A removed lesion stays removed.
    """
    follow_up = (
        frames["les_fu"]
        .unique([*VISIT_KEY, "lesion"], keep="first", maintain_order=True)
        .rename({"scan_date": "scanned"})
        .select(
            *VISIT_KEY,
            "lesion",
            "status",
            "mm",
            "increased",
            "merged_into",
            "pathology",
            "entry",
            "scanned",
        )
    )
    grid = baseline.drop("scan_date").join(visits, on=KEY, how="inner")
    series = (
        grid.join(follow_up, on=[*VISIT_KEY, "lesion"], how="left")
        .join(_hosts(baseline), on=[*KEY, "merged_into"], how="left")
        .join(derive_resections(frames), on=list(LESION_KEY), how="left")
        .with_columns(scan_date=pl.coalesce("scanned", "first_date"))
        .sort(*LESION_KEY, "order")
    )
    return _with_sizes(series).drop("scanned", "mm", "host_role")


def derive_lesion_states(series: pl.DataFrame, *, baseline: pl.DataFrame) -> pl.DataFrame:
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


def _hosts(baseline: pl.DataFrame) -> pl.DataFrame:
    """The role of the lesion that another has merged into."""
    return baseline.select(*KEY, merged_into="lesion", host_role="role")


def _with_sizes(series: pl.DataFrame) -> pl.DataFrame:
    """Status with removal carried forward, tenths, and whether the scan could judge the lesion."""
    removed = (pl.col("status") == "resected") | (pl.col("scan_date") > pl.col("resected_date"))
    gone = removed.fill_null(value=False).cast(pl.Int8).cum_max().over(LESION_KEY) > 0
    rows = series.with_columns(
        status=pl.when(gone).then(pl.lit("resected")).otherwise(pl.col("status").fill_null("ne"))
    )
    # D3.2: the mass stands at one lesion and the other is 0; a mass outside the sum tells nothing
    hosted = (pl.col("host_role") == "target") | (pl.col("role") == "non_target")
    status, mm = pl.col("status"), _tenths(pl.col("mm"))
    rows = rows.with_columns(
        tenths=pl.when(status.is_in(["absent", "resected"]))
        .then(0)
        .when((status == "merged") & hosted & pl.col("host_role").is_not_null())
        .then(0)
        .when(status == "tstm")
        .then(mm.fill_null(TOO_SMALL_TENTHS))
        .when(status.is_in(_SEEN))
        .then(mm)
    )
    judged = pl.col("status").is_in(["present", "progression"])
    return rows.with_columns(evaluable=pl.col("tenths").is_not_null() | judged)


def _tenths(mm: pl.Expr) -> pl.Expr:
    return (mm * 10).round().cast(pl.Int64)
