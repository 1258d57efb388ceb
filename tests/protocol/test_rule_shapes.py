"""A rule has one value for a record, whether the record stands alone or among thousands."""

import polars as pl
import pytest

from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rules import RuleItem, compile_rule

SCOPE = {name: RuleItem(type=ItemType.DECIMAL) for name in ("w", "b")}
DIVISIONS = ("w / 100", "w / 7 * 3", "w / (b / 100) / (b / 100)", "(w - b) / b * 100", "100 / w")
BASELINE = 62.4


@pytest.mark.parametrize("rule", DIVISIONS)
def test_a_division_is_the_same_to_the_last_digit_alone_and_among_many(rule: str) -> None:
    value = compile_rule(rule, scope=SCOPE).alias("value")
    weights = [tenths / 10 for tenths in range(301, 901, 3)]
    one_baseline = pl.lit(BASELINE).alias("b")  # the same in each row, as a join may make it
    many = pl.DataFrame({"w": weights}).with_columns(one_baseline).with_columns(value)
    alone = [
        pl.DataFrame({"w": [w], "b": [BASELINE]}).with_columns(value)["value"][0] for w in weights
    ]
    by_hand = [eval(rule, {"w": w, "b": BASELINE}) for w in weights]
    assert many["value"].to_list() == alone == by_hand


def test_what_is_divided_by_nothing_or_unknown_is_unknown() -> None:
    value = compile_rule("w / b", scope=SCOPE).alias("value")
    rows = pl.DataFrame({"w": [3.0, None, 3.0, 0.0], "b": [0.0, 2.0, None, 2.0]})
    assert rows.with_columns(value)["value"].to_list() == [None, None, None, 0.0]
