"""Machines learn whether the site is well, and strangers learn nothing."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from equipoise.store.embedded import Server
from store.people import open_sites, screen

FROM_AFAR = "203.0.113.7"


def test_a_site_that_reads_its_ledger_is_well(trial: Server) -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_site_without_its_database_says_so(
    trial: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "no database"})
    assert "equipoise_database_up 0" in Client().get("/metrics").content.decode()


def test_only_reading_is_answered(trial: Server) -> None:
    assert Client().post("/health").status_code == 405


def test_figures_tell_of_no_person(trial: Server) -> None:
    open_sites()
    subject = screen()
    text = Client().get("/metrics").content.decode()
    assert "equipoise_database_up 1" in text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    assert int(lines["equipoise_ledger_lines"]) > 20
    assert float(lines["equipoise_database_bytes"]) > 1_000_000
    assert not any(word in text for word in (subject, "Seoul", "ivy", "cho", "arm"))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_who_comes_through_a_proxy_sees_no_figures(trial: Server, header: str) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", headers={header: "203.0.113.7"}).status_code == 404


def test_who_comes_from_afar_sees_no_figures(trial: Server) -> None:
    assert Client(REMOTE_ADDR=FROM_AFAR).get("/metrics").status_code == 404


def test_behind_tls_only_the_token_counts(trial: Server) -> None:
    with override_settings(BEHIND_TLS=True):
        assert Client().get("/metrics").status_code == 404
    with override_settings(BEHIND_TLS=True, METRICS_TOKEN="a long token"):
        for given, status in (("Bearer a long token", 200), ("Bearer b", 404), ("", 404)):
            asked = Client(REMOTE_ADDR=FROM_AFAR).get("/metrics", headers={"Authorization": given})
            assert asked.status_code == status
    assert settings.METRICS_TOKEN == ""
