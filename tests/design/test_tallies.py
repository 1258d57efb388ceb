"""Answers by hand: what is counted, on which scale, and beside which truth."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.design.answers import COMPARISON, Answer, Line
from equipoise.design.large_trials import tell_truth
from equipoise.design.tallies import (
    Tally,
    TrueValue,
    add_tallies,
    merge_tallies,
    tally_answer,
    tally_answers,
)

DIFFERENCE = Line(
    cut="DC1", analysis="a", name="a@12", of=COMPARISON, measure="survival_difference"
)
RATIO = replace(DIFFERENCE, name="a", measure="hazard_ratio")
SAID = Answer(
    line=DIFFERENCE, at=12.0, estimate=0.25, lower=0.125, upper=0.5, p_value=0.01, alpha=0.05,
    rejected=True,
)  # fmt: skip
TRUE = TrueValue(value=0.25, standard_error=0.0, at=12.0)


def test_an_answer_counts_once_with_its_test_and_its_interval() -> None:
    assert tally_answer(SAID, truth=TRUE) == Tally(
        trials=1, answered=1, tested=1, rejected=1, estimates=1, total=Fraction(1, 4),
        squares=Fraction(1, 16), intervals=1, alpha=0.05, since=12.0, until=12.0,
    )  # fmt: skip


@pytest.mark.parametrize(("truth", "below", "above"), [(0.6, 1, 0), (0.1, 0, 1), (0.5, 0, 0)])
def test_an_interval_that_misses_the_truth_says_on_which_side_it_lies(
    truth: float, below: int, above: int
) -> None:
    tally = tally_answer(SAID, truth=replace(TRUE, value=truth))
    assert (tally.intervals, tally.below, tally.above) == (1, below, above)


def test_a_truth_about_another_time_is_no_truth() -> None:
    assert tally_answer(SAID, truth=replace(TRUE, at=12.5)).intervals == 0
    assert tally_answer(SAID, truth=replace(TRUE, at=None)).intervals == 0
    assert tally_answer(replace(SAID, at=None), truth=replace(TRUE, at=None)).intervals == 1


def test_without_a_truth_or_half_an_interval_nothing_can_cover() -> None:
    assert tally_answer(SAID, truth=None).intervals == 0
    assert tally_answer(replace(SAID, upper=None), truth=TRUE).intervals == 0


def test_ratios_are_averaged_and_held_to_the_truth_on_the_log_scale() -> None:
    said = replace(SAID, line=RATIO, estimate=0.5, lower=0.4, upper=0.8)
    truth = TrueValue(value=math.log(0.9), standard_error=0.0, at=12.0)

    tally = tally_answer(said, truth=truth)

    assert float(tally.total) == math.log(0.5)
    assert (tally.below, tally.above) == (1, 0)
    assert tally_answer(replace(said, estimate=0.0), truth=truth).estimates == 0


def test_a_trial_that_says_nothing_is_a_trial_without_an_answer() -> None:
    silent = Answer(line=DIFFERENCE, alpha=0.05)
    tally = tally_answers([SAID, silent, replace(SAID, estimate=None)], truth={})[DIFFERENCE]

    assert (tally.trials, tally.answered, tally.tested, tally.estimates) == (3, 2, 2, 1)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=9), st.integers(0, 8))
def test_sums_do_not_depend_on_their_parts(values: list[float], at: int) -> None:
    answers = [replace(SAID, estimate=value) for value in values]
    whole = tally_answers(answers, truth={})
    parts = (answers[at:], answers[:at])

    assert merge_tallies([tally_answers(part, truth={}) for part in parts]) == whole
    assert whole[DIFFERENCE].total == sum(map(Fraction, values))


def test_the_times_that_were_asked_at_are_kept_as_a_range() -> None:
    one, other = (tally_answer(replace(SAID, at=at), truth=None) for at in (10.0, 11.5))
    both = add_tallies([other, add_tallies([one, Tally()])])
    assert (both.since, both.until, both.alpha) == (10.0, 11.5, 0.05)


def test_the_truth_is_the_mean_of_large_trials_with_its_error() -> None:
    trials = [(replace(SAID, estimate=value),) for value in (0.1, 0.2, 0.3)]
    truth = tell_truth(trials)[DIFFERENCE]

    assert truth.value == pytest.approx(0.2)
    assert truth.standard_error == pytest.approx(0.1 / math.sqrt(3))
    assert truth.at == 12.0


@pytest.mark.parametrize(
    "last", [replace(SAID, estimate=None), replace(SAID, at=11.0), replace(SAID, line=RATIO)]
)
def test_there_is_no_truth_where_one_large_trial_does_not_answer_the_same(last: Answer) -> None:
    assert DIFFERENCE not in tell_truth([(SAID,), (last,)])


def test_one_large_trial_tells_no_error_and_so_no_truth() -> None:
    assert tell_truth([(SAID,)]) == {}
