"""`equipoise curves` on files as other programs write them, and on names that mislead."""

import json
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from equipoise.cli.curves import curves

TABLE = "time,event,arm\n2,1,A\n5,1,A\n9,0,A\n4,1,A\n6,1,B\n14,0,B\n11,0,B\n3,1,B\n"


def _run(place: Path, content: str, *options: str) -> Result:
    place.write_text(content, encoding="utf-8")
    return CliRunner().invoke(curves, [str(place), "--json", *options])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "trial.csv"


def _numbered(table: str) -> str:
    """The table with row names in a column without a name, as R's write.csv adds them."""
    head, *rows = table.splitlines()
    named = [f'"{number}",{row}' for number, row in enumerate(rows, 1)]
    return "\n".join([f'"",{head}', *named]) + "\n"


def test_columns_without_a_name_change_nothing(place: Path) -> None:
    plain = json.loads(_run(place, TABLE).stdout)
    assert json.loads(_run(place, _numbered(TABLE)).stdout) == plain
    assert json.loads(_run(place, TABLE.replace("\n", ",,\n")).stdout) == plain


def test_ragged_row_tells_both_counts(place: Path) -> None:
    done = _run(place, TABLE.replace("5,1,A", "5,1,A,7"))
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert (found["code"], found["found"]) == ("ragged-row", "4 cells")
    assert found["message"].endswith("(3)")


@pytest.mark.parametrize("option", ["--time", "--event", "--arm"])
def test_option_without_a_column_name_is_misuse(place: Path, option: str) -> None:
    done = _run(place, TABLE, option, "")
    assert done.exit_code == 2
    assert "name of a column" in done.stderr


@pytest.mark.parametrize(
    ("options", "column"),
    [(["--time", "event"], "event"), (["--strata", "arm"], "arm"), (["--arm", "time"], "time")],
)
def test_one_column_for_two_things_is_misuse(place: Path, options: list[str], column: str) -> None:
    done = _run(place, TABLE, *options)
    assert done.exit_code == 2
    assert f"column '{column}' cannot stand for two things" in done.stderr


@pytest.mark.parametrize("name", ["A\x1b[31m", '"A\nB"', "A\x07B"])
def test_control_character_in_a_name_is_a_finding(place: Path, name: str) -> None:
    done = _run(place, TABLE.replace(",A", f",{name}"))
    assert done.exit_code == 1
    found = json.loads(done.stdout)["findings"]
    assert {one["code"] for one in found} == {"control-character"}
    assert len(found) == 4


def test_time_that_cannot_be_squared_is_a_finding(place: Path) -> None:
    done = _run(place, TABLE.replace("14,", "1e300,"))
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert (found["code"], found["found"]) == ("time-too-large", "1e300")


def test_largest_times_have_an_answer_without_noise(place: Path) -> None:
    rows = "".join(f"{n}e98,1,{'AB'[n % 2]}\n" for n in range(1, 17))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = _run(place, "time,event,arm\n" + rows)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["arms"]["A"]["median"] == pytest.approx(9e98)
