"""The site comes up on its own tables only, and changes those of a running trial only when told."""

import pytest
from django.core.management import call_command

from equipoise.store.backup import empty_database
from equipoise.store.embedded import DATABASE, Server
from equipoise.web.schema import (
    SchemaRefusedError,
    State,
    prepare_schema,
    read_state,
    require_schema,
)
from store.people import open_sites
from store.trial_database import close_connections, run_as_superuser


def change(trial: Server, *statements: str) -> None:
    close_connections()
    run_as_superuser(trial, *statements, database=DATABASE)


def step_back() -> None:
    """The trial as a version without the table of sessions left it."""
    call_command("migrate", "sessions", "zero", database="owner", verbosity=0)


def test_migrated_tables_are_ready(trial: Server) -> None:
    assert read_state() is State.READY
    require_schema()
    assert prepare_schema(upgrade=False) is State.READY


def test_an_empty_database_is_made(trial: Server) -> None:
    close_connections()
    empty_database(trial.owner_url)
    with pytest.raises(SchemaRefusedError, match="equipoise serve"):
        require_schema()
    assert prepare_schema(upgrade=False) is State.NEW
    require_schema()


def test_a_making_that_was_interrupted_goes_on(trial: Server) -> None:
    step_back()
    assert prepare_schema(upgrade=False) is State.NEW
    require_schema()


def test_a_trial_of_an_older_version_is_touched_only_when_told(trial: Server) -> None:
    open_sites()
    step_back()
    with pytest.raises(SchemaRefusedError, match=r"Make a backup .* --upgrade"):
        prepare_schema(upgrade=False)
    with pytest.raises(SchemaRefusedError, match="tables are not ready"):
        require_schema()
    assert prepare_schema(upgrade=True) is State.OLD
    require_schema()


def test_a_newer_database_is_refused(trial: Server) -> None:
    change(trial, "INSERT INTO django_migrations (app, name, applied) "
                  "VALUES ('store', '0999_later', now())")  # fmt: skip
    with pytest.raises(SchemaRefusedError, match=r"newer Equipoise \(store.0999_later\)"):
        prepare_schema(upgrade=True)
    with pytest.raises(SchemaRefusedError, match="newer"):
        require_schema()


def test_a_table_that_is_missing_is_refused(trial: Server) -> None:
    change(trial, "DROP TABLE vault")
    with pytest.raises(SchemaRefusedError, match=r"half there\. .* \(missing: vault\)"):
        require_schema()


def test_a_step_that_is_missing_below_another_is_refused(trial: Server) -> None:
    change(trial, "DELETE FROM django_migrations WHERE app = 'store' AND name = '0001_tables'")
    with pytest.raises(SchemaRefusedError, match="half there"):
        prepare_schema(upgrade=True)
