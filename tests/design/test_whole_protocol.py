"""Rehearsed trials through the whole protocol: the numbers of each, and their sums in any parts."""

import numpy as np
import polars as pl
import pytest

from design.rehearsed_plan import COX, MILESTONE, operated, short_plan
from equipoise.analysis.plan import run
from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_datasets
from equipoise.design.answers import COMPARISON
from equipoise.design.large_trials import answer_large_trial
from equipoise.design.planned_answers import plan_by_cut
from equipoise.design.whole_protocol import (
    PlanRefusedError,
    check_plan,
    merge,
    operate,
)
from equipoise.simulate.rehearsal import rehearse
from simulate.rehearsed import trial


def test_parts_in_any_order_add_up_to_the_very_numbers_of_the_whole() -> None:
    whole = operated(0, 4).operating
    parts = [operated(*each).operating for each in ((0, 3), (3, 4))]

    for joined in (merge(parts), merge([merge(parts[1:]), parts[0]])):
        assert joined.trials == whole.trials == 4
        assert joined.tallies == whole.tallies
        assert joined.course.equals(whole.course)
    assert pl.concat([operated(*each).rows for each in ((0, 3), (3, 4))]).equals(
        operated(0, 4).rows
    )


def test_every_trial_answers_every_planned_analysis_at_its_own_cut() -> None:
    rows = operated(0, 4).rows
    cuts = dict(rows.filter(pl.col("analysis") != "family").select("analysis", "cut").iter_rows())

    assert cuts == {
        **dict.fromkeys(("pfs_milestone", "pfs_cox", "pfs_median", "acute_risk"), "DC1"),
        "lc_sbrt_cif": "DC1",
        "os_milestone": "DC2",
    }
    lines = rows.filter(replicate=2)["line"].unique().to_list()
    assert {"os_milestone@12", "os_milestone@24", "os_milestone@36", "lc_sbrt_cif"} <= set(lines)
    assert rows.group_by("replicate").len()["len"].unique().to_list() == [rows.height // 4]


def test_what_is_made_once_is_left_out_of_rehearsed_trials() -> None:
    planned = {analysis.id: analysis.once for analysis in trial().analysis}
    made = {each.id for own in plan_by_cut(trial()).values() for each in own}

    assert made == {name for name, once in planned.items() if not once}
    assert set(planned) - made == {"pfs_rerandomised", "pfs_tipping"}


def test_an_analysis_that_compares_no_arms_tells_of_the_arms_alone() -> None:
    rows = operated(0, 4).rows.filter(pl.col("analysis").is_in(["pfs_median", "lc_sbrt_cif"]))

    assert set(rows.select("analysis", "of").iter_rows()) == {
        ("pfs_median", "A"),
        ("pfs_median", "B"),
        ("lc_sbrt_cif", "B"),
    }
    assert rows["rejected"].null_count() == rows.height


@pytest.mark.parametrize("cut", ["DC1", "DC2"])
def test_a_trial_says_what_the_analysis_says_of_the_same_rehearsal(cut: str) -> None:
    drawn = rehearse(trial(), scenario="S2", seed=7)
    derived = derive_datasets(
        drawn.frames, trial(), cutoffs=cut_dates(drawn.frames, trial(), cut=cut)
    )
    results = run(derived, short_plan(), allocations=drawn.allocations).results
    mine = operated(0, 4).rows.filter(replicate=0, cut=cut, of=COMPARISON)

    assert mine.height
    for row in mine.iter_rows(named=True):
        result = results[row["analysis"]]
        told = next((part for part in result.parts if part.name == row["line"]), result)
        assert told.estimate is not None
        assert (row["estimate"], row["lower"], row["upper"], row["p_value"], row["at"]) == (
            told.estimate.value,
            told.estimate.lower,
            told.estimate.upper,
            told.p_value,
            told.at,
        )


def test_sums_are_those_of_the_rows() -> None:
    tallies, rows = operated(0, 4).operating.tallies, operated(0, 4).rows
    milestone = rows.filter(analysis="pfs_milestone", of=COMPARISON)
    cox = rows.filter(analysis="pfs_cox", of=COMPARISON)

    tally = tallies[MILESTONE]
    assert (tally.trials, tally.tested, tally.estimates) == (4, 4, 4)
    assert tally.rejected == (milestone["p_value"] < 0.025).sum() == milestone["rejected"].sum()
    assert float(tally.total) == pytest.approx(milestone["estimate"].sum(), rel=1e-14)
    assert float(tally.squares) == pytest.approx((milestone["estimate"] ** 2).sum(), rel=1e-14)
    assert tally.intervals == 4
    assert tally.below == (milestone["upper"] < 0.1).sum()
    assert tally.above == (milestone["lower"] > 0.1).sum()
    assert float(tallies[COX].total) == pytest.approx(np.log(cox["estimate"]).sum(), rel=1e-13)
    assert tallies[COX].above == (cox["lower"].log() > -0.4).sum()


def test_a_family_tells_its_adjusted_tests_and_whether_any_rejects() -> None:
    rows = operated(0, 4).rows
    family = rows.filter(analysis="family")
    both = rows.filter(pl.col("line").is_in(["pfs_milestone", "pfs_cox"]), of=COMPARISON)
    rejects = (
        both.filter(pl.col("analysis") != "family")
        .group_by("replicate")
        .agg(pl.col("rejected").any())
    )

    assert family["line"].unique().sort().to_list() == ["any", "pfs_cox", "pfs_milestone"]
    assert family["alpha"].unique().to_list() == [0.05]
    any_of_them = dict(family.filter(line="any").select("replicate", "rejected").iter_rows())
    assert any_of_them == dict(rejects.iter_rows())


def test_a_large_trial_holds_all_subjects_of_its_planned_ones_and_loses_none() -> None:
    answers = answer_large_trial(short_plan(), scenario="null", seed=7, number=3, planned=2)
    sizes = [each.n for each in answers if each.line.name == "pfs_milestone" and each.n]
    other = answer_large_trial(short_plan(), scenario="null", seed=7, number=4, planned=2)

    assert sum(sizes) == 2 * 88
    assert answers != other
    assert {each.line for each in answers} == set(operated(0, 4).operating.tallies)


def test_trials_are_numbered_one_by_one() -> None:
    for trials in (range(3, 3), range(-1, 2), range(0, 4, 2), range(2**31)):
        with pytest.raises(ValueError, match="numbered one by one"):
            operate(short_plan(), scenario="S2", seed=7, trials=trials, truth={})


def test_a_protocol_without_a_plan_is_refused_and_says_what_to_add() -> None:
    with pytest.raises(PlanRefusedError, match=r"add an \[\[analysis\]\]"):
        check_plan(trial().model_copy(update={"analysis": ()}), scenario="S2")
    with pytest.raises(PlanRefusedError, match=r"add a \[\[cut\]\]"):
        check_plan(trial().model_copy(update={"cut": ()}), scenario="S2")
    with pytest.raises(KeyError, match="S9"):
        check_plan(trial(), scenario="S9")
