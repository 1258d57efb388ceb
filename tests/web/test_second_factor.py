"""The second factor: on, asked for, used once, saved by recovery codes, off; its trail."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.test.utils import override_settings

from equipoise.store.actions.change_account import unset_password
from equipoise.store.deed import OPERATOR
from equipoise.store.models import AccessLine, Account, LedgerLine
from equipoise.store.refusals import NotAllowedError, UnknownError
from equipoise.store.verify import verify_trial
from equipoise.web.accounts.way_back import reset_log_in
from equipoise.web.settings import read_second_factor
from store.people import by, screen
from web.visitors import PASSWORD

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
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


@pytest.mark.parametrize("which", ["telephone", "recovery code"])
def test_under_another_key_no_code_is_accepted_and_the_way_out_is_named(which: str) -> None:
    """A site restored without its key: the secrets are sealed under the one before."""
    secret, codes = switch_on(enter())
    code = code_of(secret, steps=1) if which == "telephone" else codes[0]
    with override_settings(SECRET_KEY="the key of a site that was restored without its own"):
        client = enter()
        answer = client.post(FACTOR + "authenticate/", {"code": code})
        assert answer.status_code == 200
        assert "Ask who runs the site to reset your log-in" in answer.content.decode()
        assert client.get("/accounts/profile/").status_code == 302


def test_who_lost_telephone_and_codes_comes_back_by_a_link_of_the_operator() -> None:
    inside = Client()
    inside.force_login(Account.objects.get(username="kim"), backend=BACKEND)
    switch_on(inside)
    path = reset_log_in("kim", deed=by(OPERATOR, minutes=5))
    assert not Authenticator.objects.exists()
    assert inside.get("/accounts/profile/").status_code == 302  # who has the telephone is out
    assert Client().post(LOG_IN, {"login": "kim", "password": PASSWORD}).status_code == 200
    line = LedgerLine.objects.order_by("-number")[0]
    assert (line.verb, line.actor, "kim" in line.content) == ("set_password", OPERATOR, True)
    assert events()[-2:] == ["second_factor_off", "failed_log_in"]
    told = {"password1": PASSWORD, "password2": PASSWORD}
    for status in (302, 200):  # the link works once
        client = Client()
        page = client.get(path, follow=True)
        assert client.post(page.request["PATH_INFO"], told).status_code == status
    assert enter().get("/accounts/profile/").status_code == 200
    assert verify_trial().findings == ()


def test_a_reset_without_a_second_factor_notes_none_and_one_of_nobody_is_refused() -> None:
    reset_log_in("kim", deed=by(OPERATOR, minutes=5))
    assert "second_factor_off" not in events()
    with pytest.raises(UnknownError, match="there is no account 'nobody'"):
        reset_log_in("nobody", deed=by(OPERATOR, minutes=6))


@pytest.mark.parametrize("actor", ["kim", "ada"])
def test_only_the_operator_takes_a_password_away(actor: str) -> None:
    with pytest.raises(NotAllowedError):
        unset_password("kim", deed=by(actor, minutes=5))
    assert enter().get("/accounts/profile/").status_code == 200


REQUIRED = override_settings(SECOND_FACTOR="required")
TOLD = "This site asks everybody for a second factor"


@REQUIRED
@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/work/",
        "/subjects/",
        "/queries/",
        "/accounts/profile/",
        "/accounts/resume/",
        "/ledger/",
    ],
)
def test_where_it_is_required_every_page_sends_to_the_set_up(page: str) -> None:
    answer = enter().get(page)
    assert (answer.status_code, answer.headers["Location"]) == (302, FACTOR + "totp/activate/")


@REQUIRED
def test_who_has_set_it_up_goes_on_and_who_takes_it_off_does_not() -> None:
    client = enter()
    assert TOLD in client.get("/", follow=True).content.decode()
    switch_on(client)
    assert client.get("/work/").status_code == 200
    assert client.post(FACTOR + "totp/deactivate/").status_code == 302
    assert client.get("/work/").status_code == 302


@REQUIRED
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_what_is_sent_without_it_is_not_done_and_not_lost(headers: dict[str, str]) -> None:
    told = {"role": "coordinator@01", "note": "typed before"}
    answer = enter().post("/accounts/role/", told, headers=headers)
    assert answer.status_code == 403
    assert TOLD in answer.content.decode()
    assert headers or "typed before" in answer.content.decode()


@REQUIRED
def test_the_door_stays_open_to_who_has_none() -> None:
    client = enter()
    assert client.get("/accounts/password/change/").status_code == 200
    assert client.get(FACTOR).status_code in {200, 302}
    assert client.post("/accounts/logout/").status_code == 302
    assert Client().get("/health").status_code == 200


def test_it_is_optional_until_it_is_required() -> None:
    name = "EQUIPOISE_SECOND_FACTOR"
    said = ("required", "optional", "")
    assert [read_second_factor({name: s}) for s in said] == ["required", "optional", "optional"]
    assert read_second_factor({}) == "optional"
    with pytest.raises(ValueError, match="'required' or 'optional', not 'yes'"):
        read_second_factor({name: "yes"})
