"""How the target lesions of each subject changed: what waterfall and spider figure draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from equipoise.report.facts import Facts

MONTH_DAYS = 30.4375
UNKNOWN = "NE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The change of the sum of targets against baseline, so many months after randomisation."""

    months: float
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of the targets of one subject, with best change and best response (unconfirmed).

    `best` is None where no sum counts. `progression` stands where the first progression was, at the
    height of the last sum until then; `new_lesion` when a new lesion was part of it.
    """

    subject: str
    arm: str
    best: float | None
    response: str
    points: tuple[Point, ...]
    progression: Point | None = None
    new_lesion: bool = False


def list_courses(facts: Facts) -> tuple[Course, ...]:
    """The course of everybody with a sum of targets at baseline and after it, by subject."""
    ordered = facts.target_changes.sort("subject", "days", "visit")
    ordered = ordered.filter(pl.col("change_from_baseline_percent").is_finite())
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in ordered.iter_rows(named=True):
        rows.setdefault(row["subject"], []).append(row)
    responses = _responses(facts)
    progressions = _progressions(facts)
    return tuple(
        _course(own, response=responses.get(subject, UNKNOWN), found=progressions.get(subject))
        for subject, own in rows.items()
        if own[0]["allocated_arm"] in facts.codes
    )


def _responses(facts: Facts) -> Mapping[str, str]:
    own = facts.best_responses.filter(pl.col("confirmation") == "none")
    named = own.select("subject", pl.col("best_response").fill_null(UNKNOWN))
    return dict(named.iter_rows())


def _progressions(facts: Facts) -> Mapping[str, tuple[date, bool]]:
    """The date of the first progression that counts, and whether a new lesion was seen that day."""
    progressed = facts.progression_patterns.filter(
        (pl.col("pattern") != "death") & pl.col("date").is_not_null()
    ).select("subject", "date")
    new = facts.assessments.filter(pl.col("new_lesion")).select("subject", date="first_date")
    seen = set(new.iter_rows())
    return {name: (day, (name, day) in seen) for name, day in progressed.iter_rows()}


def _course(
    rows: list[dict[str, Any]], *, response: str, found: tuple[date, bool] | None
) -> Course:
    points = tuple(
        Point(months=row["days"] / MONTH_DAYS, percent=row["change_from_baseline_percent"])
        for row in rows
    )
    best = [row["change_from_baseline_percent"] for row in rows if row["deepest"]]
    return Course(
        subject=rows[0]["subject"],
        arm=rows[0]["allocated_arm"],
        best=best[0] if best else None,
        response=response,
        points=points,
        progression=None if found is None else _progression(rows, day=found[0]),
        new_lesion=found is not None and found[1],
    )


def _progression(rows: list[dict[str, Any]], *, day: date) -> Point:
    """Where the first progression stands: at the last sum until then, 0 % without any."""
    until = [row["change_from_baseline_percent"] for row in rows if row["date"] <= day]
    days = rows[0]["days"] + (day - rows[0]["date"]).days
    return Point(months=days / MONTH_DAYS, percent=until[-1] if until else 0.0)
