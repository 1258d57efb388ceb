"""Episodes: records of one adverse event that overlap or go on from each other."""

import polars as pl

from equipoise.derive.schemas import KEY

TERM = (*KEY, "term")
_FAR_DAY = 4_000_000  # after every date that can be written
_STRIDE = 10_000_000  # keeps the days of one group before those of the next


def number_episodes(events: pl.DataFrame, *, by: tuple[str, ...]) -> pl.DataFrame:
    """The events in order, with the number of their `episode`.

    Two records of the same `by` are one episode when the second starts before the first has ended,
    or on the day after: the grade has changed, not the event. A record without end goes on; one
    without term stands alone. Every event has an `onset`.
    """
    rows = events.sort(*by, "onset", "entry").with_columns(_group=pl.struct(by).rle_id())
    base = pl.col("_group").cast(pl.Int64) * _STRIDE
    starts = pl.col("onset").to_physical().cast(pl.Int64)
    ends = pl.col("end").to_physical().cast(pl.Int64).fill_null(_FAR_DAY)
    ended = (base + pl.max_horizontal(starts, ends)).cum_max().shift(1)
    fresh = (base + starts > ended + 1).fill_null(value=True) | pl.col("term").is_null()
    return rows.with_columns(episode=fresh.cum_sum()).drop("_group")


def join_episodes(events: pl.DataFrame, *, by: tuple[str, ...]) -> pl.DataFrame:
    """One row an episode: from its first day to its last, at its highest grade.

    What else a row says (relation, outcome) is that of the first record of the highest grade;
    `entry` is the first record, `entries` are all of them.
    """
    rows = number_episodes(events, by=by)
    if rows.height == 0 or rows["episode"].max() == rows.height:
        return rows.drop("episode")
    worst = rows.sort("episode", "grade", "onset", "entry", descending=[False, True, False, False])
    others = [n for n in events.columns if n not in ("onset", "end", "entry", "entries")]
    joined = rows.group_by("episode", maintain_order=True).agg(
        onset=pl.col("onset").min(),
        end=pl.when(pl.col("end").is_null().any()).then(None).otherwise(pl.col("end").max()),
        entry=pl.col("entry").first(),
        entries=pl.col("entries").explode(),
    )
    said = worst.unique("episode", keep="first", maintain_order=True).select("episode", *others)
    return joined.join(said, on="episode", how="left", maintain_order="left").select(events.columns)
