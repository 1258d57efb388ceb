"""The casebook over HTTP: verified, signed, frozen, locked, and what a change drops."""

import pytest

from equipoise.capture.signature import Meaning, digests_of, signed_digest
from equipoise.store.models import FormEntry, LedgerLine, Signature
from equipoise.store.read_entries import read_written
from store.entries import ELIGIBLE, PASSWORD, changed, completed, draft
from store.people import screen
from web.visitors import log_in

FORMS = ("dm", "icf", "imdc")


@pytest.fixture
def subject(site) -> str:  # type: ignore[no-untyped-def]
    """A subject of site 01 with three complete entries."""
    number = screen("01")
    for form in FORMS:
        completed((number, form), ELIGIBLE[(form,)])
    return number


def send(who: str, subject: str, deed: str, *marks: str, **more: str) -> tuple[int, str]:
    """The status and text of a deed on the entries marked."""
    client = log_in(who)
    answer = client.post(f"/casebook/{subject}/{deed}/", {"entry": list(marks), **more})
    return answer.status_code, answer.content.decode()


def states(subject: str) -> dict[str, str]:
    return dict(FormEntry.objects.filter(subject=subject).values_list("form", "state"))


def page(who: str, path: str) -> str:
    answer = log_in(who).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def verify_all(subject: str) -> list[str]:
    marks = [f"{form}@1" for form in FORMS]
    assert send("mo", subject, "verify", *marks)[0] == 302
    return marks


def sign_all(subject: str) -> list[str]:
    marks = verify_all(subject)
    assert send("ivy", subject, "sign", *marks, password_again=PASSWORD)[0] == 302
    return marks


def test_a_casebook_goes_from_verification_to_lock_and_back(subject: str) -> None:
    marks = sign_all(subject)
    for who, deed, state in (("dana", "freeze", "frozen"), ("dana", "lock", "locked")):
        assert send(who, subject, deed, *marks)[0] == 302
        assert set(states(subject).values()) == {state}
    for deed, state in (("unlock", "frozen"), ("unfreeze", "signed")):
        assert send("dana", subject, deed, *marks, reason="a late letter")[0] == 302
        assert set(states(subject).values()) == {state}
    assert send("mo", subject, "unverify", *marks, reason="wrong letter")[0] == 302
    assert set(states(subject).values()) == {"complete"}


@pytest.mark.parametrize(
    ("who", "deed", "told"),
    [
        ("dana", "freeze", "only a signed form can be frozen"),
        ("dana", "lock", "only a frozen form can be locked"),
        ("ivy", "sign", "only a verified form can be signed"),
    ],
)
def test_a_step_before_its_time_is_refused_with_what_comes_first(
    subject: str, who: str, deed: str, told: str
) -> None:
    status, text = send(who, subject, deed, "dm@1", password_again=PASSWORD)
    assert (status, told in text) == (409, True)
    assert states(subject)["dm"] == "complete"


def test_one_entry_in_a_wrong_state_keeps_all_as_they_are(subject: str) -> None:
    draft((subject, "ie"), "ild=N")
    assert send("mo", subject, "verify", "dm@1", "ie@1")[0] == 409
    assert states(subject) == {**dict.fromkeys(FORMS, "complete"), "ie": "draft"}


def test_nobody_verifies_what_changed_under_his_eyes(subject: str) -> None:
    changed((subject, "dm"), "birth_year=1962", seen=1)
    status, text = send("mo", subject, "verify", "dm@1", "icf@1")
    assert (status, "saved by someone else meanwhile" in text) == (409, True)
    assert states(subject)["icf"] == "complete"
    assert send("mo", subject, "verify", "dm@2", "icf@1")[0] == 302


def test_nobody_signs_what_changed_under_his_eyes(subject: str) -> None:
    marks = verify_all(subject)
    changed((subject, "dm"), "birth_year=1962", seen=1)
    assert send("mo", subject, "verify", "dm@2")[0] == 302
    told = page("ivy", f"/casebook/{subject}/sign/?entry=dm@1&entry=icf@1")
    assert "Changed since you marked them" in told
    assert send("ivy", subject, "sign", *marks, password_again=PASSWORD)[0] == 409
    assert Signature.objects.count() == 0


def test_a_large_casebook_is_marked_without_a_long_address(subject: str) -> None:
    """The page of what will be signed comes by POST: an address has room for some 150 entries."""
    form = page("ivy", f"/casebook/{subject}/")
    assert f'formaction="/casebook/{subject}/sign/"' in form
    assert 'formmethod="get"' not in form
    status, told = send("ivy", subject, "sign", "dm@1", "icf@1")
    assert status == 200
    assert told.count('type="hidden" name="entry"') == 2
    assert 'name="password_again"' in told
    assert Signature.objects.count() == 0


def test_a_signature_is_bound_to_the_digests_of_what_was_shown(subject: str) -> None:
    marks = verify_all(subject)
    query = "&".join(f"entry={mark}" for mark in marks)
    told = page("ivy", f"/casebook/{subject}/sign/?{query}")
    assert "they are complete and agree with the source documents" in told
    assert "3 entries" in told
    assert send("ivy", subject, "sign", *marks, password_again=PASSWORD)[0] == 302
    covers = digests_of(read_written(subject=subject))
    (signature,) = Signature.objects.all()
    assert signature.digest == signed_digest(covers, meaning=Meaning.CASEBOOK)
    assert (signature.printed_name, signature.is_valid) == ("Ivy", True)


