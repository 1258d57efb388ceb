"""The ledger over HTTP: filtered, paged, exported without formulas, verified; by role and site."""

import csv
import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from equipoise.capture.roles import Role
from equipoise.store.actions.grant_role import grant_role, revoke_role
from equipoise.store.actions.query import Question, open_query
from equipoise.store.actions.randomise import randomise
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import canonical, read_head
from equipoise.store.models import LedgerLine, Subject
from equipoise.web.ledger.export import export_csv, guard_cell
from equipoise.web.ledger.line_words import tell_words
from store.entries import SEED, STRATA, completed, enter_eligible, sign_as_eligible
from store.people import by, screen
from web.visitors import log_in, screen_and_ask

HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>'; DROP TABLE ledger_line; --"


@pytest.fixture
def asked(site: Server) -> str:
    """A subject of site 01 with an entry and a query."""
    return screen_and_ask()


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return body(answer).decode()


def body(answer) -> bytes:  # type: ignore[no-untyped-def]
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def exported(client: Client, asked_for: str = "") -> list[dict[str, str]]:
    return [json.loads(x) for x in text_of(client, f"/ledger/export.jsonl{asked_for}").splitlines()]


def test_a_line_is_told_in_words_with_its_changes(asked: str) -> None:
    told = text_of(log_in("mo"), f"/ledger/?subject={asked}&verb=complete_form")
    assert f"<strong>form entry {asked} · dm</strong>" in told
    assert "birth_year: – → 1961" in told
    assert "1 line" in told
    assert "coordinator" in told
    assert read_head().digest in told


@pytest.mark.parametrize(
    ("asked_for", "verbs"),
    [
        ("verb=open_query", {"open_query"}),
        ("actor=mo", {"open_query", "read_allocations"}),
        ("verb=open_query&actor=cho", set()),
        ("subject=01-999", set()),
        ("verb=' OR 1=1 --", set()),
        ("from_date=2030-01-01&to_date=2030-12-31", set()),
    ],
)
def test_the_lines_are_narrowed(asked: str, asked_for: str, verbs: set[str]) -> None:
    mo = log_in("mo")
    text_of(mo, "/ledger/")  # his first look at arms is a line of its own
    assert {str(line["verb"]) for line in exported(mo, f"?{asked_for}")} == verbs
    assert ("No line of this kind" in text_of(mo, f"/ledger/?{asked_for}")) == (not verbs)


def test_days_are_those_of_the_reader(asked: str) -> None:
    """The trial starts on 2 March 2026, 9:00 UTC; the deeds stand within the hour after it."""
    dana = log_in("dana")
    on = exported(dana, f"?from_date=2026-03-02&to_date=2026-03-02&subject={asked}")
    assert [line["verb"] for line in on] == ["enrol", "complete_form", "open_query"]
    assert exported(dana, f"?to_date=2026-03-01&subject={asked}") == []
    assert exported(dana, f"?from_date=2026-03-03&subject={asked}") == []
    for wrong in ("2026-02-30", "yesterday", "9999999-01-01"):
        answer = dana.get(f"/ledger/?from_date={wrong}")
        assert answer.status_code == 422
        assert "is no day" in answer.content.decode()


def test_fifty_lines_are_a_page_and_a_forged_page_is_the_nearest(asked: str) -> None:
    for n in range(60):
        place = EntryPlace(subject=asked, form="dm")
        open_query(Question(place=place, text=f"{n}?"), deed=by("mo", minutes=20 + n))
    mo = log_in("mo")
    first = text_of(mo, f"/ledger/?subject={asked}")
    assert first.count('<th scope="row"') == 50
    assert f"?subject={asked}&amp;page=2" in first
    second = text_of(mo, f"/ledger/?subject={asked}&page=2")
    assert second.count('<th scope="row"') == 63 - 50
    assert "page 2 of 2" in second
    assert "page 2 of 2" in text_of(mo, f"/ledger/?subject={asked}&page=999")
    assert "page 1 of 2" in text_of(mo, f"/ledger/?subject={asked}&page=' OR 1=1")


def test_what_was_typed_is_text_on_the_page_and_no_formula_in_a_file(asked: str) -> None:
    place = EntryPlace(subject=asked, form="dm")
    open_query(Question(place=place, text=HOSTILE), deed=by("mo", minutes=30, reason=HOSTILE))
    mo = log_in("mo")
    told = text_of(mo, f"/ledger/?subject={asked}")
    assert "<script>alert" not in told
    assert "&lt;script&gt;alert(1)" in told
    rows = list(csv.DictReader(text_of(mo, f"/ledger/export.csv?subject={asked}").splitlines()))
    assert rows[-1]["reason"] == f"'{HOSTILE}"
    assert [row["number"] for row in rows] == sorted(row["number"] for row in rows)
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row.values() if cell)
    assert "<script>" not in text_of(mo, "/ledger/?subject=<script>alert(1)</script>&actor=<b>")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "  =1", "\n=1"])
