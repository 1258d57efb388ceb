"""Passwords: a link that works once, a change, and the deed in the ledger."""

import re

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client
from django.utils.module_loading import import_string

from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.change_account import change_account, deactivate_account
from equipoise.store.deed import OPERATOR
from equipoise.store.models import Account, LedgerLine
from equipoise.store.verify import verify_trial
from equipoise.web import settings as site_settings
from equipoise.web.accounts.password_link import build_password_link
from store.people import by
from web.visitors import PASSWORD

RESET = "/accounts/password/reset/"
NEW = "another heron, later that day"
pytestmark = pytest.mark.usefixtures("site")


def ask_for_link(email: str) -> str:
    """The path in the mail; empty where none was sent."""
    mail.outbox.clear()
    assert Client().post(RESET, {"email": email}).headers["Location"] == RESET + "done/"
    if not mail.outbox:
        return ""
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert found is not None
    return found[1]


def use_link(path: str, password: str = NEW) -> Client:
    """Opens the link and sets the password."""
    client = Client()
    page = client.get(path, follow=True)
    answer = client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})
    assert answer.status_code in {200, 302, 403}
    return client


def may_enter(password: str, *, username: str = "kim") -> bool:
    answer = Client().post("/accounts/login/", {"login": username, "password": password})
    return answer.status_code == 302


def test_a_link_sets_the_password_once_and_stands_in_the_ledger() -> None:
    path = ask_for_link("Kim@Hospital.example")
    use_link(path)
    assert may_enter(NEW)
    assert not may_enter(PASSWORD)
    line = LedgerLine.objects.order_by("-number")[0]
    assert (line.verb, line.actor) == ("set_password", "kim")
    assert NEW not in line.content
    use_link(path, "a third heron on the shore")
    assert may_enter(NEW)
    assert verify_trial().findings == ()


def without_tokens(page: bytes) -> bytes:
    """A page without what differs each time it is drawn: the tokens against forged requests."""
    return re.sub(rb'(name="csrfmiddlewaretoken" value=)"\w+"', rb"\1", page)


def test_whether_an_address_is_known_is_told_to_nobody() -> None:
    known = Client().post(RESET, {"email": "kim@hospital.example"}, follow=True)
    unknown = Client().post(RESET, {"email": "nobody@hospital.example"}, follow=True)
    assert without_tokens(known.content) == without_tokens(unknown.content)
    assert len(mail.outbox) == 1


def test_an_address_that_the_account_had_before_gets_no_link() -> None:
    assert may_enter(PASSWORD)  # allauth notes the address at a log-in
    change_account("kim", name="Kim", email="new@hospital.example", deed=by(OPERATOR))
    assert ask_for_link("kim@hospital.example") == ""
    assert ask_for_link("new@hospital.example") != ""


def test_a_closed_account_gets_no_link_and_an_old_link_no_password() -> None:
    path = ask_for_link("kim@hospital.example")
    deactivate_account("kim", deed=by(OPERATOR))
    assert ask_for_link("kim@hospital.example") == ""
    before = Account.objects.get(username="kim").password
    use_link(path)
    assert Account.objects.get(username="kim").password == before
    assert LedgerLine.objects.order_by("-number")[0].verb == "deactivate_account"


def test_a_forged_link_says_so() -> None:
    answer = Client().get("/accounts/password/reset/key/1-abc-def/", follow=True)
    assert "invalid" in answer.content.decode()


@pytest.mark.parametrize(
    "password", ["short", "kim minjun", "password1234", "kim@hospital.example"]
)
def test_a_weak_password_is_refused_with_a_reason(password: str) -> None:
    client = use_link(ask_for_link("kim@hospital.example"), password)
    assert not may_enter(password)
    assert client.session is not None


def test_a_first_password_is_set_through_a_link_before_there_is_a_role() -> None:
    add_account(Person(username="neu", name="Neu"), deed=by(OPERATOR))
    assert not may_enter("", username="neu")
    use_link(build_password_link(Account.objects.get(username="neu")))
    assert may_enter(NEW, username="neu")


def test_one_changes_ones_own_password_and_other_sessions_end() -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": "kim", "password": PASSWORD})
    told = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", told).status_code == 302
    assert here.get("/accounts/profile/").status_code == 200
    assert there.get("/accounts/profile/").status_code == 302
    assert LedgerLine.objects.order_by("-number")[0].verb == "set_password"


def test_passwords_are_hashed_with_argon2_at_the_cost_that_django_sets() -> None:
    """Tests hash at the least cost (`store/quick_hasher.py`); the site must not."""
    (hasher,) = site_settings.PASSWORD_HASHERS
    assert import_string(hasher) is Argon2PasswordHasher
    assert Account.objects.get(username="kim").password.startswith("argon2$argon2id$")
