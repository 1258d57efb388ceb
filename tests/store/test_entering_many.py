"""Many forms entered at once leave what entering them one by one leaves, line by line."""

import pytest

from equipoise.capture.lifecycle import Confirmation
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.enter_forms import Typed, enter_checked, enter_forms
from equipoise.store.actions.save_form import save_form
from equipoise.store.embedded import Server
from equipoise.store.entry_saving import Saving
from equipoise.store.ledger import Line, read_head, read_lines
from equipoise.store.models import FormEntry, Signature
from equipoise.store.protocol_read import read_protocol_at
from equipoise.store.refusals import (
    FindingsError,
    NotAllowedError,
    RequestReusedError,
    StaleVersionError,
    TextRefusedError,
    UnknownError,
)
from equipoise.store.verify import verify_trial
from store.contest import eligible_subjects
from store.entries import ELIGIBLE, saving
from store.people import START, by, screen
from store.trial_database import copy_template

COMMENT = "as in the source"
ODD = ("icf",)  # without its date it is odd, and confirmed
WRONG = ("ecog", "scr")  # no such score: it stays a draft


def typed_of(subject: str) -> list[Saving]:
    """What makes a subject eligible, but for one odd form and one that is wrong."""
    texts = {**ELIGIBLE, ODD: "consent_version=1.0", WRONG: "ecog_date=2026-03-01 ecog=9"}
    return [saving((subject, *place), text) for place, text in texts.items()]


def enter(savings: list[Saving], *, request_id: str = "batch", actor: str = "cho") -> None:
    deed = by(actor, minutes=5, request_id=request_id)
    enter_forms(savings, protocol=read_protocol_at("01", now=START), deed=deed, comment=COMMENT)


def enter_one_by_one(savings: list[Saving]) -> None:
    """As a person would: completed where nothing hard is found, and what is odd confirmed."""
    confirmation = Confirmation(
        code="required-missing", item="consent_date", found="", comment=COMMENT
    )
    for number, each in enumerate(savings, start=1):
        deed = by("cho", minutes=5, request_id=f"batch-{number}")
        if each.place.form == WRONG[0]:
            save_form(each, deed=deed)
        elif each.place.form == ODD[0]:
            confirmed = Saving(
                place=each.place, values=each.values, seen=0, confirmations=(confirmation,)
            )
            complete_form(confirmed, deed=deed)
        else:
            complete_form(each, deed=deed)


def lines_and_rows() -> tuple[list[Line], list[dict[str, object]]]:
    rows = FormEntry.objects.order_by("subject", "form", "key").values()
    return list(read_lines()), [{**row, "id": 0} for row in rows]


def test_the_lines_and_rows_are_those_of_entering_one_by_one(
    sites: Server, open_template: str
) -> None:
    enter_one_by_one(typed_of(screen()) + typed_of(screen()))
    by_hand = lines_and_rows()
    copy_template(sites, template=open_template)
    enter(typed_of(screen()) + typed_of(screen()))
    assert lines_and_rows() == by_hand
    assert verify_trial().findings == ()


def test_entries_sent_again_answer_as_they_did(sites: Server) -> None:
    subject = screen()
    enter(typed_of(subject))
    head = read_head()
    enter(typed_of(subject))
    assert read_head() == head
    other = saving((subject, "ecog", "w6"), "ecog=1")
    with pytest.raises(RequestReusedError):
        enter([other])


def test_one_refusal_leaves_nothing_of_all(sites: Server) -> None:
    subject = screen()
    head = read_head()
    whole = typed_of(subject)
    with pytest.raises(UnknownError, match="no subject 01-009"):
        enter([*whole, saving(("01-009", "dm"), "sex=M")])
    with pytest.raises(UnknownError, match="nobody enters age_years"):
        enter([*whole, saving((subject, "ecog", "w6"), "age_years=1")])
    with pytest.raises(FindingsError):
        enter([*whole, saving((subject, "ecog", "a.b"), "ecog=1")])
    with pytest.raises(TextRefusedError):
        enter([*whole, saving((subject, "ecog", "w6"), "ecog=a\0b")])
    with pytest.raises(NotAllowedError, match="cora has no role"):
        enter(whole, actor="cora")
    assert read_head() == head
    assert not FormEntry.objects.exists()


def test_an_entry_that_is_there_is_not_entered_over(sites: Server) -> None:
    subject = screen()
    enter([saving((subject, "dm"), "site=01 sex=M birth_year=1961")], request_id="")
    with pytest.raises(StaleVersionError, match="compare both"):
        enter([saving((subject, "dm"), "sex=F")], request_id="")
    twice = [saving((subject, "imdc"), "kps=90"), saving((subject, "imdc"), "kps=80")]
    with pytest.raises(StaleVersionError):
        enter(twice, request_id="")


def test_a_new_entry_drops_a_signed_eligibility(sites: Server) -> None:
    (subject,) = eligible_subjects(1)
    assert Signature.objects.get().is_valid
    enter([saving((subject, "ecog", "w6"), "ecog_date=2026-03-01 ecog=0")], request_id="")
    assert not Signature.objects.get().is_valid
    assert verify_trial().findings == ()


def test_each_entry_is_its_own_deed_by_its_own_person(sites: Server) -> None:
    seoul, ann_arbor = screen("01"), screen("02")
    deeds = (
        Typed(saving=saving((seoul, "dm"), "sex=M"), deed=by("ivy", minutes=9)),
        Typed(saving=saving((ann_arbor, "dm"), "sex=F"), deed=by("cora", minutes=2)),
    )
    done = enter_checked(deeds, found={}, comment=COMMENT)
    told = [(line.actor, line.role, line.site, line.at.minute) for line in list(read_lines())[-2:]]
    assert told == [("ivy", "investigator", "01", 9), ("cora", "coordinator", "02", 9)]
    assert '"clock":"2026-03-02T09:02' in list(read_lines())[-1].content
    assert [each.answer["state"] for each in done] == ["complete", "complete"]
