"""From days and places to the columns of a form."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from equipoise.simulate.cohort import NEVER
from equipoise.simulate.entries.columns import (
    People,
    build_people,
    build_rows,
    constant,
    date_column,
    in_order,
    lesion_column,
    name_column,
    number_records,
    only_where,
    partial_date_column,
)
from simulate.rehearsed import course

PEOPLE = People(
    replicate=np.array([0, 0, 1]),
    subject=pl.Series(["01-001", "02-001", "01-001"]),
    randomised=np.array([20_000, 20_031, 20_000]),
)
ROWS = np.array([0, 1, 1, 2])


def test_rows_that_came_later_go_behind_those_of_their_subject() -> None:
    table = build_rows(
        PEOPLE, rows=np.array([2, 1, 0, 1]), columns={"visit": pl.Series(list("abcd"))}
    )
    assert in_order(table, people=PEOPLE).rows() == [
        (0, "01-001", "c"), (0, "02-001", "b"), (0, "02-001", "d"), (1, "01-001", "a"),
    ]  # fmt: skip


def test_a_day_is_counted_from_the_randomisation_of_its_subject() -> None:
    dates = date_column(PEOPLE, rows=ROWS, day=np.array([0, 0, 1, -1]))
    assert dates.to_list() == [
        date(2024, 10, 4), date(2024, 11, 4), date(2024, 11, 5), date(2024, 10, 3),
    ]  # fmt: skip


def test_what_never_happens_has_no_date() -> None:
    dates = date_column(PEOPLE, rows=np.array([0, 1]), day=np.array([5, NEVER]))
    assert dates.to_list() == [date(2024, 10, 9), None]


def test_a_date_without_its_day_is_a_year_and_a_month() -> None:
    texts = partial_date_column(
        PEOPLE,
        rows=np.array([0, 0, 0]),
        day=np.array([3, 3, NEVER]),
        day_unknown=np.array([False, True, True]),
    )
    assert texts.to_list() == ["2024-10-07", "2024-10", None]


def test_rows_carry_their_trial_and_subject() -> None:
    table = build_rows(PEOPLE, rows=ROWS, columns={"value": pl.Series([1, 2, 3, 4])})
    assert table.columns == ["replicate", "subject", "value"]
    assert table["replicate"].to_list() == [0, 0, 0, 1]
    assert table["subject"].to_list() == ["01-001", "02-001", "02-001", "01-001"]
    assert table.schema["replicate"] == pl.Int32


def test_names_stand_at_their_places_and_none_is_null() -> None:
    names = name_column((None, "CR", "PD"), place=np.array([2, 0, 1]))
    assert names.to_list() == ["PD", None, "CR"]
    assert names.dtype == pl.String


def test_lesions_have_a_letter_and_two_digits() -> None:
    assert lesion_column(np.array([0, 4])).to_list() == ["L01", "L05"]
    assert lesion_column(np.array([9]), letter="N").to_list() == ["N10"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([1.5, 2.5]), [1.5, None]),
        (np.array([3, 4]), [3, None]),
        (np.array([True, False]), [True, None]),
        (pl.Series(["a", "b"]), ["a", None]),
    ],
)
def test_values_are_null_where_they_are_not_known(
    values: pl.Series, expected: list[object]
) -> None:
    assert only_where(np.array([True, False]), values=values).to_list() == expected


def test_a_constant_fills_every_row() -> None:
    assert constant("ct", rows=ROWS).to_list() == ["ct"] * 4
    assert constant(value=True, rows=ROWS).to_list() == [True] * 4
    assert constant(1, rows=np.zeros(0, dtype=np.int64)).to_list() == []


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [([0, 0, 1, 3, 3, 3], [1, 2, 1, 1, 2, 3]), ([7], [1]), ([], []), ([2, 2], [1, 2])],
)
def test_records_count_from_one_within_each_subject(rows: list[int], numbers: list[int]) -> None:
    assert number_records(np.array(rows, dtype=np.int64)).tolist() == numbers


def test_identities_are_unique_within_a_trial() -> None:
    people = build_people(course(3))
    table = pl.DataFrame({"replicate": people.replicate, "subject": people.subject})
    assert table.is_unique().all()
    assert people.subject.str.len_bytes().unique().to_list() == [6]
