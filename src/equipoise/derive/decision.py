"""Which rule decides what became of a unit (D2.3): event or censored, on which day, by what.

A convention is data: it says whether new therapy and missed assessments censor and what a missing
baseline means, and it has words for the rules that it can print.
"""

import polars as pl

from equipoise.derive.missed import missed_limit
from equipoise.derive.reading import Reading
from equipoise.derive.schemas import KEY

NOT_AT_RISK = "R0"
NO_DATE = "R2"
_LABEL_AFTER_MISSED = 2  # R6: two or more, also where the convention only prints it
_LEFT = ("lost", "withdrew_follow_up", "withdrew_data")


def decide(reading: Reading, *, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `happened`, `last_date`, `rule` and `decided_by` (entries).

    `rows` hold the units with their first event and last censoring date. A unit whose event came
    before its origin is not at risk.
    """
    if not reading.convention.id:
        return _decide_plainly(rows)
    known = _with_gap(reading, _with_facts(reading, rows))
    judged = known.with_columns(
        unseen=~pl.col("has_baseline").fill_null(value=False),
        never_seen=pl.col("seen_date").is_null(),
    )
    return _decide_by_convention(reading, judged)


def _decide_plainly(rows: pl.DataFrame) -> pl.DataFrame:
    happened = pl.col("event_date").is_not_null()
    ended = pl.coalesce("switch_rule", "censor_rule")
    decided = rows.with_columns(
        happened=happened,
        dropped=pl.lit(value=False),
        cut_short=pl.lit(value=False),
        seen_entries=pl.lit(None, dtype=pl.List(pl.String)),
    )
    return decided.with_columns(
        last_date="censor_date",
        rule=pl.when(happened).then("event_rule").otherwise(ended),
        decided_by=_decided_by(),
    )


def _with_facts(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds, per subject, whether there was a baseline assessment and whether follow-up ended."""
    frames = reading.sources
    baseline = frames["assessments"].filter("baseline").select(KEY).unique()
    left = frames["eos"].filter(pl.col("reason").is_in(_LEFT)).select(KEY).unique()
    return rows.join(
        baseline.with_columns(has_baseline=True), on=list(KEY), how="left", maintain_order="left"
    ).join(left.with_columns(left=True), on=list(KEY), how="left", maintain_order="left")


def _with_gap(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the last adequate assessment before the event, and whether too many were missed."""
    adequate = reading.sources["assessments"].filter(pl.col("adequate") & ~pl.col("baseline"))
    seen = adequate.select(
        *KEY, seen_date="last_date", seen_visit="visit", seen_entries="entries"
    ).sort("seen_date", "seen_visit")
    before = rows.with_columns(_before=pl.col("event_date") - pl.duration(days=1)).sort("_before")
    joined = before.join_asof(
        seen,
        left_on="_before",
        right_on="seen_date",
        by=list(KEY),
        strategy="backward",
        check_sortedness=False,
    )
    after_start = pl.col("seen_date") >= pl.col("start_date")
    joined = joined.sort(reading.key).with_columns(
        seen_date=pl.when(after_start).then("seen_date"),
        seen_visit=pl.when(after_start).then("seen_visit"),
        seen_entries=pl.when(after_start).then("seen_entries"),
    )
    start = pl.col("start_date")
    last_day = (pl.coalesce("seen_date", start) - start).dt.total_days().alias("last_day")
    limit = missed_limit(
        joined.select(last_day)["last_day"],
        label=joined["seen_visit"],
        visits=reading.protocol.schedule.imaging_visits,
        missed=reading.convention.missed_assessments or _LABEL_AFTER_MISSED,
    )
    day = (pl.col("event_date") - start).dt.total_days()
    return joined.with_columns(gap=(day > pl.lit(limit)).fill_null(value=False))


def _decide_by_convention(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    convention = reading.convention
    dropped = pl.col("unseen") & (convention.no_baseline == "censor")
    gap = pl.col("gap") & (convention.missed_assessments > 0)
    happened = pl.col("event_date").is_not_null() & ~dropped & ~gap
    last = pl.when(gap).then("seen_date").otherwise("censor_date")
    return rows.with_columns(
        happened=happened,
        last_date=pl.when(~dropped).then(last),
        dropped=dropped,
        cut_short=gap & ~dropped,
    ).with_columns(
        rule=pl.when("happened").then(_event_rule(reading)).otherwise(_censor_rule()),
        decided_by=_decided_by(),
    )


def _event_rule(reading: Reading) -> pl.Expr:
    """R1, R3 and R6 tell the reader under which circumstances an event counts."""
    return (
        pl.when(pl.col("unseen") & reading.says("R1"))
        .then(pl.lit("R1"))
        .when(pl.col("is_death") & pl.col("never_seen") & reading.says("R3"))
        .then(pl.lit("R3"))
        .when(pl.col("gap") & reading.says("R6"))
        .then(pl.lit("R6"))
        .otherwise("event_rule")
    )


def _censor_rule() -> pl.Expr:
    nothing = pl.col("last_date").is_null()
    return (
        pl.when(pl.col("dropped") | (pl.col("unseen") & nothing & ~pl.col("cut_short")))
        .then(pl.lit("R1"))
        .when(pl.col("cut_short") & pl.col("is_death") & pl.col("never_seen"))
        .then(pl.lit("R3"))
        .when("cut_short")
        .then(pl.lit("R6"))
        .when(pl.col("switch_date").is_not_null())
        .then("switch_rule")
        .when(nothing)
        .then(pl.lit(NO_DATE))
        .when(pl.col("left").fill_null(value=False))
        .then(pl.lit("R10"))
        .otherwise("censor_rule")
    )


def _decided_by() -> pl.Expr:
    """The entries of what ended the time, and of what made it end there (gap, new therapy)."""
    none = pl.lit([], dtype=pl.List(pl.String))
    switched = pl.when(pl.col("switch_date").is_not_null()).then("switch_entries").fill_null(none)
    censor = pl.concat_list(pl.col("censor_entries").fill_null(none), switched)
    gap = pl.concat_list(pl.col("seen_entries").fill_null(none), "event_entries")
    return (
        pl.when("happened")
        .then("event_entries")
        .when("dropped")
        .then(none)
        .when("cut_short")
        .then(gap)
        .otherwise(censor)
    )
