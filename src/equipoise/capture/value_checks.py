"""What is wrong with typed values: codes, ranges, patterns, grades; a column at a time."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from equipoise.capture.codes import Code
from equipoise.protocol.form_model import Item, ItemType
from equipoise.vocab.ctcae import CODE_LIST, allowed_grades, read_ctcae
from equipoise.vocab.term_suggestions import SIMILAR, suggest_terms

_NUMBERS = (ItemType.INTEGER, ItemType.DECIMAL)
_WORDS = (ItemType.TEXT, ItemType.CODE, ItemType.PARTIAL_DATE)
_FEW = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong with one cell: `row` counts from 0; `item` is empty for a whole row."""

    row: int
    item: str
    code: Code
    message: str
    found: str
    mend: str
    soft: bool = False


def check_values(values: pl.Series, *, item: Item, codes: Mapping[str, str]) -> Iterator[Complaint]:
    """Every complaint about typed `values` of an item; a null is none."""
    if values.null_count() == len(values):
        return
    if item.type is ItemType.CODE:
        yield from _check_codes(values, item, codes)
    if item.type in _NUMBERS:
        yield from _check_ranges(values, item)
    if item.type in _WORDS and item.pattern:
        yield from _check_pattern(values, item)


def check_grades(grades: pl.Series, *, terms: pl.Series, item: Item) -> Iterator[Complaint]:
    """A complaint for each grade that CTCAE v5.0 does not give its term.

    An unknown term has no grades of its own; it is found by its code list.
    """
    if grades.null_count() == len(grades) or terms.null_count() == len(terms):
        return
    given = pl.DataFrame({"term": terms, "grade": grades}).with_row_index("row")
    known = given.filter(pl.col("term").is_in(list(read_ctcae())) & pl.col("grade").is_not_null())
    wrong = known.join(_term_grades(), on=["term", "grade"], how="anti", maintain_order="left")
    for row, term, grade in wrong.iter_rows():
        listed = ", ".join(str(each) for each in sorted(allowed_grades(term) or ()))
        yield Complaint(
            row=row,
            item=item.name,
            code=Code.GRADE_NOT_ALLOWED,
            message=f"CTCAE v5.0 gives '{term}' no grade {grade}",
            found=str(grade),
            mend=f"Grades of this term: {listed}.",
        )


@cache
def _term_grades() -> pl.DataFrame:
    pairs = [(name, grade) for name, term in read_ctcae().items() for grade in sorted(term.grades)]
    return pl.DataFrame(pairs, schema={"term": pl.String, "grade": pl.Int64}, orient="row")


def _check_codes(values: pl.Series, item: Item, codes: Mapping[str, str]) -> Iterator[Complaint]:
    strange = [v for v in values.unique().to_list() if v is not None and v not in codes]
    for row in values.is_in(strange).arg_true().to_list() if strange else ():
        found = str(values[row])
        yield Complaint(
            row=row,
            item=item.name,
            code=Code.NOT_IN_CODE_LIST,
            message="not in the code list",
            found=found,
            mend=_suggest(found, item) or _guess(found, codes),
        )


def _suggest(found: str, item: Item) -> str:
    """For a CTCAE term the terms that may be meant; empty for other items, or where none is."""
    terms = suggest_terms(found) if item.code_list == CODE_LIST else ()
    if len(terms) == 1 and terms[0].source != SIMILAR:
        return f"Enter '{terms[0].term}'."
    named = " or ".join(f"'{each.term}'" for each in terms)
    return f"Did you mean {named}?" if named else ""


def _guess(found: str, codes: Mapping[str, str]) -> str:
    guess = _guess_code(found, codes)
    few = ", ".join(list(codes)[:_FEW]) + (", ..." if len(codes) > _FEW else "")
    return f"Did you mean '{guess}'?" if guess else f"Write one of: {few}."


def _guess_code(found: str, codes: Mapping[str, str]) -> str:
    said = {label.lower(): code for code, label in codes.items()}
    said |= {code.lower(): code for code in codes}
    near = difflib.get_close_matches(found, list(codes), n=1, cutoff=0.5)
    return said.get(found.lower()) or (near[0] if near else "")


def _check_ranges(values: pl.Series, item: Item) -> Iterator[Complaint]:
    if _is_within(values, item.min, item.max) and _is_within(values, item.soft_min, item.soft_max):
        return
    refused = _outside(values, item.min, item.max)
    asked = _outside(values, item.soft_min, item.soft_max) & ~refused
    unit = f" {item.unit}" if item.unit else ""
    for rows, bounds, code in (
        (refused, (item.min, item.max), Code.OUT_OF_RANGE),
        (asked, (item.soft_min, item.soft_max), Code.UNUSUAL_VALUE),
    ):
        for row in rows.arg_true().to_list():
            low, high = bounds
            below = low is not None and values[row] < low
            words = f"below {low:g}{unit}" if below else f"above {high:g}{unit}"
            yield Complaint(
                row=row,
                item=item.name,
                code=code,
                message=words,
                found=f"{values[row]:g}",
                mend="Compare with the source, and mind the unit.",
                soft=code is Code.UNUSUAL_VALUE,
            )


def _is_within(values: pl.Series, low: float | None, high: float | None) -> bool:
    """Whether all values lie between the bounds; there is at least one."""
    least, most = values.min(), values.max()
    assert isinstance(least, int | float)
    assert isinstance(most, int | float)
    return (low is None or least >= low) and (high is None or most <= high)


def _outside(values: pl.Series, low: float | None, high: float | None) -> pl.Series:
    outside = pl.repeat(value=False, n=len(values), eager=True)
    if low is not None:
        outside |= (values < low).fill_null(value=False)
    if high is not None:
        outside |= (values > high).fill_null(value=False)
    return outside


def _check_pattern(values: pl.Series, item: Item) -> Iterator[Complaint]:
    pattern = re.compile(item.pattern)
    wrong = [v for v in values.drop_nulls().unique().to_list() if not pattern.fullmatch(v)]
    for row in values.is_in(wrong).fill_null(value=False).arg_true().to_list() if wrong else ():
        yield Complaint(
            row=row,
            item=item.name,
            code=Code.PATTERN_MISMATCH,
            message=f"not of the form {item.pattern}",
            found=str(values[row]),
            mend="Write it in that form.",
        )
