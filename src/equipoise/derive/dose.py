"""Radiotherapy by lesion: dose as planned and given, library, timing, and how far it was followed.

No arm is known here: a subject without any prescription or fraction has no row.
"""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.adherence import add_verdicts
from equipoise.derive.fractions import derive_fractions
from equipoise.derive.schemas import DOSE, KEY, LESION_KEY, conform
from equipoise.protocol.model import Protocol, Radiotherapy, SbrtSchedule

ANY_SITE = "any"
NOT_EXTRACRANIAL = "brain"  # D5.2: the schedules for any site are extracranial
SAME_DOSE_GY = 0.05


def derive_dose(sources: Frames, protocol: Protocol, *, sbrt_lesions: pl.DataFrame) -> pl.DataFrame:
    """Per lesion prescribed, irradiated, or left out in a subject with SBRT (columns: DOSE).

    `sbrt_lesions` are those of `derive_sbrt_lesions`, whose BED10, dates and completeness are taken
    over. EQD2 and `tumour_bed_gy` use the protocol's alpha/beta. Days count from randomisation;
    `overall_days` counts the first and the last day. A protocol without radiotherapy has no rows.
    """
    plan = protocol.radiotherapy
    if plan is None:
        return pl.DataFrame(schema=DOSE)
    rows = _lesions(sources, sbrt_lesions)
    prescribed = sources["rt_rx"].unique(LESION_KEY, keep="first", maintain_order=True)
    fractions = derive_fractions(sources, alpha_beta_gy=plan.tumour_alpha_beta_gy)
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    start = sources[form].group_by(KEY).agg(randomised_date=pl.col(item).min())
    rows = (
        rows.join(
            prescribed.select(*LESION_KEY, prescribed_gy="dose_gy"), on=list(LESION_KEY), how="left"
        )
        .join(fractions, on=list(LESION_KEY), how="left")
        .join(start, on=list(KEY), how="left")
        .join(_endings(sources), on=list(LESION_KEY), how="left")
        .join(_deaths(sources), on=list(KEY), how="left")
    )
    done = add_verdicts(_with_doses(rows, plan), plan=plan)
    return conform(done.sort(LESION_KEY), schema=DOSE)


def _lesions(sources: Frames, sbrt_lesions: pl.DataFrame) -> pl.DataFrame:
    """The lesions with a prescription or fraction, and the index lesions of those subjects."""
    listed = sources["les_bl"].unique(LESION_KEY, keep="first", maintain_order=True)
    listed = listed.select(
        *LESION_KEY, "site", index=pl.col("intend_sbrt").fill_null(value=False), entry_bl="entry"
    ).join(sbrt_lesions.select(KEY).unique(), on=list(KEY), how="semi")
    own = sbrt_lesions.with_columns(touched=pl.lit(value=True))
    rows = own.join(listed, on=list(LESION_KEY), how="full", coalesce=True)
    rows = rows.with_columns(index=pl.col("index").fill_null(value=False))
    kept = rows.filter(pl.col("touched").fill_null(value=False) | pl.col("index"))
    entries = pl.concat_list(
        pl.concat_list("entry_bl", "entry").list.drop_nulls(),
        pl.col("entry_fx").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )
    return kept.with_columns(
        entries=entries.list.sort(), complete=pl.col("complete").fill_null(value=False)
    )


def _endings(sources: Frames) -> pl.DataFrame:
    gone = sources["lesion_removal"].group_by(LESION_KEY)
    return gone.agg(removal_date=pl.col("removal_date").min())


def _deaths(sources: Frames) -> pl.DataFrame:
    return sources["death"].group_by(KEY).agg(pl.col("death_date").min())


def _with_doses(rows: pl.DataFrame, plan: Radiotherapy) -> pl.DataFrame:
    """Dose, BED, EQD2, library and days, as columns of DOSE."""
    total, count = pl.col("prescribed_gy"), pl.col("fractions")
    day = pl.col("randomised_date")
    given = pl.col("fractions_given").is_not_null()
    equivalent = pl.col("tumour_bed_gy") / (1 + 2 / plan.tumour_alpha_beta_gy)  # Withers 1983
    last = pl.when("complete").then((pl.col("last") - day).dt.total_days())
    return rows.with_columns(
        prescribed_fractions=count,
        prescribed_bed10_gy=total * (1 + total / count / 10),
        given_fractions=pl.col("fractions_given").fill_null(0),
        given_gy=pl.when(given).then("given_gy"),
        tumour_eqd2_gy=equivalent,
        library=match_library(plan.schedule),
        ablative=pl.col("bed10_gy") >= plan.ablative_bed10_gy,
        preferred_dose=pl.col("bed10_gy") >= plan.preferred_bed10_gy,
        start_date=pl.col("first"),
        last_date=pl.col("last"),
        start_lag_days=(pl.col("first") - day).dt.total_days(),
        completion_days=last,
        overall_days=(pl.col("last") - pl.col("first")).dt.total_days() + 1,
    )


def match_library(schedules: tuple[SbrtSchedule, ...]) -> pl.Expr:
    """`preferred`, `alternative` or `outside`: where prescribed dose, fractions and site stand.

    A line for any site covers every extracranial one; a line that says at least covers more dose in
    the same fractions. Null without a prescription. Columns: site, prescribed_gy, fractions.
    """
    preferred = pl.any_horizontal(
        pl.lit(value=False), *(_matches(line) for line in schedules if line.preferred)
    )
    listed = pl.any_horizontal(pl.lit(value=False), *(_matches(line) for line in schedules))
    found = pl.when(preferred).then(pl.lit("preferred")).when(listed).then(pl.lit("alternative"))
    known = pl.col("prescribed_gy").is_not_null() & pl.col("fractions").is_not_null()
    return pl.when(known).then(found.otherwise(pl.lit("outside")))


def _matches(line: SbrtSchedule) -> pl.Expr:
    site = pl.col("site").fill_null("")
    here = site != NOT_EXTRACRANIAL if line.site == ANY_SITE else site == line.site
    over = pl.col("prescribed_gy") - line.dose_gy
    dose = over >= -SAME_DOSE_GY if line.at_least else over.abs() <= SAME_DOSE_GY
    return here & (pl.col("fractions") == line.fractions) & dose
