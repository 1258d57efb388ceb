"""Where a request came from: a header is believed from the site's own proxies only."""

import pytest
from django.test import Client, RequestFactory
from django.test.utils import override_settings

from equipoise.store.embedded import Server
from equipoise.store.models import AccessLine
from equipoise.web.addresses import read_count
from equipoise.web.shell.client_address import client_address
from web.visitors import PASSWORD

LOG_IN = "/accounts/login/"
PROXY = "127.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (0, "192.0.2.7", PROXY),  # forged: nothing stands in front of the site
        (0, None, PROXY),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "203.0.113.9, 192.0.2.7", "192.0.2.7"),  # the first was written by the caller
        (1, "203.0.113.9,nonsense", PROXY),
        (1, "203.0.113.9,", PROXY),
        (1, "2001:DB8::7", "2001:db8::7"),
        (1, None, PROXY),  # asked on the machine itself
        (2, "203.0.113.9, 192.0.2.7, 10.0.0.1", "192.0.2.7"),
        (2, "192.0.2.7", PROXY),  # came past the outer proxy
    ],
)
def test_the_entry_of_the_outermost_own_proxy_is_believed(
    proxies: int, said: str | None, address: str
) -> None:
    headers = {} if said is None else {"X-Forwarded-For": said}
    request = RequestFactory().get("/", headers=headers)
    with override_settings(PROXIES=proxies):
        assert client_address(request) == address


def try_from(address: str, password: str = "wrong", *, username: str = "kim") -> int:
    told = {"login": username, "password": password}
    return Client().post(LOG_IN, told, headers={"X-Forwarded-For": address}).status_code


def addresses() -> set[str]:
    """What the access log tells of where people came from."""
    return set(AccessLine.objects.values_list("address", flat=True))


@override_settings(PROXIES=1)
def test_wrong_passwords_behind_a_proxy_lock_out_who_typed_them_alone(site: Server) -> None:
    assert [try_from("203.0.113.9") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert try_from("203.0.113.9", PASSWORD) == 429
    assert try_from("1.2.3.4, 203.0.113.9", PASSWORD) == 429  # a written entry is no way round
    assert try_from("192.0.2.7", PASSWORD) == 302
    assert addresses() == {"203.0.113.9", "192.0.2.7"}


def test_a_forged_header_is_no_way_round_the_lock(site: Server) -> None:
    assert [try_from(f"192.0.2.{n}") for n in range(5)] == [200, 200, 200, 200, 429]
    assert try_from("192.0.2.99", PASSWORD) == 429
    assert addresses() == {PROXY}


@pytest.mark.parametrize(("proxies", "last"), [(1, 302), (0, 429)])
def test_tries_are_limited_by_the_address_that_is_believed(
    site: Server, proxies: int, last: int
) -> None:
    """Sixty a minute from one address; another person behind the same proxy still comes in."""
    with override_settings(PROXIES=proxies, ACCOUNT_RATE_LIMITS={"login": "2/m/ip"}):
        for _ in range(2):
            try_from("203.0.113.9", username="nobody")
        assert try_from("192.0.2.7", PASSWORD) == last


def test_the_number_of_proxies_is_a_number() -> None:
    name = "EQUIPOISE_PROXIES"
    assert [read_count({name: said}, name) for said in ("1", "2", "0", "")] == [1, 2, 0, 0]
    assert read_count({}, name) == 0
    for wrong in ("yes", "-1", "1.5"):
        with pytest.raises(ValueError, match="EQUIPOISE_PROXIES is a number such as 1"):
            read_count({name: wrong}, name)
