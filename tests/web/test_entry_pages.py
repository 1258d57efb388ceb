"""The page of an entry from the first letter to the change after completion."""

from django.test import Client

from equipoise.protocol.parse import shipped_protocol
from equipoise.store.models import FormEntry, LedgerLine
from equipoise.web.entry.keys import propose_key
from store.people import screen
from web.entry_texts import address, confirm_all, drawn, html, send, sent, values_of
from web.visitors import log_in

DM = {"site": "01", "sex": "M", "birth_year": "1961"}
EVENT = {
    "record": "1",
    "term": "Fatigue",
    "grade": "2",
    "onset_date": "2026-03-10",
    "serious": "N",
    "outcome": "recovering",
}


def begin(who: str = "cho") -> tuple[Client, str]:
    """A person logged in, and a new subject of site 01."""
    return log_in(who), screen("01")


def row(subject: str, form: str, key: str = "") -> FormEntry:
    """The entry as it is stored."""
    return FormEntry.objects.get(subject=subject, form=form, key=key)


def test_a_draft_is_saved_as_typed_and_drawn_again(site: object) -> None:
    client, subject = begin()
    answer = send(client, (subject, "dm"), "save_form", {**DM, "birth_year": "nineteen"})
    assert answer.status_code == 302
    page = client.get(address("entry", subject, "dm"))
    assert values_of(page) == {**DM, "birth_year": "nineteen", "race": ""}  # type: ignore[arg-type]
    assert "not a whole number" in html(page)  # type: ignore[arg-type]
    assert row(subject, "dm").values == {**DM, "birth_year": "nineteen"}
    assert row(subject, "dm").state == "draft"


def test_a_hard_finding_blocks_completion_and_nothing_typed_is_lost(site: object) -> None:
    client, subject = begin()
    answer = send(client, (subject, "dm"), "complete_form", {**DM, "site": "Seoul"})
    assert answer.status_code == 422
    assert values_of(answer)["site"] == "Seoul"
    assert 'href="#i-site"' in html(answer)
    assert not FormEntry.objects.exists()
    assert send(client, (subject, "dm"), "complete_form", DM).status_code == 302
    assert row(subject, "dm").state == "complete"


def test_a_soft_finding_needs_a_comment_and_the_comment_is_kept(site: object) -> None:
    client, subject = begin()
    texts = {name: text for name, text in EVENT.items() if name != "outcome"}
    asked = send(client, (subject, "ae"), "complete_form", texts)
    assert asked.status_code == 422
    assert "Outcome: missing." in html(asked)
    blank = send(client, (subject, "ae"), "complete_form", texts, **confirm_all(asked, "  "))
    assert blank.status_code == 422
    done = send(client, (subject, "ae"), "complete_form", texts, **confirm_all(asked, "lost"))
    assert (done.status_code, done["Location"]) == (302, address("entry", subject, "ae", "1"))
    assert [c["comment"] for c in row(subject, "ae", "1").confirmations] == ["lost"]


def test_a_complete_form_changes_only_with_a_reason(site: object) -> None:
    client, subject = begin()
    send(client, (subject, "dm"), "complete_form", DM)
    other = {**DM, "birth_year": "1962"}
    bare = send(client, (subject, "dm"), "change_form", other, seen=1)
    assert bare.status_code == 422
    assert values_of(bare)["birth_year"] == "1962"
    assert "say why" in html(bare)
    done = send(client, (subject, "dm"), "change_form", other, seen=1, reason="typing error")
    assert done.status_code == 302
    assert LedgerLine.objects.latest("number").reason == "typing error"


def test_a_draft_of_a_complete_form_is_refused_in_words(site: object) -> None:
    client, subject = begin()
    send(client, (subject, "dm"), "complete_form", DM)
    answer = send(client, (subject, "dm"), "save_form", DM, seen=1)
    assert answer.status_code == 409
    assert "change it, with a reason" in html(answer)


def test_the_same_request_sent_twice_is_one_deed(site: object) -> None:
    client, subject = begin()
    before = LedgerLine.objects.count()
    for _ in range(2):
        answer = send(client, (subject, "dm"), "save_form", DM, request_id="a" * 24)
        assert answer.status_code == 302
    assert LedgerLine.objects.count() == before + 1


def test_enter_without_a_script_looks_and_saves_nothing(site: object) -> None:
    client, subject = begin()
    page = client.get(address("entry", subject, "dm"))
    buttons = html(page).split('<form method="post" class="entry')[1].split("<button")[1:]  # type: ignore[arg-type]
    assert 'value="check"' in buttons[0], "the first button is what Enter presses"
    answer = send(client, (subject, "dm"), "check", {**DM, "site": "Seoul"})
    assert answer.status_code == 200
    assert "not of the form" in html(answer)
    assert not FormEntry.objects.exists()


