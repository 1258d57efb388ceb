"""Sites, accounts and versions of the protocol over HTTP: by who may, refused in words."""

import re
from datetime import date

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from equipoise.capture.roles import Role
from equipoise.protocol.parse import parse_protocol, shipped_protocol
from equipoise.store.actions.upload_protocol import upload_protocol
from equipoise.store.embedded import Server
from equipoise.store.models import Account, Approval, LedgerLine, ProtocolVersion, Site
from equipoise.store.permission import find_grants
from equipoise.web.study.versions import without_kept
from store.people import by, screen, texts
from web.visitors import PASSWORD, log_in

HOSTILE = "<script>alert(1)</script>'; DROP TABLE site; --"
NEW_SITE = {"code": "03", "name": "Busan", "country": "KR", "time_zone": "Asia/Seoul"}
NEW_PERSON = {"username": "lee.j", "name": "Lee Jiwoo", "email": "lee@hospital.example"}


@pytest.fixture
def ada(site: Server) -> Client:
    """The administrator."""
    return log_in("ada")


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def refused(client: Client, path: str, sent: dict[str, str], *, status: int) -> str:
    before = LedgerLine.objects.count()
    answer = client.post(path, sent)
    assert answer.status_code == status, answer.content.decode()
    assert LedgerLine.objects.count() == before
    return answer.content.decode()


def test_a_site_is_added_listed_and_closed(ada: Client) -> None:
    assert ada.post("/study/sites/", NEW_SITE).status_code == 302
    assert Site.objects.get(code="03").time_zone == "Asia/Seoul"
    assert "Busan" in text_of(ada, "/study/sites/")
    assert ada.post("/study/sites/03/close/").status_code == 302
    assert not Site.objects.get(code="03").is_open
    told = text_of(log_in("paul"), "/study/sites/")
    assert "closed" in told
    assert "A new site" not in told
    assert ada.post("/study/sites/99/close/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"code": "b!"}, 422, "is no code of a site"),
        ({"code": "01"}, 409, "there is a site 01"),
        ({"time_zone": "Mars/Base"}, 422, "there is no time zone"),
        ({"name": "  "}, 422, "Write a name"),
        ({"name": "x" * 201}, 422, "Write a name"),
    ],
)
def test_a_wrong_site_is_refused_in_words(
    ada: Client, wrong: dict[str, str], status: int, words: str
) -> None:
    assert words in refused(ada, "/study/sites/", NEW_SITE | wrong, status=status)


def test_an_account_is_added_with_a_link_by_which_its_owner_sets_a_password_once(
    ada: Client,
) -> None:
    answer = ada.post("/study/people/", NEW_PERSON | {"request_id": "r1"})
    found = re.search(r"http://testserver(/accounts/password/[^<\s]+)", answer.content.decode())
    assert found is not None
    assert "role-switch" not in answer.content.decode()  # the frame is the visitor's own
    owner = Client()
    form = owner.get(found[1], follow=True)
    new = {"password1": PASSWORD, "password2": PASSWORD}
    owner.post(form.redirect_chain[-1][0], new)
    account = Account.objects.get(username="lee.j")
    assert account.check_password(PASSWORD)
    assert "no password yet" not in text_of(ada, "/study/people/lee.j/")
    assert "http://testserver" not in text_of(ada, "/study/people/lee.j/")


def test_nobody_gets_a_link_to_the_account_of_another_who_has_a_password(ada: Client) -> None:
    told = refused(ada, "/study/people/kim/link/", {}, status=409)
    assert "asks for a new password himself" in told
    by_sign_on = Account.objects.get(username="mo")
    SocialAccount.objects.create(user=by_sign_on, provider="house", uid="mo")
    refused(ada, "/study/people/mo/link/", {}, status=409)
    assert "A new link" not in text_of(ada, "/study/people/mo/")
    ada.post("/study/people/", NEW_PERSON)
    assert "/accounts/password/" in ada.post("/study/people/lee.j/link/").content.decode()
    assert refused(log_in("paul"), "/study/people/lee.j/link/", {}, status=403)
    assert LedgerLine.objects.filter(verb="add_account", actor="ada").count() == 1


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"username": "Lee"}, 422, "is no user name"),
        ({"username": "kim"}, 409, "there is an account"),
        ({"username": "operator"}, 409, "there is an account"),
        ({"name": ""}, 422, "Write a name"),
        ({"email": "lee"}, 422, "is no address of mail"),
        ({"email": "kim@hospital.example"}, 409, "another account has the address"),
    ],
)
def test_a_wrong_account_is_refused_in_words(
    ada: Client, wrong: dict[str, str], status: int, words: str
) -> None:
    assert words in refused(ada, "/study/people/", NEW_PERSON | wrong, status=status)


