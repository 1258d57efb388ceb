"""docs/reference/ledger.md against the code: verbs, their files and reasons, codes."""

import re

import equipoise.store.actions
from equipoise.capture.roles import READINGS, Verb
from equipoise.store.gate import REASONED
from house.source import PACKAGE, ROOT

PAGE = (ROOT / "docs/reference/ledger.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (x?) ?\| (.+) \|$", PAGE, flags=re.M)
ACTIONS = PACKAGE / "store" / "actions"
GUARDS = PACKAGE / "store" / "migrations" / "0002_guards.py"


def text_of(files: str) -> str:
    """The code of the files that a row names."""
    names = re.findall(r"`(\w+\.py)`", files)
    return "".join((ACTIONS / name).read_text(encoding="utf-8") for name in names)


def test_each_verb_of_the_page_is_performed_where_it_says() -> None:
    assert ROWS
    for verb, _, files in ROWS:
        assert f"Verb.{Verb(verb).name}" in text_of(files), verb


def test_the_verbs_that_need_a_reason_are_marked() -> None:
    assert {verb for verb, mark, _ in ROWS if mark} == {verb.value for verb in REASONED}


def test_every_action_performs_a_verb_of_the_page() -> None:
    named = set(re.findall(r"`(\w+\.py)`", PAGE))
    files = {path.name for path in ACTIONS.glob("*.py")} - {"__init__.py"}
    assert files <= named
    assert equipoise.store.actions.__doc__


def test_no_deed_is_left_without_an_action() -> None:
    told = {verb for verb, _, _ in ROWS}
    assert {verb.value for verb in Verb if verb not in READINGS} == told


def test_the_database_takes_every_verb_of_the_table_of_roles_and_no_other() -> None:
    text = GUARDS.read_text(encoding="utf-8")
    listed = re.search(r'VERBS = """(.+?)"""', text, flags=re.S)
    assert listed is not None
    assert sorted(listed.group(1).split()) == sorted(verb.value for verb in Verb)


def test_every_code_of_verification_is_told() -> None:
    source = "".join(
        (PACKAGE / "store" / name).read_text(encoding="utf-8")
        for name in ("ledger.py", "verify.py")
    )
    codes = set(re.findall(r'code="([a-z-]+)"', source))
    assert codes == set(re.findall(r"^\| `((?:ledger|table)-[a-z-]+)` \|", PAGE, flags=re.M))
