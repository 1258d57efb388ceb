"""The statistics of a grid: what is read for them, and which replicate decides for whom."""

from dataclasses import replace

import numpy as np
import pytest

from design.operating_samples import USUAL, ask
from equipoise.design.operating_statistics import (
    LATE,
    STATISTICS,
    USUALLY,
    decide_maxcombo,
    find_statistic_problems,
    plan_reading,
    read_estimate,
    read_z,
)
from equipoise.numerics.ranks.maxcombo import USUAL as FOUR
from equipoise.numerics.ranks.maxcombo import Side
from equipoise.numerics.ranks.weighted_logrank import ModestlyWeighted
from equipoise.simulate.maxcombo_decisions import reject_by_maxcombo
from equipoise.simulate.replicates import Replicates, simulate_replicates
from equipoise.simulate.trial_model import Look, Run

EVERY = tuple(STATISTICS)


def read(*names: str, trials: int = 40, looks: tuple[Look, ...] = ()) -> Replicates:
    (question,) = ask("subjects=40", "hazard_ratio=0.5")
    reading = plan_reading(names, milestone=12.0, horizon=18.0)
    return simulate_replicates(
        question.model,
        looks=looks or question.looks,
        reading=reading,
        run=Run(seed=5, trials=trials, workers=1),
    )


ALL = read(*EVERY)


def test_nothing_is_read_that_is_not_asked_for() -> None:
    bare = plan_reading(("logrank",), milestone=12.0, horizon=18.0)

    assert (bare.weightings, bare.hazard_ratio) == ((), False)
    assert (bare.milestone, bare.horizon) == (None, None)
    late = plan_reading(("fleming_harrington", "rmst"), milestone=12.0, horizon=18.0)
    assert late.weightings == (LATE,)
    assert late.horizon == 18.0
    both = plan_reading(EVERY, milestone=12.0, horizon=18.0)
    assert both.weightings == (*FOUR, ModestlyWeighted(until=12.0))


@pytest.mark.parametrize("name", [name for name in EVERY if name != "maxcombo"])
def test_a_statistic_is_the_same_whatever_is_read_beside_it(name: str) -> None:
    alone = read(name)

    beside = read_z(ALL, name=name)
    assert read_z(alone, name=name) == pytest.approx(beside, rel=1e-12, nan_ok=True)
    assert read_z(alone, name=name).shape == (40, 1)


def test_where_one_arm_does_better_every_z_is_below_0_on_average() -> None:
    for name in EVERY[:-1]:
        assert np.nanmean(read_z(ALL, name=name)) < -0.5, name


def test_cox_is_tested_by_its_standard_error() -> None:
    z = ALL.log_hazard_ratio[..., 0] / ALL.log_hazard_ratio_error[..., 0]

    assert np.array_equal(read_z(ALL, name="cox"), z, equal_nan=True)


def test_estimates_are_those_of_the_statistics_that_have_one() -> None:
    for name, statistic in STATISTICS.items():
        found = read_estimate(ALL, name=name)
        assert (found is None) is (statistic.estimate == "")
    ratio = read_estimate(ALL, name="cox")
    assert ratio is not None
    assert np.nanmean(ratio) == pytest.approx(np.log(0.5), abs=0.25)


def test_maxcombo_looks_at_four_weightings_whatever_is_read_beside_them() -> None:
    alone = read("maxcombo")
    favour, against = decide_maxcombo(ALL, level=0.1)

    assert np.array_equal(favour, reject_by_maxcombo(alone, alpha=0.1)[:, 0, 0])
    assert favour.sum() > 5
    assert not (favour & against).any()
    turned = replace(alone, table=alone.table)
    other = reject_by_maxcombo(turned, alpha=0.1, side=Side.MORE_EVENTS)[:, 0, 0]
    assert np.array_equal(against, other)


def test_maxcombo_decides_at_the_last_look() -> None:
    looks = (Look(events=10), Look(events=25))
    found = read("maxcombo", looks=looks)
    last = read("maxcombo", looks=looks[1:])

    for one, other in zip(
        decide_maxcombo(found, level=0.1), decide_maxcombo(last, level=0.1), strict=True
    ):
        assert np.array_equal(one, other)


def test_the_first_of_several_weightings_may_be_combined_alone() -> None:
    three = read("maxcombo", "modestly_weighted")

    assert np.array_equal(
        reject_by_maxcombo(three, first=4, alpha=0.1),
        reject_by_maxcombo(read("maxcombo"), alpha=0.1),
    )


def test_the_usual_statistics_are_among_those_there_are() -> None:
    assert set(USUALLY) < set(STATISTICS)
    assert USUAL.statistics == USUALLY
    assert list(find_statistic_problems(EVERY)) == []
    assert [one.code for one in find_statistic_problems(("x", "y"))] == ["statistic-unknown"] * 2
    assert [one.code for one in find_statistic_problems(())] == ["statistic-missing"]


def test_only_tests_whose_information_is_events_stop_a_trial() -> None:
    assert [name for name, one in STATISTICS.items() if one.stops] == ["logrank", "cox"]
