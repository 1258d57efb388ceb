"""Saving forms: drafts, completeness, changes with a reason, and what they drop."""

import pytest

from equipoise.capture.lifecycle import Confirmation, WrongStateError
from equipoise.capture.roles import Role
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.delete_entry import delete_entry
from equipoise.store.actions.freeze import freeze_entries, unfreeze_entries
from equipoise.store.actions.grant_role import grant_role, revoke_role
from equipoise.store.actions.lock import lock_entries, unlock_entries
from equipoise.store.actions.save_form import save_form
from equipoise.store.actions.sign import sign_entries
from equipoise.store.actions.verify import unverify_entries, verify_entries
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_head
from equipoise.store.models import FormEntry, LedgerLine, Signature, Verification
from equipoise.store.read_trail import read_item_trail
from equipoise.store.refusals import (
    ClosedError,
    FindingsError,
    NotAllowedError,
    ReasonMissingError,
    RequestReusedError,
    StaleVersionError,
    TextRefusedError,
    UnknownError,
    WrongPasswordError,
)
from equipoise.store.verify import verify_trial
from store.entries import PASSWORD, changed, completed, draft, saving
from store.people import by, screen

DM = "site=01 sex=M birth_year=1961"


def place(subject: str, form: str, *key: str) -> EntryPlace:
    return EntryPlace(subject=subject, form=form, key=key)


def row(form: str = "dm", key: str = "") -> FormEntry:
    return FormEntry.objects.get(form=form, key=key)


def test_a_draft_is_saved_in_parts_and_sound_or_not(sites: Server) -> None:
    subject = screen()
    assert draft((subject, "dm"), "sex=M birth_year=999").answer["version"] == 1
    assert draft((subject, "dm"), "site=01", seen=1).answer == {
        "version": 2, "state": "draft", "entry": "01-001/dm",
    }  # fmt: skip
    assert row().values == {"sex": "M", "birth_year": "999", "site": "01"}


def test_an_empty_text_takes_a_value_away_and_a_kind_of_missing_is_kept(sites: Server) -> None:
    subject = screen()
    draft((subject, "dm"), "sex=M birth_year=1961")
    draft((subject, "dm"), "sex= birth_year=@unknown", seen=1)
    assert row().values == {"birth_year": "@unknown"}


def test_two_people_who_save_the_same_form_do_not_lose_a_value(sites: Server) -> None:
    subject = screen()
    draft((subject, "dm"), "sex=M")
    draft((subject, "dm"), "birth_year=1961", seen=1)
    with pytest.raises(StaleVersionError, match=r"version 2, you saw 1.*compare both"):
        draft((subject, "dm"), "sex=F", seen=1, actor="ivy")
    assert row().values == {"sex": "M", "birth_year": "1961"}
    with pytest.raises(StaleVersionError):
        draft((subject, "dm"), "sex=F", seen=0)


def test_a_retried_save_answers_as_it_did_and_is_one_line(sites: Server) -> None:
    subject = screen()
    deed = by("cho", minutes=3, request_id="form-1")
    first = save_form(saving((subject, "dm"), "sex=M"), deed=deed)
    head = read_head()
    assert save_form(saving((subject, "dm"), "sex=M"), deed=deed) == first
    assert read_head() == head
    with pytest.raises(RequestReusedError, match="other content"):
        save_form(saving((subject, "dm"), "sex=F"), deed=deed)
    with pytest.raises(RequestReusedError):
        save_form(saving((subject, "dm"), "sex=M"), deed=by("ivy", request_id="form-1"))


def test_a_hard_finding_blocks_completion_and_not_a_draft(sites: Server) -> None:
    subject = screen()
    draft((subject, "dm"), "site=01 sex=M birth_year=1800")
    with pytest.raises(FindingsError, match="birth_year") as refused:
        completed((subject, "dm"), "", seen=1)
    assert [f.item for f in refused.value.findings] == ["birth_year"]
    assert row().state == "draft"
    assert completed((subject, "dm"), "birth_year=1961", seen=1).answer["state"] == "complete"


