"""The logic of rules with three values, held against tables written by hand.

T true, F false, ? not yet known. The tables are those of SQL (Kleene's strong logic): what is
unknown stays unknown unless the other side decides.
"""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rules import check_rule, compile_rule
from protocol.rule_rows import ROWS, SCOPE, values_of

SIGNS = {"T": True, "F": False, "?": None}

# first side by line, second side by column, in the order T F ?
TWO_SIDED = [
    ("a AND b", "T F ?", "F F F", "? F ?"),
    ("a OR b", "T T T", "T F ?", "T ? ?"),
    ("a = b", "T F ?", "F T ?", "? ? ?"),
    ("a <> b", "F T ?", "T F ?", "? ? ?"),
    ("NOT a OR b", "T F ?", "T T T", "T ? ?"),
    ("NOT (a AND b)", "F T ?", "T T T", "? T ?"),
    ("COALESCE(a, b)", "T T T", "F F F", "T F ?"),
    ("a IN (b, FALSE)", "T F ?", "T T T", "? ? ?"),
    ("a NOT IN (b, FALSE)", "F T ?", "F F F", "? ? ?"),
    ("CASE WHEN a THEN b END", "T F ?", "? ? ?", "? ? ?"),
    ("CASE WHEN a THEN b ELSE TRUE END", "T F ?", "T T T", "T T T"),
    ("CASE WHEN a THEN TRUE WHEN b THEN FALSE END", "T T T", "F ? ?", "F ? ?"),
    ("a IS NULL OR b IS NULL", "F F T", "F F T", "T T T"),
]

# rule | on T | on F | on ?
ONE_SIDED = [
    ("NOT a", "F T ?"),
    ("NOT NOT a", "T F ?"),
    ("a IS NULL", "F F T"),
    ("a IS NOT NULL", "T T F"),
    ("a AND NULL", "? F ?"),
    ("a OR NULL", "T ? ?"),
    ("a AND TRUE", "T F ?"),
    ("a OR FALSE", "T F ?"),
    ("a = NULL", "? ? ?"),
    ("COALESCE(a, FALSE)", "T F F"),
    ("COALESCE(NULL, a)", "T F ?"),
    ("a IN (TRUE, NULL)", "T ? ?"),
]

# a number between two others, each of them perhaps unknown: n | low | high | n BETWEEN, NOT BETWEEN
BETWEEN = [
    (2, 1, 3, "T", "F"),
    (1, 1, 3, "T", "F"),
    (3, 1, 3, "T", "F"),
    (0, 1, 3, "F", "T"),
    (4, 1, 3, "F", "T"),
    (2, 3, 1, "F", "T"),
    (None, 1, 3, "?", "?"),
    (2, None, 3, "?", "?"),
    (4, None, 3, "F", "T"),
    (2, 1, None, "?", "?"),
    (0, 1, None, "F", "T"),
    (2, None, None, "?", "?"),
    (None, None, None, "?", "?"),
]

# a number among others: n | among | n IN, n NOT IN
AMONG = [
    (1, "1, 2", "T", "F"),
    (3, "1, 2", "F", "T"),
    (None, "1, 2", "?", "?"),
    (1, "1, NULL", "T", "F"),
    (3, "1, NULL", "?", "?"),
    (None, "NULL", "?", "?"),
]


def _signs(values: list[object]) -> str:
    names = {value: sign for sign, value in SIGNS.items()}
    return " ".join(names[value] for value in values)  # type: ignore[index]


@pytest.mark.parametrize(("rule", "on_true", "on_false", "on_unknown"), TWO_SIDED)
def test_two_sides_of_three_values_give_the_table(
    rule: str, on_true: str, on_false: str, on_unknown: str
) -> None:
    for first, expected in zip("TF?", (on_true, on_false, on_unknown), strict=True):
        frame = pl.DataFrame(
            {"a": [SIGNS[first]] * 3, "b": list(SIGNS.values())},
            schema={"a": pl.Boolean, "b": pl.Boolean},
        )

        assert check_rule(rule, scope=SCOPE) == ()
        assert _signs(values_of(rule, rows=frame)) == expected, first


@pytest.mark.parametrize(("rule", "expected"), ONE_SIDED)
def test_one_side_of_three_values_gives_the_table(rule: str, expected: str) -> None:
    frame = pl.DataFrame({"a": list(SIGNS.values())}, schema={"a": pl.Boolean})

    assert check_rule(rule, scope=SCOPE) == ()
    assert _signs(values_of(rule, rows=frame)) == expected


@pytest.mark.parametrize(("n", "low", "high", "inside", "outside"), BETWEEN)
def test_between_holds_both_ends_and_is_unknown_unless_one_end_decides(
    n: int | None, low: int | None, high: int | None, inside: str, outside: str
) -> None:
    ends = [str(end) if end is not None else "NULL" for end in (low, high)]
    frame = pl.DataFrame({"n": [n]}, schema={"n": pl.Int64})

    for words, expected in (("BETWEEN", inside), ("NOT BETWEEN", outside)):
        rule = f"n {words} {ends[0]} AND {ends[1]}"
        assert _signs(values_of(rule, rows=frame)) == expected, rule


