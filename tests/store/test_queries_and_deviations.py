"""Queries asked by people, and departures recorded: who may, what stands, what the ledger tells."""

from datetime import date

import pytest

from equipoise.capture.queries import WrongQueryStateError
from equipoise.store.actions.query import (
    Question,
    answer_query,
    close_query,
    open_query,
    reopen_query,
)
from equipoise.store.actions.record_deviation import Departure, record_deviation
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import read_head
from equipoise.store.models import Deviation, Query
from equipoise.store.read_trail import read_subject_lines
from equipoise.store.refusals import NotAllowedError, RequestReusedError, UnknownError
from equipoise.store.verify import verify_trial
from store.entries import draft
from store.people import by, screen


def question(subject: str, text: str = "which side?") -> Question:
    place = EntryPlace(subject=subject, form="dm")
    return Question(place=place, item="sex", text=text)


@pytest.fixture
def subject(sites: Server) -> str:
    number = screen()
    draft((number, "dm"), "sex=M")
    return number


def test_a_query_is_asked_answered_closed_and_asked_again(subject: str) -> None:
    assert open_query(question(subject), deed=by("mo", minutes=10)).answer == {"query": 1}
    answer_query(1, text="the left one", deed=by("cho", minutes=11))
    close_query(1, deed=by("mo", minutes=12))
    row = Query.objects.get()
    assert (row.state, row.answer, row.opened_by, row.closed_by) == (
        "closed", "the left one", "mo", "mo",
    )  # fmt: skip
    reopen_query(1, text="the scan says right", deed=by("dana", minutes=13))
    row = Query.objects.get()
    assert (row.state, row.text, row.closed_by) == ("reopened", "the scan says right", "")
    verbs = [line.verb for line in read_subject_lines(subject)][-4:]
    assert verbs == ["open_query", "answer_query", "close_query", "reopen_query"]
    assert verify_trial().findings == ()


def test_a_query_moves_only_as_its_state_allows(subject: str) -> None:
    open_query(question(subject), deed=by("mo", minutes=10))
    with pytest.raises(WrongQueryStateError, match="open already"):
        reopen_query(1, text="again", deed=by("mo", minutes=11))
    close_query(1, deed=by("mo", minutes=12))
    head = read_head()
    with pytest.raises(WrongQueryStateError, match="have it reopened first"):
        answer_query(1, text="late", deed=by("cho", minutes=13))
    assert read_head() == head


def test_a_question_sent_twice_is_one_query(subject: str) -> None:
    deed = by("mo", minutes=10, request_id="q-1")
    assert open_query(question(subject), deed=deed) == open_query(question(subject), deed=deed)
    assert Query.objects.count() == 1
    with pytest.raises(RequestReusedError):
        open_query(question(subject, "which year?"), deed=deed)
    assert open_query(question(subject), deed=by("mo", minutes=11)).answer == {"query": 2}


@pytest.mark.parametrize("actor", ["cho", "ivy", "ada", "stan"])
def test_who_enters_data_asks_no_query(subject: str, actor: str) -> None:
    with pytest.raises(NotAllowedError):
        open_query(question(subject), deed=by(actor))
    assert not Query.objects.exists()


def test_a_query_is_answered_at_its_site_only(subject: str) -> None:
    open_query(question(subject), deed=by("mo", minutes=10))
    with pytest.raises(NotAllowedError):
        answer_query(1, text="guess", deed=by("cora", minutes=11))
    with pytest.raises(UnknownError, match="no query 7"):
        answer_query(7, text="guess", deed=by("cho", minutes=11))
    with pytest.raises(UnknownError, match="no subject 01-009"):
        open_query(question("01-009"), deed=by("mo", minutes=12))


def departure(subject: str) -> Departure:
    return Departure(
        subject=subject,
        category="visit window",
        severity="minor",
        text="scan nine days late",
        occurred_date=date(2026, 3, 1),
        action="next visit kept",
    )


def test_a_departure_is_recorded_as_it_was_told(subject: str) -> None:
    done = record_deviation(departure(subject), deed=by("cho", minutes=10))
    row = Deviation.objects.get()
    assert done.answer == {"deviation": row.number}
    assert (row.subject_id, row.severity, row.occurred_date, row.code) == (
        subject, "minor", date(2026, 3, 1), "",
    )  # fmt: skip
    assert verify_trial().findings == ()


def test_a_departure_sent_twice_stands_once(subject: str) -> None:
    deed = by("cho", minutes=10, request_id="d-1")
    first = record_deviation(departure(subject), deed=deed)
    assert record_deviation(departure(subject), deed=deed) == first
    assert Deviation.objects.count() == 1


@pytest.mark.parametrize("actor", ["cora", "ada", "stan", "nobody"])
def test_who_may_not_record_a_departure_leaves_none(subject: str, actor: str) -> None:
    with pytest.raises(NotAllowedError):
        record_deviation(departure(subject), deed=by(actor))
    assert not Deviation.objects.exists()
