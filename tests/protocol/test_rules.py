"""Rules: what may be said, what is refused, and what it means."""

from datetime import date

import polars as pl
import pytest

from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rules import (
    RuleItem,
    check_rule,
    compile_rule,
    items_of,
    texts_given,
)

SCOPE = {
    "scan_date": RuleItem(type=ItemType.DATE),
    "les_bl__scan_date": RuleItem(type=ItemType.DATE),
    "status": RuleItem(type=ItemType.CODE, codes=frozenset({"measured", "absent"})),
    "irradiated": RuleItem(type=ItemType.YES_NO),
    "mm": RuleItem(type=ItemType.DECIMAL),
}

ALLOWED = [
    "scan_date - les_bl__scan_date > 42",
    "scan_date - les_bl__scan_date BETWEEN 0 AND 42",
    "scan_date < DATE '2026-01-31'",
    "status IN ('measured', 'absent') AND NOT irradiated",
    "status NOT IN ('measured')",
    "mm IS NULL OR mm >= 10",
    "ABS(mm - 3) < 1",
    "(status = 'absent') <> irradiated",
    "CASE WHEN irradiated THEN mm > 3 ELSE mm > 5 END",
    "COALESCE(irradiated, FALSE)",
    "EXTRACT(YEAR FROM scan_date) > 2020",
    "LEAST(scan_date, les_bl__scan_date) - scan_date > 3",
]

REFUSED = [
    ("COUNT(mm) > 1", "COUNT"),
    ("SUM(mm) OVER () > 1", "WINDOW"),
    ("CURRENT_DATE > scan_date", "CURRENTDATE"),
    ("NOW() > scan_date", "NOW"),
    ("random() > mm", "RAND"),
    ("foo(mm) > 1", "foo"),
    ("mm > 1 AS big", "ALIAS"),
    ("(SELECT 1) > mm", "SELECT"),
    ("mm > 1; DROP TABLE x", "DROP"),
    ("status LIKE 'm%'", "LIKE"),
    ("scan_date < '2026-01-31'", "DATE '2026-01-31'"),
    ("'2026-01-31' > scan_date", "DATE '2026-01-31'"),
    ("scan_date IN ('2026-01-31')", "DATE '2026-01-31'"),
    ("scan_date BETWEEN '2026-01-01' AND '2026-01-31'", "DATE '2026-01-01'"),
    ("scan_date < DATE '2026-02-30'", "which is no date"),
    ("status = 'gone'", "not in its list"),
    ("status IN ('measured', 'gone')", "not in its list"),
    ("size > 1", "not within its reach"),
    ("les_bl.scan_date > scan_date", "form__item"),
    ("mm +", "cannot be read"),
    ("", "cannot be read"),
    ("mm", "yes_no is expected"),
    ("CAST(mm AS BLOB) > 1", "only INTEGER"),
]


@pytest.mark.parametrize("rule", ALLOWED)
def test_an_expression_over_known_items_is_allowed(rule: str) -> None:
    assert check_rule(rule, scope=SCOPE) == ()


@pytest.mark.parametrize(("rule", "words"), REFUSED)
def test_an_expression_beyond_the_list_is_refused_in_words(rule: str, words: str) -> None:
    complaints = check_rule(rule, scope=SCOPE)

    assert complaints
    assert words in " ".join(complaints)


def test_all_complaints_about_a_rule_are_told_at_once() -> None:
    complaints = check_rule("size > 1 AND status = 'gone' AND NOW() > scan_date", scope=SCOPE)

    assert len(complaints) == 3


def test_a_derived_number_is_held_against_the_type_expected() -> None:
    assert check_rule("mm * 2", scope=SCOPE, expects=ItemType.DECIMAL) == ()
    assert check_rule("irradiated", scope=SCOPE, expects=ItemType.DECIMAL)


def test_the_difference_of_two_dates_counts_days() -> None:
    frame = pl.DataFrame(
        {
            "scan_date": [date(2026, 3, 1), date(2026, 3, 1), None],
            "les_bl__scan_date": [date(2026, 2, 1), date(2026, 2, 27), date(2026, 2, 1)],
        }
    )
    expression = compile_rule("(scan_date) - les_bl__scan_date > 2", scope=SCOPE)

    assert frame.select(expression.alias("late"))["late"].to_list() == [True, False, None]


def test_what_is_not_yet_known_stays_unknown() -> None:
    frame = pl.DataFrame({"mm": [None, 12.0], "irradiated": [True, None]})
    both = compile_rule("mm > 10 AND irradiated", scope=SCOPE)
    either = compile_rule("mm > 10 OR irradiated", scope=SCOPE)

    assert frame.select(both.alias("x"))["x"].to_list() == [None, None]
    assert frame.select(either.alias("x"))["x"].to_list() == [True, True]


def test_compiling_what_cannot_be_read_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="not checked"):
        compile_rule("mm +", scope=SCOPE)


def test_the_items_of_a_rule_are_named() -> None:
    assert items_of("mm > 1 AND les_bl__scan_date < scan_date") == {
        "mm",
        "les_bl__scan_date",
        "scan_date",
    }
    assert items_of("mm +") == frozenset()


@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        ("CASE WHEN status = 'absent' THEN 'Y' WHEN irradiated THEN 'N' END", {"Y", "N"}),
        ("CASE WHEN irradiated THEN status ELSE 'none' END", {"none"}),
        ("COALESCE(status, CASE WHEN irradiated THEN 'seen' END, 'lost')", {"seen", "lost"}),
        ("(CASE WHEN irradiated THEN ('in') END)", {"in"}),
        ("CASE WHEN irradiated THEN CASE WHEN mm > 1 THEN 'a' ELSE 'b' END END", {"a", "b"}),
        ("status = 'absent'", set()),
        ("mm +", set()),
    ],
)
def test_the_texts_a_rule_may_give_are_told_apart_from_those_it_compares(
    rule: str, texts: set[str]
) -> None:
    assert texts_given(rule) == texts


SAME_RULE = "status = 'absent'"
OTHER_WORDS = [
    ({"status": RuleItem(type=ItemType.CODE, codes=frozenset({"absent"}))}, ""),
    ({"status": RuleItem(type=ItemType.CODE, codes=frozenset({"gone"}))}, "not in its list (gone)"),
    ({"status": RuleItem(type=ItemType.DATE)}, "write DATE 'absent'"),
    ({"status": RuleItem(type=ItemType.DECIMAL)}, "compares a number and a text"),
    ({"size": RuleItem(type=ItemType.DECIMAL)}, "not within its reach"),
    ({}, "not within its reach"),
]


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(("scope", "told"), OTHER_WORDS)
def test_a_rule_read_before_is_held_against_the_items_of_today(
    scope: dict[str, RuleItem], told: str, again: bool
) -> None:
    if again:
        check_rule(SAME_RULE, scope=SCOPE)
    assert told in " ".join(check_rule(SAME_RULE, scope=scope))
    assert bool(check_rule(SAME_RULE, scope=scope)) == bool(told)
    assert check_rule(SAME_RULE, scope=SCOPE) == ()
    assert check_rule(SAME_RULE, scope=SCOPE, expects=ItemType.DECIMAL) != ()
