"""Whoever bends the ledger or the tables is found out, whatever role he has."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from equipoise.store.actions.sign import sign_entries
from equipoise.store.actions.verify import verify_entries
from equipoise.store.embedded import DATABASE, SUPERUSER, Server
from equipoise.store.entry_place import EntryPlace
from equipoise.store.ledger import GENESIS, Line, canonical, digest_of, read_lines
from equipoise.store.models import LedgerLine
from equipoise.store.verify import verify_trial
from store.entries import PASSWORD, changed, completed, draft
from store.people import by, screen
from store.trial_database import run_as_superuser

UNBOUND = "ALTER TABLE ledger_line DISABLE TRIGGER USER"


def work() -> None:
    """A few deeds to bend."""
    screen("01")
    completed(("01-001", "dm"), "site=01 sex=M birth_year=1961")
    draft(("01-001", "ecog", "scr"), "ecog_date=2026-03-01 ecog=0")
    changed(("01-001", "dm"), "birth_year=1962", seen=1)


def codes(head: str = "") -> list[str]:
    """The codes of what verification finds."""
    return [finding.code for finding in verify_trial(head=head).findings]


def bend(server: Server, *statements: str) -> None:
    """Statements of somebody with every right, who has put the triggers out of action."""
    run_as_superuser(server, UNBOUND, *statements, database=DATABASE)


def write_anew(server: Server, *, number: int, reason: str = "", content: str = "") -> None:
    """A line changed, and it and all lines after it given new digests that fit."""
    lines = list(read_lines())
    before = lines[number - 2].digest
    made: list[Line] = []
    for line in lines[number - 1 :]:
        given = line
        if line.number == number:
            given = replace(line, reason=reason or line.reason, content=content or line.content)
        given = replace(given, previous=before, digest="")
        made.append(replace(given, digest=digest_of(given)))
        before = made[-1].digest
    with psycopg.connect(server.url(SUPERUSER), autocommit=True) as owner:
        owner.execute(UNBOUND)
        for line in reversed(made):  # the last first: two lines never have one previous
            owner.execute(
                "UPDATE ledger_line SET content = %s, reason = %s, previous = %s, digest = %s "
                "WHERE number = %s",
                [line.content, line.reason, line.previous, line.digest, line.number],
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_line SET reason = 'another' WHERE number = 3",
        "DELETE FROM ledger_line WHERE number = 3",
        "TRUNCATE ledger_line",
        "ALTER TABLE ledger_line DISABLE TRIGGER ALL",
        "DELETE FROM form_entry",
        "DELETE FROM allocation",
        "TRUNCATE subject CASCADE",
        "DELETE FROM django_migrations",
        "DROP TABLE ledger_line",
    ],
)
def test_the_application_can_only_read_the_ledger_and_add_to_it(
    sites: Server, statement: str
) -> None:
    words = "permission denied|must be owner"
    with pytest.raises(DatabaseError, match=words), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_line SET reason = 'another' WHERE number = 3",
        "DELETE FROM ledger_line WHERE number = 3",
        "TRUNCATE ledger_line",
    ],
)
def test_the_triggers_refuse_even_the_owner(sites: Server, statement: str) -> None:
    with psycopg.connect(sites.owner_url) as owner, pytest.raises(psycopg.Error, match="only ever"):
        owner.execute(statement.encode())


@pytest.mark.parametrize(
    ("bent", "words"),
    [
        ({"number": 900}, "does not follow"),
        ({"previous": GENESIS}, "does not follow"),
        ({"verb": "forge"}, "ledger_line_verb"),
        ({"digest": "short"}, "ledger_line_digest"),
        ({"request_id": ""}, "ledger_line_request"),
    ],
)
def test_a_line_that_does_not_follow_is_refused(
    sites: Server, bent: dict[str, object], words: str
) -> None:
    last = LedgerLine.objects.order_by("-number").first()
    assert last is not None
    values = {field.name: getattr(last, field.name) for field in LedgerLine._meta.concrete_fields}
    values |= {"number": last.number + 1, "previous": last.digest, "digest": "a" * 64}
    values |= {"request_id": None, **bent}
    with pytest.raises(DatabaseError, match=words):
        LedgerLine.objects.create(**values)


def test_a_sound_trial_has_no_finding(sites: Server) -> None:
    work()
    said = verify_trial()
    assert said.findings == ()
    assert said.lines == LedgerLine.objects.count()
    assert verify_trial(head=said.head).findings == ()


def test_a_head_noted_long_ago_is_still_there(sites: Server) -> None:
    noted = verify_trial().head
    work()
    assert codes(noted) == []


@pytest.mark.parametrize(
    "column", ["actor", "role", "site", "verb", "subject", "reason", "protocol"]
)
def test_a_changed_line_is_found(sites: Server, column: str) -> None:
    work()
    value = "sign" if column == "verb" else "forged"
    bend(sites, f"UPDATE ledger_line SET {column} = '{value}' WHERE number = 5")
    found = verify_trial().findings
    assert (found[0].where, found[0].code) == ("ledger line 5", "ledger-changed")


def test_changed_content_and_time_are_found(sites: Server) -> None:
    work()
    bend(sites, "UPDATE ledger_line SET at = at + interval '1 microsecond' WHERE number = 4",
         "UPDATE ledger_line SET content = replace(content, '1961', '1971')")  # fmt: skip
    assert codes().count("ledger-changed") == 3  # line 4, and the two that knew the year


def test_a_line_taken_out_is_found(sites: Server) -> None:
    work()
    bend(sites, "DELETE FROM ledger_line WHERE number = 7")
    assert "ledger-gap" in codes()


def test_a_tail_cut_with_its_rows_shows_against_a_head(sites: Server) -> None:
    work()
    noted = verify_trial().head
    last = verify_trial().lines
    bend(
        sites,
        f"DELETE FROM ledger_line WHERE number = {last}",
        "UPDATE form_entry SET version = 1, values = jsonb_set(values, '{birth_year}', '\"1961\"')"
        " WHERE form = 'dm'",
    )
    assert codes() == []  # nothing inside tells that something is missing
    assert codes(noted) == ["ledger-head-missing"]


def test_a_ledger_written_anew_shows_against_a_head(sites: Server) -> None:
    work()
    noted = verify_trial().head
    write_anew(sites, number=6, reason="a better reason")
    assert codes() == []
    assert codes(noted) == ["ledger-head-missing"]


def test_a_ledger_written_anew_with_other_values_is_not_what_the_tables_hold(
    sites: Server,
) -> None:
    work()
    number = next(line.number for line in read_lines() if line.verb == "complete_form")
    content = json.loads(list(read_lines())[number - 1].content)
    content["changes"][0]["values"]["items.sex"] = [None, "F"]
    write_anew(sites, number=number, content=canonical(content))
    assert codes() == ["table-differs"]


def test_an_old_value_that_was_never_there_is_found(sites: Server) -> None:
    work()
    number = next(line.number for line in read_lines() if line.verb == "change_form")
    content = json.loads(list(read_lines())[number - 1].content)
    content["changes"][0]["values"]["items.birth_year"] = ["1950", "1962"]
    write_anew(sites, number=number, content=canonical(content))
    assert codes() == ["ledger-untrue"]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE form_entry SET values = jsonb_set(values, '{sex}', '\"F\"') WHERE form = 'dm'",
         "differs from the ledger in items.sex"),
        ("UPDATE form_entry SET state = 'locked' WHERE form = 'dm'",
         "differs from the ledger in state"),
        ("DELETE FROM form_entry WHERE form = 'ecog'", "is missing, the ledger has it"),
        ("INSERT INTO subject VALUES ('01-099', '2026-03-02', '01')", "is not in the ledger"),
        ("UPDATE role_grant SET is_active = false WHERE account = 'ivy'",
         "differs from the ledger in is_active"),
        ("UPDATE site SET screened = 7 WHERE code = '01'", "differs from the ledger in screened"),
        ("UPDATE account SET email = 'x@example.org' WHERE username = 'mo'",
         "differs from the ledger in email"),
    ],
)  # fmt: skip
def test_a_table_changed_behind_the_ledger_is_found(
    sites: Server, statement: str, words: str
) -> None:
    work()
    run_as_superuser(sites, statement, database=DATABASE)
    (found,) = verify_trial().findings
    assert found.code == "table-differs"
    assert words in found.message


def sign_two() -> None:
    """Two entries of a subject under one signature."""
    work()
    completed(("01-001", "ecog", "scr"), "ecog_date=2026-03-01 ecog=0", seen=1)
    places = [
        EntryPlace(subject="01-001", form="dm"),
        EntryPlace(subject="01-001", form="ecog", key=("scr",)),
    ]
    verify_entries(places, deed=by("mo", minutes=70))
    sign_entries(places, password=PASSWORD, deed=by("ivy", minutes=71))


def bend_content(server: Server, *, verb: str, bend_changes: Callable[[Any], None]) -> None:
    """The last line of the verb with other changes, and the ledger written anew from it."""
    line = [line for line in read_lines() if line.verb == verb][-1]
    content = json.loads(line.content)
    bend_changes({change["table"]: change for change in content["changes"]})
    write_anew(server, number=line.number, content=canonical(content))


def test_a_signature_holds_for_what_is_as_it_was_signed(sites: Server) -> None:
    sign_two()
    assert codes() == []
    changed(("01-001", "dm"), "birth_year=1963", seen=2)
    assert codes() == []  # the one that changed stands no more under it, the other does


def test_an_entry_that_is_not_as_it_was_signed_is_found(sites: Server) -> None:
    """Ledger and table were both written anew, so that they agree with each other."""
    sign_two()

    def bend_year(changes: Any) -> None:
        changes["form_entry"]["values"]["items.birth_year"] = ["1961", "1970"]

    bend_content(sites, verb="change_form", bend_changes=bend_year)
    assert codes() == ["table-differs", "signature-differs"]
    year = "values = jsonb_set(values, '{birth_year}', '\"1970\"')"
    run_as_superuser(sites, f"UPDATE form_entry SET {year} WHERE form = 'dm'", database=DATABASE)
    (found,) = verify_trial().findings
    assert (found.where, found.code) == ("signature 1", "signature-differs")
    assert found.message == "01-001/dm is not as it was signed"


@pytest.mark.parametrize("entry", ["01-001/dm", "01-001/none"])
def test_a_signature_that_covers_other_digests_than_it_binds_is_found(
    sites: Server, entry: str
) -> None:
    sign_two()

    def bend_covers(changes: Any) -> None:
        changes["signature"]["values"]["covers"][1][entry] = "a" * 64

    bend_content(sites, verb="sign", bend_changes=bend_covers)
    where = f"covers = jsonb_set(covers, '{{{entry}}}', '\"{'a' * 64}\"')"
    run_as_superuser(sites, f"UPDATE signature SET {where}", database=DATABASE)
    told = [finding.message for finding in verify_trial().findings]
    assert told[0] == "its digest is not that of the entries that it covers"
    assert told[1:] == ["01-001/dm is not as it was signed"][: entry == "01-001/dm"]


def test_a_line_of_a_signature_taken_out_is_told_and_stops_nothing(sites: Server) -> None:
    sign_two()
    changed(("01-001", "dm"), "birth_year=1963", seen=2)
    bend(sites, "DELETE FROM ledger_line WHERE verb = 'sign'")
    found = verify_trial().findings
    assert {"ledger-gap", "ledger-untrue", "table-differs"} <= {each.code for each in found}
    told = [each for each in found if each.code == "signature-differs"]
    assert [each.where for each in told] == ["signature 1"]  # of which no line tells the digest


def test_what_is_kept_apart_is_no_difference(sites: Server) -> None:
    run_as_superuser(sites, "UPDATE account SET password = 'x'", database=DATABASE)
    assert codes() == []