def test_a_cell_never_starts_a_formula(text: str) -> None:
    assert guard_cell(text) == f"'{text}"
    assert guard_cell(f"a{text}") == f"a{text}"


def test_an_export_is_named_after_the_head_and_holds_each_line_as_it_stands(asked: str) -> None:
    mo = log_in("mo")
    text_of(mo, "/ledger/")
    head = read_head()
    answer = mo.get("/ledger/export.jsonl?actor=cho")
    name = f"ledger-{head.number}-{head.digest}.jsonl"
    assert name in answer.headers["Content-Disposition"]
    for text in body(answer).decode().splitlines():
        told = json.loads(text)
        row = LedgerLine.objects.get(number=told["number"])
        assert (told["digest"], canonical(told["content"])) == (row.digest, row.content)
    head_line = next(export_csv([])).strip()
    assert head_line.startswith("number,at,actor,role")


def test_a_monitor_of_one_site_sees_the_lines_of_that_site_only(asked: str) -> None:
    other = screen("02")
    completed((other, "dm"), "site=02 sex=F birth_year=1970", actor="cora")
    revoke_role("mo", role=Role.MONITOR, deed=by(OPERATOR))
    grant_role("mo", role=Role.MONITOR, site="02", deed=by(OPERATOR))
    mo = log_in("mo")
    lines = exported(mo)
    assert {line["site"] for line in lines} == {"02"}
    assert other in {line["subject"] for line in lines}
    told = text_of(mo, "/ledger/")
    assert "You see the lines of your sites." in told
    assert asked not in told
    assert "No line of this kind" in text_of(mo, f"/ledger/?subject={asked}")


def test_arms_are_read_on_record_and_the_texts_of_the_protocol_never(asked: str) -> None:
    subject = screen("01", minutes=2)
    enter_eligible(subject)
    sign_as_eligible(subject)
    randomise(subject, strata=STRATA, seed=SEED, deed=by("cho", minutes=25))
    mo = log_in("mo")
    told = text_of(mo, f"/ledger/?subject={subject}&verb=randomise")
    assert "arm: – →" in told
    looks = LedgerLine.objects.filter(verb="read_allocations", actor="mo")
    assert looks.count() == 1
    text_of(mo, "/ledger/export.csv")
    assert looks.count() == 1
    for path in ("/ledger/?verb=open_trial", "/ledger/export.csv", "/ledger/export.jsonl"):
        assert "block_sizes" not in text_of(mo, path), path


def test_a_verification_shows_the_head_and_knows_a_digest_noted_before(asked: str) -> None:
    mo = log_in("mo")
    head = read_head()
    assert head.digest in text_of(mo, "/ledger/verify/")
    clean = mo.post("/ledger/verify/", {"digest": f" {head.digest.upper()} "}).content.decode()
    assert f"Clean: {head.number} lines" in clean
    assert "The digest given is that of one of its lines." in clean
    told = mo.post("/ledger/verify/", {"digest": "0" * 63 + "1"}).content.decode()
    assert "1 finding" in told
    assert "the ledger was cut or written anew" in told
    for none in (head.digest[:12], "<script>alert(1)</script>"):
        refused = mo.post("/ledger/verify/", {"digest": none})
        assert (refused.status_code, "64 digits" in refused.content.decode()) == (422, True)
        assert b"<script>alert" not in refused.content


def test_a_row_changed_behind_the_ledger_is_found_and_told_only_to_who_sees_all_sites(
    asked: str,
) -> None:
    Subject.objects.filter(number=asked).update(screened_date=datetime(2020, 1, 1, tzinfo=UTC))
    mo = log_in("mo")
    told = mo.post("/ledger/verify/").content.decode()
    assert f"subject {asked}" in told
    assert "nothing is to be entered until this is understood" in told
    revoke_role("mo", role=Role.MONITOR, deed=by(OPERATOR))
    grant_role("mo", role=Role.MONITOR, site="02", deed=by(OPERATOR))
    told = mo.post("/ledger/verify/").content.decode()
    assert "1 finding" in told
    assert asked not in told


def test_a_long_value_is_cut_on_a_page() -> None:
    values = {"text": [None, "x" * 301], "opened_by": ["", "mo"], "items.birth_year": ["1", None]}
    change = {"table": "query", "key": ["1", ""], "values": values}
    content = {"changes": [change], "answer": {"query": 1}}
    words = tell_words({"at": "2026-03-02T09:00:00Z", "content": content})
    assert words.changes[0].new == "x" * 300 + " …"
    assert (words.changes[0].key, words.changes[0].old) == ("1", "–")
    columns = [(each.column, each.old, each.new) for each in words.changes[1:]]
    assert columns == [("opened by", "–", "mo"), ("birth_year", "1", "–")]
    assert words.note == "query: 1"
