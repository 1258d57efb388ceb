"""Risk differences: score interval, denominators, nobody and everybody."""

import pytest

from analysis.hand_data import ask, build_sample
from equipoise.analysis.binomial import compare_risks


def people(arm: str, *, events: int, n: int) -> str:
    """So many lines of an arm, the first of them with the event."""
    return "\n".join(f"{arm} {5 if i < events else '5+'}" for i in range(n))


def test_interval_is_that_of_miettinen_and_nurminen() -> None:
    sample = build_sample(people("A", events=48, n=80) + "\n" + people("B", events=56, n=70))
    result = compare_risks(sample, question=ask())
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.2)
    # truth_miettinen_nurminen_rd.json: 56/70 v 48/80
    assert result.estimate.lower == pytest.approx(0.052829713246, abs=1e-10)
    assert result.estimate.upper == pytest.approx(0.338172940016, abs=1e-10)
    assert [(arm.n, arm.events) for arm in result.arms] == [(80, 48), (70, 56)]


def test_everybody_against_nobody_has_an_interval() -> None:
    sample = build_sample(people("A", events=0, n=20) + "\n" + people("B", events=10, n=10))
    result = compare_risks(sample, question=ask())
    assert result.estimate is not None
    assert result.estimate.value == 1
    # truth: 10/10 v 0/20
    assert result.estimate.lower == pytest.approx(0.715618660466, abs=1e-10)
    assert result.estimate.upper == 1
    assert "no event in arm A" in result.warnings


def test_newcombe_stands_beside_it() -> None:
    sample = build_sample(people("A", events=26, n=150) + "\n" + people("B", events=41, n=150))
    beside = compare_risks(sample, question=ask()).further["newcombe"]
    # statistics.md 4: Newcombe, 41/150 v 26/150
    assert beside.lower == pytest.approx(0.00555508839820811, abs=1e-12)
    assert beside.upper == pytest.approx(0.192464310092545, abs=1e-12)


def test_nobody_in_either_arm_has_the_event() -> None:
    sample = build_sample(people("A", events=0, n=6) + "\n" + people("B", events=0, n=7))
    result = compare_risks(sample, question=ask())
    assert result.estimate is not None
    assert result.estimate.value == 0
    assert result.estimate.lower is not None
    assert result.estimate.lower < 0
    assert result.p_value is None


def test_event_after_the_time_does_not_count_and_short_follow_up_is_told() -> None:
    result = compare_risks(build_sample("A 3\nA 12\nA 4+\nB 20+"), question=ask(10))
    assert [arm.events for arm in result.arms] == [1, 0]
    assert "1 followed less than 10 months count as without event" in result.warnings


def test_empty_arm_has_no_difference() -> None:
    result = compare_risks(build_sample("A 3\nA 12+"), question=ask())
    assert result.estimate is None
    assert result.arms[1].estimates["risk"].value is None
