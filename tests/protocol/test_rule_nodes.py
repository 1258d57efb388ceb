"""Each node that a rule may hold: what it gives; each kind of value: where it is refused."""

from datetime import date

import polars as pl
import pytest

from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rules import POLARS_TYPES, check_rule, compile_rule
from protocol.rule_rows import ROWS, SCOPE, value_of

# rule | type | value on: n = 7, mm = 2.5, a = true, b = unknown, d = 31 Jan 2026, e = 1 Jan 2026,
# c = 'x', t = 'hi', p_date = '2026-01'
GIVEN = [
    ("n + 1", ItemType.INTEGER, 8),
    ("n - 1", ItemType.INTEGER, 6),
    ("n * 2", ItemType.INTEGER, 14),
    ("-n", ItemType.INTEGER, -7),
    ("- - n", ItemType.INTEGER, 7),
    ("-(n + 1) * 2", ItemType.INTEGER, -16),
    ("n - (1 - 2)", ItemType.INTEGER, 8),
    ("ABS(1 - n)", ItemType.INTEGER, 6),
    ("n / 2", ItemType.DECIMAL, 3.5),
    ("mm / 2 / 5", ItemType.DECIMAL, 0.25),
    ("mm / (2 / 5)", ItemType.DECIMAL, 6.25),
    ("LEAST(n, 3)", ItemType.INTEGER, 3),
    ("GREATEST(n, 9, 8)", ItemType.INTEGER, 9),
    ("COALESCE(b, a)", ItemType.YES_NO, True),
    ("CASE WHEN b THEN 'x' WHEN a THEN 'y' END", ItemType.CODE, "y"),
    ("CASE WHEN b THEN 'x' END", ItemType.CODE, None),
    ("CASE c WHEN 'x' THEN 1 ELSE 2 END", ItemType.INTEGER, 1),
    ("CASE c WHEN 'y' THEN 1 ELSE 2 END", ItemType.INTEGER, 2),
    ("IF(a, n, 0)", ItemType.INTEGER, 7),
    ("IFNULL(b, FALSE)", ItemType.YES_NO, False),
    ("CAST(a AS INTEGER) + 1", ItemType.INTEGER, 2),
    ("CAST(mm AS INTEGER)", ItemType.INTEGER, 2),
    ("CAST(n AS DOUBLE)", ItemType.DECIMAL, 7.0),
    ("CAST(n AS TEXT)", ItemType.TEXT, "7"),
    ("CAST(d AS TEXT)", ItemType.TEXT, "2026-01-31"),
    ("CAST('2026-02-01' AS DATE)", ItemType.DATE, date(2026, 2, 1)),
    ("EXTRACT(YEAR FROM d)", ItemType.INTEGER, 2026),
    ("EXTRACT(MONTH FROM d)", ItemType.INTEGER, 1),
    ("EXTRACT(DAY FROM d)", ItemType.INTEGER, 31),
    ("LEAST(d, e)", ItemType.DATE, date(2026, 1, 1)),
    ("n BETWEEN 7 AND 7", ItemType.YES_NO, True),
    ("n NOT BETWEEN 7 AND 7", ItemType.YES_NO, False),
    ("c IN ('y', 'x')", ItemType.YES_NO, True),
    ("c NOT IN ('x')", ItemType.YES_NO, False),
    ("c <> 'x'", ItemType.YES_NO, False),
    ("'x' = c", ItemType.YES_NO, True),
    ("c = t", ItemType.YES_NO, False),
    ("n >= 7 AND mm < 7", ItemType.YES_NO, True),
    ("b IS NULL", ItemType.YES_NO, True),
    ("b IS NOT NULL", ItemType.YES_NO, False),
    ("(a AND b) IS NULL", ItemType.YES_NO, True),
    ("NOT a = a", ItemType.YES_NO, False),
    ("p_date = '2026-01'", ItemType.YES_NO, True),
    ("NULL", ItemType.YES_NO, None),
]  # fmt: skip

