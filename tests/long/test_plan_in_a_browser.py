"""The page of a plan in a browser: axe finds nothing, it reflows, it can be read, it prints."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from browser.live_site import open_browser
from equipoise.report.render_html import render_html
from report.plans import page_of

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(params=[False, True], ids=["plain", "looks"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    file = tmp_path / "plan.html"
    file.write_text(render_html(page_of(looks=request.param)), encoding="utf-8")
    return file.as_uri()


def opened(browser: Browser, place: str, viewport: ViewportSize) -> Page:
    page = browser.new_page(viewport=viewport)
    page.goto(place)
    return page


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(chromium: Browser, place: str, viewport: ViewportSize) -> None:
    page = opened(chromium, place, viewport)
    found = Axe().run(page).response["violations"]

    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []


def test_no_page_is_wider_than_its_window(chromium: Browser, place: str) -> None:
    for viewport in (WIDE, PHONE):
        page = opened(chromium, place, viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_words_of_figures_can_be_read_on_a_phone(chromium: Browser, place: str) -> None:
    page = opened(chromium, place, PHONE)
    heights = page.evaluate(
        "[...document.querySelectorAll('figure svg text')].map(t => t.getBoundingClientRect())"
        ".map(box => Math.min(box.height, box.width))"
    )
    assert len(heights) > 40
    assert max(heights) > 8


def test_nothing_is_asked_of_the_network(chromium: Browser, place: str) -> None:
    page = chromium.new_page(viewport=WIDE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(place)

    assert asked == [place]


def test_it_prints_on_a_few_sheets(chromium: Browser, place: str) -> None:
    sheets = opened(chromium, place, WIDE).pdf(format="A4")

    assert 4 <= sheets.count(b"/Type /Page\n") <= 9
