"""Entries carried over to another version of the protocol: names move, values do not."""

import pytest

from equipoise.capture.entry import FormEntry, Value
from equipoise.capture.migrate import migrate_entry
from equipoise.capture.signature import entry_digest
from equipoise.protocol.migration import Move, MoveKind
from equipoise.vocab.ids import FormName, SubjectId
from equipoise.vocab.missing import Missing


def entry(**values: Value | Missing) -> FormEntry:
    return FormEntry(
        subject=SubjectId("01-001"), form=FormName("vs"), key=("M3",), values=values, protocol="v1"
    )


def move(item: str, kind: str, *, form: str = "vs", to: str = "", codes: str = "") -> Move:
    return Move(
        form=form, item=item, kind=MoveKind(kind), words="", to=to, codes=tuple(codes.split())
    )


RENAMED = move("weight", "carry", to="weight_kg")


def test_a_value_moves_to_the_new_name_and_stays_what_it_was() -> None:
    moved = migrate_entry(entry(weight=71.5, height=180), moves=[RENAMED], protocol="v2")
    assert moved.entry.values == {"weight_kg": 71.5, "height": 180}
    assert (moved.entry.protocol, moved.entry.key, moved.undecided) == ("v2", ("M3",), ())


def test_a_kind_of_missing_moves_too() -> None:
    moved = migrate_entry(entry(weight=Missing.NOT_DONE), moves=[RENAMED], protocol="v2")
    assert moved.entry.values == {"weight_kg": Missing.NOT_DONE}


def test_two_items_that_swap_names_keep_their_values() -> None:
    moves = [move("a", "carry", to="b"), move("b", "carry", to="a")]
    assert migrate_entry(entry(a=1, b=2), moves=moves, protocol="v2").entry.values == {
        "b": 1,
        "a": 2,
    }


def test_what_is_gone_is_left_behind_and_what_is_checked_is_carried() -> None:
    moves = [move("pulse", "leave"), move("height", "check", to="height")]
    moved = migrate_entry(entry(pulse=60, height=180), moves=moves, protocol="v2")
    assert moved.entry.values == {"height": 180}


# the move | the values | whether somebody must decide first
DECIDED = [
    (move("weight", "decide"), {"weight": 71.5}, True),
    (move("weight", "decide"), {"height": 180}, False),
    (move("arm_used", "decide", codes="left both"), {"arm_used": "left"}, True),
    (move("arm_used", "decide", codes="left both"), {"arm_used": "right"}, False),
    (move("", "decide"), {"height": 180}, True),
    (move("weight", "decide", form="lb"), {"weight": 71.5}, False),
]


@pytest.mark.parametrize(("decide", "values", "undecided"), DECIDED)
def test_an_entry_stays_as_it_is_while_something_it_holds_is_to_be_decided(
    decide: Move, values: dict[str, float | str], undecided: bool
) -> None:
    before = FormEntry(
        subject=SubjectId("01-001"),
        form=FormName("vs"),
        values={**values, "pulse": 60},
        protocol="v1",
    )
    moved = migrate_entry(
        before, moves=[decide, move("pulse", "carry", to="pulse_per_min")], protocol="v2"
    )
    assert bool(moved.undecided) == undecided
    assert (moved.entry == before) == undecided
    assert ("pulse_per_min" in moved.entry.values) != undecided


def test_entries_of_a_form_that_is_gone_stay_under_their_version() -> None:
    before = entry(weight=71.5)
    assert migrate_entry(before, moves=[move("", "leave")], protocol="v2").entry == before


def test_an_entry_without_a_move_only_changes_its_version_and_keeps_its_signature() -> None:
    before = entry(weight=71.5)
    moved = migrate_entry(before, moves=[move("weight", "leave", form="lb")], protocol="v2")
    assert moved.entry.protocol == "v2"
    assert entry_digest(moved.entry) == entry_digest(before)
