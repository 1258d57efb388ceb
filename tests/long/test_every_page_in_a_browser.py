"""Every page of a filled site in a browser: axe finds nothing, the console is quiet, it reflows."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db.models import Count
from django.test import Client
from django.urls import get_resolver, reverse
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from browser.live_site import open_browser, serving
from equipoise.capture.roles import Role
from equipoise.store.demo import Opened, open_demo
from equipoise.store.demo_secrets import DEMO_PASSWORD
from equipoise.store.embedded import Server
from equipoise.store.models import Allocation, FormEntry, Site
from equipoise.store.permission import find_grants
from store.test_filled_site import DEMO
from store.trial_database import close_connections, copy_template
from web.access_table import DOOR, TABLE
from web.test_access_walk import cells, patterns, place_of
from web.test_second_factor import code_of
from web.visitors import log_in

AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 700}  # CSS pixels: WCAG 2.2, 1.4.10
NO_PAGE = (  # what leads on to a page, or is a file; it is never drawn by itself
    "resume choose_role entry_check query_answer query_close query_reopen casebook_verify "
    "casebook_unverify casebook_freeze casebook_unfreeze casebook_lock casebook_unlock site_close "
    "person_link person_grant person_revoke person_close version_approve randomise "
    "ledger_csv ledger_jsonl metrics health entry_codes sequence_prove person_change set_language"
).split()
NOT_YET = (  # waits for a second factor, or for a sign-on from elsewhere
    "account_set_password mfa_authenticate mfa_reauthenticate mfa_activate_totp "
    "mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes "
    "mfa_download_recovery_codes"
).split()
MORE = (  # the same page, looking otherwise
    "entry | form=ae key=1",
    "entry | form=les_bl key=L01",
    "entry | form=imdc",
    "entry | form=nfksi",
    "entry_history | form=imdc",
    "visit | visit=M3",
)
REFUSED = ("/nowhere/", "/subjects/99-999/", "/ledger/?from_date=yesterday", "/study/people/")
LOUD = ("error", "warning")  # of what a console says
PICTURES = os.environ.get("EQUIPOISE_PICTURES", "")  # a folder for a picture of every page


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The filled site in front of a browser, and the subject of whom most is entered."""

    browser: Browser
    address: str
    opened: Opened
    subject: str
    windows: dict[str, BrowserContext] = field(default_factory=dict)

    def open(self, username: str) -> Page:
        """A new page in the window of this person, or of nobody."""
        if username not in self.windows:
            self.windows[username] = self.browser.new_context(base_url=self.address)
            if username:
                session = log_in(username).cookies[settings.SESSION_COOKIE_NAME].value
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session}
                self.windows[username].add_cookies([{**cookie, "url": self.address}])  # type: ignore[typeddict-item]
        return self.windows[username].new_page()


