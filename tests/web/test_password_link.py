"""The link with which an account sets its password: for whom, how long, and what ends it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from django.test import Client
from django.urls import Resolver404, resolve

from equipoise.store.actions.change_account import change_account
from equipoise.store.deed import OPERATOR
from equipoise.store.models import Account
from equipoise.web.accounts.password_link import build_password_link
from store.people import by
from web.visitors import log_in

pytestmark = pytest.mark.usefixtures("site")


def kim() -> Account:
    return Account.objects.get(username="kim")


def key_of(path: str) -> str:
    """The key of a link, as the page of the door reads it."""
    return str(resolve(path).kwargs["key"])


def opens(path: str, account: Account) -> bool:
    """Whether the link is good for the account as it stands now."""
    return bool(default_token_generator.check_token(account, key_of(path)))


def test_a_link_is_good_for_the_account_it_was_made_for_and_for_no_other() -> None:
    path = build_password_link(kim())
    assert opens(path, kim())
    assert not opens(path, Account.objects.get(username="cho"))
    assert path.startswith("/accounts/password/reset/key/")
    assert "kim" not in path
    assert "hospital.example" not in path


def change_name() -> None:
    change_account("kim", name="Kim M.", email=kim().email, deed=by(OPERATOR, minutes=5))


def change_address() -> None:
    other = "k@other.example"
    change_account("kim", name=kim().name, email=other, deed=by(OPERATOR, minutes=5))


def change_password() -> None:
    account = kim()
    account.set_password("another heron, later")
    account.save()


def log_in_elsewhere() -> None:
    log_in("kim").get("/")


@pytest.mark.parametrize(
    ("happens", "is_good"),
    [
        (change_name, True),
        (log_in_elsewhere, True),
        (change_address, False),
        (change_password, False),
    ],
)
def test_a_link_ends_with_the_password_or_the_address(
    happens: Callable[[], None], is_good: bool
) -> None:
    path = build_password_link(kim())
    happens()
    assert opens(path, kim()) == is_good
    assert opens(build_password_link(kim()), kim())


@pytest.mark.parametrize(("days", "is_good"), [(0, True), (2.99, True), (3.01, False)])
def test_a_link_lives_three_days(
    monkeypatch: pytest.MonkeyPatch, days: float, is_good: bool
) -> None:
    path = build_password_link(kim())
    later = datetime.now() + timedelta(days=days)  # noqa: DTZ005 - the clock of the tokens is naive
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)
    assert opens(path, kim()) == is_good


def bend(path: str, place: int) -> str:
    signs: list[Any] = list(path)
    signs[place] = "a" if signs[place] != "a" else "b"
    return "".join(signs)


@pytest.mark.parametrize("place", [-2, -10, -20, -30])
def test_a_link_with_another_sign_opens_nothing(place: int) -> None:
    path = bend(build_password_link(kim()), place)
    page = Client().get(path, follow=True).content.decode()
    assert 'name="password1"' not in page
    assert (
        'name="password1"' in Client().get(build_password_link(kim()), follow=True).content.decode()
    )


def test_half_a_link_has_no_page() -> None:
    path = build_password_link(kim())
    with pytest.raises(Resolver404):
        resolve(path.split("-")[0])
