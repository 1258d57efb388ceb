"""Items of every type, and rows of values for them, that the tests of rules evaluate on."""

from datetime import date

import polars as pl

from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rules import POLARS_TYPES, RuleItem, compile_rule

SCOPE = {
    "n": RuleItem(type=ItemType.INTEGER),
    "mm": RuleItem(type=ItemType.DECIMAL),
    "a": RuleItem(type=ItemType.YES_NO),
    "b": RuleItem(type=ItemType.YES_NO),
    "d": RuleItem(type=ItemType.DATE),
    "e": RuleItem(type=ItemType.DATE),
    "c": RuleItem(type=ItemType.CODE, codes=frozenset({"x", "y"})),
    "t": RuleItem(type=ItemType.TEXT),
    "p_date": RuleItem(type=ItemType.PARTIAL_DATE),
}
_VALUES = [
    (7, 2.5, True, None, date(2026, 1, 31), date(2026, 1, 1), "x", "hi", "2026-01"),
    (None, None, None, None, None, None, None, None, None),
    (0, 0.0, False, True, date(2024, 2, 29), date(2025, 12, 31), "y", "", "2024"),
    (-3, 1e15, True, False, date(1900, 1, 1), None, None, "it's", "2024-02-29"),
    (2**31, -0.1, None, True, None, date(2100, 1, 1), "x", None, None),
]
ROWS = pl.DataFrame(
    _VALUES, schema={name: POLARS_TYPES[item.type] for name, item in SCOPE.items()}, orient="row"
)


def values_of(rule: str, *, rows: pl.DataFrame = ROWS) -> list[object]:
    """What a rule gives on each of the rows."""
    return rows.with_columns(compile_rule(rule, scope=SCOPE).alias("value"))["value"].to_list()


def value_of(rule: str) -> object:
    """What a rule gives on the first row, in which only `b` is unknown."""
    return values_of(rule, rows=ROWS[:1])[0]
