"""Raw text to typed values, a column at a time, with every complaint."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from equipoise.protocol.form_model import Item, ItemType
from equipoise.protocol.rules import POLARS_TYPES
from equipoise.vocab.missing import WRITTEN

_YES_NO = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
_NUMBER = {
    ItemType.INTEGER: r"^[+-]?\d{1,18}(\.0+)?$",
    ItemType.DECIMAL: r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
}
_PARTIAL = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
_WITH_UNIT = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*([A-Za-z%µ/^0-9]+)$")
_LENGTH_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
_DOSE_GY = {"gy": 1.0, "cgy": 0.01}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong with one cell: `row` counts from 0."""

    row: int
    code: str
    message: str
    found: str
    mend: str
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadColumn:
    """The typed values of a column, its kinds of missing as written, and the complaints."""

    values: pl.Series
    missing: pl.Series
    complaints: tuple[Complaint, ...]


def read_column(raw: pl.Series, *, item: Item, codes: Mapping[str, str]) -> ReadColumn:
    """The values of `item` in `raw` (String, null = not yet), with all complaints about them."""
    is_kind = (raw.str.starts_with("@") & raw.is_in(list(WRITTEN))).fill_null(value=False)
    kind = raw.set(~is_kind, None)
    text = raw.set(is_kind, None)
    values = _typed(text, item)
    bad = text.is_not_null() & values.is_null()
    complaints = [_unreadable(item, row, str(text[row])) for row in bad.arg_true().to_list()]
    complaints += _unlisted(values, item, codes)
    complaints += [*_ranged(values, item), *_patterned(values, item)]
    return ReadColumn(values=values, missing=kind, complaints=tuple(complaints))


def _typed(text: pl.Series, item: Item) -> pl.Series:
    kind = POLARS_TYPES[item.type]
    match item.type:
        case ItemType.INTEGER | ItemType.DECIMAL:
            number = text.set(~text.str.contains(_NUMBER[item.type]), None)
            read = number.cast(pl.Float64, strict=False).cast(kind, strict=False)
            return read if item.type is ItemType.INTEGER else read.set(~read.is_finite(), None)
        case ItemType.DATE:
            shaped = text.set(~text.str.contains(r"^\d{4}-\d{2}-\d{2}$"), None)
            return shaped.str.to_date("%Y-%m-%d", strict=False)
        case ItemType.PARTIAL_DATE:
            shaped = text.set(~text.str.contains(_PARTIAL), None)
            whole = shaped.str.len_bytes() == len("2026-01-01")
            impossible = whole & shaped.str.to_date("%Y-%m-%d", strict=False).is_null()
            return shaped.set(impossible.fill_null(value=False), None)
        case ItemType.YES_NO:
            return text.str.to_lowercase().replace_strict(
                _YES_NO, default=None, return_dtype=pl.Boolean
            )
        case _:
            return text.set(text.str.starts_with("@"), None)


def _unreadable(item: Item, row: int, found: str) -> Complaint:
    if found.startswith("@"):
        kinds = ", ".join(WRITTEN)
        return _complaint(row, "unknown-missing-kind", f"'{found}' is no kind of missing", found,
                          f"Write one of {kinds}.")  # fmt: skip
    match item.type:
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return _bad_date(item, row, found)
        case ItemType.YES_NO:
            return _complaint(row, "wrong-type", "neither yes nor no", found, "Write Y or N.")
        case _:
            return _bad_number(item, row, found)


def _bad_number(item: Item, row: int, found: str) -> Complaint:
    match = _WITH_UNIT.match(found)
    if match and not match[2].lower().startswith("e"):
        words = f"written in {match[2]}; the item is in {item.unit or 'plain numbers'}"
        return _complaint(row, "wrong-unit", words, found, _in_unit(match, item))
    if re.fullmatch(r"[+-]?\d+,\d+", found):
        point = found.replace(",", ".")
        return _complaint(row, "wrong-type", "a decimal comma", found, f"Write {point}.")
    kind = "a whole number" if item.type is ItemType.INTEGER else "a number"
    return _complaint(row, "wrong-type", f"not {kind}", found, f"Write {kind}.")


def _in_unit(match: re.Match[str], item: Item) -> str:
    value, unit = float(match[1].replace(",", ".")), match[2].lower()
    for table, target in ((_LENGTH_MM, "mm"), (_DOSE_GY, "gy")):
        if unit in table and item.unit.lower() == target:
            return f"Write {value * table[unit]:g}."
    return f"Write the number in {item.unit}, without the unit." if item.unit else "Drop the unit."


def _bad_date(item: Item, row: int, found: str) -> Complaint:
    partial = re.fullmatch(_PARTIAL, found) is not None
    if partial and item.type is ItemType.DATE and len(found) < len("2026-01-01"):
        return _complaint(row, "partial-date-not-allowed", "the day is missing", found,
                          "Write the whole date, YYYY-MM-DD.")  # fmt: skip
    swapped = re.fullmatch(r"(\d{4})-(1[3-9]|2\d|3[01])-(0[1-9]|1[0-2])", found)
    if swapped:
        guess = f"{swapped[1]}-{swapped[3]}-{swapped[2]}"
        return _complaint(row, "impossible-date", "there is no such day", found,
                          f"Day and month swapped? Perhaps {guess}.")  # fmt: skip
    return _complaint(row, "impossible-date", "no date of the calendar", found,
                      "Write an existing date as YYYY-MM-DD.")  # fmt: skip


def _unlisted(values: pl.Series, item: Item, codes: Mapping[str, str]) -> Iterator[Complaint]:
    if item.type is not ItemType.CODE:
        return
    outside = values.is_not_null() & ~values.is_in(list(codes))
    labels = {label.lower(): code for code, label in codes.items()}
    for row in outside.arg_true().to_list():
        found = str(values[row])
        near = difflib.get_close_matches(found, list(codes), n=1, cutoff=0.5)
        guess = labels.get(found.lower()) or (near[0] if near else "")
        few = ", ".join(list(codes)[:12])
        mend = f"Did you mean '{guess}'?" if guess else f"Write one of: {few}."
        yield _complaint(row, "not-in-code-list", "not in the code list", found, mend)


def _ranged(values: pl.Series, item: Item) -> Iterator[Complaint]:
    if item.type not in _NUMBER:
        return
    unit = f" {item.unit}" if item.unit else ""
    for low, high, code in (
        (item.min, item.max, "out-of-range"),
        (item.soft_min, item.soft_max, "unusual-value"),
    ):
        ends = " to ".join("" if end is None else f"{end:g}" for end in (low, high))
        for row in _outside(values, low, high).arg_true().to_list():
            yield Complaint(
                row=row,
                code=code,
                message=f"outside {ends.strip()}{unit}",
                found=str(values[row]),
                mend="Check value and unit against the source.",
                soft=code == "unusual-value",
            )


def _outside(values: pl.Series, low: float | None, high: float | None) -> pl.Series:
    below = values < (low if low is not None else float("-inf"))
    above = values > (high if high is not None else float("inf"))
    return (below | above).fill_null(value=False)


def _patterned(values: pl.Series, item: Item) -> Iterator[Complaint]:
    if not item.pattern:
        return
    fits = values.str.contains(f"^(?:{item.pattern})$")
    for row in (~fits).fill_null(value=False).arg_true().to_list():
        yield _complaint(row, "pattern-mismatch", f"not of the form {item.pattern}",
                         str(values[row]), "Write it in that form.")  # fmt: skip


def _complaint(row: int, code: str, message: str, found: str, mend: str) -> Complaint:
    return Complaint(row=row, code=code, message=message, found=found, mend=mend)