def test_a_soft_finding_is_confirmed_with_a_word(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    with pytest.raises(FindingsError) as refused:
        completed((subject, "icf"), "consent_version=1.0")
    (finding,) = refused.value.findings
    confirmation = Confirmation(
        code=finding.code, item=finding.item, found=finding.found, comment="form is lost"
    )
    typed = saving((subject, "icf"), "consent_version=1.0", confirmations=(confirmation,))
    complete_form(typed, deed=by("cho", minutes=6))
    assert row("icf").confirmations == [
        {"code": "required-missing", "item": "consent_date", "found": "", "comment": "form is lost"}
    ]


def test_a_complete_form_changes_only_with_a_reason(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    with pytest.raises(WrongStateError, match="change it, with a reason"):
        draft((subject, "dm"), "sex=F", seen=1)
    with pytest.raises(ReasonMissingError, match="say why"):
        changed((subject, "dm"), "birth_year=1962", seen=1, reason=" ")
    changed((subject, "dm"), "birth_year=1962", seen=1, reason="read from the passport")
    trail = list(read_item_trail((subject, "dm", ""), item="birth_year"))
    assert [(c.old, c.new, c.line.actor, c.line.verb, c.line.reason) for c in trail] == [
        (None, "1961", "cho", "complete_form", ""),
        ("1961", "1962", "cho", "change_form", "read from the passport"),
    ]


def test_a_deleted_entry_leaves_its_trail_and_may_be_entered_anew(sites: Server) -> None:
    subject = screen()
    draft((subject, "ecog", "scr"), "ecog_date=2026-03-01 ecog=0")
    target = place(subject, "ecog", "scr")
    with pytest.raises(ReasonMissingError):
        delete_entry(target, seen=1, deed=by("cho", minutes=9))
    delete_entry(target, seen=1, deed=by("cho", minutes=9, reason="other patient"))
    assert (row("ecog", "scr").values, row("ecog", "scr").state) == ({}, "not_started")
    draft((subject, "ecog", "scr"), "ecog=1", seen=2)
    assert [c.new for c in read_item_trail((subject, "ecog", "scr"), item="ecog")] == [
        "0", None, "1",
    ]  # fmt: skip
    with pytest.raises(UnknownError, match="save it first"):
        delete_entry(place(subject, "ecog", "w6"), seen=0, deed=by("cho", reason="x"))


def test_a_change_drops_verification_and_signature_in_the_same_line(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    target = [place(subject, "dm")]
    verify_entries(target, deed=by("mo", minutes=70))
    done = sign_entries(target, password=PASSWORD, deed=by("ivy", minutes=80))
    assert (row().state, row().signature) == ("signed", done.answer["signature"])
    assert Signature.objects.get().printed_name == "Ivy"
    changed((subject, "dm"), "birth_year=1962", seen=1)
    assert (row().state, row().signature) == ("complete", None)
    assert not Verification.objects.get().is_valid
    assert not Signature.objects.get().is_valid
    last = LedgerLine.objects.order_by("-number").values_list("content", flat=True).first()
    assert last is not None
    assert [part in last for part in ("birth_year", '"verification"', '"signature"')] == [True] * 3
    assert verify_trial().findings == ()


def test_forms_go_through_verification_signature_freeze_and_lock(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    target = [place(subject, "dm")]
    with pytest.raises(WrongStateError, match="only a verified form can be signed"):
        sign_entries(target, password=PASSWORD, deed=by("ivy", minutes=61))
    verify_entries(target, deed=by("mo", minutes=62))
    unverify_entries(target, deed=by("mo", minutes=63, reason="wrong chart"))
    assert row().state == "complete"
    verify_entries(target, deed=by("mo", minutes=64))
    with pytest.raises(WrongPasswordError):
        sign_entries(target, password="guess", deed=by("ivy", minutes=65))
    sign_entries(target, password=PASSWORD, deed=by("ivy", minutes=66))
    freeze_entries(target, deed=by("dana", minutes=67))
    with pytest.raises(WrongStateError, match="ask the data manager to unfreeze"):
        changed((subject, "dm"), "birth_year=1962", seen=1)
    lock_entries(target, deed=by("dana", minutes=68))
    unlock_entries(target, deed=by("dana", minutes=69, reason="late correction"))
    unfreeze_entries(target, deed=by("dana", minutes=70, reason="late correction"))
    assert row().state == "signed"
    assert verify_trial().findings == ()


def test_a_deed_on_several_entries_is_done_on_all_or_none(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    draft((subject, "icf"), "consent_version=1.0")
    before = read_head()
    with pytest.raises(WrongStateError):
        verify_entries([place(subject, "dm"), place(subject, "icf")], deed=by("mo", minutes=9))
    assert (row().state, read_head()) == ("complete", before)


@pytest.mark.parametrize("actor", ["cora", "mo", "dana", "ada", "stan", "nobody", "operator"])
def test_who_may_not_enter_at_the_site_is_refused(sites: Server, actor: str) -> None:
    subject = screen("01")
    with pytest.raises(NotAllowedError):
        draft((subject, "dm"), "sex=M", actor=actor)
    assert not FormEntry.objects.exists()


def test_a_role_counts_from_its_grant_to_its_revocation(sites: Server) -> None:
    subject = screen("01")
    grant_role("cora", role=Role.COORDINATOR, site="01", deed=by("ada", minutes=2))
    draft((subject, "dm"), "sex=M", actor="cora")
    revoke_role("cora", role=Role.COORDINATOR, site="01", deed=by("ada", minutes=6))
    with pytest.raises(NotAllowedError, match="ask the administrator"):
        draft((subject, "dm"), "sex=F", actor="cora", seen=1)


@pytest.mark.parametrize(
    ("where", "text", "words"),
    [
        (("01-001", "dm"), "age_years=64", "nobody enters age_years"),
        (("01-001", "nonsense"), "a=1", "no form 'nonsense'"),
        (("01-009", "dm"), "sex=M", "no subject 01-009"),
        (("01-001", "ecog"), "ecog=1", "found by visit"),
        (("01-001", "dm", "x"), "sex=M", "found by no key"),
    ],
)
def test_what_is_not_in_the_protocol_is_refused(
    sites: Server, where: tuple[str, ...], text: str, words: str
) -> None:
    screen()
    with pytest.raises(UnknownError, match=words):
        draft(where, text)


def test_the_randomisation_form_is_not_typed(sites: Server) -> None:
    subject = screen()
    with pytest.raises(ClosedError, match="written by randomising"):
        draft((subject, "rand"), "n_mets=1-3")


@pytest.mark.parametrize("key", ["a.b", "a/b", "", "@unknown"])
def test_a_key_that_cannot_name_an_entry_is_refused(sites: Server, key: str) -> None:
    subject = screen()
    with pytest.raises(FindingsError):
        draft((subject, "ecog", key), "ecog=1")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_character_that_cannot_be_kept_is_refused(sites: Server, text: str) -> None:
    subject = screen()
    with pytest.raises(TextRefusedError, match="type it again"):
        draft((subject, "dm"), f"site={text}")


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE subject; --", "<script>alert(1)</script>", "=1+1", "한글 🫀 \u202e",
             '{"a": [1]}', "%s %(x)s", "x" * 100_000]
)  # fmt: skip
def test_hostile_text_is_kept_as_it_is_written(sites: Server, text: str) -> None:
    subject = screen()
    typed = saving((subject, "icf"), "")
    save_form(
        type(typed)(place=typed.place, values={"consent_version": text}, seen=0),
        deed=by("cho", reason=text),
    )
    assert row("icf").values == {"consent_version": text}
    assert verify_trial().findings == ()


def test_a_clock_that_goes_back_is_told_and_not_believed(sites: Server) -> None:
    subject = screen(minutes=10)
    draft((subject, "dm"), "sex=M", minutes=-60)
    last = LedgerLine.objects.order_by("-number").first()
    assert last is not None
    assert last.at.isoformat() == "2026-03-02T09:10:00+00:00"
    assert '"clock":"2026-03-02T08:00:00.000000Z"' in last.content
    assert verify_trial().findings == ()
