"""Amendments of every block of a protocol, told in words a coordinator reads."""

import copy
from typing import Any

import pytest

from equipoise.protocol.diff import Change, Kind, diff
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol

OLD = shipped_protocol()
SAID: dict[str, Any] = OLD.model_dump(mode="json")
Path = tuple[str | int, ...]


def amended(path: Path, value: Any = None, *, gone: bool = False) -> Protocol:
    """The reference trial with the value at a path replaced, or taken out."""
    said = copy.deepcopy(SAID)
    place: Any = said
    for step in path[:-1]:
        place = place[step]
    if gone:
        place.pop(path[-1])
    else:
        place[path[-1]] = value
    return Protocol.model_validate(said)


def told(old: Protocol, new: Protocol) -> list[str]:
    return [str(change) for change in diff(old, new=new)]


# the place in the protocol | what it becomes | the words | the words of the way back
VALUES: list[tuple[Path, Any, str, str]] = [
    (("identity", "acronym"), "TRIAL", "acronym 'SABLOR' becomes 'TRIAL'",
     "acronym 'TRIAL' becomes 'SABLOR'"),
    (("identity", "version_date"), "2027-01-01",
     "version date '2026-11-24' becomes '2027-01-01'",
     "version date '2027-01-01' becomes '2026-11-24'"),
    (("arm", 1, "label"), "SBRT", "arm B: label 'Systemic therapy plus SBRT' becomes 'SBRT'",
     "arm B: label 'SBRT' becomes 'Systemic therapy plus SBRT'"),
    (("stratum", 0, "level", 0, "label"), "none",
     "stratum omd_induced, level N: label 'de novo or repeat' becomes 'none'",
     "stratum omd_induced, level N: label 'none' becomes 'de novo or repeat'"),
    (("randomisation", "ratio"), {"A": 1, "B": 2}, "ratio: B 1 becomes 2", "ratio: B 2 becomes 1"),
    (("randomisation", "block_sizes"), [4], "block sizes 4, 6 becomes 4",
     "block sizes 4 becomes 4, 6"),
    (("criterion", 0, "met_when"), "TRUE",
     "criterion I1: met when 'omd__n_lesions BETWEEN 1 AND 5' becomes 'TRUE'",
     "criterion I1: met when 'TRUE' becomes 'omd__n_lesions BETWEEN 1 AND 5'"),
    (("code_list", "sex", "X"), "other", "code list sex: code X (other) is added",
     "code list sex: code X (other) is removed"),
    (("code_list", "sex", "F"), "woman",
     "code list sex: label of code F: 'female' becomes 'woman'",
     "code list sex: label of code F: 'woman' becomes 'female'"),
    (("cut", 0, "plus_months"), 13.5, "data cut DC1: plus months 12 becomes 13.5",
     "data cut DC1: plus months 13.5 becomes 12"),
    (("schedule", "visit", 1, "form"), [], "visit RAND: forms rand is taken out",
     "visit RAND: forms is now rand"),
    (("schedule", "visit", 1, "arm"), ["A"], "visit RAND: arms is now A",
     "visit RAND: arms A is taken out"),
    (("operations", "accrual", "sites"), 9, "accrual: sites 5 becomes 9",
     "accrual: sites 9 becomes 5"),
    (("population", 0, "as_treated"), True, "population itt: as treated no becomes yes",
     "population itt: as treated yes becomes no"),
    (("analysis", 0, "at_months"), [12.0, 24.0],
     "analysis pfs_milestone: at months 12.0 becomes 12.0, 24.0",
     "analysis pfs_milestone: at months 12.0, 24.0 becomes 12.0"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "words", "back"), VALUES)
def test_an_amended_value_is_told_both_ways(path: Path, value: Any, words: str, back: str) -> None:
    new = amended(path, value)
    assert told(OLD, new) == [words]
    assert told(new, OLD) == [back]
    (change,) = diff(OLD, new=new)
    assert change.part == path[0]


# the part taken out | where it is told | what is told of it
PARTS: list[tuple[Path, str, str]] = [
    (("criterion", 1), "criterion I2", ": Metastases in at most three organs"),
    (("population", 1), "population mitt", ": Modified intention to treat"),
    (("scenario", 1), "scenario S2", ": Base"),
    (("code_list", "sex"), "code list sex", ""),
    (("endpoint", 0, "event", 1), "endpoint pfs, event 2",
     ": progression of an index lesion, held and not refuted"),
    (("registry", "finding", 3),
     "registry finding comparison-clocked-from-event-one-arm-never-has (4)",
     f": {SAID['registry']['finding'][3]['message']}"),
    (("radiotherapy", "schedule", 2), "schedule 3", ""),
]  # fmt: skip


@pytest.mark.parametrize(("path", "where", "said"), PARTS)
def test_a_part_that_is_gone_is_told_and_one_that_came(path: Path, where: str, said: str) -> None:
    fewer = amended(path, gone=True)
    gone = Change(part=str(path[0]), where=where, kind=Kind.REMOVED, words=f"removed{said}")
    came = Change(part=str(path[0]), where=where, kind=Kind.ADDED, words=f"added{said}")
    assert diff(OLD, new=fewer) == (gone,)
    assert diff(fewer, new=OLD) == (came,)


# a list whose parts share names, or have none | one value of one part | the words
ALIKE: list[tuple[Path, Any, str]] = [
    (("registry", "finding", 10, "evidence"), "none",
     "registry finding window-gap (11): evidence is now 'none'"),
    (("registry", "finding", 6, "evidence"), "",
     "registry finding grade-open (7): evidence 'Grade 3' is taken out"),
    (("endpoint", 0, "event", 2, "where"), "day > 0",
     "endpoint pfs, event 3: where is now 'day > 0'"),
    (("radiotherapy", "schedule", 0, "dose_gy"), 99.0, "schedule 1: dose gy 20 becomes 99"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "words"), ALIKE)
def test_of_parts_that_are_named_alike_the_changed_one_is_told(
    path: Path, value: Any, words: str
) -> None:
    assert told(OLD, amended(path, value)) == [words]


# a list | what is told when it stands in the reverse order
ORDERS: list[tuple[Path, str]] = [
    (("arm",), "the order of arms becomes B, A"),
    (("cut",), "the order of data cuts becomes DC2, DC1"),
    (("registry", "finding"), "the order of registry findings changes"),
    (("endpoint", 0, "event"), "endpoint pfs: the order of events changes"),
    (("stratum", 2, "level"), "stratum imdc: the order of levels becomes int_poor, fav"),
]


@pytest.mark.parametrize(("path", "words"), ORDERS)
def test_an_order_that_changes_is_told_once(path: Path, words: str) -> None:
    place: Any = SAID
    for step in path:
        place = place[step]
    new = amended(path, place[::-1])
    assert told(OLD, new) == [words]
    assert {change.kind for change in diff(OLD, new=new)} == {Kind.MOVED}


def test_a_block_that_a_protocol_may_lack_is_told_as_taken_out() -> None:
    without = amended(("radiotherapy",), None)
    assert told(OLD, without)[0].endswith("is taken out")
    assert told(without, OLD)[0].startswith("radiotherapy is now (")


def test_several_amendments_are_told_in_the_order_of_the_protocol() -> None:
    said = copy.deepcopy(SAID)
    said["cut"][0]["label"] = "First"
    said["identity"]["acronym"] = "TRIAL"
    said["arm"][0]["short"] = "Drug"
    parts = [change.part for change in diff(OLD, new=Protocol.model_validate(said))]
    assert parts == ["identity", "arm", "cut"]
