"""Deviations of SBRT from the protocol, told from the derived adherence (D5.6, D7.2)."""

from typing import Any

import polars as pl

from equipoise.capture.deviations import Category, Deviation, Weight

_WEIGHTS = {"minor": Weight.MINOR, "major": Weight.MAJOR}


def list_dose_deviations(dose: pl.DataFrame, *, adherence: pl.DataFrame) -> tuple[Deviation, ...]:
    """A deviation for each lesion not treated as the protocol says, and for each late start.

    `dose` and `adherence` are those of `Datasets`; sorted by subject, then lesion; a start is
    told under the name "start". No date is told: it is that of the entries.
    """
    started = adherence.filter(pl.col("verdict_start").is_in(list(_WEIGHTS)))
    lesions = dose.filter(pl.col("verdict").is_in(list(_WEIGHTS))).sort("subject", "lesion")
    starts = (
        _tell(row, about="start", weight=row["verdict_start"], words=_start_words(row))
        for row in started.sort("subject").iter_rows(named=True)
    )
    doses = (
        _tell(row, about=row["lesion"], weight=row["verdict"], words=row["reason"])
        for row in lesions.iter_rows(named=True)
    )
    return (*starts, *doses)


def _tell(row: dict[str, Any], *, about: str, weight: str, words: str) -> Deviation:
    return Deviation(
        subject=row["subject"],
        category=Category.DOSE,
        about=about,
        weight=_WEIGHTS[weight],
        deviation_date=None,
        words=f"SBRT, {about}: {words}",
        entries=tuple(row["entries"] or ()),
    )


def _start_words(row: dict[str, Any]) -> str:
    days = row["start_lag_days"]
    return f"first fraction on day {days} after randomisation"