def test_what_is_marked_is_looked_at_before_the_password_is_asked_for(subject: str) -> None:
    marks = verify_all(subject)
    status, text = send("ivy", subject, "sign", *marks)
    assert (status, text.count('name="entry"'), 'type="password"' in text) == (200, 3, True)
    assert "aria-invalid" not in text
    assert Signature.objects.count() == 0
    assert "formmethod" not in page("ivy", f"/casebook/{subject}/"), "no token in an address"


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_signs_nothing_and_keeps_the_page(subject: str, password: str) -> None:
    marks = verify_all(subject)
    before = LedgerLine.objects.count()
    status, text = send("ivy", subject, "sign", *marks, password_again=password)
    assert (status, 'aria-invalid="true"' in text) == (403, True)
    assert text.count('name="entry"') == 3
    assert LedgerLine.objects.count() == before


def test_five_wrong_passwords_lock_the_signature_too(subject: str) -> None:
    marks = verify_all(subject)
    client = log_in("ivy")
    for _ in range(5):
        sent = {"entry": marks, "password_again": "wrong"}
        last = client.post(f"/casebook/{subject}/sign/", sent)
    assert last.status_code == 429


def test_a_later_change_shows_what_it_dropped(subject: str) -> None:
    sign_all(subject)
    assert "dropped" not in page("mo", f"/casebook/{subject}/")
    changed((subject, "dm"), "birth_year=1962", seen=1)
    told = page("mo", f"/casebook/{subject}/")
    row = told.split('value="dm@2"')[1].split("</tr>")[0]
    assert row.count("dropped") == 2
    assert "holds for 2 of 3: the others changed" in told
    for other in ("icf@1", "imdc@1"):
        row = told.split(f'value="{other}"')[1].split("</tr>")[0]
        assert "dropped" not in row, other
        assert "signed" in row, other
    assert states(subject) == {"dm": "complete", "icf": "signed", "imdc": "signed"}


def test_a_signature_of_which_every_entry_changed_holds_for_none(subject: str) -> None:
    sign_all(subject)
    values = {"dm": "birth_year=1962", "icf": "consent_date=2026-02-28", "imdc": "kps=80"}
    for form, text in values.items():
        changed((subject, form), text, seen=1)
    told = page("mo", f"/casebook/{subject}/")
    assert "dropped by a later change" in told
    assert "holds for" not in told


def test_what_is_taken_back_needs_a_reason(subject: str) -> None:
    marks = verify_all(subject)
    status, text = send("mo", subject, "unverify", *marks)
    assert (status, "say why" in text) == (422, True)
    assert set(states(subject).values()) == {"verified"}


@pytest.mark.parametrize("mark", ["dm", "dm@", "dm@x", "@1", "dm@-1", "dm@99999999999", "dm@١"])
def test_a_forged_mark_is_refused(subject: str, mark: str) -> None:
    assert send("mo", subject, "verify", mark)[0] == 422
    assert states(subject)["dm"] == "complete"


@pytest.mark.parametrize("mark", ["nothing@1", "dm/L01@1", "les_bl/L01@1", "dm/../icf@1"])
def test_an_entry_that_is_not_there_is_told(subject: str, mark: str) -> None:
    assert send("mo", subject, "verify", mark)[0] == 404


def test_an_entry_of_another_subject_cannot_be_named(subject: str) -> None:
    other = screen("02")
    completed((other, "dm"), "site=02 sex=F birth_year=1970", actor="cora")
    assert send("ines", subject, "sign", "dm@1", password_again=PASSWORD)[0] == 404
    assert states(other) == {"dm": "complete"}


def test_the_entries_of_a_visit_are_marked_together(subject: str) -> None:
    completed((subject, "ecog", "SCR"), "ecog_date=2026-03-01 ecog=0")
    told = page("mo", f"/casebook/{subject}/?visit=SCR")
    assert told.count('name="entry"') == 1
    assert 'value="ecog/SCR@1"' in told
    assert told.count(" checked") == 1
    assert page("mo", f"/casebook/{subject}/").count(" checked") == 0
    assert page("mo", f"/casebook/{subject}/?visit=all&state=").count(" checked") == 4
    assert send("mo", subject, "verify", "ecog/SCR@1")[0] == 302
    assert states(subject)["ecog"] == "verified"


def test_buttons_are_those_of_the_role(subject: str) -> None:
    def buttons(who: str) -> int:
        return page(who, f"/casebook/{subject}/").count("the marked")

    assert (buttons("mo"), buttons("ivy"), buttons("dana"), buttons("cho")) == (2, 1, 4, 0)


@pytest.mark.parametrize("request_id", ["once", "long " * 20_000, "two\nlines"])
def test_a_verification_sent_twice_is_one_line(subject: str, request_id: str) -> None:
    before = LedgerLine.objects.count()
    client = log_in("mo")
    for _ in range(2):
        sent = {"entry": ["dm@1"], "request_id": request_id}
        assert client.post(f"/casebook/{subject}/verify/", sent).status_code == 302
    assert LedgerLine.objects.count() == before + 1
