"""Raw text to typed values, a column at a time, with every complaint."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from equipoise.capture.codes import Code
from equipoise.capture.value_checks import Complaint, check_values
from equipoise.protocol.form_model import Item, ItemType
from equipoise.protocol.rules import POLARS_TYPES
from equipoise.vocab.missing import WRITTEN

_YES_NO = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
_NUMBER = {
    ItemType.INTEGER: r"^[+-]?\d{1,15}(\.0+)?$",
    ItemType.DECIMAL: r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
}
_DAY = r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$"  # no trial has a day before 1900 or after 2099
_PARTIAL = r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_WITH_UNIT = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*([A-Za-z%µ][A-Za-z%µ/^0-9]*)$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_SWAPPED = re.compile(r"^(\d{4})-(1[3-9]|2\d|3[01])-(0[1-9]|1[0-2])$")
_UNITS = ({"mm": 1.0, "cm": 10.0, "m": 1000.0}, {"gy": 1.0, "cgy": 0.01})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadColumn:
    """The typed values of a column, its kinds of missing as written, and the complaints."""

    values: pl.Series
    missing: pl.Series
    complaints: tuple[Complaint, ...]


def read_column(raw: pl.Series, *, item: Item, codes: Mapping[str, str]) -> ReadColumn:
    """The values of `item` in `raw` (text, null = not yet), with every complaint about them."""
    text, kind = _part_kinds(raw)
    values = _typed(text, item)
    complaints = [_tell_unread(item, row, str(text[row])) for row in _unread(text, values)]
    complaints += check_values(values, item=item, codes=codes)
    return ReadColumn(values=values, missing=kind, complaints=tuple(complaints))


def _part_kinds(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The texts without kinds of missing, and the kinds without texts."""
    if not raw.str.starts_with("@").any():
        return raw, pl.Series(raw.name, [None], dtype=pl.String).new_from_index(0, len(raw))
    is_kind = raw.is_in(list(WRITTEN)).fill_null(value=False)
    return raw.set(is_kind, None), raw.set(~is_kind, None)


def _unread(text: pl.Series, values: pl.Series) -> list[int]:
    """The rows whose text has no value."""
    if values.null_count() == text.null_count():
        return []
    return (text.is_not_null() & values.is_null()).arg_true().to_list()


def _typed(text: pl.Series, item: Item) -> pl.Series:
    kind = POLARS_TYPES[item.type]
    if text.null_count() == len(text):
        return text.cast(kind)
    match item.type:
        case ItemType.INTEGER | ItemType.DECIMAL:
            number = _only(text, shape=_NUMBER[item.type]).cast(pl.Float64, strict=False)
            return number.set(~number.is_finite(), None).cast(kind)
        case ItemType.DATE:
            return _days(_only(text, shape=_DAY))
        case ItemType.PARTIAL_DATE:
            shaped = _only(text, shape=_PARTIAL)
            whole = shaped.str.len_bytes() == len("2026-01-01")
            return shaped.set((whole & _days(shaped).is_null()).fill_null(value=False), None)
        case ItemType.YES_NO:
            return text.str.to_lowercase().replace_strict(
                _YES_NO, default=None, return_dtype=pl.Boolean
            )
        case _:
            return text.set(text.str.starts_with("@"), None)


def _only(text: pl.Series, *, shape: str) -> pl.Series:
    return text.set(~text.str.contains(shape), None)


def _days(text: pl.Series) -> pl.Series:
    return text.str.to_date("%Y-%m-%d", strict=False)


def _tell_unread(item: Item, row: int, found: str) -> Complaint:
    code, message, mend = _say_unread(item, found)
    return Complaint(
        row=row, item=item.name, code=code, message=message, found=found[:80], mend=mend
    )


def _say_unread(item: Item, found: str) -> tuple[Code, str, str]:
    if found.startswith("@"):
        words = f"'{found[:40]}' is no kind of missing"
        return Code.UNKNOWN_MISSING_KIND, words, f"Write one of {', '.join(WRITTEN)}."
    match item.type:
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return _say_bad_date(item, found)
        case ItemType.YES_NO:
            return Code.WRONG_TYPE, "neither yes nor no", "Write Y or N."
        case _:
            return _say_bad_number(item, found)


def _say_bad_number(item: Item, found: str) -> tuple[Code, str, str]:
    match = _WITH_UNIT.match(found)
    if match and not re.fullmatch(r"[eE]\d*", match[2]):
        words = f"written in {match[2]}; the item is in {item.unit or 'plain numbers'}"
        return Code.WRONG_UNIT, words, _in_unit(match, item)
    if re.fullmatch(r"[+-]?\d*,\d+", found):
        return Code.WRONG_TYPE, "a decimal comma", f"Write {found.replace(',', '.')}."
    kind = "a whole number" if item.type is ItemType.INTEGER else "a number"
    return Code.WRONG_TYPE, f"not {kind}", f"Write {kind}."


def _in_unit(match: re.Match[str], item: Item) -> str:
    value, unit, target = float(match[1].replace(",", ".")), match[2].lower(), item.unit.lower()
    for table in _UNITS:
        if unit in table and target in table:
            return f"Write {value * table[unit] / table[target]:g}."
    return f"Write the number in {item.unit}, without the unit." if item.unit else "Drop the unit."


def _say_bad_date(item: Item, found: str) -> tuple[Code, str, str]:
    if re.match(r"\d{4}(-|$)", found) and not 1900 <= int(found[:4]) <= 2099:
        return Code.IMPOSSIBLE_DATE, "no year of a trial", "Correct the year."
    if item.type is ItemType.DATE and re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", found):
        words = "the day is missing; only some dates may be partial"
        return Code.PARTIAL_DATE_NOT_ALLOWED, words, "Write the whole date, YYYY-MM-DD."
    if swapped := _SWAPPED.match(found):
        guess = _existing([(swapped[1], swapped[3], swapped[2])])
        mend = f"Day and month swapped? Perhaps {guess[0]}." if guess else "Correct the date."
        return Code.IMPOSSIBLE_DATE, "there is no such day", mend
    if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", found):
        return Code.IMPOSSIBLE_DATE, "there is no such day", "Correct the date."
    mend = "Write it as YYYY-MM-DD."
    if other := _DAY_FIRST.match(found):
        both = ((other[3], other[2], other[1]), (other[3], other[1], other[2]))
        guesses = _existing(both)
        mend = f"Write {' or '.join(guesses)}." if guesses else mend
    return Code.WRONG_TYPE, "not a date as YYYY-MM-DD", mend


def _existing(candidates: Iterable[tuple[str, str, str]]) -> list[str]:
    """Those (year, month, day) that the calendar has, each once, as ISO dates."""
    dates = []
    for year, month, day in candidates:
        try:
            dates.append(date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            continue
    return list(dict.fromkeys(dates))
