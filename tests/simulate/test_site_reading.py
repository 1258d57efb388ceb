"""How a site reads a scan: a few cases a clinician can check by hand (RECIST 1.1)."""

import numpy as np
import pytest

from equipoise.simulate.lesions import Lesions
from equipoise.simulate.site_reading import (
    Memory,
    Reading,
    Response,
    build_memory,
    is_growing,
    read_scan,
    remember,
)
from simulate.lesion_tables import lesions_of, scan_of

SEEN = np.array([True])


def read_series(lesions: Lesions, *scans: tuple[float | None, ...]) -> list[Reading]:
    memory: Memory = build_memory(lesions)
    readings = []
    for sizes in scans:
        tenths, unread = scan_of(*sizes)
        reading = read_scan(lesions, tenths=tenths, unread=unread, memory=memory)
        memory = remember(memory, reading=reading, lesions=lesions, scan=(tenths, unread, SEEN))
        readings.append(reading)
    return readings


def targets(lesions: Lesions, *scans: tuple[float | None, ...]) -> list[Response]:
    return [Response(int(reading.target[0])) for reading in read_series(lesions, *scans)]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (14.0, Response.PR),  # 30 % less than 20
        (14.1, Response.SD),
        (20.0, Response.SD),
        (24.9, Response.SD),  # 4.9 mm more
        (25.0, Response.PD),  # 5 mm and 25 % more
        (0.0, Response.CR),
        (None, Response.NE),
    ],
)
def test_one_target_of_20_mm(second: float | None, expected: Response) -> None:
    assert targets(lesions_of(20), (second,)) == [expected]


def test_growth_is_measured_from_the_nadir() -> None:
    assert targets(lesions_of(40), (20,), (24.9,), (25,)) == [
        Response.PR, Response.PR, Response.PD,
    ]  # fmt: skip


def test_twenty_percent_and_five_millimetres_are_both_needed() -> None:
    assert targets(lesions_of(50), (55,)) == [Response.SD]  # 5 mm, 10 %
    assert targets(lesions_of(10), (14,)) == [Response.SD]  # 40 %, 4 mm


def test_a_response_is_kept_until_progression() -> None:
    assert targets(lesions_of(40), (27,), (30,)) == [Response.PR, Response.PR]


def test_partial_data_may_show_progression_but_nothing_else() -> None:
    two = lesions_of(20, 20)
    assert targets(two, (None, 60)) == [Response.PD]
    assert targets(two, (None, 10)) == [Response.NE]


def test_a_sum_with_a_gap_is_no_nadir() -> None:
    two = lesions_of(20, 20)
    assert targets(two, (None, 10), (20, 20)) == [Response.NE, Response.SD]


def test_after_all_targets_are_gone_any_that_comes_back_is_progression() -> None:
    assert targets(lesions_of(20), (0,), (4,)) == [Response.CR, Response.PD]


def test_a_normal_node_is_a_complete_response() -> None:
    assert targets(lesions_of(20, nodal=(0,)), (9.9,), (10.5,)) == [Response.CR, Response.PR]


def test_without_targets_there_is_no_target_response() -> None:
    readings = read_series(lesions_of(8), (8,), (14,))
    assert [int(r.target[0]) for r in readings] == [Response.NONE, Response.NONE]
    assert [int(r.non_target[0]) for r in readings] == [Response.SD, Response.PD]


def test_a_growing_non_target_is_progression_and_told_as_such() -> None:
    pair = lesions_of(20, 8)
    first, second = read_series(pair, (20, 7), (20, 12))
    assert not first.suspicious[0]
    assert second.suspicious[0]
    assert second.growing[0, 1]
    assert not second.growing[0, 0]


def test_a_non_target_that_comes_back_after_complete_response_is_progression() -> None:
    pair = lesions_of(20, 8)
    readings = read_series(pair, (0, 0), (0, 4))
    assert [int(r.non_target[0]) for r in readings] == [Response.CR, Response.PD]
    assert readings[1].growing[0, 1]


def test_a_non_target_that_comes_back_without_complete_response_is_not() -> None:
    pair = lesions_of(20, 8)
    readings = read_series(pair, (10, 0), (10, 4))
    assert [int(r.non_target[0]) for r in readings] == [Response.CR, Response.SD]


@pytest.mark.parametrize(
    ("lowest", "now", "grows"),
    [(100, 150, True), (100, 149, False), (300, 350, False), (300, 360, True), (20, 90, False)],
)
def test_growth_of_one_lesion(lowest: int, now: int, grows: bool) -> None:
    assert is_growing(np.array([now]), lowest=np.array([lowest]))[0] == grows


def test_who_was_not_seen_is_not_remembered() -> None:
    lesions = lesions_of(20)
    tenths, unread = scan_of(5)
    memory = build_memory(lesions)
    reading = read_scan(lesions, tenths=tenths, unread=unread, memory=memory)
    after = remember(
        memory, reading=reading, lesions=lesions, scan=(tenths, unread, np.array([False]))
    )
    assert after.lowest_sum.tolist() == memory.lowest_sum.tolist()
    assert not after.has_responded[0]
