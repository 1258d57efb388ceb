"""`equipoise ledger` tells whether the ledger is whole and what it says, never an arm."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from equipoise.cli.main import main
from equipoise.store.actions.randomise import randomise
from equipoise.store.embedded import DATABASE, Server
from equipoise.store.ledger import read_head
from equipoise.store.models import Allocation
from store.contest import eligible_subjects
from store.entries import SEED, STRATA, fix_seed, give_passwords
from store.people import by, open_sites, screen
from store.trial_database import run_as_superuser


@pytest.fixture(autouse=True)
def _own_server(trial: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", trial.application_url)
    monkeypatch.setenv("EQUIPOISE_OWNER_URL", trial.owner_url)
    open_sites()


def run(*words: str) -> Result:
    done = CliRunner().invoke(main, ["ledger", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def test_a_sound_ledger_is_told_with_its_head(trial: Server) -> None:
    head = read_head()
    done = run("verify", "--head", head.digest)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (
        0, f"{head.number} lines, sound. Head {head.digest}",
    )  # fmt: skip
    assert json.loads(run("verify", "--json").stdout) == {
        "lines": head.number, "head": head.digest, "findings": [],
    }  # fmt: skip


def test_a_head_that_no_line_has_is_a_finding(trial: Server) -> None:
    done = run("verify", "--head", "f" * 64)
    assert done.exit_code == 1
    assert "the ledger was cut or written anew" in done.output


def test_a_digest_is_taken_in_capitals_and_never_by_its_start(trial: Server) -> None:
    head = read_head().digest
    assert run("verify", "--head", f" {head.upper()}\n").exit_code == 0
    for start in (head[:12], head + "0", "z" * 64):
        done = run("verify", "--head", start)
        assert (done.exit_code, "64 digits" in done.output) == (2, True)  # no false alarm


def test_a_row_changed_behind_the_ledger_is_a_finding(trial: Server) -> None:
    change = "UPDATE site SET name = 'Busan' WHERE code = '01'"
    run_as_superuser(trial, change, database=DATABASE)
    done = run("verify", "--json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert (found["code"], found["where"]) == ("table-differs", "site 01")
    assert "differs from the ledger in name" in found["message"]


def test_lines_are_shown_from_where_they_are_asked_for(trial: Server) -> None:
    subject = screen()
    last = read_head().number
    shown = run("show", "--from", str(last)).stdout.splitlines()
    assert len(shown) == 1
    assert shown[0].split()[2:] == ["cho", "enrol", subject]
    told = [
        json.loads(line) for line in run("show", "--subject", subject, "--json").stdout.splitlines()
    ]
    assert [(line["number"], line["verb"]) for line in told] == [(last, "enrol")]
    assert told[0]["content"]["answer"] == {"subject": subject}


def test_no_arm_is_shown(trial: Server) -> None:
    give_passwords()
    fix_seed()
    (subject,) = eligible_subjects(1)
    randomise(subject, strata=STRATA, seed=SEED, deed=by("cho", minutes=30))
    arm = Allocation.objects.get().arm
    shown = run("show", "--subject", subject, "--json").stdout
    line = json.loads(shown.splitlines()[-1])
    assert line["verb"] == "randomise"
    assert line["content"]["answer"] == {}
    assert {change["table"] for change in line["content"]["changes"]} == {"form_entry"}
    assert f'"{arm}"' not in shown


def test_a_head_noted_before_is_still_found_once_the_ledger_went_on(trial: Server) -> None:
    noted = read_head().digest
    screen()
    assert read_head().digest != noted
    assert run("verify", "--head", noted).exit_code == 0


def test_every_line_is_shown_once_in_its_order(trial: Server) -> None:
    lines = run("show").stdout.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(1, read_head().number + 1))
    assert not any(line.endswith(" ") for line in lines)
    assert run("show", "--from", "10000").stdout == ""
    assert run("show", "--subject", "09-999").stdout == ""


def test_without_a_trial_nothing_is_verified_and_none_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.chdir(tmp_path)
    for words, folder in (((), "equipoise-data"), (("--data", "other"), "other")):
        done = run("verify", *words)
        assert done.exit_code == 2
        assert f"There is no trial in '{folder}'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_misuse(
    trial: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {alias: dict(values) for alias, values in settings.DATABASES.items()}
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    try:
        done = run("verify")
    finally:
        for alias, values in known.items():
            settings.DATABASES[alias].update(values)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot be reached" in done.stderr
