"""Who is free of progression, alive with it, or dead, from two endpoints of the same patients."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import HandData, ask, build_data, build_sample, build_subject
from equipoise.analysis.illness_death import compare_states
from equipoise.analysis.plan import run_analysis
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Sample
from equipoise.analysis.survival import estimate_survival
from equipoise.analysis.trial import prepare_trial
from equipoise.numerics.competing.state_comparison import (
    compare_occupation_at,
    compare_time_in_state,
)
from equipoise.numerics.competing.transitions import (
    Transitions,
    build_illness_death,
    estimate_transitions,
)
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.methods.competing import IllnessDeathOptions
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
MONTH = 30.4375
# progression or death, and death, in days; + alive without progression, or alive
PATIENTS = """
A1 100 200
A2 150 400+
A3 300 300
A4 400+ 400+
B1 200 500+
B2 300+ 350
B3 400 450
B4 500+ 500+
"""


def data_of(text: str) -> HandData:
    """The frames of patients with two times, of which a `+` tells censored."""
    subjects, lines = [], ["subject endpoint convention days cause"]
    for name, free, alive in (line.split() for line in text.strip().splitlines()):
        subjects.append(build_subject(name))
        for endpoint, words in (("pfs ema", free), ("os -", alive)):
            if words != "-":
                lines.append(f"{name} {endpoint} {words.rstrip('+')} {int('+' not in words)}")
    return build_data(subjects=subjects, times="\n".join(lines))


def compare(text: str = PATIENTS, *, days: int = 320, **options: object) -> Result:
    """What the plan's analysis of these patients says at a day."""
    data = data_of(text)
    trial = prepare_trial(data, protocol=PROTOCOL, allocations=data.allocations, replicate=0)
    asked = Analysis(
        id="states",
        endpoint="pfs",
        method="illness_death",
        role="supportive",
        convention="ema",
        at_months=(days / MONTH,),
        options={"second_endpoint": "os", **options},
    )
    return run_analysis(trial, analysis=asked)


def shares_of(result: Result, *, arm: int) -> list[float]:
    """The shares of an arm that are free of progression, progressed, and dead."""
    own = result.arms[arm].estimates
    values = [own[state].value for state in ("free", "progressed", "dead")]
    return [value for value in values if value is not None]


def test_shares_are_those_counted_by_hand() -> None:
    result = compare()
    # A: free 3/4 after day 100, 2/4 after 150, 1/4 after 300 (dead); of those progressed A1 (1 of
    # 2) dies on day 200. B: free 3/4 after 200; B2 leaves free at 300, so 2 are at risk on 400
    assert shares_of(result, arm=0) == pytest.approx([1 / 4, 1 / 4, 1 / 2])
    assert shares_of(result, arm=1) == pytest.approx([3 / 4, 1 / 4, 0])
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0)
    later = compare(days=460)
    assert shares_of(later, arm=1) == pytest.approx([3 / 8, 5 / 16, 5 / 16])
    assert [arm.events for arm in result.arms] == [3, 2]


def test_moves_are_counted_and_both_readings_can_be_walked_home() -> None:
    result = compare()
    counts = [
        [arm.estimates[name].value for name in ("progressions", "deaths_free", "deaths_progressed")]
        for arm in result.arms
    ]
    assert counts == [[2, 1, 1], [2, 0, 1]]
    assert result.rows == tuple(f"pfs/ema/{name}" for name in "A1 A2 A3 A4 B1 B2 B3 B4".split())
    assert result.second_rows == tuple(row.replace("pfs/ema", "os/") for row in result.rows)
    assert result.parts[0].at == result.at == pytest.approx(320 / MONTH)


def test_a_death_after_the_time_without_progression_was_censored_is_told() -> None:
    (told,) = (words for words in compare().warnings if "died after" in words)
    assert told.startswith("1 died after they were censored")


def test_a_patient_without_the_second_time_is_left_out() -> None:
    result = compare(f"{PATIENTS}B5 50 -\n")
    assert "1 without a time of the second endpoint: left out" in result.warnings
    assert [arm.n for arm in result.arms] == [4, 4]


def test_progression_dated_after_death_is_that_death() -> None:
    result = compare("A1 210 200\nA2 300+ 300+\nB1 100 90+\nB2 300+ 300+", days=250)
    assert shares_of(result, arm=0) == pytest.approx([1 / 2, 0, 1 / 2])
    # seen with progression on day 100, though alive was last told on day 90
    assert shares_of(result, arm=1) == pytest.approx([1 / 2, 1 / 2, 0])


def test_a_state_or_a_mean_time_may_be_asked_for() -> None:
    dead = compare(state="dead")
    assert dead.estimate is not None
    assert dead.estimate.value == pytest.approx(-1 / 2)
    assert dead.arm_measure == "dead"
    time = compare(days=400, measure="time", state="free")
    # A: 100 days all, 50 of 3/4, 150 of 1/2, 100 of 1/4; B: 200 all, 200 of 3/4
    means = [arm.estimates["months_free"].value for arm in time.arms]
    assert means == pytest.approx([237.5 / MONTH, 350 / MONTH])
    assert time.measure == "state_time_difference"
    assert time.estimate is not None
    assert time.estimate.value == pytest.approx(112.5 / MONTH)


def test_a_margin_is_compared_with() -> None:
    plain, held = (
        compare(big_trial(), days=400, **more)
        for more in ({}, {"alternative": "greater", "margin": -0.9})
    )
    assert plain.p_value is not None
    assert held.p_value is not None
    assert held.p_value < 1e-4
    assert "one-sided p" in held.method


def big_trial() -> str:
    """Thirty patients an arm, who progress and die at times drawn once."""
    rng = np.random.default_rng(3)
    lines = []
    for arm, mean in (("A", 200), ("B", 320)):
        for i in range(30):
            free, lived, end = rng.exponential(mean), rng.exponential(250), rng.uniform(300, 900)
            death = free + (0 if i % 4 == 0 else lived)
            first = f"{int(free) + 1}" if free < end else f"{int(end)}+"
            last = f"{int(death) + 1}" if death < end else f"{int(end)}+"
            lines.append(f"{arm}{i:02d} {first} {last}")
    return "\n".join(lines)


def moves_of(text: str, arm: str) -> Transitions:
    """The moves of an arm as the kernel takes them, read straight from the words."""
    rows = [line.split() for line in text.splitlines() if line.startswith(arm)]
    number = [[int(word.rstrip("+")) / MONTH for word in row[1:]] for row in rows]
    died = np.array(["+" not in row[2] for row in rows])
    free, end = np.array(number).T
    progressed = np.array(["+" not in row[1] for row in rows]) & ~(died & (free == end))
    assert (progressed | (free == end)).all()  # none dies after censoring, in this trial
    stays = build_illness_death(
        end, died=died.astype(int), progression=np.where(progressed, free, np.nan)
    )
    return estimate_transitions(stays, states=3)


def test_numbers_are_those_of_the_kernels() -> None:
    text = big_trial()
    pair = [moves_of(text, arm) for arm in "AB"]
    at = 400 / MONTH
    share, mean = compare(text, days=400), compare(text, days=400, measure="time")
    for result, found in (
        (share, compare_occupation_at(pair, state=1, at=at)),
        (mean, compare_time_in_state(pair, state=1, horizon=at)),
    ):
        assert result.estimate is not None
        assert result.estimate.value == pytest.approx(found.difference, rel=1e-12)
        assert result.estimate.lower == pytest.approx(found.difference_lower, rel=1e-12)
        assert result.p_value == pytest.approx(found.test.p_value, rel=1e-12)


def sample_of(text: str) -> Sample:
    """Patients who are all alive when their first time ends."""
    sample = build_sample(text)
    return replace(
        sample, second_time=sample.time + 9, second_cause=np.zeros(sample.time.size, dtype=np.int64)
    )


