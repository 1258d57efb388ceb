"""Every form of every shipped trial: drawn, saved, completed through the browser of a test."""

from html import escape

from equipoise.capture.roles import TREATS, Role
from equipoise.protocol.form_model import Form
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.models import FormEntry
from store.entries import ELIGIBLE, typed
from store.people import screen
from web.entry_texts import address, confirm_all, drawn, html, send, values_of
from web.form_texts import examples
from web.visitors import WHO, log_in

PROTOCOL = shipped_protocol()
FORMS = [form for form in PROTOCOL.form if form.form != PROTOCOL.randomisation.form]


def who_enters(form: Form) -> str:
    """An account of site 01, or of the trial, that enters the form."""
    roles = form.entered_by or TREATS
    return WHO[Role.COORDINATOR if Role.COORDINATOR in roles else roles[0]]


def test_every_form_is_drawn_saved_and_drawn_again_as_it_was_typed(site: object) -> None:
    subject = screen("01")
    for form in FORMS:
        client = log_in(who_enters(form))
        fresh = client.get(address("entry", subject, form.form))
        assert fresh.status_code == 200, form.form
        asked = {item.name for item in form.entered_items}
        assert set(values_of(fresh)) == asked, form.form  # type: ignore[arg-type]
        texts = examples(form, PROTOCOL)
        saved = send(client, (subject, form.form), "save_form", texts)
        assert saved.status_code == 302, (form.form, html(saved)[-3000:])
        again = values_of(client.get(saved["Location"]))  # type: ignore[arg-type]
        assert again == {n: t for n, t in texts.items() if n not in form.key}, form.form


def test_every_form_is_completed_or_says_which_other_form_speaks_against_it(
    site: object,
) -> None:
    subject = screen("01")
    completed = []
    for form in FORMS:
        client, texts = log_in(who_enters(form)), examples(form, PROTOCOL)
        answer = send(client, (subject, form.form), "complete_form", texts)
        if answer.status_code == 422:
            more = confirm_all(answer)
            answer = send(client, (subject, form.form), "complete_form", texts, **more)
        checks = [escape(check.message) for check in form.check]
        if answer.status_code == 302:
            completed.append(form.form)
        else:
            assert answer.status_code == 422, form.form
            assert any(message in html(answer) for message in checks), form.form
    assert len(completed) >= len(FORMS) // 3, completed
    assert set(FormEntry.objects.values_list("state", flat=True)) == {"complete"}


def test_an_eligible_subject_is_typed_in_and_every_form_is_complete(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    for (form, *key), text in ELIGIBLE.items():
        saved = send(client, (subject, form, *key), "save_form", typed(text))
        assert saved.status_code == 302, form
    for (form, *key), text in ELIGIBLE.items():
        place = (subject, form, *key)
        answer = send(client, place, "complete_form", typed(text), seen=1)
        if answer.status_code == 422:
            more = confirm_all(answer)
            answer = send(client, place, "complete_form", typed(text), seen=1, **more)
        assert answer.status_code == 302, html(answer)
    assert set(FormEntry.objects.values_list("state", flat=True)) == {"complete"}


def test_every_input_of_every_form_has_a_label_and_every_reference_a_target(site: object) -> None:
    subject = screen("01")
    for form in FORMS:
        client, texts = log_in(who_enters(form)), dict.fromkeys(examples(form, PROTOCOL), "?")
        pages = (
            client.get(address("entry", subject, form.form)),
            send(client, (subject, form.form), "complete_form", texts),
        )
        for page in pages:
            reader = drawn(page)  # type: ignore[arg-type]
            told = f"{form.form} {page.status_code}"
            assert len(reader.ids) == len(set(reader.ids)), told
            bare = [
                each
                for each in reader.inputs
                if not each["inside"] and each.get("id") not in reader.labels
            ]
            assert bare == [], told
            assert reader.described | reader.labelled <= set(reader.ids), told
            assert reader.labels - {""} <= set(reader.ids), told
            assert reader.headings[0] == 1, told
            steps = zip(reader.headings, reader.headings[1:], strict=False)
            assert all(after - before <= 1 for before, after in steps), told


def test_what_is_refused_is_said_beside_its_field_and_linked_from_the_top(site: object) -> None:
    client, subject = log_in("cho"), screen("01")
    texts = {"site": "Seoul", "sex": "M", "birth_year": "1700"}
    reader = drawn(send(client, (subject, "dm"), "complete_form", texts))
    refused = {each["name"] for each in reader.inputs if each.get("aria-invalid") == "true"}
    assert refused == {"items.site", "items.birth_year"}
    for each in reader.inputs:
        if each.get("name") in refused:
            assert f"told-{each['name'].removeprefix('items.')}" in each["aria-describedby"]
