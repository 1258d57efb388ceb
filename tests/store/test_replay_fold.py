"""Replay is a fold: what stands is what the lines add up to, and what was there is checked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.store.ledger import Line
from equipoise.store.replay import Tables, apply_line, replay
from equipoise.store.tables import TABLES
from store.ledger_lines import change, line_with

DM = ("01-001", "dm", "")


def stood(*lines: Line) -> dict[str, Any]:
    """The row of the demography of 01-001 after these lines."""
    return replay(lines)["form_entry"].get(DM, {})


def test_nothing_adds_up_to_empty_tables() -> None:
    assert replay([]) == {name: {} for name in TABLES}


# changes, one line of the ledger each: column old new; - is nothing | what stands at the end
COURSES = """
sex - M                          | sex=M
sex - M; sex M F                 | sex=F
sex - M; year - 1961             | sex=M year=1961
sex - M; sex M -                 |
sex - M; sex M -; sex - F        | sex=F
sex - M; sex M M                 | sex=M
sex - -                          |
"""


@pytest.mark.parametrize("text", COURSES.strip().splitlines())
def test_values_follow_each_other(text: str) -> None:
    course, expected = (part.strip() for part in text.split("|"))
    tables: Tables = {"form_entry": {}}
    for step in course.split(";"):
        name, old, new = (None if word == "-" else word for word in step.split())
        line = line_with(change("form_entry", *DM, **{f"items__{name}": (old, new)}))
        assert apply_line(tables, line=line)
    row = tables["form_entry"][DM]
    assert " ".join(f"{n.removeprefix('items.')}={v}" for n, v in row.items()) == expected


# what stands | column old new | is the old value what was there
OLD = """
M | items.sex  M   F    | yes
M | items.sex  F   M    | no
M | items.sex  -   F    | no
M | items.year -   1961 | yes
M | items.year 1950 1961 | no
"""


@pytest.mark.parametrize("text", OLD.strip().splitlines())
def test_an_old_value_that_was_not_there_is_told_and_the_new_one_stands(text: str) -> None:
    value, said, is_true = (part.strip() for part in text.split("|"))
    column, old, new = (None if word == "-" else word for word in said.split())
    tables: Tables = {"form_entry": {DM: {"items.sex": value}}}
    told = {"table": "form_entry", "key": list(DM), "values": {column: [old, new]}}
    assert apply_line(tables, line=line_with(told)) == (is_true == "yes")
    assert tables["form_entry"][DM][str(column)] == new


@pytest.mark.parametrize(
    ("old", "there"), [("1", 1), (1, "1"), ([], None), ({}, None), ("", None), (["b", "a"], ["a"])]
)
def test_an_old_value_is_held_to_its_kind_too(old: Any, there: Any) -> None:
    row = {} if there is None else {"version": there}
    tables: Tables = {"form_entry": {DM: row}}
    assert not apply_line(tables, line=line_with(change("form_entry", *DM, version=(old, 2))))


def test_one_wrong_value_of_many_makes_the_line_untrue_and_all_are_written() -> None:
    tables: Tables = {"form_entry": {}, "subject": {}}
    line = line_with(
        change("form_entry", *DM, version=(None, 1), state=("draft", "complete")),
        change("subject", "01-001", site=(None, "01")),
    )
    assert not apply_line(tables, line=line)
    assert tables["form_entry"][DM] == {"version": 1, "state": "complete"}
    assert tables["subject"][("01-001",)] == {"site": "01"}


def test_a_line_may_change_a_row_twice() -> None:
    line = line_with(
        change("form_entry", *DM, version=(None, 1)), change("form_entry", *DM, version=(1, 2))
    )
    assert stood(line) == {"version": 2}


def test_entries_of_one_form_are_told_apart_by_their_keys() -> None:
    lines = [
        line_with(change("form_entry", "01-001", "les_fu", key, version=(None, number)))
        for number, key in enumerate(("M3.L01", "M3.L02", "M6.L01", ""), start=1)
    ]
    rows = replay(lines)["form_entry"]
    assert [row["version"] for row in rows.values()] == [1, 2, 3, 4]
    assert rows["01-001", "les_fu", "M6.L01"] == {"version": 3}


def test_only_the_tables_asked_for_are_made() -> None:
    line = line_with(
        change("form_entry", *DM, version=(None, 1)), change("subject", "01-001", site=(None, "01"))
    )
    asked = replay([line], only=frozenset({"subject"}))
    assert asked == {"subject": {("01-001",): {"site": "01"}}}
    assert replay([line])["subject"] == asked["subject"]


def test_a_false_a_zero_and_an_empty_text_are_values_and_stay() -> None:
    row = stood(line_with(change("form_entry", *DM, a=(None, False), b=(None, 0), c=(None, ""))))
    assert row == {"a": False, "b": 0, "c": ""}


def apply_all(tables: Tables, lines: list[Line]) -> bool:
    """Applies every line; whether all of them told true."""
    return [apply_line(tables, line=line) for line in lines].count(False) == 0


CELLS = st.tuples(
    st.sampled_from(["01-001", "01-002"]),
    st.sampled_from(["items.sex", "items.year", "state"]),
    st.none() | st.sampled_from(["M", "F", "1961"]),
)


def as_lines(course: list[tuple[str, str, str | None]]) -> tuple[list[Line], dict[str, str]]:
    """Lines that tell true old values, and what a plain dictionary holds at the end."""
    plain: dict[str, str] = {}
    lines = []
    for subject, column, new in course:
        place = f"{subject} {column}"
        told = {"table": "form_entry", "key": [subject, "dm", ""],
                "values": {column: [plain.get(place), new]}}  # fmt: skip
        lines.append(line_with(told))
        plain.pop(place, None)
        if new is not None:
            plain[place] = new
    return lines, plain


def flat(tables: Tables) -> dict[str, Any]:
    """Every value that stands, by subject and column."""
    rows = tables["form_entry"].items()
    return {f"{key[0]} {name}": value for key, row in rows for name, value in row.items()}


@given(st.lists(CELLS, max_size=20))
def test_replay_is_what_a_dictionary_would_hold(course: list[tuple[str, str, str | None]]) -> None:
    lines, plain = as_lines(course)
    assert flat(replay(lines)) == plain


@given(st.lists(CELLS, max_size=20), st.integers(0, 20))
def test_a_cut_and_the_lines_after_it_are_all_the_lines(
    course: list[tuple[str, str, str | None]], cut: int
) -> None:
    lines, _ = as_lines(course)
    tables = replay(lines[:cut])
    assert apply_all(tables, lines[cut:])
    assert tables == replay(lines)


@given(st.lists(CELLS, min_size=2, max_size=20), st.data())
def test_a_line_left_out_is_untrue_or_changed_nothing(
    course: list[tuple[str, str, str | None]], data: st.DataObject
) -> None:
    lines, plain = as_lines(course)
    missing = data.draw(st.integers(0, len(lines) - 1))
    tables: Tables = {"form_entry": {}}
    is_true = apply_all(tables, [*lines[:missing], *lines[missing + 1 :]])
    same_place = [each for each in course[missing + 1 :] if each[:2] == course[missing][:2]]
    if is_true and same_place:
        assert flat(tables) == plain
