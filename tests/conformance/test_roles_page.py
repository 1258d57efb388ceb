"""docs/reference/roles.md tells each role and each verb as the code has them."""

from pathlib import Path

from equipoise.capture.roles import (
    Grant,
    Role,
    Scope,
    Verb,
    may,
    refusals_to_grant,
    scope_of,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
ROLES = [row for row in ROWS if len(row) == 3 and row[1].startswith("`")]
VERBS = [row for row in ROWS if len(row) == 2 + len(Role) and row[0].startswith("`")]
SCOPES = {
    "one site": Scope.SITE,
    "the whole trial": Scope.TRIAL,
    "one site, or all": Scope.EITHER,
}


def test_every_role_stands_on_the_page_with_its_scope() -> None:
    told = {row[1].strip("`"): SCOPES[row[2]] for row in ROLES}

    assert told == {role.value: scope_of(role) for role in Role}


def test_every_verb_stands_on_the_page_with_the_roles_that_may() -> None:
    columns = next(row for row in ROWS if row[0] == "Verb")[2:]
    roles = {row[0]: Role(row[1].strip("`")) for row in ROLES}
    told = {
        row[0].strip("`"): {
            roles[c] for c, mark in zip(columns, row[2:], strict=True) if mark == "x"
        }
        for row in VERBS
    }

    assert told == {v.value: {role for role in Role if may(role, verb=v)} for v in Verb}


def test_every_verb_is_said_in_words() -> None:
    assert [row[0] for row in VERBS if not row[1]] == []


def test_every_reason_to_keep_roles_apart_stands_on_the_page() -> None:
    reasons = {
        told.partition(":")[0]
        for one in Role
        for other in Role
        for told in refusals_to_grant(Grant(role=one, site="01"), held=[Grant(role=other)])
        if "revoke" in told
    }

    assert {row[1] for row in ROWS if len(row) == 2 and row[0] != "Apart"} == reasons
