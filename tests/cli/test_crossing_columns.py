"""`equipoise curves --switch`: who crossed over in a file, and how long each could be followed."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from equipoise.analysis.crossed_over import undo_crossing_over
from equipoise.analysis.sample import Question
from equipoise.cli.curves import curves
from equipoise.cli.curves_file import Columns, read_curves

ROWS = "time,event,arm,crossed,followed,age\n" + "".join(
    f"{3 + k * 7 % 23},{int(k % 5 < 3)},{'AB'[k % 2]},{2 if k % 4 == 0 else ''},30,{50 + k % 13}\n"
    for k in range(40)
)
COLUMNS = ("--switch", "crossed", "--follow-up", "followed")


def run(place: Path, text: str, *options: str) -> Result:
    """The command on this text."""
    file = place / "two.csv"
    file.write_text(text)
    return CliRunner().invoke(curves, [str(file), *options])


def test_crossing_over_is_undone_as_by_the_method(tmp_path: Path) -> None:
    done = run(tmp_path, ROWS, *COLUMNS, "--method", "rank_preserving", "--json")
    found = json.loads(done.stdout)["methods"]["rank_preserving"]
    columns = Columns(time="time", event="event", arm="arm", switch="crossed", follow_up="followed")
    sample = read_curves(ROWS.encode(), name="x", columns=columns, reference="").sample
    assert sample is not None
    assert sample.switch is not None
    assert sample.follow_up is not None
    assert np.isfinite(sample.switch).sum() == 10
    assert set(sample.follow_up) == {30.0}
    expected = undo_crossing_over(sample, question=Question(name="x", endpoint="x"))
    assert expected.estimate is not None
    assert found["estimate"]["value"] == pytest.approx(expected.estimate.value)


def test_those_who_stay_need_no_follow_up(tmp_path: Path) -> None:
    done = run(tmp_path, ROWS, *COLUMNS[:2], "--covariate", "age", "--method", "weighted_stayers")
    assert done.exit_code == 0, done.output
    assert "those who stay weighed" in done.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "rank_preserving needs who crossed over: see --switch"),
        (COLUMNS[:2], "rank_preserving needs how long each could be followed: see --follow-up"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = run(tmp_path, ROWS, *options, "--method", "rank_preserving")
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("3,1,A,2,30", "3,1,A,soon,30", "not-a-number"),
        ("3,1,A,2,30", "3,1,A,-2,30", "negative-time"),
        ("3,1,A,2,30", "3,1,A,2,", "empty-cell"),
        ("3,1,A,2,30", "3,1,A,2,1", "follow-up-too-short"),
    ],
)
def test_a_wrong_cell_is_told(tmp_path: Path, old: str, new: str, code: str) -> None:
    done = run(tmp_path, ROWS.replace(old, new, 1), *COLUMNS, "--json")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == code
