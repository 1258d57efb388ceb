"""Dates of which the day, or the month and the day, may be unknown (ISO 8601 reduced precision)."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

MONTH_DAYS = 30.4375  # D2.2: months = days / 30.4375, 12 months = 365.25 days

_PATTERN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class Imputed(Enum):
    """Which part of a date was imputed, as ADTF writes it."""

    NONE = ""
    DAY = "D"
    MONTH = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date with its unknown parts, and the first and last day it can be."""

    earliest: date
    latest: date
    imputed: Imputed


def parse_partial_date(text: str) -> PartialDate:
    """The date that `text` (`2026`, `2026-03` or `2026-03-09`) can be; ValueError otherwise."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return PartialDate(
            earliest=date(year, 1, 1), latest=date(year, 12, 31), imputed=Imputed.MONTH
        )
    if day is None:
        last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0
        return PartialDate(
            earliest=date(year, month, 1), latest=date(year, month, last), imputed=Imputed.DAY
        )
    whole = date(year, month, day)
    return PartialDate(earliest=whole, latest=whole, imputed=Imputed.NONE)
