"""The comparison had nobody crossed over: those who stay weighed, and the treatment undone."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import INTERCURRENT, ask, build_data, build_sample, build_subject, day
from equipoise.analysis.crossed_over import compare_stayers, undo_crossing_over
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.plan import run_analysis
from equipoise.analysis.sample import Sample
from equipoise.analysis.trial import gather, prepare_trial
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.methods.sensitivity import StayersOptions
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
EVENT = "local therapy outside the protocol"


def crossing_trial(n: int = 1500, gain: float = 0.5) -> Sample:
    """The frail of arm A cross over early, which stretches what is left of their time.

    Untreated times are alike in both arms; arm B's are stretched throughout, by exp(gain).
    """
    rng = np.random.default_rng(11)
    arm = np.arange(n) % 2
    frail = rng.normal(size=n)
    untreated = rng.exponential(10 * np.exp(-0.7 * frail))
    begins = np.where(arm == 1, 0.0, rng.exponential(12 * np.exp(-1.2 * frail)))
    true = np.minimum(untreated, begins) + np.maximum(untreated - begins, 0) * math.exp(gain)
    end = rng.uniform(20, 40, n)
    sample = build_sample("\n".join(f"{'AB'[a]} 1" for a in arm))
    return replace(
        sample,
        time=np.minimum(true, end),
        cause=(true <= end).astype(np.int64),
        switch=np.where((arm == 0) & (begins < true) & (begins < end), begins, np.inf),
        follow_up=end,
        covariates=frail[:, None],
        covariate_names=("Frailty",),
    )


def test_the_factor_and_the_ratio_come_back() -> None:
    sample = crossing_trial()
    found = undo_crossing_over(sample, question=ask())
    randomised = compare_by_cox(sample, question=ask())
    assert found.estimate is not None
    assert found.estimate.lower is not None
    assert found.estimate.upper is not None
    ratio = found.further["hazard_ratio_without_crossing_over"].value
    assert randomised.estimate is not None

    assert found.estimate.lower < math.exp(0.5) < found.estimate.upper
    assert found.estimate.value == pytest.approx(math.exp(0.5), rel=0.2)
    assert ratio is not None
    assert randomised.estimate.value is not None
    assert ratio < randomised.estimate.value < 1  # crossing over hides what treatment does


def test_the_level_of_the_randomised_test_is_kept() -> None:
    sample = crossing_trial(n=300, gain=0.0)
    found = undo_crossing_over(sample, question=ask())
    assert found.estimate is not None
    assert found.p_value is not None

    rejects = found.p_value < 0.05
    holds = (found.estimate.lower or 0) < 1 < (found.estimate.upper or math.inf)
    assert rejects != holds


def test_stayers_are_weighed_for_the_frail_who_left() -> None:
    sample = crossing_trial()
    found = compare_stayers(sample, question=ask(12.0))
    unweighed = compare_stayers(
        replace(sample, covariates=np.random.default_rng(0).normal(size=(1500, 1))),
        question=ask(12.0),
    )
    rng = np.random.default_rng(4)
    frail = rng.normal(size=400_000)
    untreated = rng.exponential(10 * np.exp(-0.7 * frail))
    truth = float((untreated * math.exp(0.5) > 12).mean() - (untreated > 12).mean())
    assert found.estimate is not None
    assert found.estimate.value is not None
    assert unweighed.estimate is not None
    assert unweighed.estimate.value is not None

    assert (found.estimate.lower or 0) < truth < (found.estimate.upper or 0)
    assert abs(unweighed.estimate.value - truth) > 2 * abs(found.estimate.value - truth)
    assert sample.switch is not None
    assert found.further["crossed_over"].value == np.isfinite(sample.switch).sum()


def test_the_hazard_ratio_of_stayers_is_told_too() -> None:
    sample = crossing_trial(n=600)
    found = compare_stayers(sample, question=ask(options=StayersOptions(compared="cox")))

    assert found.measure == "hazard_ratio"
    assert found.estimate is not None
    assert (found.estimate.upper or 2) < 1


def test_what_is_not_known_is_told() -> None:
    bare = replace(crossing_trial(n=40), switch=None, covariates=None)
    stayers, undone = (
        compare_stayers(bare, question=ask(5.0)),
        undo_crossing_over(bare, question=ask()),
    )

    assert any("who crossed over is not known" in words for words in stayers.warnings)
    assert any("names no covariates" in words for words in stayers.warnings)
    assert any("who crossed over is not known" in words for words in undone.warnings)


def test_where_no_covariate_differs_nobody_is_weighed() -> None:
    trial = crossing_trial(n=40)
    alike = replace(trial, covariates=np.empty((trial.time.size, 0)))
    found = compare_stayers(alike, question=ask(5.0))

    assert found.estimate is not None
    assert found.estimate.value is None
    assert any("no covariate differs" in words for words in found.warnings)


def test_the_day_of_crossing_over_comes_from_the_intercurrent_event() -> None:
    names = ("A1", "A2", "B1")
    lines = ["subject endpoint convention days cause"]
    lines += [f"{name} pfs ema {days} 1" for name, days in zip(names, (300, 200, 609), strict=True)]
    data = build_data(subjects=[build_subject(name) for name in names], times="\n".join(lines))
    event = {"replicate": 0, "subject": "A1", "lesion": "", "endpoint": "pfs", "event": EVENT,
             "date": day(101), "day": 101}  # fmt: skip
    told = replace(data, intercurrent=pl.DataFrame([event], schema=INTERCURRENT))
    trial = prepare_trial(told, protocol=PROTOCOL, allocations=data.allocations, replicate=0)
    asked = Analysis(
        id="undone", endpoint="pfs", method="rank_preserving", role="sensitivity",
        convention="ema", options={"event": EVENT},
    )  # fmt: skip
    sample = gather(trial, analysis=asked, seed=1).sample
    assert sample.switch is not None
    assert sample.follow_up is not None

    assert (sample.switch * 30.4375).tolist() == pytest.approx([100, np.inf, np.inf])
    assert (sample.follow_up * 30.4375).tolist() == pytest.approx([609, 609, 609])
    assert run_analysis(trial, analysis=asked).measure == "acceleration_factor"
