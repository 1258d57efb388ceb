"""The access log: only ever added to, read by who may, without names that nobody has."""

import psycopg
import pytest
from django.db import Error, connection, transaction

from equipoise.capture.roles import Role
from equipoise.store.access_log import Access, read_access, record_access
from equipoise.store.embedded import APPLICATION, DATABASE, Server
from equipoise.store.models import AccessLine
from store.people import START
from store.trial_database import run_as_superuser
from web.visitors import WHO, log_in

pytestmark = pytest.mark.usefixtures("site")
CHANGES = (
    "UPDATE access_line SET username = 'x'",
    "DELETE FROM access_line",
    "TRUNCATE access_line",
)


def note(username: str = "kim", event: Access = Access.LOG_IN) -> None:
    record_access(event, username=username, address="192.0.2.7", at=START)


@pytest.mark.parametrize("change", CHANGES)
def test_the_application_may_only_add(change: str) -> None:
    note()
    with pytest.raises(Error, match="permission denied"), transaction.atomic():
        connection.cursor().execute(change)
    assert AccessLine.objects.count() == 1


@pytest.mark.parametrize("change", CHANGES)
def test_not_even_the_owner_of_the_table_changes_it(change: str, site: Server) -> None:
    note()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
        run_as_superuser(site, change, database=DATABASE)
    assert AccessLine.objects.get().username == "kim"


def test_the_database_knows_the_same_events() -> None:
    with pytest.raises(Error, match="access_line_event"), transaction.atomic():
        AccessLine.objects.create(at=START, event="knocked", username="", address="")


def test_a_name_that_nobody_has_is_not_kept() -> None:
    note("my secret password")
    assert [line.username for line in read_access()] == [""]


def test_who_may_see_accounts_reads_the_newest_lines_first() -> None:
    note("kim")
    note("ivy", Access.LOCK_OUT)
    client = log_in(WHO[Role.ADMINISTRATOR])
    text = client.get("/accounts/log/").content.decode()
    assert text.index("lock out") < text.index("log in</td>")
    only = client.get("/accounts/log/?username=kim").content.decode()
    assert "lock out" not in only
    assert "192.0.2.7" in only


def test_an_owner_reads_his_own_lines_in_his_profile() -> None:
    note("kim")
    note("ivy", Access.LOCK_OUT)
    text = log_in("kim").get("/accounts/profile/").content.decode()
    assert "192.0.2.7" in text
    assert "lock out" not in text


def test_the_sessions_are_of_the_application(site: Server) -> None:
    assert connection.settings_dict["USER"] == APPLICATION
