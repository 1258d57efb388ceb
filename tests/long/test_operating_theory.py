"""A grid of 100,000 trials a cell within Monte-Carlo error of theory, and of levels that hold."""

import math
from dataclasses import replace
from statistics import NormalDist

import pytest

from design.operating_samples import PROTOCOL, USUAL, ask, with_looks
from design.test_operating_survival import theory_of
from equipoise.design.bounds import build_design
from equipoise.design.operating_cells import run_cell
from equipoise.design.operating_question import Question
from equipoise.design.operating_table import Answer, Origin, build_table
from equipoise.design.protocol_size import plan_of_protocol, size_protocol
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.simulate.trial_model import Endpoint, Run

TRIALS = 100_000
ORIGIN = Origin(seed=20261126, protocol="p", program="e")
LARGE = ["subjects=600", "accrual=60"]


def rows_of(question: Question) -> list[dict[str, float]]:
    tally = run_cell(question, run=Run(seed=ORIGIN.seed, trials=TRIALS))
    return build_table([Answer(question=question, tally=tally)], origin=ORIGIN).to_dicts()


def error_of(share: float) -> float:
    """Four standard errors of a share."""
    return 4 * math.sqrt(share * (1 - share) / TRIALS)


@pytest.mark.parametrize("events", [200, 300, 400])
@pytest.mark.parametrize("ratio", [0.65, 0.75, 0.85])
def test_power_of_the_logrank_test_after_a_number_of_events(events: int, ratio: float) -> None:
    """Schoenfeld (1981): the mean of z is sqrt(events) log(ratio) / 2, to a point in 100."""
    wanted = replace(USUAL, statistics=("logrank",))
    (question,) = ask(*LARGE, f"events={events}", f"hazard_ratio={ratio}", wanted=wanted)

    (row,) = rows_of(question)

    drift = -math.log(ratio) * math.sqrt(events) / 2
    theory = NormalDist().cdf(drift - NormalDist().inv_cdf(0.975))
    assert row["power"] == pytest.approx(theory, abs=0.012 + error_of(theory))


@pytest.mark.parametrize(
    "axis", ["subjects=600", "ratio=2", "prognosis=3", "dropout=0.2", "cured=0.3"]
)
def test_the_level_holds_without_an_effect(axis: str) -> None:
    axes = [axis, "accrual=60"] if axis.startswith("subjects") else [*LARGE, axis]
    (question,) = ask(*axes, scenario="null")
    for row in rows_of(question):
        assert row["no_effect"]
        assert row["level"] == pytest.approx(0.05, abs=0.0025 + error_of(0.05)), row["statistic"]


def test_looks_stop_as_often_as_their_bounds_say() -> None:
    shares = (1 / 3, 2 / 3)
    (question,) = ask(*LARGE, "events=300", "hazard_ratio=0.72", wanted=with_looks(*shares))
    design = build_design(SequentialPlan(information=(*shares, 1.0), rates=USUAL.rates))
    chances = design.chances(-math.log(0.72) * math.sqrt(300) / 2)

    (row, _) = rows_of(question)

    for seen, chance in zip(row["stopped_favour"], chances.above, strict=True):  # type: ignore[call-overload]
        assert seen == pytest.approx(chance, abs=0.015)


@pytest.mark.parametrize("scenario", ["base", "optimistic", "selected"])
@pytest.mark.parametrize("frailty", [0, 1])
def test_power_for_overall_survival(scenario: str, frailty: float) -> None:
    """Illness and death with frailty beside the moments of the log-rank score (Yung, Liu 2020)."""
    wanted = replace(USUAL, statistics=("logrank",), endpoint=Endpoint.DEATH)
    axes = ["subjects=400", "accrual=20", f"frailty={frailty}"]
    (question,) = ask(*axes, scenario=scenario, wanted=wanted)
    theory = theory_of(question)

    (row,) = rows_of(question)

    assert row["power"] == pytest.approx(theory, abs=0.005 + error_of(theory))


def test_every_alternative_of_the_protocol_has_the_power_of_its_size() -> None:
    plan, rates = plan_of_protocol(PROTOCOL)
    names = ("design", *(one.name for one in PROTOCOL.design.alternative))
    for name, theory in zip(
        names, size_protocol(PROTOCOL, plan=plan, rates=rates).rows, strict=True
    ):
        (question,) = ask(scenario=name, wanted=replace(USUAL, statistics=("logrank", "milestone")))
        for row, power in zip(
            rows_of(question), (theory.logrank_power, theory.milestone_power), strict=True
        ):
            seen = row["level"] if row["no_effect"] else row["power"]
            assert seen == pytest.approx(power, abs=0.05), (name, row["statistic"])
