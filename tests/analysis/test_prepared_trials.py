"""Trials prepared together are those prepared one by one, whatever rows a trial has or lacks."""

import polars as pl
import pytest

from analysis.hand_data import build_data, build_subject
from equipoise.analysis.inputs import SplitFrame
from equipoise.analysis.populations import add_arms
from equipoise.analysis.trial import Trial, gather, prepare_trial, prepare_trials
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import rehearse

PROTOCOL = shipped_protocol()
TIMES = """
subject lesion endpoint convention days cause
A1      -      pfs      ema        30   1
B1      -      pfs      ema        61   0
B1      -      pfs      fda        59   1
A1      -      os       -          365  2
"""
DATA = build_data(
    subjects=[build_subject("A1"), build_subject("B1"), build_subject("B2")], times=TIMES
)
FRAMES = ("subjects", "times", "intercurrent", "occurrences")
ANALYSIS = {each.id: each for each in PROTOCOL.analysis}


def numbered(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    return frame.with_columns(replicate=pl.lit(number, dtype=pl.Int32))


class Together:
    """The hand data as trial 4, and its subjects alone as trial 7."""

    subjects = pl.concat([numbered(DATA.subjects, 4), numbered(DATA.subjects, 7)])
    times = numbered(DATA.times, 4)
    intercurrent = numbered(DATA.intercurrent, 4)
    occurrences = numbered(DATA.occurrences, 4)


ALLOCATIONS = pl.concat([numbered(DATA.allocations, 4), numbered(DATA.allocations, 7)])


@pytest.fixture(name="trials")
def _trials() -> dict[int, Trial]:
    return prepare_trials(Together(), protocol=PROTOCOL, allocations=ALLOCATIONS)


@pytest.mark.parametrize("number", [4, 7])
def test_every_frame_is_that_of_the_trial_alone(trials: dict[int, Trial], number: int) -> None:
    alone = prepare_trial(Together(), protocol=PROTOCOL, allocations=ALLOCATIONS, replicate=number)
    mine = trials[number]

    assert sorted(trials) == [4, 7]
    for name in FRAMES:
        assert getattr(mine, name).equals(getattr(alone, name)), name
    assert mine.members.keys() == alone.members.keys()
    assert all(mine.members[name].equals(alone.members[name]) for name in mine.members)
    assert mine.counted.keys() == alone.counted.keys()
    assert all(mine.counted[key].equals(alone.counted[key]) for key in mine.counted)


def test_times_stand_by_endpoint_and_convention(trials: dict[int, Trial]) -> None:
    counted = trials[4].counted

    assert set(counted) == {("pfs", "ema"), ("pfs", "fda"), ("os", "")}
    assert sorted(counted["pfs", "ema"]["subject"]) == ["A1", "B1"]
    assert trials[7].counted == {}


def test_a_trial_without_times_has_an_empty_sample(trials: dict[int, Trial]) -> None:
    found = gather(trials[7], analysis=ANALYSIS["pfs_milestone"], seed=1)

    assert found.sample.rows == ()
    assert found.sample.arms == ("A", "B")
    assert found.members.height == 3


def test_a_sample_has_the_arms_and_times_of_its_own_convention(trials: dict[int, Trial]) -> None:
    ema = gather(trials[4], analysis=ANALYSIS["pfs_milestone"], seed=1).sample
    fda = gather(trials[4], analysis=ANALYSIS["pfs_milestone_fda"], seed=1).sample

    assert ema.subject.tolist() == ["A1", "B1"]
    assert ema.arm.tolist() == [0, 1]
    assert ema.event.tolist() == [1, 0]
    assert fda.subject.tolist() == ["B1"]
    assert fda.time == pytest.approx([59 / 30.4375])


def test_the_order_of_allocation_starts_anew_in_each_trial() -> None:
    drawn = rehearse(PROTOCOL, scenario="S2", seed=5, replicates=2)
    dates = drawn.frames["rand"].select("replicate", "subject", "randomised_date")
    subjects = dates.with_columns(sbrt_started=pl.lit(value=None, dtype=pl.Boolean))
    both = add_arms(subjects, allocations=drawn.allocations, protocol=PROTOCOL)

    for number in (0, 1):
        one = subjects.filter(replicate=number)
        arms = drawn.allocations.filter(replicate=number)
        alone = add_arms(one, allocations=arms, protocol=PROTOCOL)
        bare = add_arms(one, allocations=arms.drop("replicate"), protocol=PROTOCOL)
        assert both.filter(replicate=number).equals(alone)
        assert alone.equals(bare)
        assert sorted(alone["allocated_place"]) == list(range(88))


def test_a_frame_is_split_by_trial_and_none_is_missing() -> None:
    frame = pl.DataFrame({"replicate": [3, 1, 3], "value": [1, 2, 3]})
    split = SplitFrame.of(frame)

    assert split.numbers == (3, 1)
    assert split.trial(3)["value"].to_list() == [1, 3]
    assert split.trial(1)["value"].to_list() == [2]
    assert split.trial(2).is_empty()
    assert split.trial(2).schema == frame.schema
