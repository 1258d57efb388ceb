"""The life of a query, and the queries that the program opens and closes by itself."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.small_trial import protocol, trial
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.lifecycle import Confirmation
from equipoise.capture.queries import (
    LIFE,
    AutomaticQuery,
    QueryDeed,
    QueryKey,
    QueryState,
    WrongQueryStateError,
    key_of,
    move_query,
    reconcile,
)
from equipoise.capture.roles import Verb
from equipoise.vocab.finding import Finding, Severity

# state | deed | state after, or the words of the refusal
TABLE = """
open | answer_query | answered
open | close_query | closed
open | reopen_query | ! the query is open already
answered | answer_query | ! the query is answered
answered | close_query | closed
answered | reopen_query | reopened
closed | answer_query | ! the query is closed: have it reopened
closed | close_query | ! the query is closed already
closed | reopen_query | reopened
reopened | answer_query | answered
reopened | close_query | closed
reopened | reopen_query | ! the query is open already
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("state", "verb", "after"), ROWS)
def test_a_query_lives_as_the_table_says(state: str, verb: str, after: str) -> None:
    if after.startswith("!"):
        with pytest.raises(WrongQueryStateError, match=after.removeprefix("! ")):
            move_query(QueryState(state), verb=Verb(verb))
    else:
        assert move_query(QueryState(state), verb=Verb(verb)).value == after


def test_the_table_is_whole() -> None:
    allowed = {(row[0], row[1]) for row in ROWS if not row[2].startswith("!")}
    assert allowed == {(state.value, verb.value) for state, verb in LIFE}
    assert len(ROWS) == len(QueryState) * 3
    with pytest.raises(ValueError, match="no deed on a query"):
        move_query(QueryState.OPEN, verb=Verb.VERIFY)


VISIT = "01-001/ecog/M3"
RARE = Finding(
    where=f"ecog {VISIT}: ecog",
    code="unusual-value",
    message="Rare.",
    severity=Severity.SOFT,
    found="4",
    mend="Confirm it.",
    subject="01-001",
    entry=VISIT,
    item="ecog",
)


def run(
    findings: list[Finding],
    queries: list[AutomaticQuery],
    *,
    complete: tuple[str, ...] = (VISIT,),
    confirmed: tuple[Confirmation, ...] = (),
) -> tuple[QueryDeed, ...]:
    return reconcile(findings, queries=queries, complete=complete, confirmed={VISIT: confirmed})


def query(state: str, *, found: str = "4", by_program: bool = False) -> AutomaticQuery:
    return AutomaticQuery(
        key=key_of(RARE), state=QueryState(state), found=found, closed_by_program=by_program
    )


def verbs(deeds: tuple[QueryDeed, ...]) -> list[str]:
    return [deed.verb.value for deed in deeds]


def test_a_finding_opens_a_query_that_says_what_to_do() -> None:
    (deed,) = run([RARE], [])
    assert deed == QueryDeed(
        verb=Verb.OPEN_QUERY,
        key=QueryKey(entry=VISIT, item="ecog", code="unusual-value"),
        subject="01-001",
        found="4",
        text="Rare. Confirm it.",
        severity=Severity.SOFT,
    )


# what the query is | what is found now (none: the finding is gone) | what the program does
RECONCILED = """
open 4            | 4    |
open 4            | 5    | open_query
open 4            | none | close_query
answered 4        | 4    |
answered 4        | 5    | reopen_query
answered 4        | none | close_query
reopened 4        | 4    |
reopened 4        | 5    | open_query
reopened 4        | none | close_query
closed 4          | 4    |
closed 4          | 5    | reopen_query
closed 4          | none |
closed 4 program  | 4    | reopen_query
closed 4 program  | 5    | reopen_query
closed 4 program  | none |
"""


