"""What becomes of entered values when a form changes: every kind of amendment of an item."""

from typing import Any

import pytest

from equipoise.protocol.form_model import Form, Grain, Item, ItemType
from equipoise.protocol.migration import Move, MoveKind, plan_migration
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol

TRIAL = shipped_protocol()
WEIGHT: dict[str, Any] = {"name": "weight", "label": "Weight", "type": "decimal", "unit": "kg",
                          "min": 30, "max": 200, "soft_min": 40, "soft_max": 150}  # fmt: skip
WHERE: dict[str, Any] = {"name": "side", "label": "Side", "type": "code",
                         "codes": {"l": "left", "r": "right", "b": "both"}}  # fmt: skip
VISIT: dict[str, Any] = {"name": "visit", "label": "Visit", "type": "text", "required": True}


def trial(*items: dict[str, Any], lists: dict[str, dict[str, str]] | None = None,
          **said: Any) -> Protocol:  # fmt: skip
    """The reference trial with one form of these items and no other."""
    form = {"form": "vs", "title": "Vital signs", "grain": "visit", "key": ("visit",), **said}
    made = Form.model_validate({**form, "item": (VISIT, *items)})
    return TRIAL.model_copy(update={"form": (made,), "code_list": lists or {}})


def moves(old: Protocol, new: Protocol) -> list[str]:
    return [f"{m.item or '(form)'}: {m.kind.value}" for m in plan_migration(old, new=new)]


def one(old: dict[str, Any], new: dict[str, Any]) -> tuple[Move, ...]:
    return plan_migration(trial(old), new=trial(new))


# what changes of an item with a range | the words of the check; empty where values just stay
TIGHTER: list[tuple[dict[str, Any], str]] = [
    ({"min": 35}, "lowest value"),
    ({"min": 25}, ""),
    ({"min": None}, ""),
    ({"max": 190}, "highest value"),
    ({"max": 210}, ""),
    ({"max": None}, ""),
    ({"soft_min": 45}, "lowest usual value"),
    ({"soft_max": 140}, "highest usual value"),
    ({"soft_min": 35, "soft_max": 160}, ""),
    ({"min": 35, "max": 190}, "lowest value, highest value"),
    ({"required": True}, "answer required"),
    ({"show_if": "visit = 'SCR'"}, "asked under another rule"),
    ({"required": True, "max": 190}, "highest value, answer required"),
    ({"label": "Body weight"}, ""),
    ({"provenance": "proposal"}, ""),
]


@pytest.mark.parametrize(("change", "words"), TIGHTER)
def test_values_are_checked_again_only_where_more_is_asked(
    change: dict[str, Any], words: str
) -> None:
    plan = one(WEIGHT, {**WEIGHT, **change})
    if not words:
        assert plan == ()
        return
    (move,) = plan
    assert (move.item, move.kind, move.to) == ("weight", MoveKind.CHECK, "weight")
    assert move.words.startswith(f"{words}: ")


def test_a_range_that_comes_is_tighter_and_one_that_goes_is_not() -> None:
    bare = {key: WEIGHT[key] for key in ("name", "label", "type", "unit")}
    (move,) = one(bare, WEIGHT)
    assert move.words.split(": ")[0] == (
        "lowest value, lowest usual value, highest value, highest usual value"
    )
    assert one(WEIGHT, bare) == ()


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [("", "[0-9]+", ["check"]), ("[0-9]+", "[A-Z]+", ["check"]), ("[0-9]+", "", [])],
)
def test_another_pattern_is_asked_of_values_and_none_is_not(
    old: str, new: str, kinds: list[str]
) -> None:
    item = {"name": "batch", "label": "Batch", "type": "text"}
    plan = one({**item, "pattern": old}, {**item, "pattern": new})
    assert [move.kind.value for move in plan] == kinds


# the new unit or type | the words for the person who decides
MEANING: list[tuple[dict[str, Any], str]] = [
    ({"unit": "lb"}, "its values are in kg, now asked in lb"),
    ({"unit": ""}, "its values are in kg, now asked in no unit"),
    ({"type": "integer"}, "its values are of another type: decimal, now integer"),
]


