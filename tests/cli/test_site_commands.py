"""Backup, restore and accounts from the command line, on a trial of one's own server."""

import json
from pathlib import Path

import pytest
from allauth.account.forms import default_token_generator
from click.testing import CliRunner, Result
from django.conf import settings
from django.urls import resolve

from equipoise.cli.main import main
from equipoise.store.embedded import DATABASE, OWNER, Server
from equipoise.store.ledger import read_head
from equipoise.store.models import Account, LedgerLine, ProtocolVersion
from equipoise.store.read_rehearsed import read_rehearsed
from store.people import open_sites
from store.trial_database import close_connections, run_as_superuser

PHRASE = "correct horse battery"
PASSWORD = "a password that is long"


@pytest.fixture(autouse=True)
def _own_server(trial: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", trial.application_url)
    monkeypatch.setenv("EQUIPOISE_OWNER_URL", trial.owner_url)
    monkeypatch.setenv("EQUIPOISE_PASSWORD", PASSWORD)


def run(*words: str, given: str = "") -> Result:
    done = CliRunner().invoke(main, list(words), input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def add(username: str, *words: str) -> Result:
    return run("users", "add", username, "--name", username.title(), *words)


def test_a_backup_is_restored_and_verified(trial: Server, tmp_path: Path) -> None:
    open_sites()
    file = str(tmp_path / "trial.backup")
    made = run("backup", "--encrypt", file, given=f"{PHRASE}\n{PHRASE}\n")
    assert made.exit_code == 0, made.output
    head = read_head()
    assert head.digest in made.stdout
    assert LedgerLine.objects.get(number=head.number).verb == "back_up"
    close_connections()
    run_as_superuser(
        trial, f"DROP DATABASE {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE} OWNER {OWNER}"
    )
    wrong = run("restore", file, given="another pass phrase\n")
    assert (wrong.exit_code, "does not open this backup" in wrong.stderr) == (1, True)
    other = run("restore", file, "--head", "0" * 64)
    assert (other.exit_code, "not with the head" in other.stderr) == (1, True)
    done = run("restore", file, "--head", head.digest, given=f"{PHRASE}\n")
    assert done.exit_code == 0, done.output
    assert f"{head.number} ledger lines" in done.stdout
    assert read_head() == head
    again = run("restore", file, given=f"{PHRASE}\n")
    assert (again.exit_code, "Restore into a new one" in again.stderr) == (1, True)


def test_a_backup_that_its_ledger_belies_is_thrown_away(trial: Server, tmp_path: Path) -> None:
    open_sites()
    run_as_superuser(
        trial, "UPDATE site SET name = 'Elsewhere' WHERE code = '01'", database=DATABASE
    )
    assert run("backup", str(tmp_path / "a")).exit_code == 0
    close_connections()
    run_as_superuser(
        trial, f"DROP DATABASE {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE} OWNER {OWNER}"
    )
    done = run("restore", str(tmp_path / "a"))
    assert done.exit_code == 1
    assert "differs from the ledger in name" in done.stderr
    assert "Nothing was kept" in done.stderr
    assert run("backup", str(tmp_path / "b")).exit_code == 1  # there are no tables


def test_the_phrase_comes_from_a_file_or_the_environment(
    trial: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    words = ("backup", "--encrypt", "--pass-phrase-file", str(tmp_path / "phrase"))
    assert "encrypted" in run(*words, str(tmp_path / "a")).stdout
    monkeypatch.setenv("EQUIPOISE_PASS_PHRASE", "short")
    short = run("backup", "--encrypt", str(tmp_path / "b"))
    assert (short.exit_code, "at least 12" in short.stderr) == (1, True)


def test_a_file_that_is_no_backup_is_told(trial: Server, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("PGDMP")
    done = run("restore", str(tmp_path / "a"))
    assert (done.exit_code, "no backup of Equipoise" in done.stderr) == (1, True)
    assert run("restore", str(tmp_path / "none")).exit_code == 2


def test_a_trial_is_opened_once_with_its_protocol_and_is_no_rehearsal(
    trial: Server, tmp_path: Path
) -> None:
    (tmp_path / "trial.toml").write_text("[trial]\n")
    broken = run("trial", "open", str(tmp_path))
    assert (broken.exit_code, read_head().number) == (1, 0)
    assert "trial.toml" in broken.stderr
    done = run("trial", "open")
    assert done.exit_code == 0, done.output
    version = ProtocolVersion.objects.get()
    assert done.stdout == f"Opened: SABLOR {version.version}, {version.fingerprint}\n"
    assert read_rehearsed() is None
    again = run("trial", "open")
    assert (again.exit_code, "as amendments" in again.stderr) == (1, True)
    assert read_head().number == 1


def test_an_account_is_added_with_its_role(trial: Server) -> None:
    open_sites()
    done = add("jo", "--role", "coordinator", "--site", "01", "--email", "jo@seoul.example")
    assert (done.exit_code, done.stdout) == (0, "jo is coordinator at 01.\n")
    account = Account.objects.get(username="jo")
    assert account.check_password(PASSWORD)
    told = json.loads(run("users", "list", "--json").stdout)
    assert {"username": "jo", "name": "Jo", "active": True, "roles": ["coordinator 01"]} in told
    assert "coordinator 01" in run("users", "list").stdout


def test_an_account_whose_role_is_refused_is_not_added(trial: Server) -> None:
    open_sites()
    lines = LedgerLine.objects.count()
    for words in (("--role", "coordinator"), ("--role", "monitor", "--site", "99")):
        done = add("jo", *words)
        assert done.exit_code == 1
        assert done.stderr
    assert not Account.objects.filter(username="jo").exists()
    assert LedgerLine.objects.count() == lines


@pytest.mark.parametrize("password", ["short", "password12345", "123456789012"])
def test_a_weak_password_is_refused(
    trial: Server, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("EQUIPOISE_PASSWORD", password)
    done = add("jo", "--role", "administrator")
    assert (done.exit_code, "password" in done.stderr) == (1, True)


def test_an_account_without_a_password_cannot_log_in(trial: Server) -> None:
    assert add("jo", "--role", "administrator", "--no-password").exit_code == 0
    assert not Account.objects.get(username="jo").has_usable_password()


def test_a_name_that_is_taken_is_told(trial: Server) -> None:
    add("jo", "--role", "administrator")
    done = add("jo", "--role", "auditor")
    assert (done.exit_code, "choose another name" in done.stderr) == (1, True)


def test_a_reset_log_in_prints_a_link_with_which_its_owner_sets_a_password(
    trial: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUIPOISE_SECRET_KEY", settings.SECRET_KEY)
    add("jo", "--role", "administrator")
    done = run("users", "reset", "jo", "--url", "https://trial.example/")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("https://trial.example/accounts/password/reset/key/")
    path = done.stdout.strip().removeprefix("https://trial.example")
    account = Account.objects.get(username="jo")
    assert not account.has_usable_password()
    assert default_token_generator.check_token(account, resolve(path).kwargs["key"])
    unknown = run("users", "reset", "nobody")
    assert (unknown.exit_code, "there is no account 'nobody'" in unknown.stderr) == (1, True)


def test_another_address_is_written_by_the_operator(trial: Server) -> None:
    add("jo", "--role", "administrator", "--email", "jo@seoul.example")
    add("bo", "--role", "auditor", "--email", "bo@seoul.example")
    done = run("users", "mail", "jo", "jo@busan.example")
    assert (done.exit_code, done.stdout) == (0, "jo has the address jo@busan.example.\n")
    account = Account.objects.get(username="jo")
    assert (account.name, account.email) == ("Jo", "jo@busan.example")
    line = LedgerLine.objects.latest("number")
    assert (line.verb, line.actor) == ("change_account", "operator")
    for words, told in (
        (("jo", "busan"), "'busan' is no address of mail"),
        (("jo", "bo@seoul.example"), "another account has the address"),
        (("nobody", "n@seoul.example"), "there is no account 'nobody'"),
    ):
        refused = run("users", "mail", *words)
        assert (refused.exit_code, told in refused.stderr) == (1, True), words
    assert Account.objects.get(username="jo").email == "jo@busan.example"


def test_a_reset_needs_the_key_of_the_site_that_shall_know_the_link(
    trial: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EQUIPOISE_SECRET_KEY", raising=False)
    add("jo", "--role", "administrator")
    monkeypatch.delenv("EQUIPOISE_SECRET_KEY", raising=False)
    done = run("users", "reset", "jo", "--data", str(tmp_path))
    assert (done.exit_code, "holds no key of a site" in done.stderr) == (1, True)
    assert Account.objects.get(username="jo").has_usable_password()
    assert list(tmp_path.iterdir()) == []
