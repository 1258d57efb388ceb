"""Two versions of a protocol: every difference in words, and the plan for what was entered."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from equipoise.protocol.diff import Change, Kind, diff
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.migration import plan_migration
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import parse_protocol, shipped_protocol
from protocol.test_fingerprint_leaves import LEAVES, SAID, changed_leaf
from protocol.trial_texts import check_told, reference_texts

OLD = shipped_protocol()


def amended(file: str, *plants: tuple[str, str]) -> Protocol:
    """The reference trial with an amendment that parses."""
    texts = reference_texts()
    for old, new in plants:
        assert old in texts[file], f"{file} has no {old!r}"
        texts[file] = texts[file].replace(old, new, 1)
    parsed = parse_protocol(texts)
    assert parsed.protocol is not None, [str(problem) for problem in parsed.problems]
    return parsed.protocol


def told(new: Protocol) -> list[str]:
    return [str(change) for change in diff(OLD, new=new)]


WEIGHT = '[[item]]\nname = "weight"\nlabel = "Weight"\ntype = "decimal"\nunit = "kg"\n'
BOTH = '[[item]]\nname = "ecog"\nlabel = "ECOG performance status"'

RENAMED = 'name = "tissue"\nrenamed_from = "biobank"'
KEEPING = "Consent to keep tissue and blood for research"
BIOBANK = f'[[item]]\nname = "biobank"\nlabel = "{KEEPING}"\ntype = "yes_no"\n'

# file | what stands there | the amendment | the words, all of them
WORDS: list[tuple[str, str, str, list[str]]] = [
    ("forms/ecog.toml", "max = 5", "max = 4",
     ["form ecog, item ecog: highest value 5 becomes 4"]),
    ("forms/ecog.toml", BOTH, f"{WEIGHT}\n{BOTH}", ["form ecog, item weight: added: Weight"]),
    ("forms/ecog.toml", 'label = "Date"', 'label = "Day of the visit"',
     ["form ecog, item ecog_date: label 'Date' becomes 'Day of the visit'"]),
    ("forms/icf.toml", BIOBANK, "", [f"form icf, item biobank: removed: {KEEPING}"]),
    ("forms/icf.toml", 'name = "biobank"', RENAMED,
     ["form icf, item biobank: renamed to tissue"]),
    ("forms/surv.toml", 'title = "', 'title = "Life: ', ["form surv: title"]),
    ("forms/dth.toml", 'rcc = "renal cell carcinoma", ', 'rcc = "kidney cancer", ',
     ["form dth, item cause: label of code rcc: 'renal cell carcinoma' becomes 'kidney cancer'"]),
    ("forms/dth.toml", 'unknown = "unknown" }', 'unknown = "unknown", covid = "COVID-19" }',
     ["form dth, item cause: code covid (COVID-19) is added"]),
    ("forms/eos.toml", ', completed = "completed"', "",
     ["form eos, item reason: code completed (completed) is removed"]),
    ("forms/dth.toml", 'severity = "soft"\nrefuse_when = "cause = ', 'refuse_when = "cause = ',
     ["form dth, edit check fatal-event-missing: severity 'soft' becomes 'hard'"]),
    ("forms/ecog.toml", 'grain = "visit"\n', 'grain = "visit"\nreveals_arm = true\n',
     ["form ecog: reveals the arm no becomes yes"]),
    ("trial.toml", 'label = "Month 3", day = 84, before_days = 7',
     'label = "Month 3", day = 84, before_days = 14',
     ["visit M3: days before 7 becomes 14"]),
    ("trial.toml", '"rs", "bicr"]\nprovenance', '"rs"]\nprovenance',
     ["until progression les_fu, newles, rs, bicr becomes les_fu, newles, rs"]),
    ("trial.toml", "planned_subjects = 88", "planned_subjects = 100",
     ["planned subjects 88 becomes 100"]),
    ("trial.toml", 'M = "male"\nF = "female"', 'F = "female"\nM = "male"',
     []),
    ("trial.toml", 'label = "Overall survival"', 'label = "Survival"',
     ["endpoint os: label 'Overall survival' becomes 'Survival'"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), WORDS)
def test_an_amendment_is_told_in_words(file: str, old: str, new: str, words: list[str]) -> None:
    found = told(amended(file, (old, new)))
    assert len(found) == len(words)
    for said, expected in zip(found, words, strict=True):
        assert said == expected or (said.startswith(expected) and expected.endswith("title"))


def test_the_same_text_has_no_difference() -> None:
    assert diff(OLD, new=OLD) == ()
    assert diff(OLD, new=OLD.model_copy(update={"form": tuple(reversed(OLD.form))})) == ()


def test_a_form_that_is_gone_and_one_that_came() -> None:
    fewer = OLD.model_copy(update={"form": OLD.form[1:]})
    gone = OLD.form[0]
    assert [str(c) for c in diff(OLD, new=fewer)] == [f"form {gone.form}: removed: {gone.title}"]
    assert [str(c) for c in diff(fewer, new=OLD)] == [f"form {gone.form}: added: {gone.title}"]


def test_an_item_renamed_and_changed_is_told_as_both() -> None:
    new = amended(
        "forms/icf.toml",
        ('name = "biobank"', RENAMED),
        (KEEPING, "Wording"),
    )
    assert told(new) == [
        "form icf, item biobank: renamed to tissue",
        f"form icf, item biobank: label '{KEEPING}' becomes 'Wording'",
    ]


def test_a_change_says_its_part_and_kind() -> None:
    (change,) = diff(OLD, new=amended("forms/ecog.toml", ("max = 5", "max = 4")))
    assert change == Change(
        part="form",
        where="form ecog, item ecog",
        kind=Kind.CHANGED,
        words="highest value 5 becomes 4",
    )


def test_the_order_of_items_that_changes_is_told() -> None:
    ecog = OLD.form_named("ecog")
    turned = ecog.model_copy(update={"item": tuple(reversed(ecog.item))})
    forms = tuple(turned if form.form == "ecog" else form for form in OLD.form)
    assert told(OLD.model_copy(update={"form": forms})) == [
        "form ecog: the order of items becomes ecog, ecog_date, visit"
    ]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LEAVES))
def test_whatever_changes_the_fingerprint_is_told_both_ways(path: tuple[Any, ...]) -> None:
    try:
        new = Protocol.model_validate(changed_leaf(path))
    except ValidationError:
        return  # a value that no protocol may hold
    differs = fingerprint(new) != fingerprint(OLD)
    assert bool(diff(OLD, new=new)) == bool(diff(new, new=OLD)) == differs


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_whatever_is_taken_out_of_a_list_is_told(data: st.DataObject) -> None:
    said = copy.deepcopy(SAID)
    name = data.draw(st.sampled_from([key for key, each in said.items() if _is_long(each)]))
    said[name].pop(data.draw(st.integers(0, len(said[name]) - 1)))
    new = Protocol.model_validate(said)
    found = diff(OLD, new=new)
    assert {change.part for change in found} == {name}
    assert {change.kind for change in found} <= {Kind.REMOVED, Kind.CHANGED}


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 2


# file | what stands there | the amendment | form, item, kind, where its values go, codes
MOVES: list[tuple[str, str, str, list[tuple[str, ...]]]] = [
    ("forms/ecog.toml", 'label = "Date"', 'label = "Day"', []),
    ("forms/ecog.toml", "max = 5", "max = 4", [("ecog", "ecog", "check", "ecog")]),
    ("forms/ecog.toml", "max = 5", "max = 6", []),
    ("forms/ecog.toml", "min = 0\nmax = 5", "min = 1\nmax = 5",
     [("ecog", "ecog", "check", "ecog")]),
    ("forms/ecog.toml", BOTH, f"{WEIGHT}\n{BOTH}", []),
    ("forms/ecog.toml", BOTH, f"{WEIGHT}required = true\n\n{BOTH}",
     [("ecog", "weight", "check", "")]),
    ("forms/icf.toml", 'name = "biobank"', RENAMED, [("icf", "biobank", "carry", "tissue")]),
    ("forms/icf.toml", 'name = "biobank"', 'name = "tissue"', [("icf", "biobank", "leave", "")]),
    ("forms/eos.toml", ', completed = "completed"', "",
     [("eos", "reason", "decide", "reason", "completed")]),
    ("forms/dth.toml", 'unknown = "unknown" }', 'unknown = "unknown", covid = "COVID-19" }', []),
    ("forms/rt_fx.toml", 'unit = "Gy"', 'unit = "cGy"',
     [("rt_fx", "dose_gy", "decide", "dose_gy")]),
    ("forms/icf.toml", 'type = "yes_no"', 'type = "text"',
     [("icf", "biobank", "decide", "biobank")]),
    ("forms/newles.toml", 'key = ["visit", "lesion"]', 'key = ["lesion"]',
     [("newles", "", "decide", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "moves"), MOVES)
def test_the_plan_says_what_becomes_of_entered_values(
    file: str, old: str, new: str, moves: list[tuple[str, ...]]
) -> None:
    plan = plan_migration(OLD, new=amended(file, (old, new)))
    assert [(m.form, m.item, m.kind.value, m.to, *m.codes) for m in plan] == moves
    assert all(move.words for move in plan)


def test_the_entries_of_a_form_that_is_gone_are_left() -> None:
    fewer = OLD.model_copy(update={"form": OLD.form[1:]})
    (move,) = plan_migration(OLD, new=fewer)
    assert (move.form, move.item, move.kind.value) == (OLD.form[0].form, "", "leave")
    assert plan_migration(OLD, new=OLD) == ()


def test_a_key_item_renamed_needs_no_decision() -> None:
    surg = OLD.form_named("surg")
    items = tuple(
        item.model_copy(update={"name": "number", "renamed_from": "record"})
        if item.name == "record"
        else item
        for item in surg.item
    )
    renamed = surg.model_copy(update={"item": items, "key": ("number",)})
    forms = tuple(renamed if form.form == "surg" else form for form in OLD.form)
    (move,) = plan_migration(OLD, new=OLD.model_copy(update={"form": forms}))
    assert (move.item, move.kind.value, move.to) == ("record", "carry", "number")


def test_a_former_name_that_is_still_there_is_a_problem() -> None:
    check_told(
        "forms/icf.toml",
        old='name = "consent_version"',
        new='name = "consent_version"\nrenamed_from = "consent_date"',
        code="renamed-and-still-there",
        place="item[consent_version].renamed_from",
    )
