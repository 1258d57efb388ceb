"""A session that ends loses nothing typed, and gives nothing typed to anybody else."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.test.utils import override_settings

from equipoise.store.models import AccessLine, Account
from equipoise.web.shell import session_end
from equipoise.web.shell.kept import Kept, open_kept, seal_kept
from store.people import screen
from web import try_pages
from web.visitors import PASSWORD, log_in

LOG_IN = "/accounts/login/"
TYPED = {
    "nota": 'He said: "<b>5 mm</b>" & left\r\nsecond line  ',
    "weight_kg": "71.2",
    "sites": ["liver", "lung"],
    "empty": "",
    "한글": "환자는 괜찮다",
}
pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(autouse=True)
def _pages() -> Iterator[None]:
    try_pages.SENT.clear()
    with override_settings(ROOT_URLCONF="web.try_pages"):
        yield


@pytest.fixture(name="later")
def _later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of sessions: minutes that a test adds."""
    minutes = [0.0]
    before = session_end.now
    monkeypatch.setattr(session_end, "now", lambda: before() + 60 * minutes[0])
    return minutes


def hidden_fields(answer: Any) -> dict[str, list[str]]:
    """The hidden fields of what is on a page below its frame, as a browser would send them."""
    text = answer.content.decode().split("<main", 1)[-1]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    for name, value in re.findall(
        r'<textarea name="([^"]*)" hidden>\n(.*?)</textarea>', text, re.DOTALL
    ):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found


def come_back(client: Client, answer: Any, *, username: str = "kim") -> Any:
    """Logs in on the page that was answered, and opens where it leads."""
    carried = {name: values[0] for name, values in hidden_fields(answer).items()}
    again = client.post(LOG_IN, {"login": username, "password": PASSWORD, **carried})
    assert again.status_code == 302, again.content.decode()
    return client.get(again.headers["Location"])


def work_until_the_session_ends(later: list[float]) -> tuple[Client, str, Any]:
    """Kim types into a form for longer than a session lives, and sends it."""
    subject = screen("01")
    client = log_in("kim")
    assert client.get(f"/note/{subject}/").status_code == 200
    later[0] = 31
    return client, subject, client.post(f"/note/{subject}/?from=grid", TYPED)


def test_what_was_typed_is_carried_through_the_log_in_and_sent_again(later: list[float]) -> None:
    client, subject, answer = work_until_the_session_ends(later)
    assert answer.status_code == 401
    assert "Nothing you typed is lost" in answer.content.decode()
    assert try_pages.SENT == []
    shown = come_back(client, answer)
    fields = hidden_fields(shown)
    assert f'action="/note/{subject}/?from=grid"' in shown.content.decode()
    assert client.post(f"/note/{subject}/?from=grid", fields).status_code == 302
    [(who, sent)] = try_pages.SENT
    assert who == "kim"
    assert sent == {n: v if isinstance(v, list) else [v] for n, v in TYPED.items()}


def test_what_was_sent_does_not_wait_any_longer(later: list[float]) -> None:
    client, subject, answer = work_until_the_session_ends(later)
    fields = hidden_fields(come_back(client, answer))
    client.post(f"/note/{subject}/?from=grid", fields)
    assert client.get("/accounts/resume/").headers["Location"] == "/"


def test_a_wrong_password_and_a_lock_out_carry_it_on(later: list[float]) -> None:
    client, _, answer = work_until_the_session_ends(later)
    kept = hidden_fields(answer)["kept"]
    for status in (200, 200, 200, 200, 429):
        carried = {name: values[0] for name, values in hidden_fields(answer).items()}
        answer = client.post(LOG_IN, {"login": "kim", "password": "wrong", **carried})
        assert answer.status_code == status
        assert hidden_fields(answer)["kept"] == kept


def test_another_person_does_not_see_what_was_typed(later: list[float]) -> None:
    client, _, answer = work_until_the_session_ends(later)
    other = Account.objects.get(username="cho")
    other.set_password(PASSWORD)
    Account.objects.filter(pk=other.pk).update(password=other.password)
    shown = come_back(client, answer, username="cho")
    assert shown.status_code == 403
    assert "71.2" not in shown.content.decode()
    assert client.get("/accounts/resume/").status_code == 302
    assert try_pages.SENT == []


def test_a_forged_parcel_is_not_carried(later: list[float]) -> None:
    client, _, answer = work_until_the_session_ends(later)
    forged = hidden_fields(answer)["kept"][0][:-2] + "xx"
    assert open_kept(forged) is None
    told = {"login": "kim", "password": PASSWORD, "kept": forged, "next": "/accounts/resume/"}
    again = client.post(LOG_IN, told)
    assert client.get(again.headers["Location"]).headers["Location"] == "/"


def test_a_parcel_comes_out_as_it_was_put_in() -> None:
    kept = Kept(path="/note/1/?a=b", fields=(("a", "1"), ("a", "2"), ("b", "")), owner="kim")
    assert open_kept(seal_kept(kept)) == kept


def test_passwords_and_tokens_are_never_carried(later: list[float]) -> None:
    subject, client = screen("01"), log_in("kim")
    client.get("/")
    later[0] = 31
    secret = {"password_again": PASSWORD, "password": PASSWORD, "oldpassword": PASSWORD}
    answer = client.post(f"/note/{subject}/", {**secret, "csrfmiddlewaretoken": "x", "a": "1"})
    kept = open_kept(hidden_fields(answer)["kept"][0])
    assert kept is not None
    assert kept.fields == (("a", "1"),)


def test_nothing_is_kept_on_the_server_for_nobody() -> None:
    before = Session.objects.count()
    answer = Client().post("/note/01-0001/", {"a": "x" * 100_000})
    assert answer.status_code == 401
    assert Session.objects.count() == before


def test_a_request_in_time_keeps_the_session_alive(later: list[float]) -> None:
    client = log_in("kim")
    for minutes in (0, 29, 58, 87):
        later[0] = minutes
        assert client.get("/").status_code == 200
    later[0] = 118
    answer = client.get("/", follow=True)
    assert "The session of kim ended after 30 minutes" in answer.content.decode()
    assert list(AccessLine.objects.values_list("event", "username")) == [("session_end", "kim")]


def test_an_ended_session_prefills_the_name_and_a_log_in_forgets_it(later: list[float]) -> None:
    client, _, answer = work_until_the_session_ends(later)
    assert 'value="kim"' in answer.content.decode()
    come_back(client, answer)
    assert session_end.ENDED not in client.session


def test_htmx_gets_a_notice_and_the_page_stays(later: list[float]) -> None:
    subject, client = screen("01"), log_in("kim")
    client.get("/")
    later[0] = 31
    answer = client.post(f"/note/{subject}/", {"a": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#notices"
    text = answer.content.decode()
    assert 'target="_blank"' in text
    assert "<html" not in text


def test_a_log_in_in_another_window_sends_what_waits_in_this_one(later: list[float]) -> None:
    client, _, answer = work_until_the_session_ends(later)
    client.force_login(
        Account.objects.get(username="kim"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    carried = {name: values[0] for name, values in hidden_fields(answer).items()}
    again = client.post(LOG_IN, {"login": "", "password": "", **carried})
    assert again.headers["Location"] == "/accounts/resume/"
    assert "71.2" in client.get("/accounts/resume/").content.decode()
