"""The database fails in the middle of a save, or is away between two: nothing is half saved."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import close_old_connections, connection, connections

from equipoise.store.embedded import APPLICATION, DATABASE, Server
from equipoise.store.ledger import read_head
from equipoise.store.models import FormEntry
from equipoise.store.verify import verify_trial
from store.people import screen
from store.trial_database import run_as_superuser
from web.entry_texts import html, send
from web.visitors import log_in

TYPED = {"consent_date": "2026-03-02", "consent_version": "1.0"}
FAULTS = {  # what the server does when the line of a save is written
    "the disk is full": "RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'",
    "the server is shut down": "PERFORM pg_terminate_backend(pg_backend_pid())",
    "it runs out of memory": "RAISE EXCEPTION 'out of memory' USING ERRCODE = 'out_of_memory'",
}
DROP = "DROP FUNCTION fail_now() CASCADE"


@contextmanager
def failing(server: Server, *, fault: str) -> Iterator[None]:
    """Every line that is written to the ledger meets the fault, until the end."""
    body = f"BEGIN {FAULTS[fault]}; RETURN NEW; END"
    named = "CREATE FUNCTION fail_now() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
    function = f"{named} AS $${body}$$"
    trigger = "CREATE TRIGGER a_fault AFTER INSERT ON ledger_line EXECUTE FUNCTION fail_now()"
    run_as_superuser(server, function, trigger, database=DATABASE)
    try:
        yield
    finally:
        run_as_superuser(server, DROP, database=DATABASE)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_save_that_the_database_breaks_off_is_told_and_may_be_sent_again(
    site: Server, fault: str
) -> None:
    subject = screen("01")
    client = log_in("cho")
    client.raise_request_exception = False
    before = read_head()
    with failing(site, fault=fault):
        answer = send(client, (subject, "icf"), "save_form", TYPED, request_id="r1")
    assert answer.status_code == 500
    assert "Nothing of this request was saved" in html(answer)
    close_old_connections()  # as the next request does
    assert read_head() == before
    assert not FormEntry.objects.filter(form="icf").exists()
    assert send(client, (subject, "icf"), "save_form", TYPED, request_id="r1").status_code == 302
    assert FormEntry.objects.get(form="icf").values == TYPED
    assert verify_trial().findings == ()


def test_a_site_goes_on_after_its_database_was_restarted(site: Server) -> None:
    subject = screen("01")
    client = log_in("cho")
    connection.ensure_connection()
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{APPLICATION}'"
    run_as_superuser(site, end, database=DATABASE)
    close_old_connections()  # as the next request does: it finds the connection dead
    assert connections["default"].settings_dict["CONN_HEALTH_CHECKS"]
    assert send(client, (subject, "icf"), "save_form", TYPED).status_code == 302
    assert FormEntry.objects.get(form="icf").values == TYPED
