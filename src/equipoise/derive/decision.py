"""Which rule decides what became of a unit (D2.3): event or censored, on which day, by what.

A convention is data: it says whether new therapy and missed assessments censor and what a missing
baseline means, and it has words for the rules that it can print.
"""

import polars as pl

from equipoise.derive.date_book import SEEN
from equipoise.derive.dates import as_dates, as_days, find_last, only_where
from equipoise.derive.missed import missed_limit
from equipoise.derive.reading import Reading

NOT_AT_RISK = "R0"
NO_DATE = "R2"
_LABEL_AFTER_MISSED = 2  # R6: two or more, also where the convention only prints it


def decide(reading: Reading, *, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `happened`, `last_date`, `rule`, `seen_date`, and the places that decided.

    `rows` hold the units with their candidates. `seen_date` is the last adequate assessment before
    the event, if there was one since the origin.
    """
    seen = _with_seen(reading, rows)
    if not reading.convention.id:
        return _decide_plainly(seen)
    judged = _with_gap(reading, seen).with_columns(
        unseen=~pl.col("has_baseline"),
        never_seen=pl.col("seen_date").is_null(),
    )
    return _decide_by_convention(reading, judged)


def _decide_plainly(rows: pl.DataFrame) -> pl.DataFrame:
    happened = pl.col("event_date").is_not_null()
    ended = pl.coalesce("switch_rule", "censor_rule")
    decided = rows.with_columns(
        happened=happened, dropped=pl.lit(value=False), cut_short=pl.lit(value=False)
    )
    return _with_deciding_places(
        decided.with_columns(
            last_date="censor_date", rule=pl.when(happened).then("event_rule").otherwise(ended)
        )
    )


def _with_seen(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the last adequate assessment of the unit before its event: date, place, visit."""
    dates = reading.dates(SEEN[reading.endpoint.grain])
    until = as_days(rows["event_date"]) - 1
    last = find_last(dates, units=reading.numbers, until=until)
    last = only_where(last, kept=last.day >= reading.starts)
    return rows.with_columns(
        seen_date=as_dates(last.day),
        seen_place=pl.Series(last.place),
        seen_visit=reading.book.look_up("visit", place=last.place),
    )


def _with_gap(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds whether too many scheduled assessments were missed before the event (R3, R6)."""
    start = pl.col("start_date")
    last_day = (pl.coalesce("seen_date", start) - start).dt.total_days().alias("last_day")
    limit = missed_limit(
        rows.select(last_day)["last_day"],
        label=rows["seen_visit"],
        visits=reading.protocol.schedule.imaging_visits,
        missed=reading.convention.missed_assessments or _LABEL_AFTER_MISSED,
    )
    day = (pl.col("event_date") - start).dt.total_days()
    allowed = pl.lit(limit) + reading.convention.missed_extra_days
    return rows.with_columns(gap=(day > allowed).fill_null(value=False))


def _decide_by_convention(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    convention = reading.convention
    dropped = pl.col("unseen") & (convention.no_baseline == "censor")
    gap = pl.col("gap") & (convention.missed_assessments > 0)
    happened = pl.col("event_date").is_not_null() & ~dropped & ~gap
    last = pl.when(gap).then("seen_date").otherwise("censor_date")
    judged = rows.with_columns(
        happened=happened,
        last_date=pl.when(~dropped).then(last),
        dropped=dropped,
        cut_short=gap & ~dropped,
    )
    rule = pl.when("happened").then(_event_rule(reading)).otherwise(_censor_rule())
    return _with_deciding_places(judged.with_columns(rule=rule))


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
        .when("left")
        .then(pl.lit("R10"))
        .otherwise("censor_rule")
    )


def _with_deciding_places(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the places of what ended the time, and of what made it end there (gap, new therapy)."""
    happened, gap, kept = pl.col("happened"), pl.col("cut_short"), ~pl.col("dropped")
    switched = pl.col("switch_date").is_not_null() & ~happened & kept
    ended = pl.when(happened).then("event_place").when(gap).then("seen_place")
    also = pl.when(gap).then("event_place").when(switched).then("switch_place")
    return rows.with_columns(
        place=ended.when(kept).then("censor_place").otherwise(-1), also_place=also.otherwise(-1)
    )
