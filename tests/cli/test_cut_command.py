"""`equipoise cut`: a trial folder as of a ledger line, whole or not there, over nothing else."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from polars.testing import assert_frame_equal

from equipoise.capture.folder_read import read_folder
from equipoise.cli.main import main
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.actions.save_form import save_form
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.entry_saving import Saving
from equipoise.store.ledger import read_head, read_lines
from equipoise.store.read_entries import read_frames
from store.entries import ELIGIBLE, changed, completed, draft
from store.people import by, open_sites, screen


@pytest.fixture(autouse=True)
def _own_server(trial: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", trial.application_url)
    open_sites()


@pytest.fixture
def subject() -> str:
    """A subject with one form complete and a draft that makes no sense yet."""
    number = screen()
    completed((number, "dm"), ELIGIBLE[("dm",)])
    draft((number, "vs", "BL"), "weight_kg=71,2 height_cm=170")
    return number


def run(*words: str) -> Result:
    done = CliRunner().invoke(main, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def cut(folder: Path, *words: str, reader: str = "dana") -> Result:
    return run("cut", str(folder), "--reader", reader, *words)


def rows(folder: Path, form: str) -> list[dict[str, str]]:
    table = pl.read_csv(folder / f"{form}.csv", infer_schema=False)
    return [{n: v for n, v in row.items() if v is not None} for row in table.to_dicts()]


def test_a_cut_holds_what_was_typed_and_says_where_it_is_from(subject: str, tmp_path: Path) -> None:
    head = read_head()
    done = cut(tmp_path / "cut")
    assert done.exit_code == 0, done.output
    assert f"2 entries as of ledger line {head.number}, without arms" in done.stdout
    assert head.digest in done.stdout
    note = json.loads((tmp_path / "cut" / "cut.json").read_text())
    assert (note["ledger_line"], note["ledger_head"]) == (head.number, head.digest)
    assert rows(tmp_path / "cut", "dm") == [
        {"subject": subject, "site": "01", "sex": "M", "birth_year": "1961"}
    ]
    assert rows(tmp_path / "cut", "vs")[0]["weight_kg"] == "71,2"  # told where it is read
    assert rows(tmp_path / "cut", "dth") == []
    assert not (tmp_path / "cut" / "allocations.csv").exists()
    assert not (tmp_path / "cut" / "rehearsal.json").exists()
    assert run("ledger", "verify", "--head", note["ledger_head"]).exit_code == 0


def test_who_cut_what_is_a_line_of_the_ledger(subject: str, tmp_path: Path) -> None:
    head = read_head()
    cut(tmp_path / "cut", "--allocations")
    noted = list(read_lines(after=head.number))
    assert [(line.actor, line.verb) for line in noted] == [
        ("dana", "cut"), ("dana", "read_allocations")
    ]  # fmt: skip
    wanted = {"upto": head.number, "head": head.digest, "arms": True}
    assert json.loads(noted[0].content)["note"] == wanted


def test_an_earlier_line_gives_what_stood_then(subject: str, tmp_path: Path) -> None:
    before = read_head().number
    changed((subject, "dm"), "sex=F", seen=1)
    said = json.loads(cut(tmp_path / "then", "--upto", str(before), "--json").stdout)
    assert (said["ledger_line"], said["entries"]) == (before, 2)
    assert rows(tmp_path / "then", "dm")[0]["sex"] == "M"
    cut(tmp_path / "now", "--upto", str(before + 1))
    assert rows(tmp_path / "now", "dm")[0]["sex"] == "F"
    lines = dict(pl.read_csv(tmp_path / "now" / "entry_lines.csv").iter_rows())
    assert lines == {f"{subject}/dm": before + 1, f"{subject}/vs/BL": before}


def test_a_line_that_is_not_there_is_refused(tmp_path: Path) -> None:
    last = read_head().number
    done = cut(tmp_path / "cut", "--upto", str(last + 1))
    assert (done.exit_code, f"lines 1 to {last}" in done.stderr) == (1, True)
    early = cut(tmp_path / "cut", "--upto", "1")
    assert (early.exit_code, "no protocol was in force" in early.stderr) == (1, True)
    assert cut(tmp_path / "cut", "--upto", "0").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_who_may_not_cut_gets_nothing(tmp_path: Path) -> None:
    head = read_head()
    for reader in ("cho", "ada", "mo", "rand", "nobody", "operator"):
        done = cut(tmp_path / "cut", reader=reader)
        assert (done.exit_code, "cut" in done.stderr) == (1, True), reader
    assert read_head() == head
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_left_as_it_is(subject: str, tmp_path: Path) -> None:
    (tmp_path / "dm.csv").write_text("subject\n")
    head = read_head()
    done = cut(tmp_path)
    assert (done.exit_code, "holds something else (dm.csv)" in done.stderr) == (1, True)
    assert (tmp_path / "dm.csv").read_text() == "subject\n"
    assert read_head() == head
    assert cut(tmp_path / "dm.csv").exit_code == 2


def test_an_earlier_cut_is_replaced_unless_somebody_put_something_beside_it(
    subject: str, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"
    cut(folder)
    changed((subject, "dm"), "sex=F", seen=1)
    assert cut(folder).exit_code == 0
    assert rows(folder, "dm")[0]["sex"] == "F"
    assert list(tmp_path.iterdir()) == [folder]  # nothing is left beside it
    (folder / "report-all.html").write_text("a report")
    done = cut(folder)
    assert (done.exit_code, "(report-all.html)" in done.stderr) == (1, True)
    assert (folder / "report-all.html").exists()


def test_a_cut_that_cannot_be_written_leaves_nothing(subject: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = cut(tmp_path / "file" / "cut")
    assert (done.exit_code, "cannot be written" in done.stderr) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_files_changed_after_the_cut_lose_its_ledger_line(subject: str, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    cut(folder)
    whole = json.loads(run("derive", str(folder), "--json").stdout)
    assert whole["stamp"]["ledger_line"] == read_head().number - 1
    assert "data" not in whole["stamp"]
    file = folder / "dm.csv"
    file.write_text(file.read_text().replace(",M,", ",F,"))
    done = run("derive", str(folder), "--json")
    said = json.loads(done.stdout)
    assert "ledger_line" not in said["stamp"]
    assert len(said["stamp"]["data"]) == 64
    assert "cut-changed" in {finding["code"] for finding in said["findings"]}


def test_a_table_saved_again_with_the_same_values_stays_the_cut(
    subject: str, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"
    cut(folder)
    file = folder / "dm.csv"
    file.write_text(file.read_text().replace("\n", "\r\n"), newline="")
    assert "ledger_line" in json.loads(run("derive", str(folder), "--json").stdout)["stamp"]


def test_whatever_people_typed_is_read_back_as_it_is_in_the_tables(
    subject: str, tmp_path: Path
) -> None:
    said = (
        'two words, a comma; "quotes"', "=HYPERLINK(1)", "a line\nand another", "\ttab | bar",
        "007", "N", "-1", "'apostrophe'", "김민준 \N{SNOWMAN}", "@home",
    )  # fmt: skip
    for number, text in enumerate(said, start=1):
        values = {"condition": text, "start_date": "2024", "ongoing": "@unknown"}
        place = EntryPlace(subject=subject, form="mh", key=(str(number),))
        save_form(Saving(place=place, values=values, seen=0), deed=by("cho", minutes=10))
    cut(tmp_path / "cut")
    protocol = shipped_protocol()
    folder = read_folder(tmp_path / "cut", protocol)
    tables = read_frames(protocol)
    for form in protocol.form:
        read, stored = folder.trial.frames[form.form], tables.frames[form.form]
        assert_frame_equal(read, stored)
    kept = set(folder.trial.frames["mh"]["condition"])
    assert {text.strip() for text in said} - {"@home"} <= kept
    told = {finding.code for finding in folder.findings}
    assert {finding.code for finding in tables.findings} <= told
