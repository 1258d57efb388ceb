"""`equipoise curves`: a right answer or one clear message, never a traceback."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.cli.curves import curves
from equipoise.cli.curves_file import Columns, CurvesFileRefusedError, read_curves

ROWS = "A,2,1\nA,5,1\nA,9,0\nA,4,1\nB,6,1\nB,14,0\nB,11,0\nB,3,1\n"
TABLE = "arm,time,event\n" + ROWS
NUMBERS = Columns(time="time", event="event", arm="arm")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "trial.csv"


def run(place: Path, content: str | bytes, *options: str) -> Result:
    """The command on a file with this content."""
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    return CliRunner().invoke(curves, [str(place), *options])


def answer(place: Path, content: str | bytes, *options: str) -> dict[str, Any]:
    """What --json prints; NaN would not be JSON."""
    done = run(place, content, "--json", *options)
    assert done.exit_code == 0, done.output

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    found: dict[str, Any] = json.loads(done.stdout, parse_constant=refuse)
    return found


def refusal(done: Result, code: int) -> str:
    """The message of a command that left with this exit code, without a traceback."""
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    return done.stderr


def test_json_has_the_keys_of_the_manual(place: Path) -> None:
    found = answer(place, TABLE)
    keys = {"reference_arm", "arms", "cox", "logrank", "milestone", "rmst"}
    assert keys <= set(found)
    assert found["reference_arm"] == "A"
    assert list(found["arms"]) == ["A", "B"]
    arm_keys = {"n", "events", "median", "median_lower", "median_upper"}
    assert all(arm_keys <= set(arm) for arm in found["arms"].values())
    assert {"hazard_ratio", "lower", "upper", "p"} <= set(found["cox"])
    assert {"chi_square", "p"} <= set(found["logrank"])
    assert found["arms"]["A"]["n"] == 4
    assert found["arms"]["A"]["events"] == 3
    assert found["arms"]["A"]["median"] == 4.5


def test_reference_is_the_first_name_in_sorted_order_or_the_one_named(place: Path) -> None:
    table = "arm,time,event\nz,3,1\nz,4,1\nk,5,1\nk,2,0\nk,9,1\n"
    assert answer(place, table)["reference_arm"] == "k"
    turned = answer(place, table, "--reference", "z")
    assert turned["reference_arm"] == "z"
    assert list(turned["arms"]) == ["z", "k"]


def test_columns_may_have_any_name_and_order(place: Path) -> None:
    table = "who,Died,group,months\n1,yes,x,3\n2,no,x,4\n3,TRUE,y,5\n4,False,y,2\n5,1,y,7\n"
    found = answer(place, table, "--time", "months", "--event", "Died", "--arm", "group")
    assert [arm["events"] for arm in found["arms"].values()] == [1, 2]


def test_strata_make_test_and_ratio_stratified(place: Path) -> None:
    lines = [f"{'AB'[i % 2]},{3 + i * 7 % 11},{int(i % 5 > 0)},{i % 3}" for i in range(24)]
    table = "arm,time,event,site\n" + "\n".join(lines)
    plain, stratified = answer(place, table), answer(place, table, "--strata", "site")
    assert "stratified by site" in stratified["cox"]["method"]
    assert stratified["logrank"]["p"] != plain["logrank"]["p"]
    assert stratified["arms"] == plain["arms"]


def test_milestones_and_horizon_may_be_named(place: Path) -> None:
    found = answer(place, TABLE, "--at", "4", "--at", "8", "--tau", "7")
    assert found["milestone"]["at"] == 4
    assert [each["at"] for each in found["milestones"]] == [4, 8]
    assert found["rmst"]["tau"] == 7


def test_defaults_lie_within_the_follow_up_of_both_arms(place: Path) -> None:
    found = answer(place, TABLE)
    assert found["rmst"]["tau"] == 9
    assert found["milestone"]["at"] == 9
    assert found["milestone"]["difference"] is not None


def test_nobody_censored_still_has_a_milestone(place: Path) -> None:
    found = answer(place, "arm,time,event\nA,2,1\nA,5,1\nB,4,1\nB,3,1\n")
    assert found["milestone"]["at"] == 3.5


def test_milestone_beyond_the_follow_up_is_null_and_told(place: Path) -> None:
    found = answer(place, TABLE, "--at", "50", "--tau", "60")
    assert found["milestone"]["difference"] is None
    assert found["rmst"]["difference"] is None
    assert any("ends before" in word for word in found["warnings"])


def test_arm_without_events_is_a_right_answer(place: Path) -> None:
    table = "arm,time,event\nA,2,1\nA,5,1\nA,6,0\nB,4,0\nB,7,0\nB,9,0\n"
    found = answer(place, table)
    assert found["cox"]["hazard_ratio"] is None
    assert found["cox"]["p"] is None
    assert found["logrank"]["p"] is not None
    assert found["arms"]["B"]["median"] is None
    assert "the hazard ratio cannot be estimated: arm B has no event" in found["warnings"]
    words = run(place, table).stdout
    assert "arm B has no event" in words
    assert "Hazard ratio         not estimable" in words
    assert "B         3       0  not reached" in words


@pytest.mark.parametrize(
    "rows", ["A,2,0\nB,3,0", "A,0,1\nB,0,1", "A,0,0\nB,0,0", "A,3,1\nA,3,1\nB,3,1", "A,1,1\nB,2,1"]
)
def test_small_and_empty_looking_data_have_an_answer(place: Path, rows: str) -> None:
    table = f"arm,time,event\n{rows}\n"
    answer(place, table)
    assert run(place, table).exit_code == 0


def test_terminal_shows_arms_comparisons_and_notes(place: Path) -> None:
    words = run(place, TABLE, "--unit", "months").stdout
    assert "B against A (reference); time in months" in words
    for name in ("Hazard ratio", "Log-rank chi-square", "Survival, 9", "Restricted mean, 9"):
        assert name in words


def test_figure_is_written_and_the_same_twice(place: Path, tmp_path: Path) -> None:
    figure = tmp_path / "figure.svg"
    done = run(place, TABLE, "--output", str(figure))
    assert f"Figure in {figure}" in done.stdout
    first = figure.read_bytes()
    assert b"<svg" in first
    assert b">Time<" in first
    assert b">At 9 " in first
    assert b">Events/n<" in first
    run(place, TABLE, "--output", str(figure))
    assert figure.read_bytes() == first


def test_json_with_a_figure_prints_only_json(place: Path, tmp_path: Path) -> None:
    found = answer(place, TABLE, "--output", str(tmp_path / "figure.svg"))
    assert found["reference_arm"] == "A"


def test_figure_that_cannot_be_written_is_told(place: Path, tmp_path: Path) -> None:
    done = run(place, TABLE, "--output", str(tmp_path / "nowhere" / "figure.svg"))
    assert "cannot be written" in refusal(done, 2)


def test_byte_order_mark_and_utf_16_are_read(place: Path) -> None:
    plain = answer(place, TABLE)
    assert answer(place, TABLE.encode("utf-8-sig")) == plain
    assert answer(place, TABLE.encode("utf-16")) == plain
    assert answer(place, TABLE.replace("\n", "\r\n")) == plain


def test_quotes_blanks_and_empty_lines_are_read(place: Path) -> None:
    table = '"arm", time,event\n' + ROWS.replace("A,", '"A", ').replace("\nB,6", "\n\nB ,6")
    assert answer(place, table) == answer(place, TABLE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        ("arm,time,event\n", "no row"),
        ("arm;time;event\nA;2;1\n", "separated by semicolons"),
        ("arm\ttime\tevent\nA\t2\t1\n", "separated by tabs"),
        ("arm,months,event\nA,2,1\n", "there is no column 'time'; the file has 'arm', 'months'"),
        ("arm,tme,event\nA,2,1\n", "Did you mean 'tme'?"),
        ("arm,time,event,time\nA,2,1,2\n", "'time' stands in the file twice"),
        (TABLE.replace("A,", "Ä,").encode("latin-1"), "not in UTF-8"),
        (TABLE.encode("utf-16-le"), "not text in UTF-8"),
        (b"\xff\xfea", "not in UTF-8"),
        ('arm,time,event\n"A,2,1\n', "no CSV"),
        (bytes(range(256)), "not in UTF-8"),
    ],
)
def test_file_that_is_no_such_table_is_misuse_with_one_message(
    place: Path, content: str | bytes, words: str
) -> None:
    message = refusal(run(place, content), 2)
    assert words in message
    assert message.count("\n") == 1
    assert refusal(run(place, content, "--json"), 2) == message


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,two,1", "line 10, time: [not-a-number] the time is no number (found: two)"),
        ('A,"2,5",1', "write the decimal sign as a point"),
        ("A,nan,1", "[not-a-number]"),
        ("A,inf,1", "[not-a-number]"),
        ("A,1e999,1", "[not-a-number]"),
        ("A,1_0,1", "[not-a-number]"),
        ("A,-3,1", "line 10, time: [negative-time] the time is negative (found: -3)"),
        ("A,3,2", "line 10, event: [not-an-event]"),
        ("A,3,dead", "(found: dead)"),
        (",3,1", "line 10, arm: [empty-cell]"),
        ("A,,1", "line 10, time: [empty-cell]"),
        ("A,3,", "line 10, event: [empty-cell]"),
        ("A,3", "[ragged-row] the row has another number of cells than"),
        ("A,3,1,7", "(found: 4 cells)"),
        ("C,3,1", "there are 3 arms"),
    ],
)
def test_wrong_row_is_a_finding_with_line_column_and_value(
    place: Path, row: str, words: str
) -> None:
    done = run(place, TABLE + row + "\n")
    assert words in refusal(done, 1)
    assert done.stdout == ""


def test_every_wrong_row_is_told_and_json_holds_them(place: Path) -> None:
    done = run(place, TABLE + "A,x,1\nB,2,maybe\n", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)["findings"]
    assert [(f["where"], f["found"]) for f in found] == [
        ("trial.csv, line 10, time", "x"),
        ("trial.csv, line 11, event", "maybe"),
    ]


def test_many_wrong_rows_are_counted(place: Path) -> None:
    message = refusal(run(place, TABLE + "A,x,1\n" * 25), 1)
    assert "... and 5 more." in message
    assert message.count("[not-a-number]") == 20


def test_one_arm_is_a_finding(place: Path) -> None:
    message = refusal(run(place, "arm,time,event\nA,2,1\nA,3,0\n"), 1)
    assert "there is one arm only; two are compared (found: A)" in message


def test_empty_stratum_is_a_finding(place: Path) -> None:
    done = run(place, "arm,time,event,site\nA,2,1,x\nB,3,0,\n", "--strata", "site")
    assert "line 3, site: [empty-cell]" in refusal(done, 1)


def test_unknown_reference_arm_is_misuse(place: Path) -> None:
    message = refusal(run(place, TABLE, "--reference", "C"), 2)
    assert "there is no arm 'C'; column 'arm' has 'A', 'B'" in message


def test_missing_file_and_folder_are_misuse(tmp_path: Path) -> None:
    done = CliRunner().invoke(curves, [str(tmp_path / "none.csv")])
    assert "cannot be read" in refusal(done, 2)
    assert "is a directory" in refusal(CliRunner().invoke(curves, [str(tmp_path)]), 2)


@pytest.mark.parametrize("option", ["--at", "--tau"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "twelve"])
def test_time_that_is_none_is_misuse(place: Path, option: str, value: str) -> None:
    assert option in refusal(run(place, TABLE, option, value), 2)


CELL = st.sampled_from(["A", "B", "", "1", "0", "2.5", "-1", "x", "é", '"', ";", "nan", "yes"])


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(CELL, max_size=4), max_size=8), head=st.booleans())
def test_no_table_makes_the_reader_fail(rows: list[list[str]], head: bool) -> None:
    text = ("arm,time,event\n" if head else "") + "\n".join(",".join(row) for row in rows)
    with suppress(CurvesFileRefusedError):
        found = read_curves(text.encode(), name="f.csv", columns=NUMBERS, reference="")
        assert (found.sample is None) == bool(found.findings)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=80))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    with suppress(CurvesFileRefusedError):
        found = read_curves(data, name="f.csv", columns=NUMBERS, reference="A")
        assert found.findings or found.sample is not None
