"""Lesions at baseline: number, sites, sizes, targets (D8.3, RECIST 1.1)."""

import numpy as np
import polars as pl
import pytest

from equipoise.simulate.cohort import build_cohort
from equipoise.simulate.lesions import draw_new_lesion_day, round_reading
from simulate.lesion_tables import lesions_of
from simulate.rehearsed import course, many, many_complete, setting


def test_one_to_five_lesions_in_the_shares_of_the_protocol() -> None:
    counts = course().lesions.present.sum(axis=1)
    shares = np.bincount(counts, minlength=6)[1:] / counts.size
    assert shares == pytest.approx([0.30, 0.27, 0.20, 0.13, 0.10], abs=0.025)


def test_nobody_has_lesions_in_more_than_three_organs() -> None:
    assert many_complete()["omd"]["n_organs"].max() == 3


def test_sites_come_out_in_the_shares_of_the_protocol() -> None:
    sites = many().frames["les_bl"]["site"]
    for name, share in setting().operations.patients.site.items():
        assert (sites == name).mean() == pytest.approx(share, abs=0.015), name


def test_sizes_are_lognormal_about_fifteen_millimetres_within_their_limits() -> None:
    lesions = course().lesions
    sizes = lesions.size_mm[lesions.present & ~lesions.nodal]
    assert np.median(sizes) == pytest.approx(15, abs=0.6)
    assert (sizes.min(), sizes.max()) == (5, 50)
    nodes = lesions.size_mm[lesions.present & lesions.nodal]
    assert nodes.min() == 10


def test_a_lymph_node_is_measured_by_its_short_axis_only() -> None:
    frame = many().frames["les_bl"]
    nodes = frame.filter(kind="nodal")
    assert nodes["ld_mm"].null_count() == nodes.height
    assert (nodes["sa_mm"] >= 10).all()
    assert nodes["site"].str.starts_with("node_").all()


def test_targets_are_the_largest_two_of_an_organ() -> None:
    lesions = lesions_of(30, 12, 20, 11, organs=(0, 0, 0, 1))
    assert lesions.target[0].tolist() == [True, False, True, True, False]


def test_of_two_lesions_of_one_size_the_first_is_the_target() -> None:
    lesions = lesions_of(20, 20, 20, organs=(0, 0, 0))
    assert lesions.target[0, :3].tolist() == [True, True, False]


def test_a_lesion_under_ten_millimetres_and_a_node_under_fifteen_are_no_targets() -> None:
    lesions = lesions_of(9.9, 10, 14.9, 15, nodal=(2, 3))
    assert lesions.target[0, :4].tolist() == [False, True, False, True]


def test_every_target_in_the_entries_keeps_the_rules_of_recist() -> None:
    targets = many_complete()["les_bl"].filter(role="target")
    assert (targets.filter(kind="non_nodal")["ld_mm"] >= 10).all()
    assert (targets.filter(kind="nodal")["sa_mm"] >= 15).all()
    per_organ = targets.group_by("replicate", "subject", "organ").len()
    assert per_organ["len"].max() == 2


def test_every_lesion_is_an_index_lesion() -> None:
    assert many().frames["les_bl"]["intend_sbrt"].all()


def test_what_is_measurable_in_bone_is_its_soft_tissue() -> None:
    bone = pl.col("site").str.starts_with("bone_")
    frame = many().frames["les_bl"]
    assert (frame.filter(bone)["soft_tissue_mm"] == frame.filter(bone)["ld_mm"]).all()
    assert frame.filter(~bone)["soft_tissue_mm"].null_count() == frame.filter(~bone).height


def test_readings_are_whole_millimetres_and_tenths_without_error() -> None:
    sizes = np.array([12.34, 12.56])
    assert round_reading(sizes, reading_cv=0.06).tolist() == [120, 130]
    assert round_reading(sizes, reading_cv=0.0).tolist() == [123, 126]


def test_new_lesions_come_sooner_to_the_frail_and_later_where_their_rate_falls() -> None:
    cohort = build_cohort(1, replicates=range(1), subjects=40_000)
    scenario = setting().scenario
    ones = np.ones(cohort.size)

    def median(frailty: float, ratio: float) -> float:
        days = draw_new_lesion_day(
            cohort, scenario=scenario, frailty=frailty * ones, ratio=ratio * ones
        )
        return float(np.median(days))

    plain = np.log(2) / (0.03 / 30.4375 * np.exp(-0.18))
    assert median(0.0, 1.0) == pytest.approx(plain, rel=0.03)
    assert median(1.0, 1.0) == pytest.approx(plain / np.exp(0.6), rel=0.03)
    assert median(0.0, 0.5) == pytest.approx(2 * plain, rel=0.03)
