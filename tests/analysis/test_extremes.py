"""The worst and best case of the censored, and the comparison without each site."""

import pytest

from analysis.hand_data import ask, build_sample
from equipoise.analysis.extremes import compare_extremes, leave_sites_out
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.result import Result
from equipoise.protocol.methods.sensitivity import Measure, MeasuredOptions

FOUR_LOST = "A 3\nA 5+\nA 20+\nA 6+\nB 4+\nB 15\nB 20+\nB 7+"


def shares(found: Result) -> tuple[float | None, ...]:
    return tuple(part.estimate.value for part in found.parts if part.estimate is not None)


def test_the_censored_are_taken_as_failed_in_one_arm_and_free_in_the_other() -> None:
    found = compare_extremes(build_sample(FOUR_LOST), question=ask(12))

    # worst: B 2 of 4 fail, A 1 of 4; best: A 3 of 4 fail, B none
    assert list(shares(found)) == pytest.approx([0.5 - 0.75, 1.0 - 0.25])
    assert [part.name for part in found.parts] == ["asked/worst", "asked/best"]
    assert found.estimate == found.parts[0].estimate
    assert found.further["censored_early"].value == 4


def test_those_censored_later_are_left_as_they_are() -> None:
    sample = build_sample("A 3\nA 20+\nB 15\nB 20+")
    found = compare_extremes(sample, question=ask(12))
    plain = compare_at_milestone(sample, question=ask(12))

    assert plain.estimate is not None
    assert shares(found) == (plain.estimate.value, plain.estimate.value)


@pytest.mark.parametrize("compared", ["cox", "rmst"])
def test_worst_is_worse_than_best_by_every_measure(compared: Measure) -> None:
    found = compare_extremes(
        build_sample("A 3\nA 5+\nA 9\nA 6+\nB 4+\nB 2\nB 10\nB 7+\nA 11\nB 5"),
        question=ask(12, options=MeasuredOptions(compared=compared)),
    )
    worst, best = shares(found)
    assert worst is not None
    assert best is not None

    assert (worst > best) if compared == "cox" else (worst < best)


def test_each_site_is_left_out_in_turn() -> None:
    sample = build_sample("A 3\nA 5\nA 20+\nA 20+\nB 14\nB 20+\nB 4\nB 20+")
    found = leave_sites_out(sample, question=ask(12))  # rows alternate between sites 0 and 1

    assert [part.name for part in found.parts] == ["asked/without 0", "asked/without 1"]
    assert [len(part.rows) for part in found.parts] == [4, 4]
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0.75 - 0.5)
    assert found.further["least_without_a_site"].value == min(
        v for v in shares(found) if v is not None
    )
    assert len(found.rows) == 8


def test_a_site_that_held_all_of_an_arm_is_told() -> None:
    found = leave_sites_out(build_sample("A 3\nB 5\nA 4\nB 6+"), question=ask(12))

    assert all(part.estimate is not None and part.estimate.value is None for part in found.parts)
    assert any("has no row" in words for part in found.parts for words in part.warnings)


def test_without_sites_the_whole_is_told_alone() -> None:
    sample = build_sample("A 3\nA 20+\nB 5\nB 20+\nB 20+")
    object.__setattr__(sample, "site", None)
    found = leave_sites_out(sample, question=ask(12))

    assert found.parts == ()
    assert "the site of the patients is not known" in found.warnings
