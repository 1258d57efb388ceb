"""The second factor: on, asked for, used once, saved by recovery codes, off; its trail."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from equipoise.store.models import AccessLine
from store.people import screen
from web.visitors import PASSWORD

LOG_IN, FACTOR = "/accounts/login/", "/accounts/second-factor/"
pytestmark = pytest.mark.usefixtures("site")


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the telephone shows, so many half minutes from now."""
    shown: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
    return shown


def enter() -> Client:
    client = Client()
    answer = client.post(LOG_IN, {"login": "kim", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def switch_on(client: Client) -> tuple[str, list[str]]:
    """The second factor switched on: the secret of the telephone, and the recovery codes."""
    asked = client.get(FACTOR + "totp/activate/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(FACTOR + "totp/activate/")
    assert page.status_code == 200
    found = re.search(r'id="authenticator_secret"[^>]*value="([A-Z2-7]+)"', page.content.decode())
    assert found is not None
    answer = client.post(FACTOR + "totp/activate/", {"code": code_of(found[1])})
    assert answer.status_code == 302, answer.content.decode()
    codes = client.get(answer.headers["Location"]).content.decode()
    return found[1], re.findall(r"\b\d{8}\b", codes)


def events() -> list[str]:
    return list(AccessLine.objects.order_by("pk").values_list("event", flat=True))


def test_the_second_factor_is_asked_for_after_the_password() -> None:
    secret, codes = switch_on(enter())
    assert len(codes) == 10
    client = enter()
    assert client.get("/accounts/profile/").status_code == 302  # not in yet
    wrong = client.post(FACTOR + "authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/accounts/profile/").status_code == 302
    answer = client.post(FACTOR + "authenticate/", {"code": code_of(secret, steps=1)})
    assert answer.status_code == 302
    assert client.get("/accounts/profile/").status_code == 200


def test_a_recovery_code_opens_once() -> None:
    _, codes = switch_on(enter())
    for status in (302, 200):
        client = enter()
        assert client.post(FACTOR + "authenticate/", {"code": codes[0]}).status_code == status


def test_the_secret_is_not_in_clear_in_the_database() -> None:
    secret, codes = switch_on(enter())
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert codes[0] not in kept


def test_the_trail_and_a_mail_tell_of_it() -> None:
    client = enter()
    switch_on(client)
    assert client.post(FACTOR + "totp/deactivate/").status_code == 302
    assert "second_factor_on" in events()
    assert "second_factor_off" in events()
    assert {to for message in mail.outbox for to in message.to} == {"kim@hospital.example"}
    assert enter().get("/accounts/profile/").status_code == 200


def test_what_was_typed_waits_through_the_second_factor() -> None:
    secret, _ = switch_on(enter())
    client, subject = Client(), screen("01")
    answer = client.post("/accounts/role/", {"role": "coordinator@01", "note": subject})
    assert answer.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', answer.content.decode())
    assert kept is not None
    told = {"login": "kim", "password": PASSWORD, "kept": kept[1], "next": "/accounts/resume/"}
    assert client.post(LOG_IN, told).headers["Location"].startswith(FACTOR + "authenticate/")
    done = client.post(FACTOR + "authenticate/", {"code": code_of(secret, steps=1)})
    assert done.headers["Location"] == "/accounts/resume/"
    assert subject in client.get("/accounts/resume/").content.decode()


def test_guessing_the_second_factor_is_limited() -> None:
    switch_on(enter())
    client = enter()
    for _ in range(25):
        answer = client.post(FACTOR + "authenticate/", {"code": "000000"})
    assert "Too many" in answer.content.decode()
    assert client.get("/accounts/profile/").status_code == 302
