"""The fractions of one lesion read one after the other: gaps, order, skipped numbers."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction:
    """A fraction: its number, its day, and the time of day where somebody wrote it."""

    number: int
    day: date
    at: time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the gaps of a lesion come to."""

    least_hours: float | None
    least_days: int | None
    untimed_day: bool
    out_of_order: bool
    skipped: bool


def read_course(fractions: list[Fraction]) -> Course:
    """Gaps from one fraction to the next in time.

    On a day with a fraction whose time is not known, the numbers give the order.
    """
    timed_days = {
        f.day for f in fractions if all(g.at is not None for g in fractions if g.day == f.day)
    }

    def place(each: Fraction) -> tuple[date, time, int]:
        clock = each.at if each.day in timed_days and each.at is not None else time(0)
        return each.day, clock, each.number

    ordered = sorted(fractions, key=place)
    hours: list[float] = []
    days: list[int] = []
    untimed = backwards = False
    for before, after in pairwise(ordered):
        days.append((after.day - before.day).days)
        if before.at is not None and after.at is not None:
            first = datetime.combine(before.day, before.at)
            second = datetime.combine(after.day, after.at)
            hours.append((second - first).total_seconds() / 3600)
        elif after.day == before.day:
            untimed = True
        backwards = backwards or after.number < before.number
    return Course(
        least_hours=min(hours, default=None),
        least_days=min(days, default=None),
        untimed_day=untimed,
        out_of_order=backwards,
        skipped=max(f.number for f in fractions) > len(fractions),
    )