@pytest.fixture(scope="module")
def filled(trial_server: Server) -> Iterator[Filled]:
    with open_browser() as browser:
        copy_template(trial_server)
        opened = open_demo(DEMO)
        home = find_grants(opened.accounts[Role.COORDINATOR])[0].site
        entries = FormEntry.objects.filter(subject__site=home).values_list("subject_id")
        subject = entries.annotate(entries=Count("pk")).latest("entries")[0]
        with serving() as address:
            yield Filled(browser=browser, address=address, opened=opened, subject=subject)
        close_connections()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page to look at: by name, at an address, by an account (empty for nobody)."""

    name: str
    address: str
    username: str


def addresses(filled: Filled) -> Iterator[tuple[str, str]]:
    """The name and an address of every page of the site."""
    known = {
        "SUBJECT": filled.subject,
        "99": "1",  # there is one here
        "kim": filled.opened.accounts[Role.COORDINATOR],
        "02": Site.objects.order_by("code").last().code,  # type: ignore[union-attr]
    }
    rows = [(row[0], row[1]) for row in (*cells(TABLE), *cells(DOOR))]
    rows += [(row[0], f"subject=SUBJECT {row[1]}") for row in cells("\n".join(MORE))]
    for name, place in rows:
        told = {key: known.get(value, value) for key, value in place_of(place).items()}
        query = "?old=1&new=1" if name == "versions_compare" else ""
        query = f"?entry=dm@{_version(filled.subject)}" if name == "casebook_sign" else query
        yield name, reverse(name, kwargs=told) + query


def _version(subject: str) -> int:
    return FormEntry.objects.get(subject_id=subject, form="dm").version


def visits(filled: Filled) -> Iterator[Visit]:
    """Every page as nobody sees it, else as the first role that may."""
    people = ["", *filled.opened.accounts.values()]
    clients = {name: log_in(name) if name else Client() for name in people}
    for name, address in addresses(filled):
        if name in NO_PAGE:
            continue
        for username, client in clients.items():
            answer = client.get(address)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                yield Visit(name=name, address=address, username=username)
                break


def look(page: Page, address: str) -> list[str]:
    """What is wrong with a page: by axe, in its console, and on a narrow screen."""
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type in LOUD else None)
    page.on("pageerror", lambda error: told.append(f"script: {error}"))
    page.set_viewport_size(WIDE)
    page.goto(address)
    if PICTURES:
        take_pictures(page, address)
    for each in Axe().run(page, options=AXE).response["violations"]:
        places = "; ".join(node["html"][:150] for node in each["nodes"][:3])
        told.append(f"{each['id']}: {each['help']}: {len(each['nodes'])} at {places}")
    page.set_viewport_size(NARROW)
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    told += [f"does not reflow: {beyond} pixels beyond {NARROW['width']}"] if beyond > 0 else []
    return [f"{address}: {words}" for words in told]


def take_pictures(page: Page, address: str) -> None:
    """The page as a picture, on a desk and on a telephone."""
    name = address.strip("/").replace("/", "-").split("?")[0] or "home"
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def test_every_page_is_looked_at_and_nothing_is_wrong_with_it(filled: Filled) -> None:
    names = {str(pattern.name) for pattern in patterns(get_resolver())}
    seen, wrong = set(), []
    for visit in visits(filled):
        page = filled.open(visit.username)
        wrong += look(page, visit.address)
        page.close()
        seen.add(visit.name)
    assert wrong == [], "\n".join(wrong)
    assert names - seen == {*NO_PAGE, *NOT_YET}, "an address that nobody looked at"


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_is_wrong_with_a_page_that_says_no(filled: Filled, address: str) -> None:
    page = filled.open(filled.opened.accounts[Role.MONITOR])
    wrong = [each for each in look(page, address) if "Failed to load resource" not in each]
    assert page.get_by_role("heading", level=1).inner_text().startswith("Not")
    assert wrong == []


@pytest.mark.parametrize(
    "address", ["/work/", "/subjects/{}/", "/entry/form/{}/imdc/", "/queries/"]
)
def test_nothing_is_wrong_with_a_page_in_korean(filled: Filled, address: str) -> None:
    page = filled.open(filled.opened.accounts[Role.COORDINATOR])
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "ko", "url": filled.address}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    assert look(page, address.format(filled.subject)) == []
    assert page.locator("html").get_attribute("lang") == "ko"
    assert re.search("[가-힣]", page.locator("nav.links").inner_text())


def test_every_page_reflows_in_korean(filled: Filled) -> None:
    wrong = []
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "ko", "url": filled.address}
    for visit in visits(filled):
        page = filled.open(visit.username)
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.set_viewport_size(NARROW)
        page.goto(visit.address)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(visit.address)
        page.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
        page.close()
    assert wrong == []


def test_a_telephone_sees_the_forecast_before_the_past(filled: Filled) -> None:
    Allocation.objects.update(at=datetime.now(UTC) - timedelta(days=90))
    page = filled.open(filled.opened.accounts[Role.MONITOR])
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/monitoring/")
    ends = page.evaluate(
        "[document.querySelector('.at-end'), document.querySelector('.at-end svg')]"
        ".map((each) => each.getBoundingClientRect().right)"
    )
    assert abs(ends[0] - ends[1]) < 20  # padding


def test_months_that_are_folded_on_a_screen_are_printed(filled: Filled) -> None:
    page = filled.open(filled.opened.accounts[Role.MONITOR])
    page.goto("/monitoring/")
    page.evaluate("document.querySelector('.folded').open = false")
    is_seen = "document.querySelector('.folded tbody tr:last-child').checkVisibility()"
    assert not page.evaluate(is_seen)
    page.emulate_media(media="print")
    assert page.evaluate(is_seen)


def test_nothing_is_wrong_with_the_pages_of_a_second_factor(filled: Filled) -> None:
    """Switched on with what the page shows, its recovery codes read, and asked for at the door."""
    page = filled.browser.new_context(base_url=filled.address).new_page()
    page.set_default_timeout(10_000)
    username = filled.opened.accounts[Role.AUDITOR]
    enter(page, username)
    factor = "/accounts/second-factor/"
    page.goto(f"{factor}totp/activate/")  # the password is asked for again
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.locator("main button[type=submit]").click()
    wrong = look(page, f"{factor}totp/activate/")
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("input[name=code]").fill(code_of(secret))
    with page.expect_navigation():
        page.locator("main button[type=submit]").first.click()
    wrong += look(page, page.url.removeprefix(filled.address))  # the codes, shown once
    for last in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/"):
        wrong += look(page, f"{factor}{last}")
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").first.click()
    enter(page, username)
    page.wait_for_url("**/authenticate/**")
    wrong += look(page, page.url.removeprefix(filled.address))
    assert wrong == []


def enter(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.locator("main button[type=submit]").click()
