"""The door: log-in, lock-out, log-out, and what the access log says of them."""

import pytest
from django.test import Client
from django.urls import reverse

from equipoise.store.access_log import Access, record_access
from equipoise.store.models import AccessLine, LedgerLine
from store.people import START
from web.visitors import PASSWORD

LOG_IN = "/accounts/login/"


def try_to_log_in(client: Client, password: str, *, username: str = "kim", **more: str) -> int:
    answer = client.post(LOG_IN, {"login": username, "password": password, **more})
    return answer.status_code


def events() -> list[tuple[str, str]]:
    """What the access log says, oldest first."""
    return list(AccessLine.objects.order_by("pk").values_list("event", "username"))


pytestmark = pytest.mark.usefixtures("site")


def test_the_right_password_leads_where_one_wanted_to_go() -> None:
    client = Client()
    asked = client.get("/accounts/profile/")
    assert asked.headers["Location"] == "/accounts/login/?next=%2Faccounts%2Fprofile%2F"
    answer = client.post(
        LOG_IN, {"login": "kim", "password": PASSWORD, "next": "/accounts/profile/"}
    )
    assert answer.headers["Location"] == "/accounts/profile/"
    assert "Kim Minjun" in client.get("/accounts/profile/").content.decode()
    assert events() == [("log_in", "kim")]


def test_a_wrong_password_and_an_unknown_name_are_told_alike() -> None:
    texts = []
    for username in ("kim", "nobody"):
        answer = Client().post(LOG_IN, {"login": username, "password": "wrong"})
        assert answer.status_code == 200
        texts.append(answer.content.decode().split('role="alert"')[1].split("</div>")[0])
    assert texts[0] == texts[1] != ""
    assert events() == [("failed_log_in", "kim"), ("failed_log_in", "")]


def test_a_log_in_leads_to_no_other_site() -> None:
    where = {"login": "kim", "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post(LOG_IN, where).headers["Location"] == "/"


def test_a_log_in_writes_no_line_of_the_ledger() -> None:
    before = LedgerLine.objects.count()
    client = Client()
    assert try_to_log_in(client, PASSWORD) == 302
    client.post("/accounts/logout/")
    assert LedgerLine.objects.count() == before
    assert events() == [("log_in", "kim"), ("log_out", "kim")]


def test_five_wrong_passwords_lock_the_name_and_the_page_says_until_when() -> None:
    client = Client()
    for _ in range(4):
        assert try_to_log_in(client, "wrong") == 200
    answer = client.post(LOG_IN, {"login": "kim", "password": "wrong"})
    assert answer.status_code == 429
    text = answer.content.decode()
    assert "locked for 15 minutes" in text
    assert "It opens again at" in text
    assert try_to_log_in(client, PASSWORD) == 429
    assert try_to_log_in(client, PASSWORD, username="KIM ") == 429
    assert ("lock_out", "kim") in events()
    assert try_to_log_in(client, "wrong", username="ivy") == 200


def test_a_try_during_the_lock_does_not_lengthen_it() -> None:
    client = Client()
    texts = []
    for _ in range(7):
        answer = client.post(LOG_IN, {"login": "kim", "password": "wrong"})
        if answer.status_code == 429:
            texts.append(answer.content.decode().split("<time")[1].split("</time>")[0])
    assert len(set(texts)) == 1
    assert len(texts) == 3


def test_a_success_forgets_the_failures_before_it() -> None:
    client = Client()
    for _ in range(2):
        for _ in range(4):
            assert try_to_log_in(client, "wrong") == 200
        assert try_to_log_in(client, PASSWORD) == 302
        client.post("/accounts/logout/")


def test_every_event_of_the_program_is_one_of_the_database() -> None:
    for event in Access:
        record_access(event, username="kim", address="192.0.2.1", at=START)
    assert [event for event, _ in events()] == [event.value for event in Access]


def test_nobody_signs_up_by_himself() -> None:
    assert Client().get("/accounts/signup/").status_code == 404
    assert reverse("account_login") == LOG_IN
