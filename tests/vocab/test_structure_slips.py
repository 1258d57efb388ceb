"""Slips in names of structures: case, margins, strangers; no wrong name for a right one."""

import pytest

from equipoise.vocab.structure_names import (
    LONGEST,
    MEANT,
    STRUCTURES,
    check_structures,
    is_structure,
    suggest_structure,
)

NAMES = sorted(STRUCTURES)


@pytest.mark.parametrize("name", NAMES)
def test_a_valid_name_in_another_case_is_told_the_valid_one(name: str) -> None:
    assert is_structure(name)
    for other in (name.lower(), name.upper()):
        meant = MEANT.get(other.lower(), name)
        assert suggest_structure(other) == meant
        assert is_structure(other) == (other == name)


def test_every_name_that_is_meant_is_valid() -> None:
    for meant in MEANT.values():
        assert all(is_structure(name) for name in meant.split(" or ")), meant
    assert not {name.lower() for name in STRUCTURES} & set(MEANT)


# the name | whether it is valid
MARGINS = [
    ("Brainstem_PRV03", True), ("Brainstem_PRV", False), ("Brainstem_PRV3", False),
    ("Brainstem_PRV003", False), ("Brainstem_prv03", False), ("_PRV03", False),
    ("Kidney_PRV03", False), ("Kidney_L_PRV05", True), ("Heart_PRV03_PRV03", False),
    ("PTV_PRV03", False), ("GTV", True), ("GTV_1", False), ("gtv", False), ("PTV_01_50", False),
    ("PTV_01_500", True), ("PTV_01_50000", True), ("PTV_5000", True), ("ITVn_02", True),
    ("ZTV", False), ("", False), (" Heart", False), ("Heart ", False), ("Heart\n", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "valid"), MARGINS)
def test_margins_and_targets_are_written_in_one_way(name: str, valid: bool) -> None:
    assert is_structure(name) is valid
    assert (check_structures([name], where="plan") == ()) is valid


def test_names_are_told_in_the_order_in_which_they_stand() -> None:
    found = check_structures(["Xyz", "Heart", "heart", "Qqq"], where="plan 3")
    assert [(each.code, each.found) for each in found] == [
        ("unknown-structure", "Xyz"),
        ("unknown-structure", "heart"),
        ("unknown-structure", "Qqq"),
        ("structure-twice", "Heart, heart"),
    ]
    assert {each.where for each in found} == {"plan 3"}
    assert check_structures([], where="plan") == ()


def test_no_valid_organ_is_longer_than_a_name_may_be() -> None:
    assert max(len(name) for name in STRUCTURES) <= LONGEST == 16
