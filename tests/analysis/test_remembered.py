"""What many analyses need of one sample is worked out once, and never for another sample."""

from dataclasses import replace

import numpy as np

from analysis.hand_data import build_sample
from equipoise.analysis.sample import Sample, remember
from equipoise.analysis.survival import build_arm_results, estimate_arm_curve

TIMES = """
A 3
A 5+
A 7x
B 4
B 6
B 9+
"""


class Counted:
    """A function of a sample that counts how often it is worked out."""

    def __init__(self) -> None:
        self.times = 0

    def events_by(self, sample: Sample, *, month: float = 100.0) -> int:
        """The events until a month."""
        self.times += 1
        return int((sample.event.astype(bool) & (sample.time <= month)).sum())


def test_an_answer_is_worked_out_once_for_each_thing_asked() -> None:
    counted, sample = Counted(), build_sample(TIMES)
    events_by = remember(counted.events_by)

    assert [events_by(sample, month=4.0) for _ in range(3)] == [2, 2, 2]
    assert counted.times == 1
    assert (events_by(sample, month=6.0), events_by(sample)) == (3, 3)
    assert counted.times == 3


def test_another_sample_starts_without_what_was_worked_out() -> None:
    counted, sample = Counted(), build_sample(TIMES)
    events_by = remember(counted.events_by)
    later = replace(sample, time=sample.time + 2)

    assert events_by(sample, month=4.0) == 2
    assert events_by(later, month=4.0) == 0
    assert later.remembered.keys() == sample.remembered.keys()
    assert later.remembered is not sample.remembered


def test_a_curve_is_shared_and_its_copy_is_that_of_the_changed_rows() -> None:
    sample = build_sample(TIMES)
    curve = estimate_arm_curve(sample, arm="A")
    failed = replace(sample, cause=np.ones_like(sample.cause))
    other = estimate_arm_curve(failed, arm="A")

    assert curve is estimate_arm_curve(sample, arm="A")
    assert curve is not None
    assert other is not None
    assert curve.survival.tolist() == [2 / 3, 2 / 3, 2 / 3]
    assert np.allclose(other.survival, [2 / 3, 1 / 3, 0])


def test_follow_up_of_an_arm_ends_with_either_event() -> None:
    (first, second) = build_arm_results(build_sample(TIMES))

    assert (first.n, first.events, first.subjects) == (3, 1, 3)
    assert first.estimates["median_follow_up"].value == 5  # of the two left one is censored
    assert first.estimates["longest_follow_up"].value == 7
    assert second.estimates["median"].value == 6
    assert second.estimates["median_follow_up"].value == 9
