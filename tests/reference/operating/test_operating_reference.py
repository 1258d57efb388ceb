"""A grid beside trials that rpact simulated: power, stops at looks and duration of the study."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from equipoise.design.error_rates import ErrorRates
from equipoise.design.operating_cells import run_cell
from equipoise.design.operating_question import Question, build_questions, wanted_of
from equipoise.design.operating_table import Answer, Origin, build_table
from equipoise.design.scenario_grid import Cell
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.trial_model import Run

TRIALS = 20_000
STORED = json.loads(Path(__file__).with_name("operating_reference.json").read_text())
CASES: list[dict[str, Any]] = STORED["cases"]


def one_site(protocol: Protocol) -> Protocol:
    """The protocol with one site, so that subjects come at one rate from the first day."""
    accrual = protocol.operations.accrual.model_copy(update={"sites": 1})
    operations = protocol.operations.model_copy(update={"accrual": accrual})
    return protocol.model_copy(update={"operations": operations})


def ask(case: dict[str, Any]) -> Question:
    """The same trial as a cell."""
    events = case["events"] if isinstance(case["events"], list) else [case["events"]]
    settings = {
        "subjects": float(case["subjects"]),
        "accrual": case["subjects"] / 24,
        "hazard_ratio": float(case["ratio"]),
        "reference_median": 12.0,
        "dropout": 0.05,
        "events": float(events[-1]),
    }
    wanted = replace(
        wanted_of(shipped_protocol()),
        statistics=("logrank",),
        rates=ErrorRates(alpha=0.025, sides=1, power=0.8),
        looks=tuple(count / events[-1] for count in events[:-1]),
    )
    cell = Cell(scenario="design", settings=tuple(settings.items()))
    (question,) = build_questions(one_site(shipped_protocol()), cells=[cell], wanted=wanted)
    return question


def within(share: float) -> float:
    """Four standard errors of the difference of two runs."""
    return 4 * math.sqrt(max(share * (1 - share), 1e-4) * (1 / TRIALS + 1 / CASES[0]["trials"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['ratio']:.2f} {case['events']}")
def test_a_cell_is_worth_what_rpact_says(case: dict[str, Any]) -> None:
    question = ask(case)
    tally = run_cell(question, run=Run(seed=11, trials=TRIALS))
    origin = Origin(seed=11, protocol="p", program="e")
    (row,) = build_table([Answer(question=question, tally=tally)], origin=origin).to_dicts()

    assert row["power"] == pytest.approx(case["power"], abs=within(case["power"]))
    assert row["mean_months"] == pytest.approx(case["months"], rel=0.01)
    stopped = case["stopped"] if isinstance(case["stopped"], list) else [case["stopped"]]
    for ours, theirs in zip(row["stopped_favour"], stopped, strict=True):
        assert ours == pytest.approx(theirs, abs=within(theirs))


def test_the_cases_have_one_look_and_three() -> None:
    assert STORED["reference"] == "rpact 3.3.4"
    assert {len(ask(case).looks) for case in CASES} == {1, 3}
    assert [look.events for look in ask(CASES[1]).looks] == [67, 134, 200]
