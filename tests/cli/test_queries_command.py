"""`equipoise queries ask`: the program asks by itself what the data leave open."""

import json

import pytest
from click.testing import CliRunner, Result

from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.roles import Verb
from equipoise.cli.main import main
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.freeze import freeze_entries
from equipoise.store.deed import PROGRAM
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_head, read_lines
from equipoise.store.models import Deviation, Query
from equipoise.store.permission import require_role
from equipoise.store.refusals import NotAllowedError
from equipoise.store.verify import verify_trial
from store.entries import completed, saving
from store.people import by, open_sites, screen
from web.golden_site import fill_site

LOST = Confirmation(code="required-missing", item="consent_date", found="", comment="form is lost")


@pytest.fixture(autouse=True)
def subject(trial: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A subject with a consent form and no demographics: nobody knows who consented."""
    monkeypatch.setenv("DATABASE_URL", trial.application_url)
    monkeypatch.setenv("EQUIPOISE_OWNER_URL", trial.owner_url)
    open_sites()
    number = screen()
    typed = saving((number, "icf"), "consent_version=1.0", confirmations=(LOST,))
    complete_form(typed, deed=by("cho", minutes=6))
    return number


def ask(*words: str) -> Result:
    done = CliRunner().invoke(main, ["queries", "ask", *words])
    assert done.exit_code == 0, done.output
    return done


def test_the_program_asks_once_and_closes_what_is_mended(subject: str) -> None:
    asked = json.loads(ask("--json").stdout)
    assert asked.pop("deviations") == {"recorded": 0, "changed": 0, "gone": 0}
    assert asked == {"opened": Query.objects.count(), "reopened": 0, "closed": 0}
    assert asked["opened"] > 0
    line = list(read_lines())[-1]
    assert (line.actor, line.role, line.verb, line.site) == (PROGRAM, "", "open_query", "01")
    head = read_head()
    none = "Deviations: 0 recorded, 0 changed, 0 gone.\n"
    assert ask().stdout == f"0 opened, 0 reopened, 0 closed.\n{none}"
    assert read_head() == head
    completed((subject, "dm"), "site=01 sex=M birth_year=1961", minutes=40)
    assert ask().stdout == f"0 opened, 0 reopened, {asked['opened']} closed.\n{none}"
    assert verify_trial().findings == ()


def test_what_would_be_asked_is_told_and_not_asked() -> None:
    head = read_head()
    told = ask("--show").stdout
    assert "would be opened, 0 would be reopened, 0 would be closed." in told
    assert (Query.objects.count(), read_head()) == (0, head)


def test_the_nightly_run_records_what_left_the_protocol_once() -> None:
    fill_site("01-005")  # of the control arm, and irradiated
    assert json.loads(ask("--show", "--json").stdout)["deviations"]["recorded"] > 0
    assert not Deviation.objects.exists()
    noted = json.loads(ask("--json").stdout)["deviations"]
    assert noted == {"recorded": Deviation.objects.count(), "changed": 0, "gone": 0}
    assert Deviation.objects.filter(code="arm:rt_fx", severity="important").count() == 1
    line = list(read_lines())[-1]
    assert (line.actor, line.role, line.verb) == (PROGRAM, "", "record_deviation")
    assert json.loads(ask("--json").stdout)["deviations"]["recorded"] == 0


def test_the_program_may_do_nothing_else_by_itself(subject: str) -> None:
    for verb in set(Verb) - {Verb.OPEN_QUERY, Verb.RECORD_DEVIATION}:
        with pytest.raises(NotAllowedError):
            require_role(PROGRAM, verb=verb, site="01", form=None)
    place = EntryPlace(subject=subject, form="icf")
    with pytest.raises(NotAllowedError):
        freeze_entries([place], deed=by(PROGRAM, minutes=20))
