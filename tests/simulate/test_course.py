"""The course of subjects: scans until the decision, death by two clocks, leaving, the end."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from equipoise.protocol.scenario_model import Leaving
from equipoise.simulate.cohort import NEVER, build_cohort
from equipoise.simulate.setting import Conditions, build_setting
from equipoise.simulate.survival import draw_death, draw_fate
from equipoise.simulate.trial_course import draw_course
from simulate.rehearsed import course, many, setting, trial


def test_nobody_is_scanned_after_the_site_has_decided() -> None:
    scans, decided = course().scans, course().watch.decided
    made = scans.made & (scans.day <= course().fate.stop[:, None])
    assert not (made & (scans.day > decided[:, None])).any()


def test_a_confirmatory_scan_comes_eight_to_twelve_weeks_after_a_suspicion() -> None:
    scans = course().scans
    extra = scans.made[:, 1::2]
    gap = (scans.day[:, 1::2] - scans.day[:, ::2])[extra]
    assert gap.size > 50
    assert (gap.min(), gap.max()) == (56, 77)
    assert scans.suspicious[:, ::2][extra].all()


def test_before_the_next_visit_is_near_enough_no_extra_scan_is_made() -> None:
    scans = course().scans
    ahead = np.where(scans.made[:, 1:-1:2], scans.day[:, 2::2] - scans.day[:, :-2:2], NEVER)
    assert ahead.min() > 84


def test_the_believed_progression_is_never_before_it_is_first_seen() -> None:
    believed = course().watch.progressed
    first = course().scans.first_seen
    known = believed < NEVER
    assert (believed >= first)[known].all()
    assert (believed > first).sum() > 0


def test_readings_under_three_millimetres_are_absent() -> None:
    tenths = course().scans.tenths
    assert ((tenths == 0) | (tenths >= 30)).all()


def test_one_target_in_a_scan_cannot_be_judged_at_the_rate_of_the_protocol() -> None:
    scans, lesions = course().scans, course().lesions
    hit = scans.unread.sum(axis=2)[lesions.target.sum(axis=1) > 0]
    assert scans.unread.sum(axis=2).max() == 1
    assert hit.mean() == pytest.approx(0.015, abs=0.002)
    assert not (scans.unread & ~lesions.target[:, None, :]).any()


def test_death_before_progression_runs_on_its_own_clock() -> None:
    cohort = build_cohort(1, replicates=range(1), subjects=50_000)
    never = np.full(cohort.size, NEVER)
    death = draw_death(
        cohort, scenario=setting().scenario, frailty=np.zeros(cohort.size), first_seen=never
    )
    assert np.median(death) / 30.4375 == pytest.approx(np.log(2) / 0.003, rel=0.02)


def test_progression_starts_the_second_clock() -> None:
    cohort = build_cohort(1, replicates=range(1), subjects=50_000)
    first = np.full(cohort.size, 100)
    death = draw_death(
        cohort, scenario=setting().scenario, frailty=np.zeros(cohort.size), first_seen=first
    )
    after = death[death > 100] - 100
    assert np.median(after) / 30.4375 == pytest.approx(
        np.log(2) / (0.026 * np.exp(-0.125)), rel=0.02
    )
    assert (death <= 100).mean() == pytest.approx(1 - np.exp(-0.003 * 100 / 30.4375), abs=0.002)


def test_the_frail_die_sooner_after_progression() -> None:
    cohort = build_cohort(1, replicates=range(1), subjects=20_000)
    first = np.full(cohort.size, 1)
    medians = [
        np.median(
            draw_death(
                cohort, scenario=setting().scenario, frailty=np.full(cohort.size, b),
                first_seen=first,
            )
        )
        for b in (-1.0, 0.0, 1.0)
    ]  # fmt: skip
    assert medians[0] / medians[1] == pytest.approx(np.exp(0.5), rel=0.05)
    assert medians[1] / medians[2] == pytest.approx(np.exp(0.5), rel=0.05)


def test_leaving_comes_at_the_yearly_rates_of_the_protocol() -> None:
    cohort = build_cohort(1, replicates=range(1), subjects=50_000)
    never = np.full(cohort.size, NEVER)
    fate = draw_fate(
        cohort,
        leaving=Leaving(lost_per_year=0.03, withdrawn_per_year=0.015),
        death=never,
        end=np.full(cohort.size, 730),
    )
    assert fate.leaves.mean() == pytest.approx(1 - np.exp(-0.045 * 2), abs=0.004)
    assert fate.withdrew[fate.leaves].mean() == pytest.approx(1 / 3, abs=0.02)
    assert (fate.stop <= 730).all()


def test_the_last_day_is_the_first_of_death_leaving_and_end() -> None:
    cohort = build_cohort(1, replicates=range(1), subjects=3)
    fate = draw_fate(
        cohort,
        leaving=Leaving(),
        death=np.array([100, 500, NEVER]),
        end=np.array([400, 400, 400]),
    )
    assert fate.stop.tolist() == [100, 400, 400]
    assert fate.dies.tolist() == [True, False, False]
    assert not fate.leaves.any()


def test_the_trial_runs_to_its_last_cut_and_a_month() -> None:
    drawn = course(2)
    last = drawn.arrival.randomised.reshape(2, 88).max(axis=1).repeat(88)
    end = drawn.arrival.randomised + drawn.end - last
    assert (end == int(39 * 30.4375)).all()


def test_arms_are_balanced_within_every_stratum() -> None:
    drawn = course()
    many_lesions = drawn.lesions.present.sum(axis=1) >= 4
    stratum = drawn.baseline.poly + 2 * many_lesions + 4 * drawn.baseline.factor.any(axis=1)
    difference = [
        abs(int((2 * drawn.experimental[here] - 1).sum()))
        for replicate in range(40)
        for level in range(8)
        if (here := (drawn.cohort.replicate == replicate) & (stratum == level)).any()
    ]
    assert max(difference) <= 3  # half of the largest block


def test_progression_and_survival_depend_on_each_other() -> None:
    """D8.5, 6: Kendall's tau between 0.4 and 0.6."""
    conditions = Conditions(subjects=3000, operations=False)
    ideal = draw_course(
        build_setting(trial(), scenario="S2", conditions=conditions), seed=2, replicates=range(1)
    )
    event = np.minimum(ideal.scans.first_seen, ideal.fate.death)
    a = ~ideal.experimental
    assert 0.4 <= kendalltau(event[a], ideal.fate.death[a]).statistic <= 0.6


def test_the_truth_tells_what_the_course_holds() -> None:
    truth = many().truth.subjects
    assert truth.height == many().allocations.height
    assert (truth["last_days"] > 0).all()
    assert truth["progression_days"].null_count() > 0
    known = truth.drop_nulls("progression_days")
    assert (known["progression_days"] >= known["first_seen_days"]).all()
    assert many().truth.lesions.height == many().frames["les_bl"].height
