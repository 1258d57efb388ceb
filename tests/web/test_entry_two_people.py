"""Two people in the same form: nobody overwrites the other, and each sees both versions."""

from django.test import Client

from equipoise.protocol.parse import shipped_protocol
from equipoise.store.entry_place import EntryPlace
from equipoise.store.models import FormEntry
from equipoise.store.read_history import values_at
from equipoise.web.entry.conflict import Proposal, list_differences
from store.people import screen
from web.entry_texts import address, drawn, html, send, values_of
from web.visitors import log_in

FIRST = {"consent_date": "2026-03-02", "consent_version": "1.0"}


def chosen(texts: dict[str, str], theirs: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """What is proposed for each field in which the versions differ."""
    protocol = shipped_protocol()
    found = list_differences(
        protocol.form_named("icf"), protocol=protocol, mine=texts, theirs=theirs, before=before
    )
    return {each.name: each.proposal.value for each in found}


def test_what_one_person_changed_is_proposed_and_what_both_changed_is_asked() -> None:
    mine = {"consent_date": "2026-03-03", "consent_version": "1.0"}
    assert chosen(mine, FIRST, FIRST) == {"consent_date": Proposal.MINE}
    assert chosen(FIRST, mine, FIRST) == {"consent_date": Proposal.THEIRS}
    other = {**FIRST, "consent_date": "2026-03-04"}
    assert chosen(mine, other, FIRST) == {"consent_date": Proposal.NEITHER}
    assert chosen(mine, mine, FIRST) == {}
    assert chosen({"consent_version": "2"}, {}, {}) == {"consent_version": Proposal.MINE}


def two_people() -> tuple[Client, Client, str]:
    """A coordinator and an investigator of one site, and an entry that both have open."""
    subject = screen("01")
    cho, ivy = log_in("cho"), log_in("ivy")
    send(cho, (subject, "icf"), "save_form", FIRST)
    return cho, ivy, subject


def test_the_second_to_save_sees_both_versions_and_chooses(site: object) -> None:
    cho, ivy, subject = two_people()
    send(cho, (subject, "icf"), "save_form", {**FIRST, "consent_date": "2026-03-03"}, seen=1)
    mine = {"consent_date": "2026-03-04", "consent_version": "1.1"}
    page = send(ivy, (subject, "icf"), "save_form", mine, seen=1)
    assert page.status_code == 409
    text = html(page)
    for told in (
        "2026-03-02",
        "2026-03-03",
        "2026-03-04",
        "1.0",
        "1.1",
        "both changed it",
        "cho saved it",
    ):
        assert told in text
    assert FormEntry.objects.get(form="icf").values["consent_date"] == "2026-03-03"
    fields = drawn(page).values
    assert fields["seen"] == "2"
    assert fields["items.consent_version"] == "1.1", "only I changed it"
    assert "items.consent_date" not in fields, "both changed it: nothing is chosen for them"
    send(
        ivy,
        (subject, "icf"),
        "save_form",
        {"consent_date": "2026-03-04", "consent_version": "1.1"},
        seen=2,
    )
    assert FormEntry.objects.get(form="icf").values == mine


def test_a_choice_that_comes_too_late_is_asked_again(site: object) -> None:
    cho, ivy, subject = two_people()
    send(cho, (subject, "icf"), "save_form", {**FIRST, "consent_version": "2"}, seen=1)
    send(cho, (subject, "icf"), "save_form", {**FIRST, "consent_version": "3"}, seen=2)
    assert send(ivy, (subject, "icf"), "save_form", FIRST, seen=2).status_code == 409


def test_two_people_who_typed_the_same_have_nothing_to_choose(site: object) -> None:
    cho, ivy, subject = two_people()
    same = {**FIRST, "consent_version": "2"}
    send(cho, (subject, "icf"), "save_form", same, seen=1)
    page = send(ivy, (subject, "icf"), "save_form", same, seen=1)
    assert page.status_code == 409
    assert "Both versions say the same" in html(page)


def test_a_form_completed_meanwhile_is_changed_with_a_reason(site: object) -> None:
    cho, ivy, subject = two_people()
    send(cho, (subject, "icf"), "complete_form", FIRST, seen=1)
    page = send(ivy, (subject, "icf"), "save_form", {**FIRST, "consent_date": "2026-03-01"}, seen=1)
    assert page.status_code == 409
    assert 'value="change_form"' in html(page)
    mine = {"consent_date": "2026-03-01"}
    done = send(ivy, (subject, "icf"), "change_form", mine, seen=2, reason="typing error")
    assert done.status_code == 302
    assert FormEntry.objects.get(form="icf").values == {**FIRST, "consent_date": "2026-03-01"}


def test_both_start_a_new_form_and_the_second_is_told(site: object) -> None:
    subject = screen("01")
    send(log_in("cho"), (subject, "icf"), "save_form", FIRST)
    page = send(log_in("ivy"), (subject, "icf"), "save_form", {**FIRST, "consent_version": "9"})
    assert page.status_code == 409
    assert values_of(page) == {}, "there was nothing before: both changed it"
    assert "9" in html(page)


def test_a_version_nobody_ever_saw_is_no_way_around(site: object) -> None:
    cho, _, subject = two_people()
    for seen in (0, 2, 99):
        assert send(cho, (subject, "icf"), "save_form", FIRST, seen=seen).status_code == 409
    place = address("entry", subject, "icf")
    for seen_text in ("", "-1", "1e0", "¹", "9" * 30, "1; DROP"):
        sent = {"items.consent_version": "x", "deed": "save_form", "seen": seen_text}
        assert cho.post(place, sent).status_code == 409


def test_the_values_of_an_earlier_version_are_known(site: object) -> None:
    cho, _, subject = two_people()
    send(cho, (subject, "icf"), "save_form", {**FIRST, "consent_version": "2"}, seen=1)
    place = EntryPlace(subject=subject, form="icf")
    assert values_at(place, version=0) == {}
    assert values_at(place, version=1) == FIRST
    assert values_at(place, version=2) == {**FIRST, "consent_version": "2"}
