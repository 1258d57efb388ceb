"""People who carry out steps: by opening pages, filling in forms, pressing buttons; over HTTP."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, time, timedelta, tzinfo
from sys import modules
from typing import Any, Protocol
from unittest.mock import patch
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import get_resolver

from store.entries import PASSWORD
from story.page_forms import PageForm, confirmations, read_forms, read_words
from story.site_story import Step

SEOUL = ZoneInfo("Asia/Seoul")
_PLACES = {"subject": r"/subjects/(\d\d-\d{3})/$", "query": r"/queries/(\d+)/$"}


class Clock:
    """The instant that the pages take for now: a morning at the site, minute after minute."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 19, tzinfo=SEOUL)

    def move_to(self, step: Step) -> None:
        """The next minute, or the morning of a later day."""
        morning = datetime.combine(step.day, time(10), tzinfo=SEOUL)
        self.at = max(morning, self.at + timedelta(minutes=1))


@contextmanager
def pages_read(clock: Clock) -> Iterator[None]:
    """While the block lasts, the pages read this clock; how long a session lasts, they do not."""

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.at.astimezone(tz)

    assert get_resolver().url_patterns  # every page is loaded
    read = [
        module
        for name, module in list(modules.items())
        if name.startswith("equipoise.web.") and getattr(module, "datetime", None) is datetime
    ]
    with ExitStack() as patched:
        for module in read:
            if not module.__name__.endswith("session_end"):
                patched.enter_context(patch.object(module, "datetime", Told))
        yield


class AtPages(Protocol):
    """Somebody who went through the door, and the page in front of them."""

    @property
    def address(self) -> str:
        """Where they are."""

    @property
    def words(self) -> str:
        """The status of the page and what is read on it, on one line."""

    def open(self, address: str) -> None:
        """Opens a page."""

    def press(self, step: Step) -> None:
        """Fills in the form with the button of the step, and presses it."""


class Person:
    """Somebody who sends over HTTP what a browser would send."""

    def __init__(self, username: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.address = self.html = ""
        self.status = 0
        self.open("/accounts/login/")
        self._send("Log in", {"login": username, "password": PASSWORD})
        assert "Log out" in self.words, self.html

    @property
    def words(self) -> str:
        """The status of the page and what is read on it, on one line."""
        return f"{self.status} {read_words(self.html)}"

    def open(self, address: str) -> None:
        """Opens a page."""
        self._show(self.client.get(address, follow=True), address)

    def press(self, step: Step) -> None:
        """Fills in the form with the button of the step, and presses it."""
        self._send(step.press, dict(step.fill))
        if step.comment:
            asked = confirmations(self.form_with(step.press), step.comment)
            self._send(step.press, dict(asked))

    def form_with(self, words: str) -> PageForm:
        """The form of the page that has a button with these words."""
        forms = [form for form in read_forms(self.html) if form.button(words)]
        offered = [b.words for form in read_forms(self.html) for b in form.buttons]
        assert len(forms) == 1, f"{self.address} ({self.status}) has {offered}, not '{words}'"
        return forms[0]

    def _send(self, words: str, typed: dict[str, str]) -> None:
        form = self.form_with(words)
        button = form.button(words)
        assert button is not None
        assert not button.is_disabled, f"'{words}' cannot be pressed on {self.address}"
        told: dict[str, list[str]] = {}
        own = [(button.name, button.value)] if button.name else []
        for name, text in (*form.filled(typed), *own):
            told.setdefault(name, []).append(text)
        address = urljoin(self.address, button.action or form.action or self.address)
        is_get = (button.method or form.method) == "get"
        send = self.client.get if is_get else self.client.post
        self._show(send(address, told, follow=True), address)

    def _show(self, answer: Any, address: str) -> None:
        chain = getattr(answer, "redirect_chain", [])
        self.address = urljoin(address, chain[-1][0]) if chain else address
        self.status, self.html = answer.status_code, answer.content.decode("utf-8")


class Trial:
    """The people of a trial, each logged in once, and the places that steps name."""

    def __init__(self, arrive: Callable[[str], AtPages]) -> None:
        self.arrive = arrive
        self.clock = Clock()
        self.people: dict[str, AtPages] = {}
        self.places: dict[str, str] = {}

    def do(self, step: Step) -> None:
        """Carries the step out; AssertionError when the page says something else than it tells."""
        self.clock.move_to(step)
        person = self.people.get(step.who) or self.arrive(step.who)
        self.people[step.who] = person
        if step.page:
            person.open(step.page.format(**self.places))
        if step.press:
            person.press(step)
        for name, pattern in _PLACES.items():
            if found := re.search(pattern, person.address):
                self.places[name] = found[1]
        self._check(step, person.words)

    def _check(self, step: Step, words: str) -> None:
        where = f"{step.day} {step.who} {step.page} [{step.press}]"
        for sentence in step.sees:
            assert sentence in words, f"{where}: '{sentence}' is not in: {words}"
        for sentence in step.never:
            assert sentence not in words, f"{where}: '{sentence}' is in: {words}"