def test_a_role_is_granted_and_revoked_and_a_refusal_says_what_forbids_it(ada: Client) -> None:
    ada.post("/study/people/", NEW_PERSON)
    page = "/study/people/lee.j/"
    assert ada.post(f"{page}grant/", {"role": "coordinator", "site": "01"}).status_code == 302
    assert [(g.role, g.site) for g in find_grants("lee.j")] == [(Role.COORDINATOR, "01")]
    for sent, status, words in (
        ({"role": "monitor"}, 422, "nobody verifies or queries what he entered"),
        ({"role": "investigator"}, 422, "name the site"),
        ({"role": "auditor", "site": "01"}, 422, "name no site"),
        ({"role": "coordinator", "site": "99"}, 404, "there is no site 99"),
        ({"role": "emperor"}, 422, "Choose a role of the list"),
    ):
        assert words in refused(ada, f"{page}grant/", sent, status=status)
    assert "does not have the role" in refused(
        ada, f"{page}revoke/", {"role": "monitor"}, status=404
    )
    assert ada.post(f"{page}revoke/", {"role": "coordinator", "site": "01"}).status_code == 302
    assert find_grants("lee.j") == ()
    assert "revoked" in text_of(ada, page)


def test_name_and_mail_change_and_earlier_signatures_keep_the_name_of_then(ada: Client) -> None:
    page, sent = "/study/people/cora/", {"name": "Kim Minsu", "email": "minsu@hospital.example"}
    assert "readonly" not in text_of(ada, page)
    assert ada.post(f"{page}change/", sent).status_code == 302
    account = Account.objects.get(username="cora")
    assert (account.name, account.email) == ("Kim Minsu", "minsu@hospital.example")
    assert "Kim Minsu" in text_of(ada, page)
    line = LedgerLine.objects.get(verb="change_account")
    assert '["Cora","Kim Minsu"]' in line.content
    ada.post("/study/people/", NEW_PERSON)
    for wrong, status, words in (
        ({"name": " "}, 422, "Write a name"),
        ({"email": "minsu"}, 422, "is no address of mail"),
        ({"email": NEW_PERSON["email"]}, 409, "another account has the address"),
    ):
        assert words in refused(ada, f"{page}change/", sent | wrong, status=status)
    assert ada.post("/study/people/nobody/change/", sent).status_code == 404
    assert "Another name" not in text_of(log_in("paul"), page)


def test_nobody_turns_the_mail_of_one_who_can_log_in_to_himself(ada: Client) -> None:
    """A new password is sent there: who set it could sign in another's name."""
    page, sent = "/study/people/kim/", {"name": "Kim Minjun", "email": "ada@hospital.example"}
    told = refused(ada, f"{page}change/", sent, status=403)
    assert "by the operator of the server" in told
    SocialAccount.objects.create(user=Account.objects.get(username="mo"), provider="h", uid="mo")
    refused(ada, "/study/people/mo/change/", sent | {"name": "Mo"}, status=403)
    refused(ada, f"{page}change/", sent | {"email": ""}, status=403)
    assert "readonly" in text_of(ada, page)
    kept = {"name": "Kim Minsu", "email": "kim@hospital.example"}
    assert ada.post(f"{page}change/", kept).status_code == 302
    account = Account.objects.get(username="kim")
    assert (account.name, account.email) == ("Kim Minsu", "kim@hospital.example")