# Differences of dates in days; D2.1 counts so, and a leap day is a day.
DAYS = [
    ("d - e", 30),
    ("e - d", -30),
    ("(d) - (e)", 30),
    ("d - e - 1", 29),
    ("(d - e) - (e - d)", 60),
    ("(d - e) * 2", 60),
    ("ABS(e - d)", 30),
    ("d - DATE '2026-01-01'", 30),
    ("DATE '2024-03-01' - DATE '2024-02-28'", 2),
    ("DATE '2025-03-01' - DATE '2025-02-28'", 1),
    ("COALESCE(d, e) - e", 30),
    ("GREATEST(d, e) - LEAST(d, e)", 30),
    ("CASE WHEN a THEN d ELSE e END - e", 30),
    ("CASE WHEN d - e > 29 THEN e - d ELSE 0 END", -30),
    ("CAST((d - e) / 7 AS INTEGER)", 4),
]

# rule | expected type | words of the complaint
REFUSED_KINDS = [
    ("d > 5", "compares a date and a number"),
    ("n > d", "compares a date and a number"),
    ("c = 1", "compares a number and a text"),
    ("a = 1", "compares a number and yes or no"),
    ("a = 'true'", "compares a text and yes or no"),
    ("p_date > DATE '2026-01-01'", "compares a date and a text"),
    ("n IN (1, 'x')", "compares a number and a text"),
    ("n BETWEEN 1 AND 'x'", "compares a number and a text"),
    ("NOT n", "takes a number for yes or no"),
    ("n AND a", "takes a number for yes or no"),
    ("a OR t", "takes a text for yes or no"),
    ("CASE WHEN n THEN a END", "takes a number for yes or no"),
    ("IF(d, a, a)", "takes a date for yes or no"),
    ("CASE WHEN a THEN a ELSE 'x' END", "chooses between a text and yes or no"),
    ("COALESCE(n, 'x') = 1", "chooses between a number and a text"),
    ("LEAST(d, 5) = e", "chooses between a date and a number"),
    ("n + a > 1", "counts with yes or no"),
    ("d + 1 > e", "counts with a date"),
    ("d + e > 1", "counts with a date"),
    ("c + t = 'xhi'", "counts with a text"),
    ("-t = 1", "counts with a text"),
    ("d - p_date > 1", "counts with a text"),
    ("CAST(t AS INTEGER) > 1", "casts a text to a number"),
    ("TRY_CAST(t AS INTEGER) > 1", "casts a text to a number"),
    ("CAST(t AS DOUBLE) > 1", "casts a text to a number"),
    ("CAST(p_date AS DATE) > d", "casts a text to a date"),
    ("CAST(n AS DATE) > d", "casts a number to a date"),
    ("CAST(d AS INTEGER) > 1", "casts a date to a number"),
    ("EXTRACT(YEAR FROM p_date) > 1", "extracts a part of a text"),
    ("EXTRACT(YEAR FROM n) > 1", "extracts a part of a number"),
    ("EXTRACT(EPOCH FROM d) > 1", "cannot be evaluated"),
    ("a IS TRUE", "write COALESCE(x, FALSE)"),
    ("a IS NOT FALSE", "write COALESCE(x, FALSE)"),
    ("n", "yes_no is expected"),
    ("(c) = 'gone'", "not in its list"),
    ("('gone') = c", "not in its list"),
    ("CASE c WHEN 'gone' THEN a ELSE b END", "not in its list"),
    ("d > DATE '20260201'", "no date (YYYY-MM-DD)"),
    ("d > DATE '2026-W05-1'", "no date (YYYY-MM-DD)"),
    ("d > CAST('soon' AS DATE)", "no date (YYYY-MM-DD)"),
]

BEYOND_THE_LIST = [
    "n % 2 = 1", "POWER(n, 2) > 1", "SQRT(n) > 1", "ROUND(mm) > 1", "MIN(n) > 1", "MAX(n) > 1",
    "AVG(n) > 1", "c || t = 'xhi'", "NULLIF(n, 1) > 1", "n & 1 = 1", "~n = 1", "c ILIKE 'x'",
    "c REGEXP 'x'", "EXISTS(SELECT 1)", "n IN (SELECT 1)", "n IS DISTINCT FROM 1", "TODAY() > d",
    "CURRENT_TIMESTAMP > d", "d + INTERVAL '1' DAY > e", "[1] = n", "STRUCT(1) = n", "*",
    "n > ALL(1)",
    ":x = n", "@x = n", "? = n", "UPPER(t) = 'X'", "LENGTH(t) > 1", "SUBSTRING(t, 1, 1) = 'x'",
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "value"), GIVEN)
def test_an_allowed_node_gives_its_value(rule: str, kind: ItemType, value: object) -> None:
    assert check_rule(rule, scope=SCOPE, expects=kind) == ()
    assert value_of(rule) == value