def test_kinds_of_missing_go_in_and_come_out(site: object) -> None:
    client, subject = begin()
    kinds = {"missing.birth_year": "@unknown", "missing.site": "@not_done"}
    texts = {"sex": "@not_applicable", "birth_year": "", "site": ""}
    assert send(client, (subject, "dm"), "save_form", texts, **kinds).status_code == 302
    assert row(subject, "dm").values == {
        "sex": "@not_applicable",
        "birth_year": "@unknown",
        "site": "@not_done",
    }
    page = drawn(client.get(address("entry", subject, "dm")))  # type: ignore[arg-type]
    assert page.values["missing.birth_year"] == "@unknown"
    assert page.values["items.birth_year"] == ""
    assert page.values["items.sex"] == "@not_applicable"


def test_a_value_and_a_kind_of_missing_together_are_not_guessed_at(site: object) -> None:
    client, subject = begin()
    kinds = {"missing.birth_year": "@unknown"}
    answer = send(client, (subject, "dm"), "save_form", DM, **kinds)
    assert answer.status_code == 422
    page = drawn(answer)
    assert page.values["items.birth_year"] == "1961"
    assert page.values["missing.birth_year"] == "@unknown"
    assert not FormEntry.objects.exists()
    assert (
        send(client, (subject, "dm"), "save_form", DM, **{"missing.site": "@x"}).status_code == 302
    )


def test_a_new_record_has_the_next_number_and_a_taken_one_is_a_conflict(site: object) -> None:
    client, subject = begin()
    assert send(client, (subject, "ae"), "save_form", EVENT).status_code == 302
    page = client.get(address("entry", subject, "ae"))
    assert values_of(page)["record"] == "2"  # type: ignore[arg-type]
    taken = send(client, (subject, "ae"), "save_form", {**EVENT, "grade": "3"})
    assert taken.status_code == 409
    assert row(subject, "ae", "1").values["grade"] == "2"


def test_a_new_entry_without_a_sound_key_is_not_saved_and_not_lost(site: object) -> None:
    client, subject = begin()
    answer = send(client, (subject, "ae"), "save_form", {**EVENT, "record": "first"})
    assert answer.status_code == 422
    assert values_of(answer)["term"] == "Fatigue"
    assert values_of(answer)["record"] == "first"


def test_keys_are_proposed_as_the_last_entry_and_its_number_next() -> None:
    def proposed(form: str, *keys: tuple[str, ...], **asked: str) -> dict[str, str]:
        return propose_key(shipped_protocol().form_named(form), keys=keys, asked=asked)

    assert proposed("ae") == {"record": "1"}
    assert proposed("ae", ("1",), ("9",), ("3",)) == {"record": "10"}
    assert proposed("les_bl", ("L01",), ("L02",)) == {"lesion": "L03"}
    assert proposed("rt_fx", ("L01", "1"), ("L01", "2")) == {"lesion": "L01", "fraction": "3"}
    assert proposed("rt_fx", ("L01", "2"), lesion="L02") == {"lesion": "L02", "fraction": "1"}
    assert proposed("les_fu", ("M3", "L01"), visit="M6") == {"visit": "M6", "lesion": "L01"}
    assert "visit" not in proposed("surv", ("M3",))


def test_an_entry_taken_back_leaves_the_page_and_may_be_entered_anew(site: object) -> None:
    client, subject = begin()
    send(client, (subject, "ae"), "save_form", EVENT)
    place = address("entry_take_back", subject, "ae", "1")
    assert client.get(place).status_code == 200
    assert client.post(place, {"seen": "1"}).status_code == 422
    assert client.post(place, {"seen": "7", "reason": "wrong subject"}).status_code == 409
    assert client.post(place, {"seen": "1", "reason": "wrong subject"}).status_code == 302
    assert client.get(place).status_code == 404
    assert row(subject, "ae", "1").values == {}
    assert send(client, (subject, "ae"), "save_form", EVENT).status_code == 302
    assert row(subject, "ae", "1").values["term"] == "Fatigue"


def test_what_is_typed_is_checked_while_it_is_typed(site: object) -> None:
    client, subject = begin()
    send(client, (subject, "icf"), "save_form", {"consent_date": "2026-03-02"})
    answer = client.post(
        address("entry_check", subject, "dm"),
        sent("check", {**DM, "site": "x", "sex": ""}),
        headers={"HX-Request": "true"},
    )
    text = html(answer)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert "not of the form" in text
    assert ">65</output>" in text
    assert "1 required item is still empty" in text
    assert text.count("hx-swap-oob") == 13
    assert not FormEntry.objects.filter(form="dm").exists()


