"""Times in the words of a registry: numbers, durations, windows and milestones, in days."""

import re
from dataclasses import dataclass
from enum import Enum

from equipoise.vocab.partial_date import MONTH_DAYS

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split(" ")
_TENS = {
    word: 10 * ten
    for ten, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SMALL = {word: number for number, word in enumerate(_ONES)} | _TENS
_SMALL_WORDS = "|".join(sorted(_SMALL, key=len, reverse=True))
_NUMBER_WORDS = re.compile(
    rf"\b(?:(?P<hundreds>{_SMALL_WORDS}|a)[\s-]hundred(?:(?:\s+and)?[\s-](?=(?:{_SMALL_WORDS})\b))?)?"
    rf"(?P<small>(?:(?:{'|'.join(_TENS)})[\s-](?:{'|'.join(_ONES[1:10])})|{_SMALL_WORDS}))?\b"
)
_UNIT = r"(?:hours?|hrs?|h|days?|d|weeks?|wks?|months?|mths?|mos?|years?|yrs?)\b"
_NUMBER = r"(?<![\d.])\d{1,5}(?:\.\d{1,5})?(?!\d)"  # no duration has more digits
_VISIT = r"(?:(?:hour|day|week|month|year)s?)"
_JOIN = r"(?:to|-|through|thru|until|till|up to|and)"
_RANGE = re.compile(
    rf"(?P<lead>between |from )?(?:(?P<v1>{_VISIT})\s+)?(?P<n1>{_NUMBER})(?:[\s-]*(?P<u1>{_UNIT}))?"
    rf"\s*(?P<join>{_JOIN})\s*(?:the\s+)?(?:(?P<v2>{_VISIT})\s+)?"
    rf"(?P<n2>{_NUMBER})(?:[\s-]*(?P<u2>{_UNIT}))?"
)
_SPREAD = re.compile(
    rf"(?:(?P<v1>{_VISIT})\s+)?(?P<n1>{_NUMBER})(?:[\s-]*(?P<u1>{_UNIT}))?\s+"
    rf"(?:after|from|post|following|since)\b[^;]*?\b(?P<join>to|until|till|up to|through)\s+"
    rf"(?:(?P<v2>{_VISIT})\s+)?(?P<n2>{_NUMBER})(?:[\s-]*(?P<u2>{_UNIT}))?"
)
_QUANTITY = re.compile(
    rf"(?:(?P<v>{_VISIT})\s+(?P<vn>{_NUMBER})(?!\s*-?\s*{_UNIT}))"
    rf"|(?P<n>{_NUMBER})[\s-]*(?P<u>{_UNIT})"
)
_FROM = re.compile(
    rf"(?:>=?|≥|\bbeyond|\bmore than|\blater than|\bafter|\bat least|\bfrom"
    rf"|\b(?:starting|beginning|onset)(?: at| from| after| on)?)\s*(?:the\s+)?"
    rf"(?=(?:{_VISIT}\s+{_NUMBER}\b|{_NUMBER}[\s-]*{_UNIT})(?! of))"
)
_ONWARDS = re.compile(r"\b(?:onwards?|or (?:more|later|longer)|and (?:beyond|later|after))\b")
_UP_TO = re.compile(
    rf"(?:<=?|≤|\b(?:up to|within|until|till|to|through|throughout|first|over|during|for|maximum"
    rf"|by|average|minimum)\b)"
    rf"[^,;\d]*?(?:{_VISIT}\s+)?{_NUMBER}"
)
_UNIT_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": MONTH_DAYS, "y": 365.25}


class WindowShape(Enum):
    """How a time frame words its span."""

    RANGE = "range"  # "3 to 6 months"
    FROM = "from"  # "beyond 90 days"
    UP_TO = "up to"  # "within 90 days"
    POINT = "point"  # "at 90 days"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """The span a time frame words, in days from its origin; an open end is None."""

    start_days: float
    end_days: float | None
    shape: WindowShape


def plain_words(text: str) -> str:
    """The text in lower case, with one kind of dash and numbers written in digits."""
    lower = re.sub(r"[‐-―−]", "-", text.casefold())
    lower = re.sub(r"\s+", " ", lower).strip()
    lower = re.sub(r"\d{10,}", "#", lower)  # an identifier, never a number of anything
    lower = re.sub(rf"\ban? (?={_UNIT})", "1 ", lower)
    lower = re.sub(r"\bhalf (?:1 |a )?year\b", "6 months", lower)
    return _NUMBER_WORDS.sub(_as_digits, lower)


def _as_digits(match: re.Match[str]) -> str:
    hundreds, small = match.group("hundreds"), match.group("small")
    if hundreds is None and small is None:
        return match.group()
    value = 100 * (_SMALL.get(hundreds, 1)) if hundreds else 0
    return str(value + sum(_SMALL[word] for word in re.split(r"[\s-]", small or "zero")))


def list_durations(text: str) -> tuple[float, ...]:
    """Every duration or visit number that `text` names, in days, in order."""
    return tuple(
        _days(match.group("n") or match.group("vn"), match.group("u") or match.group("v"))
        for match in _QUANTITY.finditer(plain_words(text))
    )


def read_window(text: str) -> TimeWindow | None:
    """The span of time that a time frame words; None when it names no duration."""
    plain = plain_words(text)
    durations = list_durations(text)
    pair = _read_pair(plain)
    if pair is not None:
        return TimeWindow(start_days=pair[0], end_days=pair[1], shape=WindowShape.RANGE)
    if not durations:
        return None
    if _is_open_start(plain):
        end = durations[-1] if len(durations) > 1 and durations[-1] > durations[0] else None
        return TimeWindow(start_days=durations[0], end_days=end, shape=WindowShape.FROM)
    shape = WindowShape.UP_TO if _UP_TO.search(plain) else WindowShape.POINT
    return TimeWindow(start_days=0.0, end_days=max(durations), shape=shape)


def read_milestone_days(text: str) -> float | None:
    """The time point that a measure names ("1-year ...", "... at 36 months"), in days."""
    durations = list_durations(text)
    return durations[0] if durations else None


def write_duration(days: float) -> str:
    """A number of days in the unit in which a reader would say it."""
    months = days / MONTH_DAYS
    if days < MONTH_DAYS or (days < 200 and abs(months - round(months)) > 0.02):
        return f"{days:.3g} days"
    return f"{months:.3g} months"


def _read_pair(plain: str) -> tuple[float, float] | None:
    for pattern in (_RANGE, _SPREAD):
        for match in pattern.finditer(plain):
            pair = _pair_days(match)
            if pair is not None and pair[0] < pair[1]:
                return pair
    return None


def _pair_days(match: re.Match[str]) -> tuple[float, float] | None:
    """Start and end of a range in days; one unit may serve both numbers."""
    first = match.group("u1") or match.group("v1")
    last = match.group("u2") or match.group("v2")
    if first is None and last is None:
        return None
    if match.group("join") == "and" and match.group("lead") != "between ":
        return None
    start, end = match.group("n1"), match.group("n2")
    return _days(start, first or last or ""), _days(end, last or first or "")


def _is_open_start(plain: str) -> bool:
    return bool(_FROM.search(plain) or (_ONWARDS.search(plain) and _QUANTITY.search(plain)))


def _days(number: str, unit: str) -> float:
    return float(number) * _UNIT_DAYS[unit[0]]
