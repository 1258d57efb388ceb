"""Hostile texts for every item of a form, posts of them, and what must become of each post."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from equipoise.protocol.form_model import Form, Item, ItemType
from equipoise.store.models import FormEntry
from equipoise.vocab.missing import WRITTEN
from web.entry_texts import address, html

TEXTS = (
    '"><script>alert(1)</script>',
    "</textarea></select><b>",
    "' onfocus='alert(1)' x='",
    "{{ 7|add:7 }}{% load shell %}",
    "'; DROP TABLE ledger_line; --",
    "1) OR (1=1",
    '=cmd|"/c calc"!A1',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "\u202eabc\u202c مرحبا",
    "👩🏽‍⚕️ 한국어 ℌ",
    "e\u0301\u0323" * 30,
    "a\u200b\u200d\ufeffb",
    "one\r\ntwo\r\rthree",
    "\u2028\u2029\x85\x0b\x0c\x1c",
    "\x01\x1b[31m\x7f",
    "\ue000\U0010ffff\ufffe",
    "%00%0a%s{0}$(id)`id`",
    "\\x00\\'\"",
    "../../etc/passwd",
    "null",
    "@not_a_kind",
    *WRITTEN,
)
NUMBERS = (
    "1e309", "-1e309", "nan", "inf", "-inf", "0x10", "1_000", "1,5", "1.5.2", "٣", "½", "−3", "--1",
    "+1", "-0", "1e-400", "1e15", "9" * 400, "0" * 5000, "1 000", "12abc", "170141183460469231731",
    "9223372036854775808", "3.", ".5", "1e3", "71.123456789012345678",
)  # fmt: skip
DATES = (
    "2026-02-30", "2026-13-01", "0000-00-00", "0001-01-01", "2026-2-3", "31/12/2026", "20260303",
    "2026-03", "2026", "2026-", "9999-12-31", "10000-01-01", "-2026-01-01", "2026-03-02T10:00",
    "1900-02-29", "2026-03-02", "２０２６-０３-０２", "today", "2026\u201103\u201102", "99:99",
    "24:00", "2026-W10-1", "02 Mar 2026",
)  # fmt: skip
CODES = ("y", "YES", "TRUE", "0", "1", "N/A", "no_such_code", "Fatigue", "A", "L01", "M3")
SCRIPTS = frozenset({"equipoise.js", "entry.js", "htmx-2.min.js"})
SEEN = ("0", "1", "-1", "", "x", "1.0", "٣", "9" * 40, "1e3", "\ud7ff")


def hostile_texts(item: Item) -> tuple[str, ...]:
    """What is typed into an item to hurt it: first what is near to what it asks for."""
    match item.type:
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return (*DATES, *TEXTS, *NUMBERS)
        case ItemType.INTEGER | ItemType.DECIMAL:
            return (*NUMBERS, *TEXTS, *DATES)
        case ItemType.CODE | ItemType.YES_NO:
            return (*CODES, *TEXTS, *NUMBERS)
        case _:
            return (*TEXTS, *CODES, *DATES, *NUMBERS)


Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is sent to the page of a form: the address's key, and fields as a browser orders them.

    A field may stand more than once: the last one counts.
    """

    subject: str
    form: Form
    key: str
    fields: Fields

    @property
    def typed(self) -> dict[str, str]:
        """What counts as typed into the items: the text, else the kind of missing beside it."""
        last = dict(self.fields)
        told = {}
        for item in self.form.entered_items:
            if self.key and item.name in self.form.key:
                continue  # the address says it
            text = last.get(f"pick.{item.name}") or last.get(f"items.{item.name}")
            kind = last.get(f"missing.{item.name}", "")
            kept = as_kept(text or "") or (kind if kind in WRITTEN else "")
            if kept:
                told[item.name] = kept
        return told

    @property
    def holds_nul(self) -> bool:
        """Whether a field holds what the database cannot keep."""
        return any("\0" in name + text for name, text in self.fields)


def as_kept(text: str) -> str:
    """A text as it is kept: line ends as one character, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fields_of(texts: Mapping[str, str], *, deed: str, more: Iterable[tuple[str, str]]) -> Fields:
    """The fields of a post: texts by item, the deed, and more of them."""
    named = [(f"items.{name}", text) for name, text in texts.items()]
    return (*named, ("deed", deed), *more)


def send_post(client: Client, post: Post) -> HttpResponse:
    """The answer of the page to the post, sent as a browser encodes it."""
    answer: HttpResponse = client.post(
        address("entry", post.subject, post.form.form, post.key),
        urlencode(post.fields),
        content_type="application/x-www-form-urlencoded",
    )  # type: ignore[assignment]
    return answer


def require_nothing_lost(answer: HttpResponse, *, post: Post) -> None:
    """AssertionError unless every text typed is stored exactly, or stands on the answered page."""
    told = (post.form.form, answer.status_code, post.fields)
    assert answer.status_code in {200, 302, 409, 422}, told
    if answer.status_code == 302:
        stored = _stored(answer["Location"])
        assert {name: stored.get(name) for name in post.typed} == post.typed, told
        return
    page = Shown()
    page.feed(html(answer))
    assert page.scripts <= SCRIPTS, (page.scripts, told)
    assert not page.handlers, told
    shown = {as_kept(text) for text in page.texts}
    if answer.status_code == 409:  # what both versions say is not shown: it is saved
        rows = FormEntry.objects.filter(subject_id=post.subject, form=post.form.form)
        shown |= {text for row in rows for text in row.values.values()}
    missing = set(post.typed.values()) - shown
    assert missing == set(), (missing, told)


def _stored(location: str) -> dict[str, str]:
    subject, form, *key = unquote(urlsplit(location).path).removeprefix("/entry/form/").split("/")
    row = FormEntry.objects.get(subject_id=subject, form=form, key=".".join(filter(None, key)))
    return dict(row.values)


class Shown(HTMLParser):
    """The texts that stand on a page, in fields and in the table of what was typed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: set[str] = set()
        self.scripts: set[str] = set()
        self.handlers: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a field holds; a script and what would run on an event, too."""
        told = {name: value or "" for name, value in attrs}
        self.handlers += [name for name in told if name.startswith("on")]
        if tag == "script":
            self.scripts.add(told.get("src", "inline").rsplit("/", 1)[-1])
        if tag == "input" or (tag == "option" and "selected" in told):
            self.texts.add(told.get("value", ""))
        if tag == "textarea" or "written" in told.get("class", "").split():
            self._open = []

    def handle_endtag(self, tag: str) -> None:
        """Notes a text of several lines once it ends."""
        if self._open is not None and tag in {"textarea", "td", "label", "span"}:
            self.texts.add("".join(self._open))
            self._open = None

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        if self._open is not None:
            self._open.append(data)
