"""What a person does with mouse and keyboard, and the words on a page that show it was done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from equipoise.vocab.missing import WRITTEN
from store.entries import PASSWORD

expect.set_options(timeout=15_000)  # a machine may be busy


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A browser and the address of the site."""

    browser: Browser
    address: str

    def sit_down(self, username: str, *, scripts: bool = True) -> Page:
        """A window of its own in which this person has logged in."""
        context = self.browser.new_context(
            base_url=self.address, java_script_enabled=scripts, locale="en-GB",
            viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        context.set_default_timeout(15_000)
        page = context.new_page()
        log_in(page, username)
        return page


def log_in(page: Page, username: str) -> None:
    """Logs in by the page of the site."""
    page.goto("/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def told(page: Page, words: str | re.Pattern[str]) -> None:
    """Waits until a notice says these words."""
    expect(
        page.locator("#notices, .notice, [role=alert]").filter(has_text=words).first
    ).to_be_visible()


def put(page: Page, name: str, text: str, *, kind: str) -> None:
    """A value chosen or typed in the field of this name, which is of this kind."""
    if kind in {"radio", "checkbox"}:
        page.locator(f'[name="{name}"][value="{text}"]').check()
    elif kind == "select-one":
        page.locator(f'[name="{name}"]').select_option(text)
    else:
        page.locator(f'[name="{name}"]').fill(text)


def type_item(page: Page, name: str, text: str) -> None:
    """A value, or the reason why there is none, put into the field of an item."""
    reason = f"missing.{name}"
    is_reason = text in WRITTEN and page.locator(f'[name="{reason}"]').count()
    field = reason if is_reason else f"items.{name}"
    kind = page.locator(f'[name="{field}"]').first.evaluate("each => each.type")
    put(page, field, text, kind=kind)


def fill_in(page: Page, address: str, texts: Mapping[str, str]) -> None:
    """Opens an entry and fills it in, item by item; what is asked depends on what was said."""
    page.goto(address)
    for name, text in texts.items():
        type_item(page, name, text)


def send(page: Page, button: Locator) -> int:
    """Presses a button that sends the page, and waits for the next one; gives its status."""
    with page.expect_navigation() as going:
        button.click()
    return going.value.status
