"""Single sign-on opens an account that is there, by its verified address, and never makes one."""

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from equipoise.store.models import Account
from equipoise.web.accounts import sign_on
from equipoise.web.accounts.adapter import AccountAdapter, SignOnAdapter
from web.sign_on_urls import PROVIDER
from web.visitors import log_in

# Status of GET and POST for nobody, then for anybody; the house's server does not answer.
PAGES = """
socialaccount_login_cancelled | 200 405 | 200 405
socialaccount_login_error     | 401 405 | 401 405
socialaccount_signup          | 302 302 | 302 302
openid_connect_login          | 200 503 | 200 503
openid_connect_callback       | 401 401 | 401 401
"""
pytestmark = pytest.mark.usefixtures("site")


def come(email: str, *, verified: bool, process: str = "login") -> list[str]:
    """The accounts that this identity of the house was connected to."""
    connected: list[str] = []
    identity: Any = SimpleNamespace(
        is_existing=False,
        state={"process": process},
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


def test_an_identity_is_not_added_to_an_account_by_hand() -> None:
    with pytest.raises(ImmediateHttpResponse) as told:
        come("kim@hospital.example", verified=True, process="connect")
    assert "by its own address only" in told.value.response.content.decode()


def test_the_pages_of_single_sign_on_answer_what_the_table_says() -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in PAGES.strip().splitlines()]
    assert [row[0] for row in rows] == [pattern.name for pattern in sign_on.urlpatterns]
    with override_settings(ROOT_URLCONF="web.sign_on_urls", SOCIALACCOUNT_PROVIDERS=PROVIDER):
        for name, *told in rows:
            place = {"provider_id": "house"} if name.startswith("openid") else {}
            for client, statuses in zip((Client(), log_in("kim")), told, strict=True):
                for method, status in zip(("get", "post"), statuses.split(), strict=True):
                    answer = getattr(client, method)(reverse(name, kwargs=place))
                    assert answer.status_code == int(status), (name, method)


def test_a_house_that_does_not_answer_is_told() -> None:
    with override_settings(ROOT_URLCONF="web.sign_on_urls", SOCIALACCOUNT_PROVIDERS=PROVIDER):
        page = Client().post(reverse("openid_connect_login", kwargs={"provider_id": "house"}))
    assert "Log in with your password" in page.content.decode()
