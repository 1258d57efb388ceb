"""One patient, click by click: screened, signed, randomised, entered, asked about, locked."""

import re

from playwright.sync_api import Page, expect

from browser.clicks import Desk, complete, fill_in, send, told, type_item
from equipoise.store.models import Allocation, FormEntry
from equipoise.store.verify import verify_trial
from store.entries import ELIGIBLE, PASSWORD, typed
from web.test_randomisation_pages import recent


def enrol(page: Page) -> str:
    page.goto("/subjects/")
    page.get_by_role("link", name=re.compile("Enrol")).click()
    send(page, "Enrol")
    page.wait_for_url("**/subjects/01-*/")
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def enter_screening(page: Page, subject: str) -> None:
    for (form, *key), text in ELIGIBLE.items():
        address = f"/entry/form/{subject}/{form}/"
        fill_in(page, address + "".join(f"{part}/" for part in key), typed(recent(text)))
        complete(page)


def sign_eligibility(page: Page, subject: str) -> None:
    page.goto(f"/eligibility/{subject}/")
    page.locator("select[name='stratum.imdc']").select_option("fav")
    page.get_by_label(re.compile("password", re.IGNORECASE)).fill(PASSWORD)
    send(page, "Sign eligibility")
    told(page, re.compile("Signed by Ivy"))


def randomise(page: Page, subject: str) -> None:
    page.goto(f"/randomise/{subject}/")
    page.get_by_label(re.compile("This is the right subject")).check()
    send(page, "Randomise")
    page.wait_for_url(f"**/randomised/{subject}/")
    arm = Allocation.objects.get(subject_id=subject).arm
    expect(page.get_by_text(re.compile(f"Arm {arm}:")).first).to_be_visible()


def ask_answer_and_close(desk: Desk, subject: str, site: Page, monitor: Page) -> None:
    monitor.goto(f"/queries/new/{subject}/imdc/")
    monitor.get_by_label("About").select_option("hb_g_dl")
    monitor.get_by_label("Your question to the site").fill("14 or 14.0? The report says 14.2.")
    send(monitor, "Ask")
    expect(monitor.get_by_role("heading", name=re.compile("Query 1"))).to_be_visible()
    site.goto("/queries/1/")
    site.get_by_label("Your answer").fill("14.2 it is; mended.")
    send(site, "Send the answer")
    site.goto(f"/entry/form/{subject}/imdc/")
    type_item(site, "hb_g_dl", "14.2")
    site.get_by_label("Reason for the change").fill("misread")
    send(site, "Save the change")
    told(site, "The change is saved.")
    monitor.goto("/queries/1/")
    send(monitor, "Close the query")
    expect(monitor.get_by_text("closed").first).to_be_visible()


def mark_all_and(page: Page, subject: str, button: str) -> None:
    page.goto(f"/casebook/{subject}/")
    send(page, "Show and mark")
    send(page, button)


def test_a_patient_is_screened_randomised_entered_queried_verified_signed_and_locked(
    desk: Desk,
) -> None:
    cho, ivy, mo, dana = (desk.sit_down(name) for name in ("cho", "ivy", "mo", "dana"))
    subject = enrol(cho)
    enter_screening(cho, subject)
    sign_eligibility(ivy, subject)
    randomise(cho, subject)
    ask_answer_and_close(desk, subject, cho, mo)
    mark_all_and(mo, subject, "Verify the marked")
    mark_all_and(ivy, subject, "Sign the marked…")
    ivy.get_by_label(re.compile("password", re.IGNORECASE)).fill(PASSWORD)
    send(ivy, "Sign")
    mark_all_and(dana, subject, "Freeze the marked")
    mark_all_and(dana, subject, "Lock the marked")
    states = set(FormEntry.objects.filter(subject_id=subject).values_list("form", "state"))
    assert {state for _, state in states} == {"locked"}, states
    assert verify_trial().findings == ()
