"""Every parameter of a grid changes the trial, and every statistic can be told of it."""

from dataclasses import replace

import pytest

from design.operating_samples import USUAL, ask
from equipoise.design.operating_cells import run_cell
from equipoise.design.operating_statistics import STATISTICS
from equipoise.design.operating_table import Answer, Origin, build_table
from equipoise.design.scenario_grid import OF_DEATH, PARAMETERS
from equipoise.simulate.trial_model import Endpoint, Run

# A value of each parameter that is not the reference trial's.
OTHERS = {
    "subjects": "60",
    "ratio": "2",
    "hazard_ratio": "0.4",
    "delay": "6",
    "reference_median": "9",
    "reference_survival": "0.3",
    "cured": "0.4",
    "prognosis": "5",
    "dropout": "0.4",
    "accrual": "8",
    "follow_up": "30",
    "events": "30",
    "milestone": "6",
    "horizon": "24",
    "scans": "4",
    "death_before": "0.01",
    "death_after": "0.06",
    "survival_median": "24",
    "frailty": "0.2",
}
RUN = Run(seed=2, trials=80, workers=1)
DEATHS = replace(USUAL, endpoint=Endpoint.DEATH)
AS_IT_IS = {wanted.endpoint: run_cell(ask(wanted=wanted)[0], run=RUN) for wanted in (USUAL, DEATHS)}


def test_every_parameter_is_tried() -> None:
    assert list(OTHERS) == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_changes_the_question_and_its_answer(name: str) -> None:
    (question,) = ask(f"{name}={OTHERS[name]}", wanted=DEATHS if name in OF_DEATH else USUAL)

    tally = run_cell(question, run=RUN)

    as_it_is = AS_IT_IS[question.endpoint]
    assert tally.trials == as_it_is.trials
    assert tally.counts != as_it_is.counts
    assert dict(question.values)[name] == pytest.approx(float(OTHERS[name]))


@pytest.mark.parametrize("name", STATISTICS)
def test_a_statistic_is_told_alone_with_its_level(name: str) -> None:
    (question,) = ask(scenario="null", wanted=replace(USUAL, statistics=(name,)))

    answer = Answer(question=question, tally=run_cell(question, run=replace(RUN, trials=2000)))
    (row,) = build_table([answer], origin=Origin(seed=2, protocol="p", program="e")).to_dicts()

    assert row["statistic"] == name
    assert row["no_effect"]
    assert row["known"] == 2000
    assert 0.03 < row["level"] < 0.07
    assert (row["mean_estimate"] is None) is (STATISTICS[name].estimate == "")
