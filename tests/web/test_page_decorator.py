"""What stands before every page: roles, sites, forms that tell the arm, refusals, tokens."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.test.utils import override_settings

from equipoise.capture.roles import Role, Verb, grant_for
from equipoise.store.models import Account, Grant
from equipoise.store.permission import find_grants
from equipoise.store.protocol_read import read_protocol_at
from equipoise.store.refusals import FindingsError, NotEligibleError
from equipoise.web.shell.refusals import status_of
from store.people import START, screen
from web import try_pages
from web.visitors import OTHER_SITE, PASSWORD, WHO, log_in

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(autouse=True)
def _pages() -> Iterator[None]:
    try_pages.SENT.clear()
    with override_settings(ROOT_URLCONF="web.try_pages"):
        yield


def test_a_role_that_may_not_reads_who_may() -> None:
    answer = log_in(WHO[Role.ADMINISTRATOR]).post(f"/note/{screen('01')}/")
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "save form" in text
    assert "coordinator" in text
    assert "monitor" not in text.split("These roles may")[1].split("</p>")[0]


def test_a_subject_of_another_site_is_not_found_and_neither_is_none() -> None:
    client, subject = log_in(OTHER_SITE), screen("01")
    for path in (f"/note/{subject}/", "/note/99-9999/", "/note/'; drop table x/"):
        for answer in (client.get(path), client.post(path, {"a": "1"})):
            assert answer.status_code == 404, path
            assert "site that is not yours" in answer.content.decode()
    assert try_pages.SENT == []


def test_a_nul_is_refused_wherever_it_comes() -> None:
    client, subject = log_in("cho"), screen("01")
    assert client.get("/note/%00/").status_code == 422
    assert client.get(f"/note/{subject}/?a=%00").status_code == 422
    for fields in ({"a": "x\0y"}, {"a\0": "x"}):
        assert client.post(f"/note/{subject}/", fields).status_code == 422
    assert try_pages.SENT == []


def test_a_form_that_tells_the_arm_is_not_there_for_who_is_blinded() -> None:
    subject = screen("01")
    forms = read_protocol_at("01", now=START).form
    revealing = [form.form for form in forms if form.reveals_arm]
    plain = [form.form for form in forms if not form.reveals_arm]
    assert revealing
    for role, sees in ((Role.BLINDED_READER, False), (Role.COORDINATOR, True)):
        client = log_in(WHO[role])
        for form in revealing:
            told = client.get(f"/entry/{subject}/{form}/").status_code
            assert told == (200 if sees else 404), (role, form)
        assert client.get(f"/entry/{subject}/{plain[0]}/").status_code == 200
    assert log_in(WHO[Role.COORDINATOR]).get(f"/entry/{subject}/nosuch/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("stale", 409),
        ("taken", 409),
        ("state", 409),
        ("reason", 422),
        ("unknown", 404),
        ("role", 403),
    ],
)
def test_a_refusal_says_what_to_do_and_shows_what_was_typed(kind: str, status: int) -> None:
    client = log_in("cho")
    page = client.post(f"/refuse/{kind}/", {"weight_kg": "71.2"})
    assert page.status_code == status
    text = page.content.decode()
    assert str(try_pages.REFUSALS[kind]) in text
    assert "71.2" in text
    part = client.post(f"/refuse/{kind}/", {"weight_kg": "71.2"}, headers={"HX-Request": "true"})
    assert part.status_code == status
    assert part.headers["HX-Retarget"] == "#notices"
    assert "<html" not in part.content.decode()


def test_every_other_refusal_is_422() -> None:
    assert status_of(NotEligibleError("sign eligibility first")) == 422
    assert status_of(FindingsError(())) == 422


def test_a_page_that_cannot_be_sent_says_so() -> None:
    assert log_in("cho").post("/clock/").status_code == 405
    assert log_in("cho").put("/refuse/stale/").status_code == 405


def test_a_page_is_shown_in_the_time_of_the_site() -> None:
    assert log_in("cho").get("/clock/").content == b"Asia/Seoul"
    assert log_in("cora").get("/clock/").content == b"America/Detroit"
    assert log_in(WHO[Role.DATA_MANAGER]).get("/clock/").content == b"UTC"


def test_a_page_of_a_patient_is_kept_in_no_cache() -> None:
    assert "no-store" in log_in("cho").get(f"/note/{screen('01')}/").headers["Cache-Control"]


def test_a_bug_is_a_page_that_tells_nothing_of_it() -> None:
    client = log_in("cho")
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "Nothing of this request was saved" in text
    assert "Kim" not in text


def test_who_is_deactivated_is_out_at_once() -> None:
    client = log_in("cho")
    assert client.get("/clock/").status_code == 200
    Account.objects.filter(username="cho").update(is_active=False)
    assert client.get("/clock/").status_code == 302


def test_a_role_revoked_is_gone_with_the_next_request() -> None:
    client, subject = log_in("cho"), screen("01")
    assert client.get(f"/note/{subject}/").status_code == 200
    Grant.objects.filter(account_id="cho").update(is_active=False)
    assert client.get(f"/note/{subject}/").status_code == 403
    assert "You have no role yet" in client.get("/").content.decode()


def test_one_of_several_roles_may_be_chosen_and_left_again() -> None:
    subject = screen("02")
    Grant.objects.create(account_id="cho", role="coordinator", site_id="02")
    client = log_in("cho")
    assert client.get(f"/note/{subject}/").status_code == 200
    assert client.get("/clock/").content == b"UTC"
    client.post("/accounts/role/", {"role": "coordinator@01", "next": "/clock/"})
    assert client.get(f"/note/{subject}/").status_code == 404
    assert client.get("/clock/").content == b"Asia/Seoul"
    client.post("/accounts/role/", {"role": ""})
    assert client.get(f"/note/{subject}/").status_code == 200


def test_a_role_of_somebody_else_is_not_chosen() -> None:
    client = log_in("cho")
    answer = client.post("/accounts/role/", {"role": "data_manager@"})
    assert answer.status_code == 422
    assert client.get(f"/note/{screen('02')}/").status_code == 404
    assert client.post("/accounts/role/", {"next": "//evil.example/"}).headers["Location"] == "/"


def test_a_missing_or_forged_token_is_refused() -> None:
    subject = screen("01")
    client = log_in("cho", checks_csrf=True)
    for fields in ({"a": "1"}, {"a": "1", "csrfmiddlewaretoken": "x" * 64}):
        answer = client.post(f"/note/{subject}/", fields)
        assert answer.status_code == 403
        assert "did not come from a page of this site" in answer.content.decode()
        evil = client.post(f"/note/{subject}/", fields, headers={"Origin": "https://evil.example"})
        assert evil.status_code == 403
        assert "Send what I typed" not in evil.content.decode()
    assert try_pages.SENT == []


def test_a_page_older_than_the_log_in_may_be_sent_again() -> None:
    """Its token is old, and the browser says that it is ours."""
    subject = screen("01")
    client = log_in("cho", checks_csrf=True)
    client.get("/")
    told = {"a": "<i>1</i>", "csrfmiddlewaretoken": "x" * 64}
    answer = client.post(f"/note/{subject}/", told, headers={"Origin": "http://testserver"})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "&lt;i&gt;1&lt;/i&gt;</textarea>" in text
    assert try_pages.SENT == []
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[-1]
    again = client.post(f"/note/{subject}/", {"a": "<i>1</i>", "csrfmiddlewaretoken": token})
    assert again.status_code == 302
    assert try_pages.SENT[0][1]["a"] == ["<i>1</i>"]


def test_an_old_log_in_page_says_to_open_it_again() -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/accounts/login/",
        {"login": "kim", "password": PASSWORD},
        headers={"Origin": "http://testserver"},
    )
    assert answer.status_code == 403
    assert "open it again" in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


def test_a_name_with_markup_is_shown_as_it_is_written() -> None:
    name = "<script>alert(1)</script>'\"&"
    Account.objects.filter(username="cho").update(name=name)
    for path in ("/", "/accounts/profile/"):
        text = log_in("cho").get(path).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_signature_wants_the_password_again() -> None:
    Grant.objects.create(account_id="kim", role="investigator", site_id="01")
    assert grant_for(find_grants("kim"), verb=Verb.SIGN) is not None
    client = log_in("kim")
    assert client.post("/sign/", {"password_again": PASSWORD}).content == b"signed"
    for wrong in ("", "wrong"):
        answer = client.post("/sign/", {"password_again": wrong})
        assert answer.status_code == 200
        assert 'aria-invalid="true"' in answer.content.decode()


def test_a_signature_is_locked_like_a_log_in() -> None:
    Grant.objects.create(account_id="kim", role="investigator", site_id="01")
    client = log_in("kim")
    statuses = [client.post("/sign/", {"password_again": "wrong"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    assert client.post("/sign/", {"password_again": PASSWORD}).status_code == 429


@pytest.mark.parametrize(
    ("before", "back"),
    [
        ("http://testserver/work/?site=01", 'href="/work/?site=01"'),
        ("http://testserver/", 'href="/">Back'),
        ("http://elsewhere.example/work/", ""),
        ("http://testserver//elsewhere.example/", ""),
        ("http://testserver/refuse/state/", ""),
        ("", ""),
    ],
)
def test_a_refusal_leads_back_to_the_page_of_ours_that_one_came_from(
    before: str, back: str
) -> None:
    answer = log_in("cho").get("/refuse/state/", headers={"Referer": before} if before else {})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert ("Back</a>" in text) == bool(back)
    assert back in text
