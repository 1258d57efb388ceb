"""The re-randomisation test: the scheme of the trial drawn again for the same patients."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import GOLDEN, ask, build_data, build_sample, build_subject
from equipoise.analysis.gather import prepare_replay
from equipoise.analysis.hazards import compare_by_logrank
from equipoise.analysis.replay import Replay, draw_again
from equipoise.analysis.rerandomised import compare_by_rerandomisation
from equipoise.analysis.sample import Sample
from equipoise.analysis.trial import prepare_trial
from equipoise.protocol.methods.sensitivity import RerandomisationOptions
from equipoise.protocol.parse import shipped_protocol
from equipoise.randomise.scheme import Plan

BLOCKS = Plan(scheme="permuted_blocks", arms=("A", "B"), ratio=(1, 1), block_sizes=(4,))
SIMPLE = Plan(scheme="simple", arms=("B", "A"), ratio=(1, 1))


def with_replay(sample: Sample, plan: Plan) -> Sample:
    """The patients of the sample, in some order, were all whom the scheme allocated."""
    levels = np.zeros((sample.subject.size, 0), dtype=np.int64)
    order = np.random.default_rng(2).permutation(sample.subject)
    return replace(sample, replay=Replay(plan=plan, subjects=order, levels=levels))


@pytest.mark.parametrize("plan", [BLOCKS, SIMPLE])
def test_p_is_near_that_of_the_logrank_test(plan: Plan) -> None:
    sample = with_replay(build_sample(GOLDEN), plan)
    found = compare_by_rerandomisation(sample, question=ask())
    usual = compare_by_logrank(sample, question=ask())
    assert found.p_value is not None
    assert usual.p_value is not None

    assert found.p_value == pytest.approx(usual.p_value, abs=0.02)
    limits = found.further["p_value"]
    assert limits.lower is not None
    assert limits.upper is not None
    assert limits.lower < found.p_value < limits.upper
    assert found.statistic == pytest.approx(-4.0, abs=1.5)  # B has fewer events than expected


def test_blocks_stay_whole_in_every_draw() -> None:
    sample = with_replay(build_sample(GOLDEN), BLOCKS)
    assert sample.replay is not None
    drawn = draw_again(sample.replay, subject=sample.replay.subjects, draws=50, seed=3)

    assert drawn.shape == (50, 32)
    assert (drawn.reshape(50, 8, 4).sum(axis=2) == 2).all()
    assert np.unique(drawn, axis=0).shape[0] > 40


def test_who_is_not_analysed_was_allocated_all_the_same() -> None:
    whole = with_replay(build_sample(GOLDEN), BLOCKS)
    assert whole.replay is not None
    all_drawn = draw_again(whole.replay, subject=whole.subject, draws=20, seed=1)
    some = draw_again(whole.replay, subject=whole.subject[::-3], draws=20, seed=1)

    assert np.array_equal(some, all_drawn[:, ::-3])


@pytest.mark.parametrize("statistic", ["milestone", "rmst"])
def test_other_statistics_are_drawn_too(statistic: str) -> None:
    sample = with_replay(build_sample(GOLDEN), BLOCKS)
    options = RerandomisationOptions.model_validate({"statistic": statistic, "draws": 199})
    found = compare_by_rerandomisation(sample, question=ask(12.0, options=options))

    assert found.statistic == pytest.approx(
        {"milestone": 0.291667, "rmst": 1.272329}[statistic], abs=1e-6
    )
    assert found.p_value is not None
    assert 0.02 < found.p_value < 0.35
    assert found.at == 12.0


def test_the_same_seed_gives_the_same_p() -> None:
    sample = with_replay(build_sample(GOLDEN), BLOCKS)
    options = RerandomisationOptions(draws=199)
    first, again, other = (
        compare_by_rerandomisation(sample, question=ask(options=options, seed=seed)).p_value
        for seed in (1, 1, 2)
    )

    assert first == again != other


def test_three_arms_and_an_unknown_scheme_are_told() -> None:
    sample = build_sample(GOLDEN)
    three = Plan(scheme="simple", arms=("A", "B", "C"), ratio=(1, 1, 1))

    unknown = compare_by_rerandomisation(replace(sample, replay=None), question=ask())
    many = compare_by_rerandomisation(with_replay(sample, three), question=ask())
    assert unknown.p_value is many.p_value is None
    assert "how the arms were allocated is not known here" in unknown.warnings[0]
    assert "the test is for two arms" in many.warnings[0]


def test_the_order_is_that_of_randomisation() -> None:
    protocol = shipped_protocol()
    subjects = [build_subject(name) for name in ("B2", "A1", "A3")]
    data = build_data(subjects=subjects)
    early = pl.col("randomised_date") - pl.duration(days=10)
    moved = data.subjects.with_columns(
        pl.when(pl.col("subject") == "A3").then(early).otherwise(pl.col("randomised_date"))
        .alias("randomised_date")
    )  # fmt: skip
    trial = prepare_trial(
        replace(data, subjects=moved), protocol=protocol, allocations=data.allocations, replicate=0
    )
    replay = prepare_replay(trial.subjects, protocol=protocol)

    assert replay.subjects.tolist() == ["A3", "B2", "A1"]
    assert replay.levels.shape == (3, len(protocol.stratum))