@pytest.mark.parametrize(("rule", "days"), DAYS)
def test_dates_differ_by_days_wherever_they_come_from(rule: str, days: int) -> None:
    assert check_rule(rule, scope=SCOPE, expects=ItemType.INTEGER) == ()
    assert value_of(rule) == days


@pytest.mark.parametrize(("rule", "words"), REFUSED_KINDS)
def test_kinds_of_values_that_do_not_belong_together_are_refused(rule: str, words: str) -> None:
    complaints = check_rule(rule, scope=SCOPE)

    assert any(words in complaint for complaint in complaints), complaints


@pytest.mark.parametrize("rule", BEYOND_THE_LIST)
def test_a_node_that_is_not_on_the_list_is_refused(rule: str) -> None:
    complaints = " ".join(check_rule(rule, scope=SCOPE))

    assert "which a rule may not" in complaints or "not on the list" in complaints


def test_the_kinds_of_two_sides_are_named_in_one_order() -> None:
    assert check_rule("d > 5", scope=SCOPE) == check_rule("5 > d", scope=SCOPE)


def test_a_whole_number_may_stand_where_a_decimal_belongs_and_not_the_reverse() -> None:
    assert check_rule("n + 1", scope=SCOPE, expects=ItemType.DECIMAL) == ()
    assert check_rule("mm + 1", scope=SCOPE, expects=ItemType.INTEGER) != ()
    assert check_rule("n / 2", scope=SCOPE, expects=ItemType.INTEGER) != ()


@pytest.mark.parametrize("rule", ["n / 0", "0 / 0", "mm / (n - n)", "mm / 0 / 2", "1 / mm / 0"])
def test_what_is_divided_by_nothing_is_unknown(rule: str) -> None:
    assert check_rule(rule, scope=SCOPE, expects=ItemType.DECIMAL) == ()
    assert value_of(rule) is None
    assert value_of(f"{rule} > 1") is None


def test_a_number_too_large_to_be_whole_is_unknown() -> None:
    rows = pl.DataFrame({"mm": [3e9, 1e300, -1e300, None]})
    whole = compile_rule("CAST(mm AS INTEGER)", scope=SCOPE)

    assert rows.select(whole.alias("v"))["v"].to_list() == [3_000_000_000, None, None, None]


def test_least_and_greatest_pass_over_what_is_unknown() -> None:
    rows = pl.DataFrame({"n": [None, 5]}, schema={"n": pl.Int64})

    assert rows.select(compile_rule("LEAST(n, 9)", scope=SCOPE))["n"].to_list() == [9, 5]
    assert rows.select(compile_rule("GREATEST(n, 1)", scope=SCOPE))["n"].to_list() == [1, 5]


@pytest.mark.parametrize("opening", ["(", "NOT ", "ABS(", "-", "CASE WHEN "])
def test_a_rule_nested_without_end_is_refused_and_stops_nobody(opening: str) -> None:
    deep = opening * 3000 + "n = 1" + ")" * (3000 * opening.count("("))

    assert check_rule(deep, scope=SCOPE) != ()


def test_names_are_told_apart_by_their_letters() -> None:
    assert check_rule("N > 1", scope=SCOPE) != ()
    assert check_rule('"n" > 1', scope=SCOPE) == ()


def test_a_text_with_a_quote_in_it_is_read_whole() -> None:
    assert value_of("t = 'it''s' OR t = 'hi'") is True
    assert value_of("CASE WHEN a THEN 'it''s' END") == "it's"


def test_every_type_of_item_has_a_column_type_and_a_row_to_try() -> None:
    assert set(POLARS_TYPES) == set(ItemType)
    assert {item.type for item in SCOPE.values()} == set(ItemType)
    assert set(ROWS.columns) == set(SCOPE)
