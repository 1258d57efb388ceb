"""What happened to each randomised patient, month by month: what the swimmer plot draws."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from equipoise.report.facts import Facts
from equipoise.vocab.partial_date import MONTH_DAYS

Stretch = tuple[float, float]
_SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One patient from randomisation to death or the last contact, in months; None: did not happen.

    `therapy` reaches from the first to the last day of the trial's systemic therapy, `sbrt` over
    the fractions of all lesions, `response` from the first response (unconfirmed) to its end.
    `goes_on` where the patient is alive and has not left the study.
    """

    subject: str
    arm: str
    months: float
    died: bool = False
    goes_on: bool = False
    therapy: Stretch | None = None
    sbrt: Stretch | None = None
    response: Stretch | None = None
    progression: float | None = None
    new_lesion: bool = False
    later: float | None = None


def list_follow_ups(facts: Facts) -> tuple[FollowUp, ...]:
    """The course of everybody randomised to an arm of the trial, by subject."""
    rows = facts.subjects.filter(
        pl.col("randomised_date").is_not_null() & pl.col("allocated_arm").is_in(facts.codes)
    )
    for part in (
        _spans(facts.exposure, names=("start_date", "stop_date"), name="therapy"),
        _spans(facts.dose, names=("start_date", "last_date"), name="sbrt"),
        _responses(facts.best_responses),
        _progressions(facts),
        facts.later_lines.select(_SUBJECT, later="first_systemic_date"),
    ):
        rows = rows.join(part, on=_SUBJECT, how="left", maintain_order="left")
    return tuple(_follow_up(row) for row in rows.sort(_SUBJECT).iter_rows(named=True))


def _spans(rows: pl.DataFrame, *, names: tuple[str, str], name: str) -> pl.DataFrame:
    """The first and the last day of the rows of a subject."""
    return rows.group_by(_SUBJECT).agg(
        pl.col(names[0]).min().alias(f"{name}_from"), pl.col(names[1]).max().alias(f"{name}_to")
    )


def _responses(best: pl.DataFrame) -> pl.DataFrame:
    own = best.filter((pl.col("confirmation") == "none") & pl.col("response_date").is_not_null())
    last = pl.col("response_date") + pl.duration(days=pl.col("duration_days") - 1)
    return own.select(_SUBJECT, response_from="response_date", response_to=last)


def _progressions(facts: Facts) -> pl.DataFrame:
    """The first progression that counts, and whether a new lesion was seen that day."""
    found = facts.progression_patterns.filter(
        (pl.col("pattern") != "death") & pl.col("date").is_not_null()
    ).select(_SUBJECT, progression="date")
    new = facts.assessments.filter(pl.col("new_lesion")).select(
        _SUBJECT, progression="first_date", new_lesion=pl.lit(value=True)
    )
    return found.join(new.unique(), on=[_SUBJECT, "progression"], how="left")


def _follow_up(row: dict[str, Any]) -> FollowUp:
    start: date = row["randomised_date"]
    end = row["death_date"] or row["last_alive_date"] or start

    def months(day: date | None) -> float | None:
        return None if day is None else (day - start).days / MONTH_DAYS

    def stretch(name: str) -> Stretch | None:
        """To the end of the last day, within the follow-up; None without a first day."""
        first, last = row[f"{name}_from"], row[f"{name}_to"]
        if first is None:
            return None
        last = max(first, min(last or first, end)) + timedelta(days=1)
        return (first - start).days / MONTH_DAYS, (last - start).days / MONTH_DAYS

    return FollowUp(
        subject=row[_SUBJECT],
        arm=row["allocated_arm"],
        months=max(months(end) or 0.0, 0.0),
        died=row["death_date"] is not None,
        goes_on=row["death_date"] is None and row["eos_reason"] is None,
        therapy=stretch("therapy"),
        sbrt=stretch("sbrt"),
        response=stretch("response"),
        progression=months(row["progression"]),
        new_lesion=row["new_lesion"] is True,
        later=months(row["later"]),
    )
