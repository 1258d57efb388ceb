"""Refusals: each is one kind, says what to do, and has one answer on a page."""

from inspect import getmembers, isclass

import pytest

from equipoise.capture.lifecycle import WrongStateError
from equipoise.capture.queries import WrongQueryStateError
from equipoise.capture.roles import READINGS, Verb
from equipoise.store import refusals
from equipoise.store.permission import OPERATOR_VERBS, say
from equipoise.store.refusals import FindingsError, RefusedError
from equipoise.vocab.finding import Finding, Severity
from equipoise.web.shell.reauthenticate import PasswordWrongError
from equipoise.web.shell.refusals import REFUSALS, status_of

# refusal | the answer of a page: may not, is not there, somebody came between, cannot be done
STATUSES = """
RefusedError           | 422
NotAllowedError        | 403
StaleVersionError      | 409
AlreadyRandomisedError | 409
NotEligibleError       | 422
RequestReusedError     | 409
ReasonMissingError     | 422
ClosedError            | 409
WrongPasswordError     | 422
UnknownError           | 404
TakenError             | 409
TextRefusedError       | 422
DigestRefusedError     | 422
"""
KINDS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in getmembers(refusals, isclass)
    if issubclass(kind, Exception) and kind.__module__ == refusals.__name__
}


@pytest.mark.parametrize("text", STATUSES.strip().splitlines())
def test_every_refusal_has_one_answer_and_keeps_its_words(text: str) -> None:
    name, status = (part.strip() for part in text.split("|"))
    refusal = KINDS[name]("the site is closed: ask the administrator")
    assert status_of(refusal) == int(status)
    assert isinstance(refusal, RefusedError)
    assert str(refusal) == "the site is closed: ask the administrator"


def test_no_refusal_is_left_out_of_the_table() -> None:
    told = {line.split()[0] for line in STATUSES.strip().splitlines()}
    assert set(KINDS) == told | {"FindingsError"}
    assert all(issubclass(kind, RefusedError) for kind in KINDS.values())


def test_refusals_of_pure_rules_are_answered_by_a_page_too() -> None:
    for refusal in (WrongStateError("frozen"), WrongQueryStateError("closed")):
        assert isinstance(refusal, REFUSALS)
        assert status_of(refusal) == 409
    assert status_of(PasswordWrongError("again")) == 403


@pytest.mark.parametrize("bug", [ValueError("a bug"), KeyError("x"), PermissionError("no")])
def test_a_bug_is_no_refusal(bug: Exception) -> None:
    assert not isinstance(bug, REFUSALS)


def test_findings_are_told_one_a_line_with_place_value_and_mend() -> None:
    high = Finding(
        where="vs, weight_kg", code="value-above", message="is above 300", found="712", mend="Mend."
    )
    odd = Finding(
        where="dm, sex", code="code-unknown", message="is no code", severity=Severity.SOFT
    )
    refusal = FindingsError((high, odd))
    assert refusal.findings == (high, odd)
    assert str(refusal).splitlines() == [
        "vs, weight_kg: [value-above] is above 300 (found: 712). Mend.",
        "dm, sex: [code-unknown] is no code",
    ]
    assert str(FindingsError(())) == ""


def test_the_operator_of_the_server_touches_no_data_of_a_patient() -> None:
    """He opens the trial and its accounts; what is entered, decided or read is not his."""
    assert not OPERATOR_VERBS & READINGS
    verbs = list(Verb)
    on_subjects = set(verbs[verbs.index(Verb.ENROL) : verbs.index(Verb.OPEN_TRIAL)])
    assert not OPERATOR_VERBS & on_subjects
    assert Verb.OPEN_TRIAL in OPERATOR_VERBS


@pytest.mark.parametrize(
    ("verb", "words"),
    [(Verb.SAVE_FORM, "save form"), (Verb.SIGN, "sign"), (Verb.SET_PASSWORD, "set password")],
)
def test_a_verb_is_said_in_words(verb: Verb, words: str) -> None:
    assert say(verb) == words