@pytest.mark.parametrize(("change", "words"), MEANING)
def test_where_the_meaning_may_have_changed_a_person_decides(
    change: dict[str, Any], words: str
) -> None:
    (move,) = one(WEIGHT, {**WEIGHT, **change})
    assert (move.kind, move.words, move.codes) == (MoveKind.DECIDE, words, ())


@pytest.mark.parametrize("name", [kind for kind in ItemType if kind is not ItemType.DECIMAL])
def test_no_change_of_type_passes_unseen(name: ItemType) -> None:
    (move, *_) = one({**WEIGHT, "unit": ""}, {**WEIGHT, "unit": "", "type": name.value})
    assert move.kind is MoveKind.DECIDE


def test_codes_that_go_are_named_and_codes_that_come_are_nothing() -> None:
    fewer = {**WHERE, "codes": {"l": "left"}}
    (move,) = one(WHERE, fewer)
    assert (move.kind, move.codes, move.words) == (
        MoveKind.DECIDE, ("r", "b"), "the codes r, b are gone",
    )  # fmt: skip
    assert one(fewer, WHERE) == ()
    assert one(WHERE, {**WHERE, "codes": {"b": "two", "r": "right", "l": "left"}}) == ()


def test_codes_of_a_list_are_followed_into_the_list() -> None:
    listed = {"name": "side", "label": "Side", "type": "code", "code_list": "sides"}
    three, two = {"l": "left", "r": "right", "b": "both"}, {"l": "left", "r": "right"}
    old, new = trial(listed, lists={"sides": three}), trial(listed, lists={"sides": two})
    assert [move.codes for move in plan_migration(old, new=new)] == [("b",)]
    assert moves(new, old) == []
    assert moves(trial(WHERE), old) == []  # the same codes, now by name
    assert [move.codes for move in plan_migration(trial(WHERE), new=new)] == [("b",)]


def test_a_renamed_item_is_carried_and_its_other_changes_are_told_too() -> None:
    new = {**WEIGHT, "name": "mass", "renamed_from": "weight", "unit": "lb", "max": 100}
    plan = one(WEIGHT, new)
    assert [(m.kind.value, m.item, m.to) for m in plan] == [
        ("carry", "weight", "mass"),
        ("decide", "weight", "mass"),
        ("check", "weight", "mass"),
    ]


def test_a_former_name_of_a_version_long_ago_carries_nothing() -> None:
    """The item has had its name for a version: its old name is no item any more."""
    named = {**WEIGHT, "name": "mass", "renamed_from": "weight"}
    assert one(named, named) == ()


def test_an_item_that_becomes_computed_leaves_its_values_behind() -> None:
    computed = {"name": "weight", "label": "Weight", "type": "decimal", "derived": "1.0"}
    assert moves(trial(WEIGHT), trial(computed)) == ["weight: leave"]
    assert moves(trial(computed), trial({**WEIGHT, "required": True})) == ["weight: check"]


# the form of the new version | whether a person must say which entry is which
KEYS: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"title": "Signs"}, False),
    ({"key": ()}, True),
    ({"key": ("visit", "weight")}, True),
    ({"grain": "event"}, True),
    ({"date_item": "visit"}, False),
]


@pytest.mark.parametrize(("said", "decides"), KEYS)
def test_entries_known_by_something_else_need_a_person(said: dict[str, Any], decides: bool) -> None:
    assert moves(trial(WEIGHT), trial(WEIGHT, **said)) == ["(form): decide"] * decides


def test_an_entry_of_a_subject_alone_is_told_so() -> None:
    (move,) = plan_migration(trial(WEIGHT), new=trial(WEIGHT, key=(), grain=Grain.SUBJECT.value))
    assert move.words == "an entry was known by visit, now by its subject alone"


@pytest.mark.parametrize("form", TRIAL.form, ids=lambda form: form.form)
def test_of_every_form_of_the_trial_each_item_taken_out_is_left(form: Form) -> None:
    """Whatever the form: no entered item vanishes unseen, and computed ones have no values."""
    for item in form.item:
        rest = tuple(each for each in form.item if each is not item) or (
            Item.model_validate(VISIT),
        )
        old = TRIAL.model_copy(update={"form": (form,)})
        new = TRIAL.model_copy(update={"form": (form.model_copy(update={"item": rest}),)})
        left = [m.item for m in plan_migration(old, new=new) if m.kind is MoveKind.LEAVE]
        assert left == ([] if item.derived else [item.name])
