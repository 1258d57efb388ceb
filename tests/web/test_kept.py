"""What was typed is kept as it was typed, sealed, and not for ever; passwords never are."""

import time

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from equipoise.web.shell.kept import (
    FIELD,
    Kept,
    fields_of,
    find_kept,
    forget_kept,
    open_kept,
    seal_kept,
    stash_kept,
    tell_typed,
)
from web.session_requests import request_to

PAIRS = st.lists(st.tuples(st.text(max_size=9), st.text(max_size=30)), max_size=5).map(tuple)


@given(path=st.text(max_size=30), fields=PAIRS, owner=st.text(max_size=9))
def test_what_is_sealed_opens_as_it_was(
    path: str, fields: tuple[tuple[str, str], ...], owner: str
) -> None:
    kept = Kept(path=path, fields=fields, owner=owner)
    assert open_kept(seal_kept(kept)) == kept


def test_what_is_told_is_what_a_person_typed_and_not_what_the_page_sends_along() -> None:
    sent = {
        "request_id": "e2e13d85", "seen": "3", "deed": "save_form", "then": "next",
        "items.weight_kg": "71.2", "missing.height_cm": "@not_done", "items.note": "",
        "confirm.1.code": "r1", "confirm.1.item": "weight_kg", "confirm.1.comment": "weighed twice",
        "stratum.imdc": "fav", "reason": "misread", "text": "why?", "a.b": "c",
    }  # fmt: skip
    assert tell_typed(sent.items()) == [
        ("weight_kg", "71.2"),
        ("height_cm", "@not_done"),
        ("confirm.1.comment", "weighed twice"),
        ("imdc", "fav"),
        ("reason", "misread"),
        ("text", "why?"),
        ("a.b", "c"),
    ]


NOTE = Kept(path="/note/01-001/?from=grid", fields=(("weight_kg", "71.2"),), owner="kim")


@pytest.mark.parametrize("place", [0, 5, -1, -8, -40])
def test_a_sign_changed_anywhere_makes_it_worthless(place: int) -> None:
    text = seal_kept(NOTE)
    other = "x" if text[place] != "x" else "y"
    signs = list(text)
    signs[place] = other
    assert open_kept("".join(signs)) is None


@pytest.mark.parametrize("text", ["", "x", "a:b:c", ":", "한글", "." * 99])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    assert open_kept(text) is None


def test_another_site_cannot_open_it_and_another_seal_is_none() -> None:
    text = seal_kept(NOTE)
    with override_settings(SECRET_KEY="the key of another site, as long as it should be"):
        assert open_kept(text) is None
    assert open_kept(text) == NOTE


@pytest.mark.parametrize(("hours", "is_there"), [(0, True), (11.9, True), (12.1, False)])
def test_it_lives_as_long_as_a_session_can(
    monkeypatch: pytest.MonkeyPatch, hours: float, is_there: bool
) -> None:
    text = seal_kept(NOTE)
    later = time.time() + hours * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert (open_kept(text) == NOTE) == is_there


# what is sent | what is kept of it
FIELDS = """
a=1&b=2                               | a=1&b=2
sites=liver&sites=lung                | sites=liver&sites=lung
b=2&a=1&b=3                           | b=2&b=3&a=1
empty=                                | empty=
login=kim&password=heron              | login=kim
password_again=heron&a=1              | a=1
password1=heron&password2=heron       |
oldpassword=heron&csrfmiddlewaretoken=t |
my_password=heron                     | my_password=heron
"""


@pytest.mark.parametrize("text", FIELDS.strip().splitlines())
def test_no_password_and_no_token_is_ever_kept(text: str) -> None:
    sent, expected = (part.strip() for part in text.split("|"))
    request = RequestFactory().post("/", sent, content_type="application/x-www-form-urlencoded")
    wanted = QueryDict(expected)
    pairs = tuple((name, value) for name, values in wanted.lists() for value in values)
    assert fields_of(request) == pairs


def test_only_what_opens_goes_into_a_session() -> None:
    for text in ("", "forged", seal_kept(NOTE)[:-1]):
        request = request_to("/accounts/login/", **{FIELD: text})
        stash_kept(request)
        assert FIELD not in request.session
        assert find_kept(request) is None
    request = request_to("/accounts/login/", **{FIELD: seal_kept(NOTE)})
    stash_kept(request)
    assert find_kept(request) == NOTE


@pytest.mark.parametrize(
    ("sent_to", "waits"),
    [
        ("/note/01-001/?from=grid", False),
        ("/note/01-001/", True),
        ("/note/01-002/?from=grid", True),
        ("/", True),
    ],
)
def test_it_is_forgotten_once_it_was_sent_there_and_only_there(sent_to: str, waits: bool) -> None:
    request = request_to(sent_to)
    request.session[FIELD] = seal_kept(NOTE)
    forget_kept(request)
    assert (FIELD in request.session) == waits
    empty = request_to(sent_to)
    forget_kept(empty)
    assert FIELD not in empty.session
