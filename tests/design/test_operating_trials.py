"""The trials behind a cell: drawn as its parameters say, sent to other machines whole."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from design.operating_samples import PROTOCOL, USUAL, ask
from equipoise.design.operating_cells import Tally, run_cell
from equipoise.design.operating_question import Question, build_questions
from equipoise.design.scenario_grid import PARAMETERS, Axis, Cell, build_cells, parse_axis
from equipoise.simulate.replicates import DrawnTrial, draw_trial
from equipoise.simulate.trial_model import Run

LARGE = ("subjects=20000", "accrual=5000")


def drawn(*axes: str, scenario: str = "base") -> tuple[Question, DrawnTrial]:
    """One very large trial of a cell."""
    (question,) = ask(*LARGE, *axes, scenario=scenario)
    return question, draw_trial(question.model, seed=11, replicate=0)


def shares_at(trial: DrawnTrial, time: float) -> tuple[float, float]:
    """The shares without event at a time, reference arm first, if nobody left."""
    reference, experimental = (trial.event[trial.arm == arm] > time for arm in (0, 1))
    return float(reference.mean()), float(experimental.mean())


@pytest.mark.parametrize(
    ("axes", "scenario"),
    [
        ((), "base"),
        (("hazard_ratio=0.5", "reference_median=9"), "design"),
        (("reference_survival=0.35",), "optimistic"),
        (("cured=0.3",), "selected"),
        (("delay=6", "hazard_ratio=0.4"), "null"),
    ],
)
def test_survival_at_the_milestone_is_what_the_table_tells(
    axes: tuple[str, ...], scenario: str
) -> None:
    question, trial = drawn(*axes, scenario=scenario)
    told = dict(question.values)

    seen = shares_at(trial, told["milestone"])

    # four standard errors of 10,000 subjects
    assert seen[0] == pytest.approx(told["reference_survival"], abs=0.02)
    assert seen[1] == pytest.approx(told["experimental_survival"], abs=0.02)


def test_the_median_of_the_reference_arm_is_where_it_was_set() -> None:
    question, trial = drawn("reference_median=9")

    assert np.median(trial.event[trial.arm == 0]) == pytest.approx(9, abs=0.4)
    assert dict(question.values)["reference_median"] == pytest.approx(9)


def test_before_the_effect_begins_both_arms_do_alike() -> None:
    _, trial = drawn("delay=6", "hazard_ratio=0.3", scenario="design")

    early, late = shares_at(trial, 6.0), shares_at(trial, 24.0)

    assert early[0] == pytest.approx(early[1], abs=0.025)
    assert late[1] > late[0] + 0.2


def test_the_cured_never_have_the_event() -> None:
    _, trial = drawn("cured=0.25")

    assert np.isinf(trial.event).mean() == pytest.approx(0.25, abs=0.015)


def test_the_strata_of_prognosis_are_of_equal_size_and_apart_by_its_ratio() -> None:
    _, trial = drawn("prognosis=4", scenario="null")

    poor = trial.stratum == 1
    hazards = [-math.log(float((trial.event[group] > 12).mean())) for group in (~poor, poor)]
    assert poor.mean() == pytest.approx(0.5, abs=0.015)
    assert hazards[1] / hazards[0] == pytest.approx(4, rel=0.1)


def test_so_many_leave_in_a_year() -> None:
    _, trial = drawn("dropout=0.2")

    assert (trial.leaving < 12).mean() == pytest.approx(0.2, abs=0.015)


def test_so_many_come_a_month_once_all_sites_are_open() -> None:
    (question,) = ask("subjects=20000", "accrual=1000")
    trial = draw_trial(question.model, seed=11, replicate=0)

    until = question.model.accrual.knots[-1]
    assert until == pytest.approx(24.0)  # 4,000 by month 8, then 1,000 a month
    assert ((trial.entry > 8) & (trial.entry < 18)).sum() == pytest.approx(10_000, rel=0.03)
    assert trial.entry.max() < until


def test_events_are_seen_on_scans() -> None:
    _, trial = drawn("scans=3")

    seen = trial.event[np.isfinite(trial.event)]
    assert np.all(np.isclose(seen % 3, 0) | np.isclose(seen % 3, 3))


def test_a_ratio_splits_the_arms() -> None:
    _, trial = drawn("ratio=3")

    assert (trial.arm == 1).mean() == pytest.approx(0.75)


def test_a_question_and_its_tally_travel_to_another_process_as_they_are() -> None:
    (question,) = ask("subjects=30", "prognosis=2", "scans=2")
    run = Run(seed=1, trials=30, workers=1)

    arrived: Question = pickle.loads(pickle.dumps(question))
    tally: Tally = pickle.loads(pickle.dumps(run_cell(arrived, run=run)))

    assert arrived == question
    assert repr(arrived) == repr(question)
    assert tally == run_cell(question, run=run)


def test_where_all_come_at_once_the_study_ends_after_the_follow_up() -> None:
    accrual = PROTOCOL.operations.accrual.model_copy(update={"at_once": True})
    operations = PROTOCOL.operations.model_copy(update={"accrual": accrual})
    protocol = PROTOCOL.model_copy(update={"operations": operations})

    (question,) = build_questions(protocol, cells=[Cell(scenario="base")], wanted=USUAL)

    assert question.looks[0].latest == pytest.approx(12, abs=0.02)


def test_a_protocol_without_a_cut_is_followed_to_the_milestone() -> None:
    protocol = PROTOCOL.model_copy(update={"cut": ()})

    (question,) = build_questions(protocol, cells=[Cell(scenario="base")], wanted=USUAL)

    assert dict(question.values)["follow_up"] == PROTOCOL.design.milestone_months


def test_cells_have_the_same_chance() -> None:
    """A cell with a little more effect wins in every trial in which the other one does."""
    weak, strong = ask("hazard_ratio=0.6,0.4", "reference_median=10", scenario="design")
    model = draw_trial(weak.model, seed=3, replicate=5)
    other = draw_trial(strong.model, seed=3, replicate=5)

    assert np.array_equal(model.entry, other.entry)
    assert np.array_equal(model.leaving, other.leaving)
    assert np.array_equal(model.event[model.arm == 0], other.event[other.arm == 0])
    assert np.all(other.event[other.arm == 1] > model.event[model.arm == 1])


values_of_axes = st.sampled_from(sorted(PARAMETERS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(
            st.integers(2, 900) if PARAMETERS[name].whole else st.floats(0.01, 0.99),
            min_size=1,
            max_size=6,
            unique=True,
        ),
    )
)


@given(values_of_axes)
def test_an_axis_that_is_written_is_read(said: tuple[str, list[float]]) -> None:
    name, values = said

    axis = parse_axis(f"{name}={','.join(map(str, values))}")

    assert axis == Axis(name=name, values=tuple(map(float, values)))
    assert len(build_cells(["base"], axes=[axis])) == len(values)


@given(st.integers(1, 60), st.sampled_from(["0.1", "0.05", "0.25", "2"]))
def test_a_range_has_its_ends_and_even_steps(count: int, step: str) -> None:
    last = round(1 + count * float(step), 10)

    values = parse_axis(f"horizon=1:{last}:{step}").values

    assert len(values) == count + 1
    assert (values[0], values[-1]) == (1.0, last)
    assert np.diff(values) == pytest.approx(float(step))