def test_an_account_is_closed_but_nobody_closes_his_own(ada: Client) -> None:
    assert ada.post("/study/people/kim/close/").status_code == 302
    assert not Account.objects.get(username="kim").is_active
    told = text_of(ada, "/study/people/kim/")
    assert "Grant a role" not in told
    assert "Nobody closes his own account" in refused(
        ada, "/study/people/ada/close/", {}, status=422
    )
    for path in ("nobody/close/", "nobody/grant/", "nobody/revoke/", "nobody/link/"):
        assert ada.post(f"/study/people/{path}").status_code == 404
    assert ada.get("/study/people/%3Cscript%3E/").status_code == 404


def test_what_is_typed_about_sites_and_people_is_text(ada: Client) -> None:
    ada.post("/study/sites/", NEW_SITE | {"name": HOSTILE})
    ada.post("/study/people/", NEW_PERSON | {"name": HOSTILE})
    for page in ("/study/sites/", "/study/people/", "/study/people/lee.j/"):
        told = text_of(ada, page)
        assert "<script>alert" not in told, page
        assert "&lt;script&gt;alert(1)" in told, page
    assert Site.objects.get(code="03").name == HOSTILE


def upload_amendment() -> ProtocolVersion:
    """Version 2: another version, other block sizes, another highest value, fewer subjects."""
    said = dict(texts())
    trial = said["trial.toml"]
    sizes = re.search(r"block_sizes = \[.*\]", trial)
    assert sizes is not None
    trial = trial.replace(sizes[0], "block_sizes = [2, 8]")
    trial = trial.replace("planned_subjects = 88", "planned_subjects = 90")
    said["trial.toml"] = re.sub(r'\nversion = "[^"]+"', '\nversion = "9.0"', trial, count=1)
    upload_protocol(said, deed=by("dana", minutes=30))
    return ProtocolVersion.objects.get(number=2)


def test_versions_are_compared_in_words_without_what_helps_to_predict(site: Server) -> None:
    upload_amendment()
    page = "/study/protocol/compare/?old=1&new=2"
    for username in ("cho", "mo", "stan", "dana", "paul"):
        told = text_of(log_in(username), page)
        assert "88 becomes 90" in told, username
        assert "block" not in told, username
    assert "block sizes" in text_of(log_in("rand"), page)
    for forged in ("", "?old=1&new=3", "?old=1&new=' OR 1=1", "?old=1&new=999999999"):
        assert log_in("cho").get(f"/study/protocol/compare/{forged}").status_code == 404


def test_without_what_is_kept_nothing_of_it_is_left() -> None:
    shown = without_kept(shipped_protocol()).randomisation
    assert (shown.block_sizes, shown.max_imbalance, shown.urn_sets) == ((), None, None)
    assert shown.preferred_chance is None
    assert "block_sizes" not in shown.provenance
    assert shown.ratio == shipped_protocol().randomisation.ratio
    assert parse_protocol(texts()).protocol == shipped_protocol()  # untouched


def test_a_version_is_approved_at_a_site_with_a_date_by_who_may(site: Server) -> None:
    version = upload_amendment()
    paul = log_in("paul")
    sent = {"version": "2", "site": "01", "from_date": "2026-04-01"}
    assert paul.post("/study/protocol/approve/", sent).status_code == 302
    approval = Approval.objects.get(protocol=version)
    assert (approval.site_id, approval.from_date) == ("01", date(2026, 4, 1))
    assert "from 2026-04-01" in text_of(log_in("cho"), "/study/protocol/")
    assert "from 2026-04-01" not in text_of(log_in("cora"), "/study/protocol/")
    assert "Write the day as" in refused(
        paul, "/study/protocol/approve/", sent | {"from_date": "soon"}, status=422
    )
    for wrong in ({"site": "99"}, {"version": "7"}, {"version": "x"}):
        assert refused(paul, "/study/protocol/approve/", sent | wrong, status=404)
    assert refused(log_in("dana"), "/study/protocol/approve/", sent, status=403)
    assert screen("01", minutes=40)