@pytest.mark.parametrize(("n", "among", "inside", "outside"), AMONG)
def test_a_value_among_others_is_unknown_when_the_one_missing_could_be_it(
    n: int | None, among: str, inside: str, outside: str
) -> None:
    frame = pl.DataFrame({"n": [n]}, schema={"n": pl.Int64})

    assert _signs(values_of(f"n IN ({among})", rows=frame)) == inside
    assert _signs(values_of(f"n NOT IN ({among})", rows=frame)) == outside


@pytest.mark.parametrize("sign", ["=", "<>", "<", "<=", ">", ">="])
@pytest.mark.parametrize(("item", "other"), [("n", "1"), ("d", "DATE '2026-01-01'"), ("c", "'x'")])
def test_a_comparison_with_what_is_unknown_is_unknown(sign: str, item: str, other: str) -> None:
    unknown = ROWS[1:2]

    assert values_of(f"{item} {sign} {other}", rows=unknown) == [None]
    assert values_of(f"{other} {sign} {item}", rows=unknown) == [None]


@pytest.mark.parametrize(("sign", "expected"), [
    ("=", "F T F"), ("<>", "T F T"), ("<", "T F F"),
    ("<=", "T T F"), (">", "F F T"), (">=", "F T T"),
])  # fmt: skip
def test_days_are_compared_in_the_order_of_the_calendar(sign: str, expected: str) -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    rule = f"d {sign} DATE '2026-01-01'"

    assert _signs(values_of(rule, rows=pl.DataFrame({"d": days}))) == expected


NUMBERS = st.recursive(
    st.sampled_from(["n", "mm", "1", "0", "2.5", "(d - e)", "EXTRACT(YEAR FROM d)"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("ABS({})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("LEAST({}, {})".format, inner, inner),
        st.builds("COALESCE({}, {})".format, inner, inner),
        st.builds("CASE WHEN a THEN {} ELSE {} END".format, inner, inner),
        st.builds("CAST({} AS INTEGER)".format, inner),
    ),
    max_leaves=6,
)
DATES = st.sampled_from(["d", "e", "DATE '2026-01-31'", "GREATEST(d, e)", "COALESCE(e, d)"])
SIGN = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
ANSWERS = st.recursive(
    st.one_of(
        st.sampled_from(["a", "b", "TRUE", "c = 'x'", "c IN ('x', 'y')", "t IS NULL"]),
        st.builds("{} {} {}".format, NUMBERS, SIGN, NUMBERS),
        st.builds("{} {} {}".format, DATES, SIGN, DATES),
        st.builds("{} BETWEEN {} AND {}".format, NUMBERS, NUMBERS, NUMBERS),
    ),
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
        st.builds("({}) IS NULL".format, inner),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, inner, inner, inner),
        st.builds("COALESCE({}, {})".format, inner, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=50)
@given(ANSWERS)
def test_an_allowed_rule_means_the_same_for_one_row_and_for_many(rule: str) -> None:
    assert check_rule(rule, scope=SCOPE) == ()
    together = values_of(rule)
    alone = [values_of(rule, rows=ROWS[row : row + 1])[0] for row in range(ROWS.height)]

    assert together == alone
    assert set(together) <= {True, False, None}


@settings(max_examples=50)
@given(NUMBERS)
def test_an_allowed_number_is_finite_or_unknown_on_every_row(rule: str) -> None:
    assert check_rule(rule, scope=SCOPE, expects=ItemType.DECIMAL) == ()
    rows = ROWS.with_columns(pl.col("n").clip(-9, 9), pl.col("mm").clip(-9, 9))
    values = pl.Series(values_of(rule, rows=rows), dtype=pl.Float64)

    assert values.is_finite().fill_null(value=True).all()


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_no_text_at_all_stops_the_check_of_a_rule(text: str) -> None:
    complaints = check_rule(text, scope=SCOPE)

    assert complaints or isinstance(compile_rule(text, scope=SCOPE), pl.Expr)


WORDS = st.sampled_from(
    "a b n d c t ( ) , . = < > + - * / AND OR NOT IN IS NULL CASE WHEN THEN ELSE END BETWEEN LEAST "
    "CAST AS DATE INTEGER 'x' '2026-01-01' 1 2.5 EXTRACT YEAR FROM COALESCE SELECT OVER ABS".split()
)


@settings(max_examples=100)
@given(st.lists(WORDS, min_size=1, max_size=9))
def test_words_of_rules_in_any_order_are_refused_or_evaluate(words: list[str]) -> None:
    rule = " ".join(words)

    if not check_rule(rule, scope=SCOPE):
        assert set(values_of(rule)) <= {True, False, None}
