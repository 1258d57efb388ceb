"""`equipoise curves --second`: another time and event in the same rows."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from equipoise.analysis.illness_death import compare_states
from equipoise.analysis.sample import Question
from equipoise.cli.curves import curves
from equipoise.cli.curves_file import Columns, read_curves

ROWS = """arm,free,progressed,lived,died
A,2,1,5,yes
A,3,1,3,yes
A,6,0,6,no
A,4,1,9,no
B,5,1,8,yes
B,7,0,7,no
B,3,1,9,no
B,8,1,8,yes
"""
COLUMNS = ("--time", "free", "--event", "progressed", "--second", "lived", "died")


def run(place: Path, text: str, *options: str) -> Result:
    """The command on this text."""
    file = place / "two.csv"
    file.write_text(text)
    return CliRunner().invoke(curves, [str(file), *options])


def test_states_of_a_file_are_those_of_the_method(tmp_path: Path) -> None:
    done = run(tmp_path, ROWS, *COLUMNS, "--method", "illness_death", "--at", "4.5", "--json")
    found = json.loads(done.stdout)["methods"]["illness_death"]
    columns = Columns(time="free", event="progressed", arm="arm", second=("lived", "died"))
    sample = read_curves(ROWS.encode(), name="x", columns=columns, reference="").sample
    assert sample is not None
    question = Question(name="x", endpoint="x", at=(4.5,), headline=4.5)
    expected = compare_states(sample, question=question)
    assert expected.estimate is not None
    assert found["estimate"]["value"] == expected.estimate.value
    # A: one dies on the day of progression, two are alive with it at 4.5; B: one is
    shares = [arm["estimates"]["progressed"]["value"] for arm in found["arms"]]
    assert shares == pytest.approx([2 / 4, 1 / 4])
    assert found["second_rows"] == found["rows"]


def test_without_it_the_method_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, ROWS, *COLUMNS[:4], "--method", "kappa")
    assert done.exit_code == 2
    assert "kappa needs a second time: see --second" in done.output


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("5,yes", "5,perhaps", "not-an-event"),
        ("5,yes", "-5,yes", "negative-time"),
        ("5,yes", "five,yes", "not-a-number"),
        ("5,yes", ",yes", "empty-cell"),
    ],
)
def test_a_wrong_cell_of_it_is_told(tmp_path: Path, old: str, new: str, code: str) -> None:
    done = run(tmp_path, ROWS.replace(old, new, 1), *COLUMNS, "--json")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == code
    assert finding["where"].startswith("two.csv, line 2, ")


def test_a_column_is_one_thing_only(tmp_path: Path) -> None:
    done = run(
        tmp_path, ROWS, "--time", "free", "--event", "progressed", "--second", "free", "died"
    )
    assert done.exit_code == 2
    assert "cannot stand for two things" in done.output
