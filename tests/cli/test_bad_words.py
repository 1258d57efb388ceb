"""Every command given what it cannot use: a sentence and the right exit code, never a traceback."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from equipoise.capture.folder_read import read_folder
from equipoise.cli.main import main
from equipoise.protocol.parse import shipped_protocol
from protocol.trial_texts import reference_texts


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(name="own_protocol")
def _own_protocol(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "forms").mkdir(parents=True)
    for name, text in reference_texts().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


# the words after the program's name; DATA stands for a rehearsed trial | words of the answer
MISUSED = [
    (["derive"], "Missing argument"),
    (["analyse"], "Missing argument"),
    (["report"], "Missing argument"),
    (["rehearse"], "Missing argument"),
    (["curves"], "Missing argument"),
    (["protocol", "draft"], "Missing argument"),
    (["protocol", "mend"], "No such command"),
    (["cure"], "No such command"),
    (["derive", "DATA", "--endpoint", "qol"], "There is no endpoint 'qol'"),
    (["derive", "DATA", "--colour"], "No such option"),
    (["analyse", "DATA", "--seed", "many"], "not a valid integer"),
    (["analyse", "DATA", "--cut", "dc1"], "DC1, DC2"),
    (["report", "DATA", "--protocol", "no_such"], "no shipped protocol"),
    (["rehearse", "OUT", "--scenario", ""], "no scenario ''"),
    (["rehearse", "OUT", "--format", "xlsx"], "'xlsx' is not one of"),
    (["demo", "--output", "OUT", "--scenario", "best"], "no scenario 'best'"),
    (["protocol", "check", "no/such/folder"], "There is no folder"),
    (["protocol", "draft", "no_such_file.txt"], "does not exist"),
    (["curves", "no_such_file.csv"], "cannot be read"),
]


@pytest.mark.parametrize(("words", "answer"), MISUSED)
def test_a_misused_command_says_so_and_ends_with_2(
    words: list[str], answer: str, rehearsed: Path, tmp_path: Path
) -> None:
    places = {"DATA": str(rehearsed), "OUT": str(tmp_path / "out")}

    code, said, told = _run(*(places.get(word, word) for word in words))

    assert code == 2
    assert answer in told
    assert said == "", said
    assert not (tmp_path / "out" / "rand.csv").exists()


@pytest.mark.parametrize("command", ["derive", "analyse", "report", "rehearse", "demo"])
def test_a_protocol_with_problems_stops_every_command_with_all_of_them(
    command: str, own_protocol: Path, tmp_path: Path
) -> None:
    trial = (own_protocol / "trial.toml").read_text(encoding="utf-8")
    (own_protocol / "trial.toml").write_text(
        trial.replace("omd__n_organs", "omd__organs").replace('phase = "3"', "phase = 3"),
        encoding="utf-8",
    )
    place = ["--output", str(tmp_path / "out")] if command == "demo" else [str(tmp_path / "out")]

    code, said, told = _run(command, *place, "--protocol", str(own_protocol))

    assert (code, said) == (1, "")
    assert "criterion[I2].met_when" in told
    assert "identity.phase" in told


def test_a_protocol_of_ones_own_is_given_by_its_folder(own_protocol: Path, tmp_path: Path) -> None:
    trial = (own_protocol / "trial.toml").read_text(encoding="utf-8")
    smaller = trial.replace("planned_subjects = 88\n", "planned_subjects = 24\n", 1)
    (own_protocol / "trial.toml").write_text(smaller, encoding="utf-8")
    place = str(tmp_path / "data")

    code, said, _ = _run("protocol", "check", str(own_protocol), "--json")
    assert (code, json.loads(said)["problems"]) == (0, [])
    fingerprint = json.loads(said)["fingerprint"]

    code, said, _ = _run("rehearse", place, "--protocol", str(own_protocol), "--json")
    assert code == 0
    assert json.loads(said)["entries"]["rand"] == 24
    assert json.loads(said)["fingerprint"] == fingerprint

    code, said, _ = _run("analyse", place, "--protocol", str(own_protocol), "--json")
    assert code == 0
    assert json.loads(said)["stamp"]["fingerprint"] == fingerprint


def test_a_trial_written_as_parquet_is_the_trial_written_as_csv(
    rehearsed: Path, tmp_path: Path
) -> None:
    place = tmp_path / "parquet"

    code, _, _ = _run("rehearse", str(place), "--seed", "7", "--format", "parquet")

    protocol = shipped_protocol()
    ours, theirs = read_folder(place, protocol), read_folder(rehearsed, protocol)
    assert code == 0
    assert not list(place.glob("*.csv"))
    assert len(list(place.glob("*.parquet"))) == len(list(rehearsed.glob("*.csv")))
    assert ours.findings == ()
    for name, frame in theirs.trial.frames.items():
        assert ours.trial.frames[name].height == frame.height
    assert ours.trial.allocations.height == 88


def test_derive_prints_the_same_subjects_days_and_causes_as_its_json(rehearsed: Path) -> None:
    words = ["derive", str(rehearsed), "--endpoint", "ttnt", "--cut", "DC2"]
    lines = _run(*words)[1].splitlines()
    rows = json.loads(_run(*words, "--json")[1])["times"]

    assert len(lines) == len(rows) == 88
    causes = ("censored", "event", "competing")
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row["row"])
        assert row["end_date"] in line
        assert f"{row['days']} d  {causes[row['cause']]}" in line
        assert line.endswith(row["words"])


def test_analyse_prints_the_same_numbers_as_its_json(rehearsed: Path) -> None:
    words = ["analyse", str(rehearsed), "--cut", "DC2"]
    lines = {line.split()[0]: line for line in _run(*words)[1].splitlines()}
    results = json.loads(_run(*words, "--json")[1])["results"]

    assert set(lines) == set(results)
    for name, result in results.items():
        for arm in result["arms"]:
            assert f"{arm['arm']} {arm['events']}/{arm['n']}" in lines[name]
        if result["p"] is not None:
            assert f"p = {result['p']:.4g}" in lines[name]
        if (result["estimate"] or {}).get("value") is not None:
            assert f"{result['estimate']['value']:.3f}" in lines[name]


def test_a_report_as_json_tells_the_findings_too(rehearsed: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for file in rehearsed.glob("*.csv"):
        (data / file.name).write_bytes(file.read_bytes())
    deaths = (data / "dth.csv").read_text(encoding="utf-8")
    named = {"subject": "01-999", "death_date": "2026-13-45", "cause": "rcc"}
    row = ",".join(named.get(item, "") for item in deaths.splitlines()[0].split(","))
    dirty = f"{deaths}{row}\n"
    (data / "dth.csv").write_text(dirty, encoding="utf-8")

    code, said, _ = _run("report", str(data), "--json")

    values = json.loads(said)
    assert code == 1
    assert Path(values["report"]).is_file()
    assert "impossible-date" in {finding["code"] for finding in values["findings"]}


@pytest.mark.parametrize("command", ["rehearse", "report", "demo"])
def test_a_place_that_cannot_be_written_is_misuse(
    command: str, rehearsed: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    place = str(tmp_path / "file" / "below")
    words = {
        "rehearse": ["rehearse", place],
        "report": ["report", str(rehearsed), "--output", place],
        "demo": ["demo", "--output", place],
    }

    code, _, told = _run(*words[command])

    assert code == 2
    assert "cannot be written" in told
