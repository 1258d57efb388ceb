"""Every form that stands on a page of the site, with hostile texts in each of its fields."""

import csv
import io
from itertools import count
from urllib.parse import urljoin

from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from equipoise.capture.roles import Role
from equipoise.store.embedded import Server
from equipoise.store.ledger import read_lines
from equipoise.store.verify import verify_trial
from web.entry_texts import html
from web.fields_on_pages import PageForm, read_forms
from web.hostile_posts import DATES, NUMBERS, SCRIPTS, TEXTS, Shown
from web.test_access_walk import ROWS, Row, address
from web.visitors import WHO, log_in, screen_and_ask

WICKED = (*TEXTS, *DATES, *NUMBERS, "x" * 3000, "a\0b")
KEPT = frozenset({"csrfmiddlewaretoken", "request_id", "next"})
FRAME = ("/accounts/logout/", "/accounts/role/", "/language")  # on every page
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DOERS = (Role.MONITOR, Role.DATA_MANAGER)
TAKE_AWAY = ("queries", "casebook")  # after the page on which the entry could be taken back
TYPED_INTO = (
    "entry entry_take_back access_log queries query_answer query_open casebook_sign "
    "casebook_verify casebook_unverify casebook_freeze casebook_lock subjects enrol "
    "ledger ledger_verify sites people person_grant person_revoke"
).split()


def hurt(form: PageForm, turn: int, *, only_texts: bool) -> dict[str, str]:
    """The form with hostile texts in its fields: in those where one types, or in every one."""
    told = {}
    for place, (name, (kind, value)) in enumerate(form.fields.items()):
        is_text = kind in {"text", "textarea", "search", "email", "date", "number"}
        is_hurt = name not in KEPT and (is_text or not only_texts)
        told[name] = WICKED[(turn + 3 * place) % len(WICKED)] if is_hurt else value
    return told


def send(client: Client, page: str, form: PageForm, turn: int) -> tuple[str, HttpResponse]:
    """The form sent by one of its buttons, twice by each; where to, and the answer."""
    texts = hurt(form, turn, only_texts=bool(turn % 2))
    name, value, action = form.buttons[turn // 2 % len(form.buttons)]
    where = urljoin(page, action or form.action)
    ask = client.post if form.method == "post" else client.get
    answer: HttpResponse = ask(where, texts | ({name: value} if name else {}))  # type: ignore[assignment]
    require_sound(answer, (where, texts))
    return where.split("?")[0], answer


def require_sound(answer: HttpResponse, told: object) -> None:
    """AssertionError for a fault, and for a text that became markup."""
    assert answer.status_code in {200, 302, 403, 404, 409, 413, 422}, (answer.status_code, told)
    if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        page = Shown()
        page.feed(html(answer))
        assert page.scripts <= SCRIPTS, (page.scripts, told)
        assert not page.handlers, told


def forms_of(client: Client, where: str) -> list[PageForm]:
    """The forms of a page that have a button, but for those of its frame."""
    page: HttpResponse = client.get(where)  # type: ignore[assignment]
    forms = read_forms(html(page)) if not page.streaming else []
    return [form for form in forms if form.buttons and form.action not in FRAME]


def who_opens(row: Row) -> list[Role]:
    """The first and the last role that reads the page, and who does deeds there."""
    roles = [role for role in Role if row.get and row.get.get(role) == 200]
    more = DOERS if row.name == "casebook" else ()
    return list(dict.fromkeys((*roles[:1], *roles[-1:], *more)))


def test_hostile_texts_in_every_form_of_every_page_break_nothing(site: Server) -> None:
    turns, subject = count(), ""
    reached: dict[str, set[int]] = {}
    for row in ROWS:
        subject = screen_and_ask() if row.name in TAKE_AWAY or not subject else subject
        where = address(row, subject=subject)
        for role in who_opens(row):
            client = log_in(WHO[role])
            for form in forms_of(client, where):
                for _ in range(2 * len(form.buttons)):
                    target, answer = send(client, where, form, next(turns))
                    reached.setdefault(str(resolve(target).url_name), set()).add(answer.status_code)
    assert set(TYPED_INTO) <= set(reached)
    assert 302 in reached["casebook_verify"] | reached["query_answer"] | reached["enrol"]
    assert verify_trial().findings == ()
    require_no_formula(log_in(WHO[Role.AUDITOR]))


def require_no_formula(client: Client) -> None:
    """AssertionError for a cell of the exported ledger that a spreadsheet would run."""
    answer = client.get("/ledger/export.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len(cells) > len(list(read_lines()))
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []
