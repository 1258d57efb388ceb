"""Cells counted in whole numbers: as the twin counts, in any parts, near what theory says."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from design.operating_samples import PROTOCOL, USUAL, ask, with_looks
from equipoise.design.bounds import build_design
from equipoise.design.error_rates import ErrorRates
from equipoise.design.operating_cells import (
    UNIT,
    Tally,
    add_exactly,
    add_tallies,
    run_cell,
)
from equipoise.design.operating_question import Question
from equipoise.design.operating_statistics import STATISTICS
from equipoise.design.operating_table import (
    OPERATING_SCHEMA,
    Answer,
    Origin,
    build_table,
)
from equipoise.design.protocol_size import plan_of_protocol, size_protocol
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule
from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_model import Run
from naive.operating import count_trials

EVERY = tuple(STATISTICS)
ORIGIN = Origin(seed=1, protocol="p", program="e")
FUTILE = replace(
    with_looks(0.4, 0.7, statistics=EVERY[:-1]),
    rates=ErrorRates(alpha=0.025, sides=1, power=0.8),
    futility=BoundRule(name="hwang-shih-decani", parameter=-2.0),
)
QUESTIONS: dict[str, Question] = {
    "date": ask("subjects=30", wanted=replace(USUAL, statistics=EVERY))[0],
    "strata": ask("subjects=30", "prognosis=3", "scans=3", wanted=USUAL)[0],
    "looks": ask("events=40", wanted=with_looks(0.5, statistics=EVERY))[0],
    "futility": ask("events=40", "hazard_ratio=0.9", wanted=FUTILE)[0],
    "few": ask("subjects=4", "follow_up=1", "milestone=1", "horizon=1", "accrual=50")[0],
}


def tally(question: Question, *, trials: int, first: int = 0, workers: int = 1) -> Tally:
    return run_cell(question, run=Run(seed=7, first=first, trials=trials, workers=workers))


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_counts_are_those_of_the_twin(name: str) -> None:
    question = QUESTIONS[name]
    found = simulate_replicates(
        question.model,
        looks=question.looks,
        reading=question.reading,
        run=Run(seed=7, trials=60, workers=1),
    )
    table = build_table(
        [Answer(question=question, tally=tally(question, trials=60))], origin=ORIGIN
    )
    for row in table.filter(table["statistic"] != "maxcombo").to_dicts():
        twin = count_trials(question, found, row["statistic"])
        counts = [round(60 * sum(row[f"stopped_{way}"])) for way in ("favour", "against", "futile")]
        assert counts == [twin["favour"], twin["against"], twin["futile"]]
        mean = row["mean_estimate"]
        if mean is not None and row["statistic"] == "cox":
            mean = math.log(mean)
        for said, value in (
            (row["mean_events"], twin["events"]),
            (row["mean_months"], twin["months"]),
            (mean, twin["mean"]),
            (row["sd_estimate"], twin["sd"]),
        ):
            known = math.nan if said is None else said
            assert known == pytest.approx(value, abs=1e-6, nan_ok=True)


@settings(max_examples=15)
@given(cuts=st.sets(st.integers(1, 59), max_size=5), workers=st.integers(1, 3))
def test_parts_add_up_exactly_however_they_are_cut(cuts: set[int], workers: int) -> None:
    question = QUESTIONS["looks"]
    edges = [0, *sorted(cuts), 60]
    parts = [
        tally(question, first=start, trials=end - start, workers=workers)
        for start, end in pairwise(edges)
    ]

    assert add_tallies(reversed(parts)) == tally(question, trials=60)


@given(st.lists(st.floats(-1e9, 1e9, width=32), min_size=1, max_size=25))
def test_a_sum_is_the_same_in_any_order_and_parts(values: list[float]) -> None:
    array = np.array(values)
    mixed = np.random.default_rng(len(values)).permutation(array)

    total = add_exactly(array)

    assert add_exactly(mixed) == total == add_exactly(mixed[:3]) + add_exactly(mixed[3:])
    assert total * UNIT == pytest.approx(math.fsum(values), abs=len(values) * UNIT)


def test_a_sum_beyond_64_bits_is_exact_too() -> None:
    assert add_exactly(np.full(4, 2.0**60)) == 2**86
    assert add_exactly(np.empty(0)) == 0


def test_the_question_says_all_that_its_numbers_depend_on() -> None:
    other = ask("subjects=30", "hazard_ratio=0.6", wanted=replace(USUAL, statistics=EVERY))[0]

    assert repr(QUESTIONS["date"]) != repr(other)
    assert "np.float64" not in "".join(map(repr, QUESTIONS.values()))


def test_no_trial_is_lost_where_few_can_be_told() -> None:
    (row, *_) = build_table(
        [Answer(question=QUESTIONS["few"], tally=tally(QUESTIONS["few"], trials=200))],
        origin=ORIGIN,
    ).to_dicts()

    assert row["known"] < row["trials"] == 200
    assert row["power"] == 0.0
    assert row["mean_subjects"] == 4.0


def test_power_is_what_theory_says_for_every_alternative_of_the_protocol() -> None:
    plan, rates = plan_of_protocol(PROTOCOL)
    names = ("design", *(one.name for one in PROTOCOL.design.alternative))
    theory = size_protocol(PROTOCOL, plan=plan, rates=rates).rows
    for name, row in zip(names, theory, strict=True):
        (question,) = ask(scenario=name, wanted=replace(USUAL, statistics=("logrank", "milestone")))
        table = build_table([Answer(question=question, tally=tally(question, trials=4000))],
                            origin=ORIGIN).to_dicts()  # fmt: skip
        seen = [one["level" if one["no_effect"] else "power"] for one in table]
        # 2.5 standard errors of 4,000 trials, and the normal approximation of theory
        assert seen == pytest.approx([row.logrank_power, row.milestone_power], abs=0.05)
        assert table[0]["mean_events"] == pytest.approx(row.events, abs=0.5)


def test_looks_stop_as_often_as_their_bounds_say() -> None:
    (question,) = ask("events=60", "subjects=100", scenario="null", wanted=with_looks(0.5))
    design = build_design(SequentialPlan(information=(0.5, 1.0), rates=USUAL.rates))
    answer = Answer(question=question, tally=tally(question, trials=8000))

    row = build_table([answer], origin=ORIGIN).to_dicts()[0]

    assert row["look_events"] == [30, 60]
    for way, chances in (("favour", design.null.above), ("against", design.null.below)):
        error = 3.5 * np.sqrt(chances * (1 - chances) / 8000)
        assert np.all(np.abs(row[f"stopped_{way}"] - chances) < error)
    assert row["level"] == pytest.approx(0.05, abs=0.008)
    assert 59 < row["mean_events"] < 60


def test_the_table_has_a_row_for_each_cell_and_statistic() -> None:
    answers = [
        Answer(question=QUESTIONS[name], tally=tally(QUESTIONS[name], trials=50))
        for name in ("date", "strata")
    ]

    table = build_table(answers, origin=ORIGIN)

    assert dict(table.schema) == OPERATING_SCHEMA
    assert table.height == len(EVERY) + 4
    assert table["statistic"].to_list()[: len(EVERY)] == list(EVERY)
    assert table["prognosis"].to_list() == [1.0] * len(EVERY) + [3.0] * 4
    assert table.select((table["power_lower"] <= table["power"]).all()).item()
    assert set(table["seed"]) == {1}
    assert table.filter(table["statistic"] == "maxcombo")["estimate_of"].to_list() == [None]
    both = (table["power"] + table["against"]).to_list()
    assert table["level"].to_list() == pytest.approx(both)
