"""The site comes up with the right key only, and neither a trial nor a rehearsal as the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import override_settings

from equipoise.randomise.sealed_seed import draw_seed, seal_seed
from equipoise.store.actions.open_trial import open_trial
from equipoise.store.backup import empty_database
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import APPLICATION, DATABASE, OWNER, SUPERUSER, Server
from equipoise.store.ledger import read_head
from equipoise.store.read_rehearsed import Rehearsed, read_rehearsed
from equipoise.store.refusals import RequestReusedError, TakenError
from equipoise.web.addresses import read_database_url
from equipoise.web.opening import (
    OpeningRefusedError,
    main,
    require_closed_ledger,
    require_key,
    require_kind,
    require_two_roles,
)
from store.entries import KEY
from store.people import by, texts
from store.trial_database import close_connections, run_as_superuser

DRAWN = Rehearsed(scenario="S2", seed=20)
LOG_IN = "/accounts/login/"
BANNER = "Demonstration – rehearsed patients, not real"


@pytest.fixture
def rehearsal(trial: Server) -> Iterator[Server]:
    """A trial that was opened as a rehearsal."""
    open_trial(texts(), deed=by(OPERATOR, request_id="open"), rehearsed=DRAWN)
    yield trial
    close_connections()


def test_an_empty_database_may_become_either(trial: Server) -> None:
    assert read_rehearsed() is None
    require_kind(demo=False)
    require_kind(demo=True)


def test_a_trial_is_never_opened_as_a_demonstration(
    site: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    require_kind(demo=False)
    head = read_head()
    with pytest.raises(OpeningRefusedError, match="--demo never opens it"):
        require_kind(demo=True)
    assert main(["--demo"]) == 1
    assert "--demo never opens it" in capsys.readouterr().err
    assert main([]) == 0
    assert read_head() == head


def test_one_line_of_the_ledger_is_enough_to_be_a_trial(trial: Server) -> None:
    """An account is made, no protocol is there yet: nothing rehearsed comes in."""
    add = "INSERT INTO ledger_line SELECT 1, now(), 'operator', '', '', 'add_account', '', NULL, '', '{}', '', repeat('0', 64), repeat('1', 64)"  # noqa: E501
    close_connections()
    run_as_superuser(trial, add, database=DATABASE)
    assert read_head().number == 1
    with pytest.raises(OpeningRefusedError):
        require_kind(demo=True)


def test_a_rehearsal_is_opened_as_a_demonstration_only(
    rehearsal: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_rehearsed() == DRAWN
    require_kind(demo=True)
    with pytest.raises(OpeningRefusedError, match="passwords everybody knows"):
        require_kind(demo=False)
    assert (main(["--demo"]), main([])) == (0, 1)
    assert "Start it with --demo" in capsys.readouterr().err


def test_what_a_trial_is_was_said_once(rehearsal: Server) -> None:
    with pytest.raises(TakenError):
        open_trial(texts(), deed=by(OPERATOR))
    with pytest.raises(RequestReusedError):  # not even by the same request, told otherwise
        open_trial(texts(), deed=by(OPERATOR, request_id="open"))
    assert read_rehearsed() == DRAWN


def test_each_page_says_that_the_patients_are_rehearsed(rehearsal: Server) -> None:
    page = Client().get(LOG_IN).content.decode()
    assert BANNER in page
    assert "Training site" not in page


def test_no_page_of_a_trial_says_that_they_are(site: Server) -> None:
    assert BANNER not in Client().get(LOG_IN).content.decode()


def test_the_key_that_sealed_the_sequence_opens_the_site_and_so_does_none(site: Server) -> None:
    for key in (KEY, ""):
        with override_settings(RANDOMISATION_KEY=key):
            require_key()
            assert main([]) == 0


@pytest.mark.parametrize("key", ["six words that somebody else drew", f"{KEY} ", "short"])
def test_another_key_stops_the_site_and_says_what_to_do(
    site: Server, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with override_settings(RANDOMISATION_KEY=key):
        assert main([]) == 1
    told = capsys.readouterr().err
    assert "not that of this trial" in told
    assert "start without a key" in told
    assert key not in told.split()


def test_a_key_before_the_sequence_is_fixed_is_kept_for_it(trial: Server) -> None:
    with override_settings(RANDOMISATION_KEY="six words for later"):
        require_key()


@pytest.mark.parametrize(
    ("sealed", "words"),
    [
        (seal_seed(draw_seed(bytes(range(1, 65))), key=KEY, chance=bytes(range(28))), "bound to"),
        ("{}", "no sealed seed"),
    ],
    ids=["another seed", "no seal"],
)
def test_a_seal_put_in_its_place_is_found_before_anybody_is_randomised(
    site: Server, sealed: str, words: str
) -> None:
    """Who may write as the owner could exchange the seed for one that he knows."""
    close_connections()
    change = f"UPDATE sealed_seed SET sealed = '{sealed}'"
    run_as_superuser(site, "SET session_replication_role = replica", change, database=DATABASE)
    with override_settings(RANDOMISATION_KEY=KEY), pytest.raises(OpeningRefusedError, match=words):
        require_key()


@contextmanager
def under(server: Server, role: str) -> Iterator[None]:
    """The site under another role of the database."""
    close_connections()
    named = read_database_url(server.url(role))
    with (
        patch.dict(settings.DATABASES["default"], named),
        patch.dict(connections["default"].settings_dict, named),
    ):
        yield
        close_connections()


def test_under_two_roles_the_ledger_is_closed(trial: Server) -> None:
    require_two_roles()
    require_closed_ledger()


@pytest.mark.parametrize("role", [OWNER, SUPERUSER])
def test_a_role_that_could_rewrite_the_ledger_runs_no_site(
    trial: Server, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with under(trial, role):
        with pytest.raises(OpeningRefusedError, match="could rewrite the ledger"):
            require_closed_ledger()
        assert main([]) == 1
        told = capsys.readouterr().err
    assert "Make two roles" in told
    assert "EQUIPOISE_OWNER_URL" in told
    assert main([]) == 0


def test_under_one_role_no_tables_are_made(
    trial: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    close_connections()
    empty_database(trial.owner_url)
    with under(trial, OWNER):
        assert main([]) == 1
        assert connections["default"].introspection.table_names() == []
    assert "Make two roles" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given",
    [
        f"GRANT UPDATE ON ledger_line TO {APPLICATION}",
        f"GRANT UPDATE (content) ON ledger_line TO {APPLICATION}",
        f"GRANT DELETE ON ledger_line TO {APPLICATION}",
        f"GRANT TRUNCATE ON ledger_line TO {APPLICATION}",
        f"ALTER TABLE ledger_line OWNER TO {APPLICATION}",
    ],
)
def test_a_right_too_much_is_found_at_the_start(trial: Server, given: str) -> None:
    close_connections()
    run_as_superuser(trial, given, database=DATABASE)
    with pytest.raises(OpeningRefusedError, match="could rewrite the ledger"):
        require_closed_ledger()
