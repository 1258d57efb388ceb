"""People at a site as a load: each opens a form, types with live checks, saves, reads, goes on.

A person is a browser with cookies, over plain HTTP on loopback; it reads from the page what a
browser would send: the version seen, the token, the fields as they are filled.
"""

import asyncio
import html
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

INPUT = re.compile(r'<input type="(\w+)"[^>]*?name="([^"]+)"(?: value="([^"]*)")?([^>]*)>')
AREA = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)</textarea>')
SELECT = re.compile(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected>')
COOKIE = re.compile(rb"^set-cookie: ([^=]+)=([^;]*)", re.IGNORECASE | re.MULTILINE)
PLACE = re.compile(rb"^location: (\S+)", re.IGNORECASE | re.MULTILINE)
SAVED = 302
Place = Mapping[str, Any]  # a subject with its entries, as `site_fill` wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds: of typing a form, of reading before the next; checks while one types."""

    typing: float
    reading: float
    checks: int

    def wait(self, seconds: float, chance: random.Random) -> float:
        """About so many seconds, from half to one and a half as many."""
        return seconds * chance.uniform(0.5, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the site answered, and after how many seconds."""

    status: int
    seconds: float
    body: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One request as it is counted."""

    what: str
    at: float
    seconds: float
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A person at the site: the address of the site, cookies, chance, and every request made."""

    port: int
    chance: random.Random
    timed: list[Timed]
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, what: str, path: str, fields: Mapping[str, str] | None = None, *, live: bool = False
    ) -> Answer:
        """The answer to a GET, to a POST where there are fields; noted as `what`."""
        begun = time.perf_counter()
        try:
            answer = await self._send(path, fields, live=live)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            answer = Answer(status=0, seconds=time.perf_counter() - begun, body="", place="")
        self.timed.append(Timed(what=what, at=begun, seconds=answer.seconds, status=answer.status))
        return answer

    async def _send(self, path: str, fields: Mapping[str, str] | None, *, live: bool) -> Answer:
        body = urlencode(fields).encode() if fields is not None else b""
        lines = [
            f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Origin: http://localhost:{self.port}",
            f"Cookie: {'; '.join(f'{name}={value}' for name, value in self.cookies.items())}",
            "Connection: close",
            *(["HX-Request: true"] if live else []),
            *(
                [
                    "Content-Type: application/x-www-form-urlencoded",
                    f"Content-Length: {len(body)}",
                ]
                if fields is not None
                else []
            ),
        ]
        begun = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        told = await reader.read(-1)
        writer.close()
        seconds = time.perf_counter() - begun
        head, _, page = told.partition(b"\r\n\r\n")
        head = head.replace(b"\r\n", b"\n")
        for name, value in COOKIE.findall(head):
            self.cookies[name.decode()] = value.decode()
        place = PLACE.search(head)
        return Answer(
            status=int(head.split(b" ", 2)[1]),
            seconds=seconds,
            body=page.decode(),
            place=place[1].decode() if place else "",
        )


async def log_in(browser: Browser, *, username: str, password: str) -> None:
    """The person logged in; RuntimeError where the site does not let him in."""
    page = await browser.ask("log in", "/accounts/login/")
    fields = {"csrfmiddlewaretoken": token_of(page.body), "login": username, "password": password}
    answer = await browser.ask("log in", "/accounts/login/", fields)
    if answer.status != SAVED:
        raise RuntimeError(f"{username} is not let in: {answer.status} {answer.body[:2000]}")


async def work(browser: Browser, places: Sequence[Place], *, pace: Pace, until: float) -> None:
    """Forms opened, typed and saved, one after the other, until the time is over."""
    await asyncio.sleep(browser.chance.uniform(0, pace.typing + pace.reading))  # not all at once
    while time.perf_counter() < until:
        subject = browser.chance.choice(places)
        if subject["further"] and browser.chance.random() < 0.5:
            await _enter_form(browser, subject, pace)
        else:
            await _change_form(browser, subject, pace)
        await asyncio.sleep(pace.wait(pace.reading, browser.chance))


async def _enter_form(browser: Browser, subject: Place, pace: Pace) -> None:
    """A form that is not there yet, or a draft by now: typed, then saved or completed."""
    form, key, texts = browser.chance.choice(subject["further"])
    deed = browser.chance.choice(("save_form", "complete_form"))
    typed = {f"items.{name}": text for name, text in texts.items()}
    await _fill_in(browser, _address(subject, form, key), typed, deed=deed, pace=pace)


async def _change_form(browser: Browser, subject: Place, pace: Pace) -> None:
    """A form that is complete, looked at and saved again with a reason."""
    form, key = browser.chance.choice(subject["there"])
    reason = {"reason": f"the source says so ({browser.chance.random():.6f})"}
    await _fill_in(browser, _address(subject, form, key), reason, deed="change_form", pace=pace)


async def _fill_in(
    browser: Browser, address: str, typed: Mapping[str, str], *, deed: str, pace: Pace
) -> None:
    page = await browser.ask("form page", f"/entry/form/{address}")
    if page.status != 200 or 'name="deed"' not in page.body:
        return  # not for this role, or frozen: read, and gone on
    offered = deed if f'value="{deed}"' in page.body else "change_form"
    fields = fields_of(page.body) | {"reason": "the source says so", **typed}
    for _ in range(pace.checks):
        await asyncio.sleep(pace.wait(pace.typing / (pace.checks + 1), browser.chance))
        told = await browser.ask("live check", f"/entry/check/{address}", fields, live=True)
        fields |= fields_of(told.body)
    await asyncio.sleep(pace.wait(pace.typing / (pace.checks + 1), browser.chance))
    path = f"/entry/form/{address}"
    answer = await browser.ask("form save", path, confirmed(fields) | {"deed": offered})
    if answer.status == SAVED:
        await browser.ask("form page", answer.place)


def _address(subject: Place, form: str, key: str) -> str:
    return f"{subject['subject']}/{form}/" + (f"{key}/" if key else "")


def token_of(page: str) -> str:
    """The token of a page against forged requests."""
    return fields_of(page)["csrfmiddlewaretoken"]


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the form on a page, as it is filled."""
    fields: dict[str, str] = {}
    for kind, name, value, further in INPUT.findall(page):
        if kind not in {"radio", "checkbox"} or "checked" in further:
            fields[name] = html.unescape(value)
    fields |= {name: html.unescape(text) for name, text in AREA.findall(page)}
    for name, options in SELECT.findall(page):
        chosen = CHOSEN.search(options)
        fields[name] = html.unescape(chosen[1]) if chosen else ""
    return fields


def confirmed(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields with a comment wherever something odd asks for one."""
    asked = [n for n in fields if n.startswith("confirm.") and n.endswith(".comment")]
    return {**fields, **{name: fields[name] or "as in the source" for name in asked}}
