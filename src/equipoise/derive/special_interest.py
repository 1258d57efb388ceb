"""Adverse events of special interest, and the time during which subjects were at risk (D2.6)."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, SPECIAL_INTEREST, TIME_AT_RISK, conform
from equipoise.protocol.model import Protocol
from equipoise.protocol.toxicity_model import ToxicityRules

# Until when a subject is at risk, with the printed words.
DIED = ("AR-1", "until death")
FOLLOWED = ("AR-2", "until the last day known alive, or the last onset of an event")
EXPOSED = ("AR-3", "until so many days after the last study treatment")


def derive_special_interest(
    worst_grades: pl.DataFrame, protocol: Protocol, *, first_treatment: pl.DataFrame
) -> pl.DataFrame:
    """One row a subject and group of the protocol (`[[aesi]]`): worst grade, first day, terms.

    `first_day` counts from the first study treatment, which is day 1; `severe_day` is that of the
    first grade 3 or higher. A term may belong to several groups.
    """
    pairs = [(group.id, term) for group in protocol.aesi for term in group.term]
    groups = pl.DataFrame(pairs, schema={"group": pl.String, "term": pl.String}, orient="row")
    rows = worst_grades.join(groups, on="term", how="inner")
    found = rows.group_by(*KEY, "group").agg(
        pl.col("grade").max(),
        pl.col("onset_date").min(),
        pl.col("severe_onset_date").min(),
        pl.col("sbrt_grade").max(),
        terms=pl.col("term").sort(),
    )
    named = rows.select(*KEY, "group", "entries").explode("entries")
    entries = named.unique().sort(*KEY, "group", "entries").group_by(*KEY, "group").agg("entries")
    start = first_treatment.select(*KEY, start_date="date")
    whole = found.join(entries, on=[*KEY, "group"], how="left").join(
        start, on=list(KEY), how="left"
    )
    done = whole.with_columns(
        first_day=_day_of("onset_date"), severe_day=_day_of("severe_onset_date")
    )
    return conform(done.sort(*KEY, "group"), schema=SPECIAL_INTEREST)


def _day_of(name: str) -> pl.Expr:
    return (pl.col(name) - pl.col("start_date")).dt.total_days() + 1


def derive_time_at_risk(
    frames: Frames,
    *,
    first_treatment: pl.DataFrame,
    events: pl.DataFrame,
    rules: ToxicityRules,
) -> pl.DataFrame:
    """One row a treated subject: first and last day at risk of an adverse event, days, rule.

    `frames` has the forms, `death` and `contact`. Until death, else the last day known alive (an
    event that starts later is a sign of life); with `at_risk_until = "exposure"` no longer than
    `after_exposure_days` after the last dose or fraction.
    """
    onsets = events.filter("treatment_emergent").group_by(KEY).agg(last_onset=pl.col("onset").max())
    death = frames["death"].select(*KEY, "death_date", death_entries="entries")
    rows = first_treatment.select(*KEY, start_date="date", start_entries="entries")
    contact = frames["contact"].select(*KEY, "alive_date", contact_entries="entries")
    for part in (contact, death, onsets, _last_exposure(frames)):
        rows = rows.join(part, on=list(KEY), how="left")
    seen = pl.max_horizontal("alive_date", "last_onset", "start_date")
    died = pl.col("death_date").is_not_null()
    rows = rows.with_columns(
        end_date=pl.when(died).then("death_date").otherwise(seen),
        rule=pl.when(died).then(pl.lit(DIED[0])).otherwise(pl.lit(FOLLOWED[0])),
        last=pl.when(died).then("death_entries").otherwise("contact_entries"),
    )
    if rules.at_risk_until == "exposure":
        rows = _until_exposure(rows, rules)
    return _counted(rows)


def _last_exposure(frames: Frames) -> pl.DataFrame:
    """The last dose or fraction of each subject with its entry; null while therapy goes on."""
    doses = frames["ex_sys"].filter(pl.col("action").ne_missing("held"))
    last = pl.concat(
        [
            doses.drop_nulls("start_date").select(*KEY, "entry", day="stop_date"),
            frames["rt_fx"].drop_nulls("fraction_date").select(*KEY, "entry", day="fraction_date"),
        ]
    ).sort(*KEY, "day", "entry", nulls_last=True)
    return last.unique(KEY, keep="last", maintain_order=True).select(
        *KEY, exposure_date="day", exposure_entry="entry"
    )


def _until_exposure(rows: pl.DataFrame, rules: ToxicityRules) -> pl.DataFrame:
    limit = pl.col("exposure_date").dt.offset_by(f"{rules.after_exposure_days}d")
    earlier = (limit < pl.col("end_date")).fill_null(value=False)
    return rows.with_columns(
        end_date=pl.when(earlier).then(limit).otherwise("end_date"),
        rule=pl.when(earlier).then(pl.lit(EXPOSED[0])).otherwise("rule"),
        last=pl.when(earlier).then(pl.concat_list("exposure_entry")).otherwise("last"),
    )


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    end = pl.max_horizontal("end_date", "start_date")
    words = pl.col("rule").replace_strict(dict((DIED, FOLLOWED, EXPOSED)), return_dtype=pl.String)
    none = pl.lit([], dtype=pl.List(pl.String))
    done = rows.with_columns(
        end_date=end,
        days=(end - pl.col("start_date")).dt.total_days() + 1,
        words=words,
        entries=pl.concat_list("start_entries", pl.col("last").fill_null(none)).list.unique(
            maintain_order=True
        ),
    )
    return conform(done.sort(KEY), schema=TIME_AT_RISK)