@pytest.mark.parametrize("line", RECONCILED.strip().splitlines())
def test_what_the_program_does_about_a_query_that_is_there(line: str) -> None:
    there, now, done = (cell.strip() for cell in line.split("|"))
    state, found, *by = there.split()
    findings = [] if now == "none" else [replace(RARE, found=now)]
    deeds = run(findings, [query(state, found=found, by_program=bool(by))])
    assert verbs(deeds) == done.split()


def test_a_draft_is_not_asked_about_and_its_queries_stay() -> None:
    assert run([RARE], [], complete=()) == ()
    assert run([RARE], [query("open")], complete=()) == ()


def test_who_confirmed_has_answered_before_being_asked() -> None:
    said = Confirmation(code="unusual-value", item="ecog", found="4", comment="as in the notes")
    assert run([RARE], [], confirmed=(said,)) == ()
    assert verbs(run([RARE], [query("open")], confirmed=(said,))) == ["close_query"]
    assert verbs(run([replace(RARE, found="5")], [], confirmed=(said,))) == ["open_query"]
    assert verbs(run([replace(RARE, severity=Severity.HARD)], [], confirmed=(said,))) != []


def test_findings_of_one_identity_are_one_query_with_all_that_was_found() -> None:
    (deed,) = run([RARE, replace(RARE, found="5"), RARE], [])
    assert deed.found == "4; 5"


def test_a_finding_about_no_entry_is_no_query() -> None:
    assert run([replace(RARE, entry="")], []) == ()


def applied(deeds: tuple[QueryDeed, ...], queries: list[AutomaticQuery]) -> list[AutomaticQuery]:
    """What a store makes of the deeds."""
    there = {each.key: each for each in queries}
    for deed in deeds:
        closes = deed.verb is Verb.CLOSE_QUERY
        old = there.get(deed.key)
        same = old.state if old else QueryState.OPEN
        state = same if deed.verb is Verb.OPEN_QUERY else move_query(same, verb=deed.verb)
        there[deed.key] = AutomaticQuery(
            key=deed.key, state=state, found=deed.found, closed_by_program=closes
        )
    return list(there.values())


some = st.builds(
    lambda entry, code, found: replace(RARE, entry=entry, code=code, found=found),
    st.sampled_from([VISIT, "01-001/ecog/M6"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["4", "5"]),
)
rounds = st.lists(st.lists(some, max_size=4), max_size=5)


@given(rounds)
def test_after_its_deeds_the_program_has_nothing_to_do_and_live_queries_are_the_findings(
    rounds: list[list[Finding]],
) -> None:
    queries: list[AutomaticQuery] = []
    complete = (VISIT, "01-001/ecog/M6")
    for findings in rounds:
        queries = applied(run(findings, queries, complete=complete), queries)
        assert run(findings, queries, complete=complete) == ()
        assert run(list(reversed(findings)), queries, complete=complete) == ()
        live = {each.key for each in queries if each.state is not QueryState.CLOSED}
        assert live == {key_of(each) for each in findings}


def test_an_edit_check_raises_one_query_that_goes_when_the_entry_is_corrected() -> None:
    subject = "subject | site | sex | birth_year\n01-001 | 01 | M | 1960"
    wrong = trial(dm=subject, icf="subject | consent_date\n01-001 | 2027-01-01")
    right = trial(dm=subject, icf="subject | consent_date\n01-001 | 2025-01-01")
    day = date(2026, 1, 1)
    complete = ("01-001/icf",)

    found = check_frames(wrong, protocol(), as_of_date=day)
    deeds = run(found, [], complete=complete)
    assert [(d.verb.value, d.key) for d in deeds] == [
        ("open_query", QueryKey(entry="01-001/icf", item="consent_date", code="consent-in-future"))
    ]
    queries = applied(deeds, [])
    assert run(check_frames(wrong, protocol(), as_of_date=day), queries, complete=complete) == ()
    corrected = check_frames(right, protocol(), as_of_date=day)
    assert verbs(run(corrected, queries, complete=complete)) == ["close_query"]