def test_branching_opens_and_closes_fields_and_loses_no_value(site: object) -> None:
    client, subject = begin()
    typed = {"visit": "M3", "lesion": "L01", "scan_date": "2026-06-01"}

    def gates(**more: str) -> str:
        place = address("entry_check", subject, "les_fu")
        return html(client.post(place, sent("check", {**typed, **more})))  # type: ignore[arg-type]

    assert 'class="gate closed" id="gate-merged_into"' in gates(status="measured")
    assert 'class="gate" id="gate-merged_into"' in gates(status="merged")
    kept = gates(status="measured", merged_into="L02")
    assert 'class="gate" id="gate-merged_into"' in kept
    assert "it is answered, though" in kept


def test_terms_are_found_with_and_without_a_script(site: object) -> None:
    client, subject = begin()
    place = f"/entry/codes/{subject}/ae/term/"
    assert 'value="Fatigue"' in html(client.get(place, {"items.term": "fatig"}))  # type: ignore[arg-type]
    assert "Nothing in the list" in html(client.get(place, {"items.term": "zzz"}))  # type: ignore[arg-type]
    assert client.get(f"/entry/codes/{subject}/ae/nothing/").status_code == 404
    looked = send(client, (subject, "ae"), "check", {**EVENT, "term": "fatig"})
    assert 'name="pick.term" value="Fatigue"' in html(looked)
    picked = {"pick.term": "Fatigue"}
    send(client, (subject, "ae"), "save_form", {**EVENT, "term": "fatig"}, **picked)
    assert row(subject, "ae", "1").values["term"] == "Fatigue"


def test_the_history_tells_old_new_who_when_and_why(site: object) -> None:
    client, subject = begin()
    send(client, (subject, "dm"), "complete_form", DM)
    changed = {**DM, "birth_year": "1962", "sex": "F"}
    send(client, (subject, "dm"), "change_form", changed, seen=1, reason="seen in the passport")
    whole = html(client.get(address("entry_history", subject, "dm")))  # type: ignore[arg-type]
    for told in ("1961", "1962", "male", "female", "cho", "seen in the passport", "Asia/Seoul"):
        assert told in whole
    one = client.get(
        address("entry_history", subject, "dm"), {"item": "birth_year"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    text = html(one)  # type: ignore[arg-type]
    assert "1961" in text
    assert "female" not in text
    assert "<html" not in text
    assert text.rindex("1962") < text.rindex("1961"), "the newest stands first"
    gone = client.get(address("entry_history", subject, "dm"), {"item": "nothing"})
    assert gone.status_code == 404


def test_after_a_save_the_next_form_opens_where_one_wishes(site: object) -> None:
    client, subject = begin()
    done = send(client, (subject, "dm"), "save_form", DM, then="next")
    assert done["Location"] != address("entry", subject, "dm")
    assert client.get(done["Location"]).status_code == 200


def test_who_may_only_read_sees_values_and_no_fields(site: object) -> None:
    client, subject = begin()
    send(client, (subject, "dm"), "save_form", DM)
    page = log_in("mo").get(address("entry", subject, "dm"))
    names = [each.get("name", "") for each in drawn(page).inputs]  # type: ignore[arg-type]
    assert [name for name in names if name.startswith(("items.", "missing."))] == []
    assert "male" in html(page)  # type: ignore[arg-type]
    assert send(log_in("mo"), (subject, "dm"), "save_form", DM, seen=1).status_code == 403


def test_the_form_that_randomising_writes_cannot_be_typed(site: object) -> None:
    client, subject = begin()
    page = client.get(address("entry", subject, "rand"))
    assert page.status_code == 200
    assert "written by randomising" in html(page)  # type: ignore[arg-type]
    assert send(client, (subject, "rand"), "save_form", {}).status_code == 409


def test_a_form_that_reveals_the_arm_is_not_there_for_who_is_blinded(site: object) -> None:
    _, subject = begin()
    blinded = log_in("bea")
    for name in ("entry", "entry_history", "entry_take_back", "entry_check"):
        assert blinded.get(address(name, subject, "rt_rx", "L01")).status_code in {403, 404}
    assert blinded.get(address("entry", subject, "rt_rx")).status_code == 404
    assert blinded.get(address("entry", subject, "dm")).status_code == 200
    assert log_in("stan").get(address("entry", subject, "ae")).status_code == 404


def test_what_is_not_there_is_not_found(site: object) -> None:
    client, subject = begin()
    for place in (
        address("entry", subject, "nothing"),
        address("entry", "01-999", "dm"),
        address("entry", subject, "dm", "1"),
        address("entry", subject, "rt_fx", "L01"),
        address("entry_history", subject, "dm"),
        address("entry_take_back", subject, "dm"),
    ):
        assert client.get(place).status_code == 404, place


def test_the_page_of_keys_is_there_for_everybody(site: object) -> None:
    assert "Ctrl" in html(log_in("ada").get("/entry/keys/"))  # type: ignore[arg-type]
