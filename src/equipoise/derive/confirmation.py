"""Rule R12: what becomes of a suspected progression of an index lesion.

Irradiated lesions swell and scar, and a rule for them alone would favour one arm. So in both arms
a sign that rests on index lesions alone waits for a verdict: that of the first biopsy since, or of
the first evaluable scan at least 8 weeks later, whichever comes first. The schedule asks for that
scan within 12 weeks; a later one still decides. Confirmed, the sign counts from its own date; not
confirmed, it was none; without any verdict (death, loss, data cut) it counts. A sign seen again
while it waits is no second one: the scan that refutes the first refutes it too.
"""

from collections.abc import Sequence

import polars as pl

CONFIRM_AFTER_DAYS = 56  # R12 (D2.3): 8 weeks
_VERDICT = ("verdict", "verdict_date", "verdict_entries")


def add_verdicts(
    signs: pl.DataFrame,
    *,
    scans: pl.DataFrame,
    biopsies: pl.DataFrame,
    key: Sequence[str],
    part: Sequence[str] = (),
) -> pl.DataFrame:
    """The signs with `verdict` (null: none came), `verdict_date` and `verdict_entries`.

    `signs` has the key and `sign_date`; `scans` the key, `date`, `confirms`, `entries` of every
    evaluable scan; `biopsies` the same of every biopsy. `part` names columns of signs and scans
    that say what was suspected and what the scan looked at. Row order is not kept.
    """
    decisive, taken = _by_day(scans, [*key, *part]), _by_day(biopsies, key)

    def judge(due: pl.DataFrame) -> pl.DataFrame:
        rows = _first_since(due, decisive, since="_due", key=[*key, *part], name="scan")
        return _take_sooner(_first_since(rows, taken, since="sign_date", key=key, name="biopsy"))

    after = pl.col("sign_date") + pl.duration(days=CONFIRM_AFTER_DAYS)
    once = judge(signs.with_columns(_due=after))
    refuted = once.filter(~pl.col("verdict")).select(*key, _until="verdict_date").sort("_until")
    once = once.sort("sign_date").join_asof(
        refuted,
        left_on="sign_date",
        right_on="_until",
        by=list(key),
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    again = (pl.col("_until") < pl.col("_due")).fill_null(value=False)
    alone = once.filter(~again).select(*signs.columns, *_VERDICT)
    sooner = once.filter(again).select(*signs.columns, _due="_until")
    return pl.concat([alone, judge(sooner).select(alone.columns)])


def _take_sooner(rows: pl.DataFrame) -> pl.DataFrame:
    """The verdict of the biopsy or of the scan, whichever comes first; on one day the biopsy's."""
    sooner = pl.col("biopsy_date") <= pl.col("scan_date_after")
    by_biopsy = pl.col("biopsy_date").is_not_null() & sooner.fill_null(value=True)
    pairs = (
        ("verdict", "biopsy_confirms", "scan_confirms"),
        ("verdict_date", "biopsy_date", "scan_date_after"),
        ("verdict_entries", "biopsy_entries", "scan_entries"),
    )
    return rows.with_columns(
        pl.when(by_biopsy).then(biopsy).otherwise(scan).alias(name) for name, biopsy, scan in pairs
    ).drop(name for pair in pairs for name in pair[1:])


def _by_day(decisive: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """One row a day: confirmed where anything on that day confirms."""
    return decisive.group_by([*key, "date"]).agg(
        pl.col("confirms").any(), entries=pl.col("entries").explode().drop_nulls().unique().sort()
    )


def _first_since(
    rows: pl.DataFrame, decisive: pl.DataFrame, *, since: str, key: Sequence[str], name: str
) -> pl.DataFrame:
    day = "scan_date_after" if name == "scan" else f"{name}_date"
    named = decisive.rename(
        {"date": day, "confirms": f"{name}_confirms", "entries": f"{name}_entries"}
    )
    return rows.sort(since).join_asof(
        named.sort(day),
        left_on=since,
        right_on=day,
        by=list(key),
        strategy="forward",
        check_sortedness=False,
    )
