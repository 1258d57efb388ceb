"""Hostile texts, forged requests, other sites: no 500, nothing lost, nothing done."""

import pytest
from django.test import Client

from equipoise.store.models import FormEntry, LedgerLine
from store.people import screen
from web.entry_texts import address, html, send, sent, values_of
from web.visitors import OTHER_SITE, log_in

HOSTILE = {
    "markup": '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "attribute": "' onfocus='alert(1)' x='",
    "template": "{{ 7|add:7 }}{% load shell %}${7*7}",
    "sql": "'; DROP TABLE ledger_line; --",
    "formula": '=cmd|"/c calc"!A1',
    "plus": "+1+1",
    "emoji": "👩🏽‍⚕️🧬",
    "right to left": "\u202eabc\u202c مرحبا",
    "combining": "e\u0301\u0323" * 50,
    "zero width": "a\u200b\u200d\ufeffb",
    "lines": "one\ntwo\n\n  three",
    "tab": "a\tb",
    "long": "x" * 1_000_000,
    "kind": "@not_a_kind",
    "path": "../../etc/passwd",
    "backslash": "\\x00\\",
    "private": "\ue000\U0010ffff",
}


def test_every_hostile_text_is_kept_as_typed_and_drawn_escaped(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    for seen, (name, text) in enumerate(HOSTILE.items()):
        place = (subject, "prior_sys", "1")
        answer = send(client, place, "save_form", {"agents": text}, seen=seen)
        assert answer.status_code == 302, name
        page = client.get(answer["Location"])
        assert page.status_code == 200, name
        assert values_of(page)["agents"] == text.strip(), name  # type: ignore[arg-type]
        assert "<script>alert" not in html(page), name  # type: ignore[arg-type]
        history = client.get(answer["Location"].replace("/form/", "/history/"))
        assert history.status_code == 200, name
        assert "<script>alert" not in html(history), name  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["dm", "ae", "les_bl", "imdc"])
def test_hostile_texts_in_every_field_of_a_form_break_nothing(site: object, form: str) -> None:
    client, subject = log_in("cho"), screen("01")
    names = list(values_of(client.get(address("entry", subject, form))))  # type: ignore[arg-type]
    for name, text in HOSTILE.items():
        texts = dict.fromkeys(names, text[:5000])
        for deed in ("check", "save_form", "complete_form", "change_form", "nonsense"):
            answer = send(client, (subject, form), deed, texts)
            assert answer.status_code in {200, 302, 409, 422}, (name, deed)
            assert "<script>alert" not in html(answer), (name, deed)
        live = client.post(address("entry_check", subject, form), sent("check", texts))
        assert live.status_code == 200, name


def test_a_character_that_cannot_be_kept_is_refused_and_stays_on_the_screen(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    answer = send(client, (subject, "icf"), "save_form", {"consent_version": "a\x00b"})
    assert answer.status_code == 422
    assert "NUL" in html(answer)
    assert "What you typed" in html(answer)
    assert "<td>consent_version</td>" in html(answer)
    assert not FormEntry.objects.exists()


def test_bytes_that_are_no_text_are_not_a_fault(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    body = b"deed=save_form&seen=0&items.consent_version=%ED%A0%80%FF"
    kind = "application/x-www-form-urlencoded"
    answer = client.post(address("entry", subject, "icf"), body, content_type=kind)
    assert answer.status_code == 302
    assert "\ufffd" in FormEntry.objects.get(form="icf").values["consent_version"]


def test_items_that_no_form_has_are_not_read(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    strange = {"items.arm": "sbrt", "items.subject": "02-001", "missing.__proto__": "@unknown"}
    answer = send(client, (subject, "icf"), "save_form", {"consent_version": "1"}, **strange)
    assert answer.status_code == 302
    assert FormEntry.objects.get().values == {"consent_version": "1"}


def test_a_derived_item_cannot_be_sent(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    send(client, (subject, "dm"), "save_form", {"site": "01", "age_years": "30"})
    assert "age_years" not in FormEntry.objects.get().values


def test_the_key_of_an_entry_cannot_be_changed_by_sending_another(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    send(client, (subject, "ae"), "save_form", {"record": "1", "term": "Fatigue"})
    place = (subject, "ae", "1")
    send(client, place, "save_form", {"record": "7", "term": "Nausea"}, seen=1)
    entry = FormEntry.objects.get(form="ae")
    assert (entry.key, entry.values["record"], entry.values["term"]) == ("1", "1", "Nausea")


@pytest.mark.parametrize("key", ["1.2", "%00", "x y", "<b>", "9" * 400, "é", "..", "@unknown"])
def test_keys_made_up_in_the_address_are_answered_and_never_a_fault(site: object, key: str) -> None:
    client, subject = log_in("cho"), screen("01")
    for name in ("entry", "entry_check", "entry_history", "entry_take_back"):
        verb, place = name.removeprefix("entry_") if name != "entry" else "form", "ae"
        address_text = f"/entry/{verb.replace('_', '-')}/{subject}/{place}/{key}/"
        assert client.get(address_text).status_code in {200, 302, 400, 404, 422}, name
        sent_there = client.post(address_text, sent("save_form", {"term": "x"}))
        assert sent_there.status_code in {200, 302, 400, 404, 405, 409, 422}, name


def forged(token: str) -> tuple[Client, dict[str, str]]:
    """A browser that checks tokens, with this one."""
    client = log_in("cho", checks_csrf=True)
    if token:
        client.cookies["csrftoken"] = "a" * 32
    return client, {"csrfmiddlewaretoken": token} if token else {}


@pytest.mark.parametrize("token", ["", "b" * 32, "a" * 63 + "b", "short"])
def test_a_missing_or_forged_token_saves_nothing_and_loses_nothing(
    site: object, token: str
) -> None:
    subject = screen("01")
    client, fields = forged(token)
    lines = LedgerLine.objects.count()
    texts = {"consent_version": "typed for an hour"}
    answer = send(client, (subject, "icf"), "save_form", texts, **fields)
    assert answer.status_code == 403
    assert "typed for an hour" in html(answer)
    assert LedgerLine.objects.count() == lines


def test_another_site_finds_no_page_of_a_subject(site: object) -> None:
    subject = screen("01")
    send(log_in("cho"), (subject, "dm"), "save_form", {"site": "01"})
    other = log_in(OTHER_SITE)
    for name in ("entry", "entry_history", "entry_take_back", "entry_check"):
        assert other.get(address(name, subject, "dm")).status_code == 404
    assert other.get(f"/entry/codes/{subject}/ae/term/").status_code == 404
    assert send(other, (subject, "dm"), "save_form", {"site": "02"}, seen=1).status_code == 404
    assert FormEntry.objects.get().values == {"site": "01"}


def test_an_expired_session_loses_nothing_that_was_typed(site: object) -> None:
    subject = screen("01")
    nobody = Client()
    answer = send(nobody, (subject, "icf"), "save_form", {"consent_version": "typed long"})
    assert answer.status_code == 401
    assert "kept" in html(answer)
    live = nobody.post(address("entry_check", subject, "icf"), {}, headers={"HX-Request": "true"})
    assert live.status_code == 401
    assert live["HX-Retarget"] == "#notices"
    assert not FormEntry.objects.exists()
