"""The flow counts each patient where a reader looks for them."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.figures.consort import Flow
from equipoise.report.flow import STAGES, build_flow, reason_words
from report.trial_values import build_small_trial, facts_of


def boxes_of(flow: Flow, arm: int) -> list[list[str]]:
    """The boxes of an arm, without the spaces that hold words together."""
    return [[line.replace("\u00a0", " ") for line in box] for box in flow.arms[arm].boxes]


def test_every_arm_has_a_box_for_every_stage(facts: Facts) -> None:
    flow = build_flow(facts)
    assert flow.stages == STAGES
    assert [len(arm.boxes) for arm in flow.arms] == [3, 3]


def test_allocation_says_who_received_what(facts: Facts) -> None:
    flow = build_flow(facts)
    assert boxes_of(flow, 0)[0] == [
        "Allocated to systemic therapy alone (n = 22)",
        "Received the allocated treatment: 22",
        "No study treatment: 0",
    ]
    assert boxes_of(flow, 1)[0] == [
        "Allocated to systemic therapy plus SBRT (n = 22)",
        "Started SBRT: 20; to every index lesion: 16",
        "Systemic therapy without SBRT: 2",
        "No study treatment: 0",
    ]


def test_sbrt_in_the_control_arm_is_told(facts: Facts) -> None:
    crossed = pl.when(pl.col("subject") == "01-001").then(True).otherwise(pl.col("sbrt_started"))
    flow = build_flow(replace(facts, subjects=facts.subjects.with_columns(sbrt_started=crossed)))
    assert boxes_of(flow, 0)[0][1:3] == [
        "Received the allocated treatment: 21",
        "Received SBRT although not allocated: 1",
    ]


def test_follow_up_says_deaths_and_losses_in_words(facts: Facts) -> None:
    flow = build_flow(facts)
    box = boxes_of(flow, 0)[1]
    assert box[0].startswith("In follow-up at the data cut: ")
    assert box[1:] == ["Died: 3", "Lost to follow-up: 1"]


def test_those_in_follow_up_dead_and_lost_are_all_of_the_arm(facts: Facts) -> None:
    for arm in (0, 1):
        counts = [int(line.rsplit(": ", 1)[1]) for line in boxes_of(build_flow(facts), arm)[1]]
        assert sum(counts) == 22


def test_analysis_counts_every_population(facts: Facts) -> None:
    box = boxes_of(build_flow(facts), 1)[2]
    assert box[0] == "Intention to treat: 22"
    assert box[-1] == "Safety, as treated: 20"


def test_screening_is_shown_when_more_were_assessed_than_randomised(facts: Facts) -> None:
    flow = build_flow(replace(facts, screened=50))
    assert flow.entered[0].replace("\u00a0", " ") == "Assessed for eligibility (n = 50)"
    assert flow.excluded[0].replace("\u00a0", " ") == "Not randomised (n = 6)"


def test_screening_that_nobody_recorded_is_not_made_up(facts: Facts) -> None:
    assert build_flow(facts).entered == ()
    assert build_flow(replace(facts, screened=44)).entered == ()


def test_the_reasons_have_the_words_of_their_form(facts: Facts) -> None:
    assert reason_words(facts)["lost"] == "lost to follow-up"
    bare = facts.protocol.model_copy(
        update={"form": tuple(f for f in facts.protocol.form if f.form != "eos")}
    )
    assert reason_words(replace(facts, protocol=bare)) == {}


def test_a_trial_without_subjects_has_boxes_of_zeros() -> None:
    flow = build_flow(facts_of(build_small_trial(subjects=0)))
    assert boxes_of(flow, 0)[0][0] == "Allocated to systemic therapy alone (n = 0)"


def test_a_protocol_without_populations_says_so(facts: Facts) -> None:
    protocol = facts.protocol.model_copy(update={"population": ()})
    assert boxes_of(build_flow(replace(facts, protocol=protocol)), 0)[2] == [
        "No population is defined"
    ]
