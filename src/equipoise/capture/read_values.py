"""Raw text to typed values, all columns of a form at once, with every complaint."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import inf

import polars as pl

from equipoise.capture.codes import Code
from equipoise.capture.value_checks import Complaint, check_values
from equipoise.protocol.form_model import Item, ItemType
from equipoise.protocol.rules import POLARS_TYPES
from equipoise.protocol.scope import CodeLists, codes_of
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
    """The typed values of a column, its kinds of missing as written (if any), the complaints."""

    values: pl.Series
    missing: pl.Series | None
    complaints: tuple[Complaint, ...]


def read_columns(
    table: pl.DataFrame, *, items: Sequence[Item], code_lists: CodeLists
) -> dict[str, ReadColumn]:
    """The values of the items in `table` (text, null = not yet), with every complaint about them.

    All columns are read in one go: a record is as little work as a million are.
    """
    texts, kinds = _part_kinds(table[[item.name for item in items]])
    values = _typed(texts, items)
    columns = {}
    for item in items:
        text, value = texts[item.name], values[item.name]
        complaints = [_tell_unread(item, row, str(text[row])) for row in _unread(text, value)]
        complaints += check_values(value, item=item, codes=codes_of(item, code_lists=code_lists))
        columns[item.name] = ReadColumn(
            values=value, missing=kinds.get(item.name), complaints=tuple(complaints)
        )
    return columns


def _part_kinds(raw: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """The texts without kinds of missing, and the kinds of the columns that have any."""
    found = raw.select(pl.all().is_in(list(WRITTEN)).any()).row(0) if raw.width else ()
    marked = [name for name, has_kinds in zip(raw.columns, found, strict=True) if has_kinds]
    if not marked:
        return raw, {}
    is_kind = pl.col(marked).is_in(list(WRITTEN))
    texts = raw.with_columns(pl.when(~is_kind).then(pl.col(marked)))
    return texts, {k.name: k for k in raw.select(pl.when(is_kind).then(pl.col(marked)))}


def _unread(text: pl.Series, values: pl.Series) -> list[int]:
    """The rows whose text has no value."""
    if values.null_count() == text.null_count():
        return []
    return (text.is_not_null() & values.is_null()).arg_true().to_list()


def _typed(texts: pl.DataFrame, items: Sequence[Item]) -> pl.DataFrame:
    """The values, null where a text is none."""
    empty = dict(zip(texts.columns, texts.null_count().row(0) if texts.width else (), strict=True))
    typed = texts.with_columns(
        pl.lit(None, dtype=POLARS_TYPES[item.type]).alias(item.name)
        if empty[item.name] == texts.height
        else _read(item.name, item.type)
        for item in items
    )
    numbers = [column for column in typed if column.dtype == pl.Float64()]
    endless = [n.name for n in numbers if {n.min(), n.max()} & {inf, -inf}]
    return typed.with_columns(pl.when(pl.col(n).is_finite()).then(pl.col(n)) for n in endless)


@lru_cache(maxsize=4096)  # the same items are read again and again; nobody changes an expression
def _read(name: str, kind: ItemType) -> pl.Expr:
    """The typed value of a text; null where it is none."""
    text = pl.col(name)
    match kind:
        case ItemType.INTEGER | ItemType.DECIMAL:
            number = _only(text, shape=_NUMBER[kind]).cast(pl.Float64, strict=False)
            return number.cast(POLARS_TYPES[kind])
        case ItemType.DATE:
            return _days(_only(text, shape=_DAY))
        case ItemType.PARTIAL_DATE:
            is_no_day = (text.str.len_bytes() == len("2026-01-01")) & _days(text).is_null()
            return pl.when(text.str.contains(_PARTIAL) & ~is_no_day).then(text)
        case ItemType.YES_NO:
            return text.str.to_lowercase().replace_strict(
                _YES_NO, default=None, return_dtype=pl.Boolean
            )
        case _:
            return pl.when(~text.str.starts_with("@")).then(text)


def _only(text: pl.Expr, *, shape: str) -> pl.Expr:
    return pl.when(text.str.contains(shape)).then(text)


def _days(text: pl.Expr) -> pl.Expr:
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
