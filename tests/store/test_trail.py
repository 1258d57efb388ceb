"""The trail of a value, and lines told without what would tell an arm."""

import json
from dataclasses import replace
from typing import Any

import pytest

from equipoise.capture.blinding import Telling
from equipoise.store.actions.delete_entry import delete_entry
from equipoise.store.embedded import Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import canonical
from equipoise.store.read_trail import (
    read_item_trail,
    read_subject_lines,
    read_trail,
    tell_line,
)
from store.entries import changed, completed, draft
from store.ledger_lines import PLAIN, change, line_with
from store.people import START, by, screen

DM = "site=01 sex=M birth_year=1961"


def test_a_line_is_told_with_its_content_read_and_its_instant_in_utc() -> None:
    told = tell_line(line_with(change("subject", "01-001", site=(None, "01"))), hidden=None)
    assert told["at"] == "2026-03-02T09:00:00.000000Z"
    assert told["request_id"] is None
    assert told["content"]["changes"][0]["values"] == {"site": [None, "01"]}
    assert json.loads(json.dumps(told)) == told  # plain values all the way down


RANDOMISED: dict[str, Any] = {
    "changes": [
        change("allocation", "01-001", arm=(None, "B"), number=(None, 1)),
        change("form_entry", "01-001", "rand", "", version=(None, 1)),
    ],
    "answer": {"arm": "B", "number": 1},
}


@pytest.mark.parametrize("with_arms", [True, False])
def test_whoever_may_not_know_arms_reads_that_somebody_was_randomised_and_no_more(
    with_arms: bool,
) -> None:
    line = replace(PLAIN, verb="randomise", content=canonical(RANDOMISED))
    told = tell_line(line, hidden=None if with_arms else Telling())
    tables = [each["table"] for each in told["content"]["changes"]]
    assert tables == (["allocation", "form_entry"] if with_arms else ["form_entry"])
    assert told["content"]["answer"] == (RANDOMISED["answer"] if with_arms else {})
    assert ('"B"' in json.dumps(told)) == with_arms
    assert told["verb"] == "randomise"


def test_the_answer_of_another_deed_is_told_to_everybody() -> None:
    content = canonical({"changes": [], "answer": {"subject": "01-001"}})
    line = replace(PLAIN, verb="enrol", content=content)
    assert tell_line(line, hidden=Telling())["content"]["answer"] == {"subject": "01-001"}


def test_an_item_tells_who_made_it_what_it_is_and_why(sites: Server) -> None:
    subject = screen()
    draft((subject, "dm"), "birth_year=1960")
    completed((subject, "dm"), DM, seen=1)
    changed((subject, "dm"), "birth_year=1962", seen=2)
    trail = list(read_item_trail((subject, "dm", ""), item="birth_year"))
    assert [(each.old, each.new, each.line.verb, each.line.reason) for each in trail] == [
        (None, "1960", "save_form", ""),
        ("1960", "1961", "complete_form", ""),
        ("1961", "1962", "change_form", "misread"),
    ]
    assert {(each.line.actor, each.line.role) for each in trail} == {("cho", "coordinator")}
    assert [each.line.number for each in trail] == sorted({each.line.number for each in trail})
    assert trail[0].line.at > START
    assert [each.new for each in read_item_trail((subject, "dm", ""), item="sex")] == ["M"]


def test_a_value_taken_back_ends_in_nothing_and_may_come_again(sites: Server) -> None:
    subject = screen()
    place = EntryPlace(subject=subject, form="dm")
    completed((subject, "dm"), DM)
    delete_entry(place, seen=1, deed=by("cho", minutes=30, reason="another person"))
    completed((subject, "dm"), DM.replace("1961", "1970"), seen=2, minutes=40)
    trail = list(read_item_trail((subject, "dm", ""), item="birth_year"))
    assert [(each.old, each.new) for each in trail] == [
        (None, "1961"),
        ("1961", None),
        (None, "1970"),
    ]
    assert trail[1].line.reason == "another person"


def test_entries_of_one_form_have_trails_of_their_own(sites: Server) -> None:
    subject = screen()
    draft((subject, "ecog", "scr"), "ecog=0")
    draft((subject, "ecog", "M3"), "ecog=1")
    told = {
        key: [each.new for each in read_item_trail((subject, "ecog", key), item="ecog")]
        for key in ("scr", "M3", "M6", "")
    }
    assert told == {"scr": ["0"], "M3": ["1"], "M6": [], "": []}


def test_a_trail_never_tells_of_another_subject(sites: Server) -> None:
    one, two = screen(), screen()
    draft((one, "dm"), "sex=M")
    draft((two, "dm"), "sex=F")
    assert [each.new for each in read_item_trail((two, "dm", ""), item="sex")] == ["F"]
    assert {line.subject for line in read_subject_lines(one)} == {one}
    assert [line.verb for line in read_subject_lines(one)] == ["enrol", "save_form"]


def test_the_state_of_an_entry_has_a_trail_like_any_value(sites: Server) -> None:
    subject = screen()
    draft((subject, "dm"), "sex=M")
    completed((subject, "dm"), DM, seen=1)
    found = read_trail("form_entry", key=(subject, "dm", ""), column="state", subject=subject)
    assert [(each.old, each.new) for each in found] == [(None, "draft"), ("draft", "complete")]
    nothing = read_trail("form_entry", key=(subject, "dm", ""), column="nosuch", subject=subject)
    assert list(nothing) == []
