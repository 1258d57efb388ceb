"""Cells of a grid whose endpoint is overall survival: plan, counts, theory, refusals."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from design.operating_samples import PROTOCOL, USUAL, ask
from equipoise.design.assumptions import (
    ArmCourse,
    Piecewise,
    StratumCourse,
    SurvivalPlan,
    staggered_accrual,
)
from equipoise.design.death_course import Deaths, hazard_of_death
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.operating_cells import Tally, add_tallies, run_cell
from equipoise.design.operating_plan import plan_cell
from equipoise.design.operating_question import Question
from equipoise.design.operating_table import Answer, Origin, build_table
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.scenario_grid import Cell, build_cells, parse_axis
from equipoise.design.scenario_truth import find_truth
from equipoise.design.weighted_logrank_size import WeightedLogRankPlan, weighted_logrank_power
from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_model import Endpoint, IllnessDeath, Run
from naive.operating import count_trials

OS = replace(USUAL, endpoint=Endpoint.DEATH)
ORIGIN = Origin(seed=1, protocol="p", program="e")


def only(*axes: str, scenario: str = "base") -> Question:
    (question,) = ask(*axes, scenario=scenario, wanted=OS)
    return question


def tally(question: Question, *, trials: int, first: int = 0, workers: int = 1) -> Tally:
    return run_cell(question, run=Run(seed=7, first=first, trials=trials, workers=workers))


def test_without_axes_the_trial_is_that_of_the_protocol_for_overall_survival() -> None:
    question = only()
    told = dict(question.values)

    assert (told["milestone"], told["horizon"], told["follow_up"]) == (36, 36, 38)
    assert (told["death_before"], told["death_after"], told["frailty"]) == (0.003, 0.026, 1.0)
    assert told["survival_median"] == pytest.approx(51.76, abs=0.01)
    assert told["reference_median"] == pytest.approx(18)
    assert told["reference_alive"] < told["experimental_alive"]
    assert question.model.frailty == (1.0, 0.0, 0.5)
    assert question.looks[0].endpoint is Endpoint.DEATH
    assert not question.no_effect
    assert only(scenario="null").no_effect


def test_a_scenario_of_lesions_brings_its_own_deaths() -> None:
    assert dict(only(scenario="S4").values)["death_after"] == 0.024


def test_looks_count_deaths() -> None:
    question = only("events=30", "subjects=100")

    (row, *_) = build_table(
        [Answer(question=question, tally=tally(question, trials=50))], origin=ORIGIN
    ).to_dicts()

    assert (row["endpoint"], row["look_events"]) == ("os", [30])
    assert row["mean_events"] == 30


@pytest.mark.parametrize("axes", [["subjects=40"], ["subjects=40", "prognosis=2", "delay=3"]])
def test_the_counts_are_those_of_the_twin(axes: list[str]) -> None:
    question = only(*axes)
    found = simulate_replicates(
        question.model, looks=question.looks, reading=question.reading, run=Run(seed=7, trials=40)
    )
    rows = build_table(
        [Answer(question=question, tally=tally(question, trials=40))], origin=ORIGIN
    ).to_dicts()

    for row in rows:
        twin = count_trials(question, found.of(Endpoint.DEATH), row["statistic"])
        assert round(40 * row["power"]) == twin["favour"]
        assert row["mean_events"] == pytest.approx(twin["events"])
    deaths, firsts = (found.of(each).events[..., 0, :] for each in (Endpoint.DEATH, Endpoint.FIRST))
    assert (deaths <= firsts).all()


def test_parts_and_workers_change_no_number() -> None:
    question = only("subjects=30")
    parts = [
        tally(question, first=start, trials=end - start, workers=workers)
        for workers, (start, end) in enumerate(pairwise([0, 13, 40, 60]), start=1)
    ]

    assert add_tallies(reversed(parts)) == tally(question, trials=60)


def theory_of(question: Question) -> float:
    """The power of the log-rank test by its moments, from the closed form of survival."""
    told = dict(question.values)
    deaths = Deaths(before=told["death_before"], after=told["death_after"], frailty=told["frailty"])
    ((reference, experimental),) = question.model.courses
    assert isinstance(reference, IllnessDeath)
    assert isinstance(experimental, IllnessDeath)
    _, rates = plan_of_protocol(PROTOCOL)
    arms = []
    for course in (reference, experimental):
        law = hazard_of_death(course, deaths=deaths)
        arms.append(
            ArmCourse(
                event=Piecewise(rates=law.rates, starts=(0.0, *law.cuts)),
                dropout=Piecewise(rates=(-math.log1p(-told["dropout"]) / 12,)),
            )
        )
    accrual = staggered_accrual(
        [0, 2, 4, 6, 8], rate=told["accrual"] / 5, subjects=told["subjects"]
    )
    survival = SurvivalPlan(
        strata=(StratumCourse(reference=arms[0], experimental=arms[1]),), accrual=accrual
    )
    return weighted_logrank_power(
        WeightedLogRankPlan(survival=survival, study_end=question.looks[0].latest), rates=rates
    )


@pytest.mark.parametrize(
    ("scenario", "axes"),
    [("base", []), ("optimistic", ["subjects=300", "accrual=10"]),
     ("selected", ["survival_median=70", "subjects=400", "accrual=20", "follow_up=60"])],
)  # fmt: skip
def test_power_is_what_theory_says(scenario: str, axes: list[str]) -> None:
    question = only(*axes, scenario=scenario)
    row = build_table(
        [Answer(question=question, tally=tally(question, trials=4000))], origin=ORIGIN
    ).to_dicts()[0]
    theory = theory_of(question)

    error = 3 * math.sqrt(theory * (1 - theory) / 4000)
    assert row["power"] == pytest.approx(theory, abs=error + 0.01)


def codes_of(refusal: ImpossiblePlanError) -> list[str]:
    return [finding.code for finding in refusal.findings]


@pytest.mark.parametrize(("axis", "code"), [
    ("cured=0.1", "axis-idle"), ("scans=3", "axis-idle"), ("survival_median=10", "never-reached"),
    ("death_before=0.3", "deaths-too-early"),
])  # fmt: skip
def test_what_cannot_be_asked_of_survival_says_why(axis: str, code: str) -> None:
    with pytest.raises(ImpossiblePlanError) as refused:
        only(axis)
    assert codes_of(refused.value) == [code]


def test_deaths_say_nothing_of_progression() -> None:
    with pytest.raises(ImpossiblePlanError) as refused:
        ask("frailty=1")
    assert codes_of(refused.value) == ["axis-idle"]
    assert "--endpoint os" in refused.value.findings[0].mend
    with pytest.raises(ImpossiblePlanError) as twice:
        build_cells(
            ["base"], axes=[parse_axis("death_after=0.02"), parse_axis("survival_median=50")]
        )
    assert codes_of(twice.value) == ["axes-contradict"]


def test_a_protocol_without_scenarios_must_be_told_its_deaths() -> None:
    protocol = PROTOCOL.model_copy(update={"scenario": ()})
    cell = Cell(scenario="base")
    truth = find_truth(protocol, name="base")

    with pytest.raises(ImpossiblePlanError) as refused:
        plan_cell(protocol, cell=cell, truth=truth, endpoint=Endpoint.DEATH)
    assert codes_of(refused.value) == ["deaths-unknown"]