def test_rows_of_one_patient_are_a_cluster() -> None:
    rows = ["A 2", "A 3+", "A 5", "A 7", "B 1", "B 4+", "B 6", "B 8+"]
    single = sample_of("\n".join(rows))
    twice = sample_of("\n".join(f"{row} s {row[-2:]}{row[0]}" for row in rows for _ in (1, 2)))
    one, two = (compare_states(sample, question=ask(6.5)) for sample in (single, twice))
    assert one.estimate is not None
    assert two.estimate is not None
    assert two.estimate.value == pytest.approx(one.estimate.value)
    assert two.estimate.standard_error == pytest.approx(one.estimate.standard_error)


def test_the_share_free_is_that_of_kaplan_and_meier() -> None:
    sample = sample_of("A 2\nA 3+\nA 5\nA 7\nB 1\nB 4+\nB 6\nB 8+")
    result = compare_states(sample, question=ask(6.5))
    for arm, curve in zip(
        result.arms, estimate_survival(sample, question=ask()).curves, strict=True
    ):
        place = np.searchsorted(curve.time, 6.5, side="right") - 1
        assert arm.estimates["free"].value == pytest.approx(curve.estimate[place])


def test_a_death_that_competes_with_the_event_is_a_death() -> None:
    sample = build_sample("A 2\nA 3x\nA 9+\nB 4x\nB 5x\nB 9+")
    second = replace(
        sample,
        second_time=np.array([8.0, 3, 9, 4, 9, 9]),
        second_cause=np.array([1, 1, 0, 1, 0, 0]),
    )
    result = compare_states(second, question=ask(6))
    assert shares_of(result, arm=0) == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    # what competed at 5 was no death: followed until then
    assert shares_of(result, arm=1) == pytest.approx([2 / 3, 0, 1 / 3])


def test_stacked_curves_start_with_all_free_and_add_up_to_one() -> None:
    for curve in compare(big_trial()).curves:
        assert curve.competing is not None
        assert (curve.time[0], curve.estimate[0], curve.competing[0]) == (0, 0, 0)
        assert (curve.estimate + curve.competing <= 1 + 1e-12).all()
        assert curve.at_risk[0] == 30
        assert (np.diff(curve.at_risk) <= 0).all()


def test_each_other_arm_of_three_is_compared_with_the_reference() -> None:
    arms = (*PROTOCOL.arm, PROTOCOL.arm[1].model_copy(update={"code": "C"}))
    protocol = PROTOCOL.model_copy(update={"arm": arms})
    data = data_of(f"{PATIENTS}C1 100 500+\nC2 500+ 500+\n")
    trial = prepare_trial(data, protocol=protocol, allocations=data.allocations, replicate=0)
    asked = Analysis(
        id="states", endpoint="pfs", method="illness_death", role="supportive",
        convention="ema", at_months=(320 / MONTH,), options={"second_endpoint": "os"},
    )  # fmt: skip
    result = run_analysis(trial, analysis=asked)
    assert [part.name for part in result.parts] == ["states:B", "states:C"]
    assert shares_of(result.parts[1], arm=1) == pytest.approx([1 / 2, 1 / 2, 0])
    assert len(result.second_rows) == len(result.rows) == 10


def test_without_a_second_endpoint_there_is_an_answer_in_words() -> None:
    bare = replace(build_sample("A 3\nB 4"), second_time=None)
    result = compare_states(bare, question=ask(2, options=IllnessDeathOptions(state="dead")))
    assert result.estimate is None
    assert any("second endpoint is not known" in words for words in result.warnings)


def test_beyond_the_follow_up_there_is_no_share() -> None:
    result = compare(days=900)
    assert result.estimate is not None
    assert result.estimate.value is None
    assert any("the follow-up of arm A ends before" in words for words in result.warnings)
