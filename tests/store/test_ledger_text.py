"""The text of a line and its digest: the same everywhere, and no change goes unseen."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.store.ledger import (
    EMPTY,
    GENESIS,
    Head,
    Line,
    canonical,
    check_chain,
    check_line,
    digest_of,
    instant,
)
from store.ledger_lines import AT, PLAIN, bind, line_with

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ({"a": {"d": None, "c": True}}, '{"a":{"c":true,"d":null}}'),
        ([1, "1", 1.5], '[1,"1",1.5]'),
        ((1, 2), "[1,2]"),
        ({"한글": "김민준"}, '{"한글":"김민준"}'),
        ('say "5 mm"\n', '"say \\"5 mm\\"\\n"'),
        ("a\u2028b", '"a\u2028b"'),
        ({"Z": 1, "a": 2, "É": 3}, '{"Z":1,"a":2,"É":3}'),  # by code point, in no language
        ({}, "{}"),
    ],
)
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert canonical(value) == text


@given(VALUES)
def test_the_text_reads_back_as_the_value_and_is_written_the_same_again(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(TEXTS, st.integers(), min_size=2, max_size=6))
def test_the_order_in_which_a_value_was_put_together_leaves_no_trace(told: dict[str, int]) -> None:
    assert canonical(dict(reversed(told.items()))) == canonical(told)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), [1, float("nan")]])
def test_what_is_no_number_has_no_text(value: Any) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical(value)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "2026-03-02T09:00:00.000000Z"),
        (datetime(2026, 3, 2, 9, 0, 0, 7, tzinfo=UTC), "2026-03-02T09:00:00.000007Z"),
        (
            datetime(2026, 3, 2, 1, 30, tzinfo=timezone(timedelta(hours=9))),
            "2026-03-01T16:30:00.000000Z",
        ),
        (
            datetime(2026, 12, 31, 20, 0, tzinfo=timezone(timedelta(hours=-5))),
            "2027-01-01T01:00:00.000000Z",
        ),
    ],
)
def test_an_instant_is_written_in_utc_to_the_microsecond(at: datetime, text: str) -> None:
    assert instant(at) == text
    assert datetime.fromisoformat(text) == at


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
def test_instants_stand_in_the_order_of_their_texts(one: datetime, other: datetime) -> None:
    if 1 < one.year < 9999 and 1 < other.year < 9999:
        first, second = (at.astimezone(UTC) for at in (one, other))
        assert (instant(one) < instant(other)) == (first < second)


def test_the_digest_is_that_of_the_published_list() -> None:
    """Written out by hand from docs/reference/ledger.md, byte by byte."""
    said = (
        f'["{GENESIS}",1,"2026-03-02T09:00:00.000000Z","cho","coordinator","01","save_form",'
        f'"01-001",null,"","{{\\"changes\\":[]}}","{"f" * 64}"]'
    )
    assert digest_of(PLAIN) == hashlib.sha256(said.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("previous", "1" * 64),
        ("number", 2),
        ("at", AT + timedelta(microseconds=1)),
        ("actor", "chó"),
        ("role", "investigator"),
        ("site", "02"),
        ("verb", "complete_form"),
        ("subject", "01-002"),
        ("request_id", ""),  # an empty text is not the absence of one
        ("reason", " "),
        ("content", '{"changes": []}'),  # hashed as it stands, a space too
        ("protocol", "e" * 64),
    ],
)
def test_every_field_is_in_the_digest(name: str, other: Any) -> None:
    assert digest_of(replace(PLAIN, **{name: other})) != digest_of(PLAIN)


def test_only_the_digest_itself_is_not_in_the_digest() -> None:
    assert digest_of(replace(PLAIN, digest="a" * 64)) == digest_of(PLAIN)
    assert {field.name for field in fields(Line)} - {"digest"} == {
        "previous", "number", "at", "actor", "role", "site", "verb", "subject", "request_id",
        "reason", "content", "protocol",
    }  # fmt: skip


def test_text_does_not_slip_from_one_field_into_the_next() -> None:
    glued = replace(PLAIN, actor="chocoordinator", role="")
    moved = replace(PLAIN, actor='cho","coordinator', role="")
    assert len({digest_of(PLAIN), digest_of(glued), digest_of(moved)}) == 3


def test_the_same_instant_told_in_another_zone_is_the_same_line() -> None:
    seoul = AT.astimezone(timezone(timedelta(hours=9)))
    assert digest_of(replace(PLAIN, at=seoul)) == digest_of(PLAIN)


def bent(line: Line, name: str, to: Any) -> Line:
    """The line with another value in one field, and its digest as it was."""
    return replace(line, **{name: to})


def told(lines: list[Line]) -> list[tuple[str, str]]:
    """What is found in the chain, as (place, code)."""
    return [(found.where.removeprefix("ledger line "), found.code) for found in check_chain(lines)]


LINES = bind([PLAIN, replace(PLAIN, reason="b"), replace(PLAIN, reason="c"), PLAIN, PLAIN])


def test_a_sound_chain_has_no_finding_and_neither_has_none() -> None:
    assert told(LINES) == []
    assert told([]) == []


# what was done to the five lines | the findings, as number of the line and code
BENT = """
1 2 3 4     |
2 3 4 5     | 2 ledger-gap
1 2 4 5     | 4 ledger-gap
1 3 4 5     | 3 ledger-gap
1 2 2 3 4 5 | 2 ledger-gap
1 3 2 4 5   | 3 ledger-gap, 2 ledger-gap, 4 ledger-gap
5 4 3 2 1   | 5 ledger-gap, 4 ledger-gap, 3 ledger-gap, 2 ledger-gap, 1 ledger-gap
1 5         | 5 ledger-gap
"""


@pytest.mark.parametrize("text", BENT.strip().splitlines())
def test_lines_left_out_doubled_or_moved_are_found(text: str) -> None:
    order, expected = (part.strip() for part in text.split("|"))
    lines = [LINES[int(number) - 1] for number in order.split()]
    assert ", ".join(f"{where} {code}" for where, code in told(lines)) == expected


@given(
    st.integers(0, 4),
    st.sampled_from(["actor", "role", "site", "verb", "subject", "reason", "content", "protocol"]),
    TEXTS,
)
def test_a_line_changed_anywhere_is_found_where_it_stands(place: int, name: str, to: str) -> None:
    lines = list(LINES)
    lines[place] = bent(lines[place], name, to)
    expected = [] if lines[place] == LINES[place] else [(str(place + 1), "ledger-changed")]
    assert told(lines) == expected


@pytest.mark.parametrize("place", range(4))
def test_a_line_rewritten_with_a_digest_that_fits_breaks_the_next(place: int) -> None:
    lines = list(LINES)
    forged = replace(lines[place], reason="another", digest="")
    lines[place] = replace(forged, digest=digest_of(forged))
    assert told(lines) == [(str(place + 2), "ledger-unlinked")]


def test_a_line_earlier_than_the_one_before_is_found_though_its_digest_fits() -> None:
    early = replace(LINES[2], at=LINES[1].at - timedelta(seconds=1), digest="")
    early = replace(early, digest=digest_of(early))
    assert told([*LINES[:2], early]) == [("3", "ledger-clock")]
    same = replace(early, at=LINES[1].at, digest="")
    assert told([*LINES[:2], replace(same, digest=digest_of(same))]) == []


def test_the_first_line_follows_64_zeros() -> None:
    assert (EMPTY.number, EMPTY.digest) == (0, "0" * 64)
    assert check_line(LINES[0], before=EMPTY) is None
    found = check_line(LINES[0], before=replace(EMPTY, digest="1" * 64))
    assert found is not None
    assert found.code == "ledger-unlinked"


def test_a_finding_names_the_line_and_what_to_do() -> None:
    gap = check_line(LINES[3], before=Head(number=1, digest=LINES[0].digest, at=AT))
    assert gap is not None
    assert gap.where == "ledger line 4"
    assert gap.message == "line 2 is missing: line 4 follows 1"
    assert "last backup" in gap.mend


def test_lines_about_the_same_are_still_two_lines() -> None:
    one, two = bind([line_with(), line_with()])
    assert one.content == two.content
    assert one.digest != two.digest
