"""A form in the browser: without mouse, without script, by two people, the session gone."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.clicks import Desk, fill_in, log_in, told, type_item
from equipoise.store.models import FormEntry
from store.entries import PASSWORD
from store.people import screen


@pytest.fixture
def subject(desk: Desk) -> str:
    return screen("01")


def stored(subject: str, form: str) -> dict[str, str]:
    return dict(FormEntry.objects.get(subject_id=subject, form=form).values)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def type_and_go_on(page: Page, *texts: str) -> None:
    """Types into the field that has the focus, and on to the next by Enter."""
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Enter")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


VITALS = {
    "vs_date": "2026-03-02",
    "weight_kg": "71.2",
    "systolic_mm_hg": "120",
    "diastolic_mm_hg": "80",
    "temperature_c": "36.6",
    "spo2_percent": "98",
}


def test_a_form_is_filled_in_and_saved_from_the_keyboard_alone(desk: Desk, subject: str) -> None:
    page = desk.sit_down("cho")
    page.goto(f"/entry/form/{subject}/vs/M3/")
    while not focused(page).startswith("items."):
        page.keyboard.press("Tab")
    order = []
    for text in VITALS.values():
        order.append(focused(page).removeprefix("items."))
        type_and_go_on(page, text)
    assert order == list(VITALS)
    press(page, "Control+s")
    told(page, "Draft saved.")
    assert stored(subject, "vs") == {"visit": "M3", **VITALS}


def test_a_term_is_found_while_it_is_typed_and_picked_with_the_arrows(
    desk: Desk, subject: str
) -> None:
    page = desk.sit_down("cho")
    page.goto(f"/entry/form/{subject}/ae/1/")
    page.locator("[name='items.term']").focus()
    page.keyboard.type("vomi", delay=20)
    found = page.locator("#found-term label")
    expect(found.filter(has_text="Vomiting")).to_be_visible()
    press(page, "ArrowDown")
    expect(page.locator("[name='items.term']")).to_have_value("Vomiting")
    press(page, "Escape", "Control+s")
    told(page, "Draft saved.")
    assert stored(subject, "ae")["term"] == "Vomiting"


def test_what_is_wrong_and_what_follows_is_told_while_one_types(desk: Desk, subject: str) -> None:
    page = desk.sit_down("cho")
    page.goto(f"/entry/form/{subject}/diag/")
    expect(page.locator("#item-nephrectomy_date")).to_be_hidden()
    type_item(page, "nephrectomy", "done")
    expect(page.locator("#item-nephrectomy_date")).to_be_visible()
    type_item(page, "primary_date", "2026-02-30")
    press(page, "Tab")
    expect(page.locator("#told-primary_date .hard")).to_be_visible()
    expect(page.locator("[name='items.primary_date']")).to_have_attribute("aria-invalid", "true")
    type_item(page, "primary_date", "2026-02-03")
    press(page, "Tab")
    expect(page.locator("#told-primary_date .hard")).to_have_count(0)
    assert not FormEntry.objects.filter(subject_id=subject).exists()


def test_leaving_with_something_unsaved_is_asked_about_and_not_after_saving(
    desk: Desk, subject: str
) -> None:
    page, asked = desk.sit_down("cho"), []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    fill_in(page, f"/entry/form/{subject}/icf/", {"consent_version": "1.0"})
    page.evaluate("setTimeout(() => document.querySelector('a.trial').click())")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator("[name='items.consent_version']")).to_have_value("1.0")
    page.get_by_role("button", name="Save draft").click()
    told(page, "Draft saved.")
    page.get_by_role("link", name="Work list").click()
    page.wait_for_url("**/work/")
    assert asked == ["beforeunload"]


def test_two_people_in_one_form_see_both_versions_and_one_is_chosen(
    desk: Desk, subject: str
) -> None:
    cho, ivy = desk.sit_down("cho"), desk.sit_down("ivy")
    address = f"/entry/form/{subject}/icf/"
    for page in (cho, ivy):
        page.goto(address)
    type_item(cho, "consent_version", "1.0")
    cho.get_by_role("button", name="Save draft").click()
    told(cho, "Draft saved.")
    type_item(ivy, "consent_version", "2.0")
    ivy.get_by_role("button", name="Save draft").click()
    expect(ivy.get_by_role("heading", name=re.compile("Someone else saved"))).to_be_visible()
    row = ivy.get_by_role("row").filter(has_text="1.0").filter(has_text="2.0")
    row.get_by_label("2.0").check()
    ivy.get_by_role("button", name="Save what is chosen").click()
    told(ivy, "Draft saved.")
    assert stored(subject, "icf")["consent_version"] == "2.0"


LONG = {
    "poly_history": "N",
    "oligo_history": "N",
    "late_metastasis": "Y",
    "on_systemic_therapy": "N",
    "max_lesions_ever": "3",
}


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing_typed(
    desk: Desk, subject: str
) -> None:
    page = desk.sit_down("cho")
    fill_in(page, f"/entry/form/{subject}/omd/", LONG)
    page.wait_for_timeout(300)
    page.context.clear_cookies(name="sessionid")
    type_item(page, "omd_date", "2026-02-10")
    press(page, "Tab")
    told(page, "What you typed is still on this page.")  # while typing; nothing is swapped away
    expect(page.locator("[name='items.max_lesions_ever']")).to_have_value("3")
    page.get_by_role("button", name="Save draft").click()
    told(page, "Nothing you typed is lost.")
    page.get_by_label("Username").fill("cho")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Send what I typed").click()
    told(page, "Draft saved.")
    assert stored(subject, "omd") == {**LONG, "omd_date": "2026-02-10"}


def test_a_log_in_in_another_window_lets_one_go_on_where_one_was(desk: Desk, subject: str) -> None:
    page = desk.sit_down("cho")
    fill_in(page, f"/entry/form/{subject}/icf/", {"consent_version": "1.0"})
    page.context.clear_cookies()
    log_in(page.context.new_page(), "cho")
    page.get_by_role("button", name="Save draft").click()
    told(page, "Draft saved.")
    assert stored(subject, "icf") == {"consent_version": "1.0"}


def test_a_form_is_filled_in_without_a_script(desk: Desk, subject: str) -> None:
    page = desk.sit_down("cho", scripts=False)
    texts = {"sex": "M", "birth_year": "1961"}
    fill_in(page, f"/entry/form/{subject}/dm/", texts)
    page.get_by_role("button", name="Complete").click()
    told(page, re.compile("Not complete yet"))
    type_item(page, "site", "01")
    page.get_by_role("button", name="Complete").click()
    told(page, "The form is complete.")
    assert stored(subject, "dm") == {**texts, "site": "01"}
