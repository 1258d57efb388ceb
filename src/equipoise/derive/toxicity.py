"""Adverse events: completed dates, treatment emergence, the worst grade of each term (D2.6)."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.episodes import TERM, join_episodes, number_episodes
from equipoise.derive.schemas import KEY, WORST_GRADES, conform
from equipoise.protocol.toxicity_model import ToxicityRules
from equipoise.vocab.ctcae import read_ctcae

RELATED = ("possible", "probable", "definite")
SEVERE = 3
# The rules of treatment emergence, with their printed words (D2.6).
STARTED = ("TE-1", "starts on or after the first study treatment")
WORSENED = ("TE-2", "worse than when study treatment started")
BEFORE = ("TE-3", "starts before the first study treatment")
NO_WORSE = ("TE-4", "no worse than when study treatment started")
UNTREATED = ("TE-5", "no study treatment was given")


def derive_events(
    frames: Frames, *, first_treatment: pl.DataFrame, rules: ToxicityRules
) -> pl.DataFrame:
    """The adverse events with completed dates, treatment emergence and the rule that decided it.

    Columns beside those of the form: onset, end (null: goes on), treatment_emergent, rule, words,
    entries. An event emerges when it starts on or after the first study treatment, unless it goes
    on from before and is no worse than when treatment started (D2.6). Where the protocol keeps one
    record at its highest grade, records that overlap are one event.
    """
    rows = _completed(frames, first_treatment)
    placed = rows.filter(pl.col("onset").is_not_null())
    judged = _emergence(number_episodes(placed, by=TERM)).drop("episode")
    if rules.grade_change == "highest_grade":
        judged = join_episodes(judged, by=(*TERM, "treatment_emergent"))
    return judged


def _completed(frames: Frames, first_treatment: pl.DataFrame) -> pl.DataFrame:
    """Dates as they count (D2.2).

    A partial onset is the earliest day compatible with its known parts, but the day of the first
    treatment where that is possible (conservative: treatment-emergent) and the event had not ended
    before. An unknown end is the last day it can be; no end means ongoing.
    """
    rows = frames["ae"].join(
        first_treatment.select(*KEY, first_treatment_date="date"), on=list(KEY), how="left"
    )
    start = pl.col("first_treatment_date")
    ended = (pl.col("end_latest_date") < start).fill_null(value=False)
    possible = start.is_between("onset_earliest_date", "onset_latest_date") & ~ended
    onset = pl.when(possible).then(start).otherwise("onset_earliest_date")
    return rows.with_columns(
        onset=onset, end=pl.col("end_latest_date"), entries=pl.concat_list("entry")
    )


def _emergence(rows: pl.DataFrame) -> pl.DataFrame:
    """Whether each event emerges under treatment; one of unknown grade counts as worse."""
    start = pl.col("first_treatment_date")
    after = (pl.col("onset") >= start).fill_null(value=False)
    still = pl.col("end").is_null() | (pl.col("end") >= start.dt.offset_by("-1d"))
    there = pl.when((pl.col("onset") < start) & still).then(pl.col("grade"))
    found = rows.with_columns(_before=there.max().over("episode"))
    worse = (pl.col("grade") > pl.col("_before")).fill_null(value=True)
    rule = (
        pl.when(start.is_null())
        .then(pl.lit(UNTREATED[0]))
        .when(~after)
        .then(pl.lit(BEFORE[0]))
        .when(pl.col("_before").is_null())
        .then(pl.lit(STARTED[0]))
        .when(worse)
        .then(pl.lit(WORSENED[0]))
        .otherwise(pl.lit(NO_WORSE[0]))
    )
    words = dict((STARTED, WORSENED, BEFORE, NO_WORSE, UNTREATED))
    return (
        found.with_columns(treatment_emergent=after & worse, rule=rule)
        .with_columns(words=pl.col("rule").replace_strict(words, return_dtype=pl.String))
        .drop("_before")
    )


def derive_worst_grades(events: pl.DataFrame) -> pl.DataFrame:
    """The worst grade of each treatment-emergent term of each subject, with its class.

    A record of a changed grade is no second event: a term counts once. `onset_date` is the first
    day of any grade, `severe_onset_date` of grade 3 or higher, `sbrt_grade` the worst grade of
    what is related to SBRT (possible, probable or definite).
    """
    classes = {name: term.soc for name, term in read_ctcae().items()}
    rows = events.filter("treatment_emergent").drop_nulls(["term", "grade"]).sort(*TERM, "entry")
    rows = rows.with_columns(_term=pl.struct(TERM).rle_id())
    related = pl.col("related_sbrt").is_in(RELATED)
    worst = rows.group_by("_term", maintain_order=True).agg(
        pl.col(*TERM).first(),
        pl.col("grade").max(),
        onset_date=pl.col("onset").min(),
    )
    for name, days in (
        ("severe_onset_date", rows.filter(pl.col("grade") >= SEVERE)),
        ("sbrt_grade", rows.filter(related)),
    ):
        least, most = pl.col("onset").min(), pl.col("grade").max()
        found = days.group_by("_term").agg((least if name.endswith("date") else most).alias(name))
        worst = worst.join(found, on="_term", how="left", maintain_order="left")
    named = rows.select("_term", "grade", "entries").explode("entries")
    named = named.join(worst.select("_term", "grade"), on=["_term", "grade"], how="semi")
    entries = named.sort("_term", "entries").group_by("_term").agg("entries")
    soc = pl.col("term").replace_strict(classes, default="not in CTCAE", return_dtype=pl.String)
    whole = worst.join(entries, on="_term", how="left", maintain_order="left")
    return conform(whole.with_columns(soc=soc), schema=WORST_GRADES)
