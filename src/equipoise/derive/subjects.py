"""Randomised subjects: dates, strata, baseline, and the facts that populations ask for."""

from collections.abc import Mapping

import polars as pl

from equipoise.capture.eligibility import check_eligibility
from equipoise.capture.frames import Frames
from equipoise.derive.schemas import FLOW, KEY, LESION_KEY, conform
from equipoise.protocol.form_model import Form, Grain
from equipoise.protocol.model import Protocol


def derive_subjects(
    sources: Frames,
    protocol: Protocol,
    *,
    anchors: Mapping[str, pl.DataFrame],
    sbrt_lesions: pl.DataFrame,
    cutoffs: pl.DataFrame | None,
) -> pl.DataFrame:
    """A row a randomised subject; no arm. `anchors` are those of `derive_anchors`.

    Columns: site, dates of the anchors, strata, subgroups, baseline variables (`form__item`),
    eligibility with the criteria that failed, treatment facts, death, last contact, entries.
    """
    form = protocol.form_named(protocol.randomisation.form)
    rows = sources[form.form].unique(KEY, keep="first", maintain_order=True).sort(KEY)
    rows = rows.select(*KEY, entries=pl.concat_list("entry"))
    for part in (
        _anchors(sources, protocol, anchors),
        _factors(sources, protocol),
        _eligibility(sources, protocol),
        _vital(sources),
        _treatment(sources, sbrt_lesions),
    ):
        rows = rows.join(part, on=list(KEY), how="left", maintain_order="left")
    return _facts(_with_cutoff(rows, cutoffs))


def derive_flow(subjects: pl.DataFrame, *, sources: Frames) -> pl.DataFrame:
    """What became of each randomised subject, for the participant flow.

    Systemic therapy stopped when a record says so and its last day is known (by the cut).
    """
    stops = (
        sources["ex_sys"]
        .filter((pl.col("action") == "stopped") & pl.col("stop_date").is_not_null())
        .sort(*KEY, "start_date", "record")
        .unique(KEY, keep="last", maintain_order=True)
        .select(*KEY, stop_reason="reason", stop_entry="entry")
    )
    rows = subjects.join(stops, on=list(KEY), how="left", maintain_order="left")
    done = rows.with_columns(
        treated=pl.col("first_treatment_date").is_not_null(),
        systemic_stopped=pl.col("stop_entry").is_not_null(),
        end_of_study=pl.col("eos_reason"),
        died=pl.col("death_date").is_not_null(),
        entries=pl.concat_list("entries", "stop_entry").list.drop_nulls(),
    )
    return conform(done, schema=FLOW)


def _anchors(
    sources: Frames, protocol: Protocol, anchors: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    rows = sources[protocol.randomisation.form].select(KEY).unique()
    for anchor in protocol.anchor:
        if not anchor.by_lesion:
            named = anchors[anchor.id].select(*KEY, pl.col("date").alias(f"{anchor.id}_date"))
            rows = rows.join(named, on=list(KEY), how="left")
    return rows


def _factors(sources: Frames, protocol: Protocol) -> pl.DataFrame:
    """Site, strata, subgroups and baseline variables."""
    columns = [(v.form, v.item, f"{v.form}__{v.item}") for v in protocol.baseline]
    columns += [(s.form, s.item, s.name) for s in protocol.stratum]
    columns += [(g.form, g.item, g.id) for g in protocol.subgroup]
    site = sources["dm"].unique(KEY, keep="first", maintain_order=True).select(*KEY, "site")
    randomised = sources[protocol.randomisation.form].select(KEY).unique()
    rows = randomised.join(site, on=list(KEY), how="left")
    for form, item, name in dict.fromkeys(columns):
        if name not in rows.columns:
            first = _first_rows(sources, protocol.form_named(form))
            values = first.select(*KEY, pl.col(item).alias(name))
            rows = rows.join(values, on=list(KEY), how="left")
    return rows


def _first_rows(sources: Frames, form: Form) -> pl.DataFrame:
    """The entry of a subject; of a form with several, the first by date and key."""
    frame = sources[form.form]
    if form.grain is not Grain.SUBJECT:
        frame = frame.sort(*KEY, *([form.date_item] if form.date_item else []), *form.key)
    return frame.unique(KEY, keep="first", maintain_order=True)


def _eligibility(sources: Frames, protocol: Protocol) -> pl.DataFrame:
    """Eligible = every criterion met; unknown criteria leave it unknown."""
    met = check_eligibility(sources, protocol)
    failed = pl.col("criterion").filter(~pl.col("met"))
    return met.group_by(KEY).agg(
        eligible=pl.col("met").all(ignore_nulls=False), failed_criteria=failed
    )


def _vital(sources: Frames) -> pl.DataFrame:
    baseline = sources["assessments"].filter("baseline").select(KEY).unique()
    last = sources["eos"].unique(KEY, keep="first", maintain_order=True)
    return (
        sources["contact"]
        .select(*KEY, last_alive_date="alive_date")
        .join(sources["death"].select(*KEY, "death_date"), on=list(KEY), how="full", coalesce=True)
        .join(baseline.with_columns(baseline_assessed=pl.lit(value=True)), on=list(KEY), how="left")
        .join(last.select(*KEY, eos_reason="reason"), on=list(KEY), how="left")
    )


def _treatment(sources: Frames, sbrt_lesions: pl.DataFrame) -> pl.DataFrame:
    """SBRT to the index lesions, and local therapy outside the protocol before progression (D2.8).

    Local therapy after a progression that counts is a later line, no breach of the protocol.
    """
    index = sources["les_bl"].filter("intend_sbrt").select(LESION_KEY).unique()
    index = index.join(sbrt_lesions, on=list(LESION_KEY), how="left")
    complete = index.group_by(KEY).agg(
        sbrt_complete=pl.col("complete").fill_null(value=False).all(),
        min_bed10_gy=pl.col("bed10_gy").min(),
    )
    treated = sbrt_lesions.filter(pl.col("fractions_given").is_not_null()).select(KEY).unique()
    progressed = sources["progression"].group_by(KEY).agg(pl.col("progression_date").min())
    local = sources["new_therapy"].filter(pl.col("type") != "systemic")
    local = local.join(progressed, on=list(KEY), how="left").filter(
        (pl.col("start_date") <= pl.col("progression_date")).fill_null(value=True)
    )
    local = local.select(KEY).unique()
    return complete.join(
        treated.with_columns(sbrt_started=pl.lit(value=True)),
        on=list(KEY),
        how="full",
        coalesce=True,
    ).join(
        local.with_columns(non_protocol_local_therapy=pl.lit(value=True)),
        on=list(KEY),
        how="full",
        coalesce=True,
    )


def _with_cutoff(rows: pl.DataFrame, cutoffs: pl.DataFrame | None) -> pl.DataFrame:
    if cutoffs is None:
        return rows.with_columns(cutoff_date=pl.lit(None, dtype=pl.Date))
    return rows.join(cutoffs, on="replicate", how="left", maintain_order="left")


def _facts(rows: pl.DataFrame) -> pl.DataFrame:
    """Days from randomisation to the first treatment; a fact that nobody recorded is no."""
    lag = (pl.col("first_treatment_date") - pl.col("randomised_date")).dt.total_days()
    recorded = (
        "baseline_assessed",
        "sbrt_started",
        "sbrt_complete",
        "non_protocol_local_therapy",
    )
    return rows.with_columns(
        *(pl.col(name).fill_null(value=False) for name in recorded), treatment_started_days=lag
    )
