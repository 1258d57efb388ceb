"""Digits of an East Asian keyboard look like digits, and are none: a value with one is refused."""

import polars as pl
import pytest

from equipoise.capture.read_values import ReadColumn, read_columns
from equipoise.protocol.form_model import Item, ItemType

# the type of the item | what was typed
WIDE = [
    (ItemType.PARTIAL_DATE, "２０２６"),
    (ItemType.PARTIAL_DATE, "20２６"),
    (ItemType.PARTIAL_DATE, "20２６-03"),
    (ItemType.PARTIAL_DATE, "2026-0３"),
    (ItemType.PARTIAL_DATE, "20２６-03-09"),
    (ItemType.PARTIAL_DATE, "2026-03-1９"),
    (ItemType.DATE, "20２６-03-09"),
    (ItemType.DATE, "２０２６-０３-０９"),
    (ItemType.INTEGER, "７1"),
    (ItemType.INTEGER, "７"),
    (ItemType.DECIMAL, "７.1"),
    (ItemType.DECIMAL, "1e３"),
]


def read(kind: ItemType, typed: str) -> ReadColumn:
    item = Item(name="onset_date", label="Onset", type=kind)
    table = pl.DataFrame({"onset_date": [typed]})
    return read_columns(table, items=[item], code_lists={})["onset_date"]


@pytest.mark.parametrize(("kind", "typed"), WIDE)
def test_a_value_with_a_wide_digit_is_refused_in_words(kind: ItemType, typed: str) -> None:
    column = read(kind, typed)
    assert column.values.to_list() == [None]
    (complaint,) = column.complaints
    assert complaint.found == typed
    assert complaint.message
    assert complaint.mend


def test_the_same_value_in_plain_digits_is_read() -> None:
    for kind in (ItemType.PARTIAL_DATE, ItemType.DATE):
        assert not read(kind, "2026-03-09").complaints
    assert read(ItemType.INTEGER, "71").values.to_list() == [71]
    assert read(ItemType.DECIMAL, "7.1").values.to_list() == [7.1]
