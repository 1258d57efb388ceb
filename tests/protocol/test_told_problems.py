"""How a cross-check tells a problem: one finding each, with what was found and how to mend it."""

import pytest

from equipoise.protocol.problems import check_known, check_text_rule, check_unique, problem
from equipoise.vocab.finding import Severity

PLACE = "trial.toml: analysis[pfs].arm"


def test_a_problem_of_the_text_always_stops() -> None:
    found = problem(PLACE, code="x", message="does not fit", found="7", mend="Write 8.")
    assert found.severity is Severity.HARD
    assert str(found) == f"{PLACE}: [x] does not fit (found: 7). Write 8."
    assert (found.subject, found.entry, found.item) == ("", "", "")


def test_a_known_name_is_no_problem() -> None:
    assert list(check_known(PLACE, kind="arm", name="B", known=["A", "B"])) == []
    assert list(check_known(PLACE, kind="arm", name="B", known=iter(["A", "B"]))) == []


# kind | the name written | the names there are | the code | the mend
UNKNOWN = [
    ("arm", "C", ["A", "B"], "unknown-arm", "Write one of: A, B."),
    ("key item", "visit", ["lesion"], "unknown-key-item", "Write one of: lesion."),
    ("arm", "a", ["A"], "unknown-arm", "Write one of: A."),
    ("arm", "", ["A"], "unknown-arm", "Write one of: A."),
]


@pytest.mark.parametrize(("kind", "name", "known", "code", "mend"), UNKNOWN)
def test_an_unknown_name_is_told_with_the_names_there_are(
    kind: str, name: str, known: list[str], code: str, mend: str
) -> None:
    (found,) = check_known(PLACE, kind=kind, name=name, known=known)
    assert (found.where, found.code, found.found, found.mend) == (PLACE, code, name, mend)
    assert found.message == f"there is no {kind} '{name}'"


def test_a_mend_of_its_own_stands_instead_of_the_names() -> None:
    (found,) = check_known(PLACE, kind="arm", name="C", known=["A"], mend="Add the arm.")
    assert found.mend == "Add the arm."


# the names | which stand how often
TWICE = [
    ([], []),
    (["a", "b"], []),
    (["a", "a"], [("a", "the item 'a' stands 2 times")]),
    (["a", "b", "a", "b", "a"],
     [("a", "the item 'a' stands 3 times"), ("b", "the item 'b' stands 2 times")]),
    (["a", "A"], []),
]  # fmt: skip


@pytest.mark.parametrize(("names", "told"), TWICE)
def test_a_name_that_stands_twice_is_told_once(
    names: list[str], told: list[tuple[str, str]]
) -> None:
    found = list(check_unique(PLACE, kind="item", names=names))
    assert [(each.found, each.message) for each in found] == told
    assert {each.code for each in found} <= {"name-twice"}


# the length of a rule | the length told
LENGTHS = [(1, 1), (120, 120), (121, 120), (4000, 120)]


@pytest.mark.parametrize(("length", "told"), LENGTHS)
def test_a_long_rule_is_told_by_its_beginning(length: int, told: int) -> None:
    (found,) = check_text_rule(PLACE, rule="x" * length, complaints=["names the item y"])
    assert len(found.found) == told
    assert found.found.endswith("...") == (length > told)
    assert found.message == "the rule names the item y"


def test_each_complaint_about_a_rule_is_a_problem_of_its_own() -> None:
    found = list(check_text_rule(PLACE, rule="a", complaints=("is this", "is that")))
    assert [each.message for each in found] == ["the rule is this", "the rule is that"]
    assert list(check_text_rule(PLACE, rule="a", complaints=())) == []
