"""SBRT as delivered, and what it does to a lesion (D5.2, D8.3, D8.4)."""

import numpy as np
import polars as pl
import pytest

from equipoise.simulate.cohort import NEVER
from equipoise.simulate.lesions import MOST_LESIONS
from equipoise.simulate.local_therapy import LocalTherapy, measure_true_diameter
from simulate.lesion_tables import lesions_of
from simulate.rehearsed import by_arm, course, days_since_randomisation, many, setting, trial


def local(*, day: int, controlled: bool = True, rest: float = 0.0) -> LocalTherapy:
    shape = (1, MOST_LESIONS)
    return LocalTherapy(
        day=np.full(shape, day), controlled=np.full(shape, controlled), rest=np.full(shape, rest)
    )


def diameter(day: int, therapy: LocalTherapy) -> float:
    sizes = measure_true_diameter(lesions_of(20.0), local=therapy, day=np.array([day]))
    return float(sizes[0, 0])


def test_without_local_therapy_one_part_shrinks_and_the_other_grows() -> None:
    untreated = local(day=NEVER)
    assert diameter(0, untreated) == pytest.approx(20.0)
    expected = 20 * (0.5 * np.exp(-0.005 * 400) + 0.5 * np.exp(0.001 * 400))
    assert diameter(400, untreated) == pytest.approx(expected)


def test_a_controlled_lesion_melts_to_its_rest() -> None:
    treated = local(day=30, rest=0.5)
    at_treatment = diameter(30, local(day=NEVER))
    assert diameter(30, treated) == pytest.approx(at_treatment)
    assert diameter(130, treated) == pytest.approx(
        at_treatment * (0.5 + 0.5 * np.exp(-0.006 * 100))
    )
    assert diameter(5000, treated) == pytest.approx(at_treatment * 0.5, rel=1e-6)


def test_an_uncontrolled_lesion_shrinks_first_and_grows_back() -> None:
    treated = local(day=30, controlled=False)
    at_treatment = diameter(30, local(day=NEVER))
    assert diameter(130, treated) < at_treatment
    assert diameter(900, treated) > at_treatment


def test_ages_do_not_overflow() -> None:
    assert np.isfinite(diameter(40_000, local(day=30, controlled=False)))


def test_only_the_experimental_arm_is_given_sbrt_and_four_percent_of_it_is_not() -> None:
    given = by_arm(many().frames["rt_fx"], many())
    assert given["A"] == 0
    assert given["B"] == pytest.approx(0.96, abs=0.015)


def test_sbrt_starts_two_to_five_weeks_after_randomisation() -> None:
    first = many().frames["rt_fx"].group_by("replicate", "subject").agg(
        pl.col("fraction_date").min()
    )  # fmt: skip
    days = days_since_randomisation(first, many(), "fraction_date")
    assert days.is_between(14, 35).all()


def test_a_lesion_is_treated_within_a_fortnight() -> None:
    span = many().frames["rt_fx"].group_by("replicate", "subject").agg(
        (pl.col("fraction_date").max() - pl.col("fraction_date").min()).dt.total_days().alias("d")
    )  # fmt: skip
    assert (span["d"] <= 14).all()


def test_prescriptions_come_from_the_library_of_their_site() -> None:
    radiotherapy = trial().radiotherapy
    assert radiotherapy is not None
    known = {(line.site, line.dose_gy, line.fractions) for line in radiotherapy.schedule}
    joined = many().frames["rt_rx"].join(
        many().frames["les_bl"].select("replicate", "subject", "lesion", "site"),
        on=["replicate", "subject", "lesion"],
    )  # fmt: skip
    for site, dose, fractions in joined.select("site", "dose_gy", "fractions").unique().iter_rows():
        assert {(site, dose, fractions), ("any", dose, fractions)} & known


def test_one_course_in_five_is_de_escalated() -> None:
    delivery = course().delivery
    fallback = (delivery.dose_gy == 35) & (delivery.fractions == 5) & delivery.prescribed
    lung = course().lesions.site == 0
    share = (fallback & lung).sum() / (delivery.prescribed & lung).sum()
    assert share == pytest.approx(0.20, abs=0.04)


def test_an_incomplete_course_leaves_fractions_of_its_last_lesion_out() -> None:
    delivery = course().delivery
    started = delivery.prescribed.any(axis=1)
    short = (delivery.prescribed & ~delivery.complete).sum(axis=1)
    assert short.max() == 1
    assert (short[started] > 0).mean() == pytest.approx(0.02, abs=0.012)


def test_fractions_count_up_and_add_to_the_prescription() -> None:
    key = ["replicate", "subject", "lesion"]
    given = many().frames["rt_fx"].group_by(key).agg(
        pl.col("dose_gy").sum(), pl.len(), pl.col("fraction").max(), pl.col("fraction").n_unique()
        .alias("different"),
    )  # fmt: skip
    assert (given["len"] == given["fraction"]).all()
    assert (given["len"] == given["different"]).all()
    both = given.join(many().frames["rt_rx"], on=key, suffix="_planned")
    assert both.height == given.height
    assert (both["dose_gy"] <= both["dose_gy_planned"] + 0.01).all()
    whole = both.filter(pl.col("len") == pl.col("fractions"))
    assert ((whole["dose_gy"] - whole["dose_gy_planned"]).abs() < 0.01).all()


def test_ablation_outside_the_protocol_happens_in_the_reference_arm_before_progression() -> None:
    ablated = many().frames["subseq"].filter(reason="choice")
    share = by_arm(ablated, many())
    assert share["B"] == 0
    assert 0.06 < share["A"] < 0.16  # 0.6 % a month of follow-up before progression
    assert ablated["lesion"].null_count() == 0
    truth = many().truth.subjects
    dated = ablated.with_columns(days=days_since_randomisation(ablated, many(), "start_date")).join(
        truth, on=["replicate", "subject"]
    )
    later = dated.filter(pl.col("days") > pl.col("progression_days"))
    assert later.height <= 0.05 * dated.height  # progression may be dated back (R12)


def test_in_the_null_scenario_local_therapy_has_no_effect_on_any_lesion() -> None:
    assert setting("null").scenario.experimental_as_reference
    failures = many("null").truth.lesions.join(
        many("null").allocations, on=["replicate", "subject"]
    )
    shares = failures.group_by("arm").agg((pl.col("failure_days") < 730).fill_null(False).mean())
    a, b = shares.sort("arm")["failure_days"]
    assert a == pytest.approx(b, abs=0.03)
