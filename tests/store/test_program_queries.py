"""The program asks what the data leave open, once, and closes its query when it is mended."""

import pytest

from equipoise.capture.lifecycle import Confirmation
from equipoise.store.actions.approve_protocol import approve_protocol
from equipoise.store.actions.ask_questions import ask_questions
from equipoise.store.actions.change_form import change_form
from equipoise.store.actions.complete_form import complete_form
from equipoise.store.actions.migrate_entries import migrate_entries
from equipoise.store.actions.query import close_query
from equipoise.store.actions.upload_protocol import upload_protocol
from equipoise.store.deed import PROGRAM
from equipoise.store.embedded import Server
from equipoise.store.ledger import read_head
from equipoise.store.models import Query
from equipoise.store.read_questions import read_questions
from equipoise.store.read_trail import read_subject_lines
from equipoise.store.refusals import NotAllowedError
from equipoise.store.verify import verify_trial
from store.entries import completed, draft, enter_eligible, saving
from store.people import START, by, screen, texts

LOST = Confirmation(code="required-missing", item="consent_date", found="", comment="form is lost")


def enter_without_consent_date(subject: str) -> None:
    typed = saving((subject, "icf"), "consent_version=1.0", confirmations=(LOST,))
    complete_form(typed, deed=by("cho", minutes=6))


def ask(minutes: float = 30) -> int:
    """How many lines the program wrote."""
    return len(ask_questions(deed=by("dana", minutes=minutes)))


def program_queries() -> list[tuple[str, str, str]]:
    rows = Query.objects.filter(opened_by=PROGRAM).order_by("number")
    return [(row.form, row.item, row.state) for row in rows]


def test_a_finding_of_the_whole_trial_is_asked_once(sites: Server) -> None:
    subject = screen()
    enter_without_consent_date(subject)  # no demographics: nobody knows who consented
    assert ask() == 1
    asked = program_queries()
    assert asked != []
    assert {(form, state) for form, _, state in asked} == {("icf", "open")}
    head = read_head()
    assert ask(minutes=31) == 0
    assert read_head() == head
    line = list(read_subject_lines(subject))[-1]
    assert (line.verb, line.actor, line.site) == ("open_query", "dana", "01")
    assert verify_trial().findings == ()


def test_what_was_confirmed_is_not_asked_again(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), "site=01 sex=M birth_year=1961")
    enter_without_consent_date(subject)
    ask()
    assert ("icf", "consent_date") not in {(form, item) for form, item, _ in program_queries()}


def test_a_draft_is_not_asked_about(sites: Server) -> None:
    subject = screen()
    draft((subject, "icf"), "consent_version=1.0")
    assert ask() == 0


def test_a_query_closes_in_the_line_that_mends_the_finding(sites: Server) -> None:
    subject = screen()
    enter_without_consent_date(subject)
    ask()
    completed((subject, "dm"), "site=01 sex=M birth_year=1961", minutes=40)
    before = read_head().number
    typed = saving((subject, "icf"), "consent_date=2026-03-01", seen=1)
    change_form(typed, deed=by("cho", minutes=41, reason="found in the chart"))
    assert read_head().number == before + 1
    assert {state for _, _, state in program_queries()} == {"closed"}
    assert set(Query.objects.values_list("closed_by", flat=True)) == {PROGRAM}
    assert verify_trial().findings == ()


def test_a_query_of_the_program_is_closed_where_another_form_was_mended(sites: Server) -> None:
    subject = screen()
    enter_without_consent_date(subject)
    ask()
    completed((subject, "dm"), "site=01 sex=M birth_year=1961", minutes=40)
    assert ask(minutes=50) == 1
    assert {state for _, _, state in program_queries()} == {"closed"}


def test_what_a_person_closed_stays_closed_while_the_value_is_the_same(sites: Server) -> None:
    subject = screen()
    enter_without_consent_date(subject)
    ask()
    for row in Query.objects.all():
        close_query(row.number, deed=by("dana", minutes=35))
    assert ask(minutes=40) == 0


def test_an_eligible_subject_raises_no_question(sites: Server) -> None:
    enter_eligible(screen())
    ask()
    assert program_queries() == []


@pytest.mark.parametrize("actor", ["cho", "ada", "stan", "operator"])
def test_who_may_not_ask_makes_the_program_ask_nothing(sites: Server, actor: str) -> None:
    enter_without_consent_date(screen())
    with pytest.raises(NotAllowedError):
        ask_questions(deed=by(actor, minutes=30))
    assert not Query.objects.exists()


def test_an_amendment_asks_nothing_of_an_entry_that_was_not_carried_over(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), "site=01 sex=M birth_year=1961")
    completed((subject, "icf"), "consent_date=2026-03-01 consent_version=1.0")
    assert ask() == 0
    texts_of_then = texts()["forms/icf.toml"]
    stricter = texts_of_then.replace('type = "text"', 'type = "text"\npattern = "v[0-9.]+"', 1)
    assert stricter != texts_of_then
    later = upload_protocol({**texts(), "forms/icf.toml": stricter}, deed=by("dana", minutes=31))
    assert read_questions() == ()
    protocol = str(later.answer["protocol"])
    approve_protocol("01", protocol=protocol, from_date=START.date(), deed=by("paul", minutes=32))
    assert read_questions() == ()
    migrate_entries("01", to=protocol, deed=by("dana", minutes=33, reason="amendment 1"))
    assert [deed.key.item for deed in read_questions()] == ["consent_version"]
    assert ask(minutes=34) == 1
    assert read_questions() == ()
