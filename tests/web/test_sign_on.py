"""Single sign-on opens an account that is there, by its verified address, and never makes one."""

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from django.test import RequestFactory

from equipoise.store.models import Account
from equipoise.web.accounts.adapter import AccountAdapter, SignOnAdapter

pytestmark = pytest.mark.usefixtures("site")


def come(email: str, *, verified: bool) -> list[str]:
    """The accounts that this identity of the house was connected to."""
    connected: list[str] = []
    identity: Any = SimpleNamespace(
        is_existing=False,
        email_addresses=[SimpleNamespace(email=email, verified=verified)],
        connect=lambda _request, account: connected.append(account.username),
    )
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]
    SignOnAdapter().pre_social_login(request, identity)
    return connected


def test_a_verified_address_opens_its_account() -> None:
    assert come("kim@hospital.example", verified=True) == ["kim"]


@pytest.mark.parametrize(
    ("email", "verified"),
    [("kim@hospital.example", False), ("nobody@hospital.example", True), ("", True)],
)
def test_any_other_address_is_told_to_ask_the_administrator(email: str, verified: bool) -> None:
    with pytest.raises(ImmediateHttpResponse) as told:
        come(email, verified=verified)
    assert told.value.response.status_code == 403
    assert "ask the administrator" in told.value.response.content.decode()


def test_a_closed_account_is_not_opened() -> None:
    Account.objects.filter(username="kim").update(is_active=False)
    with pytest.raises(ImmediateHttpResponse):
        come("kim@hospital.example", verified=True)


def test_nobody_signs_up_through_the_house() -> None:
    request = RequestFactory().get("/")
    assert AccountAdapter().is_open_for_signup(request) is False
    identity: Any = None
    assert SignOnAdapter().is_open_for_signup(request, identity) is False
