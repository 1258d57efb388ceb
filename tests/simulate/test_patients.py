"""The patients are eligible, agree with themselves, and are mixed as the protocol says."""

import polars as pl
import pytest

from equipoise.capture.eligibility import check_eligibility
from equipoise.simulate.cohort import build_cohort
from equipoise.simulate.lesions import draw_frailty
from equipoise.simulate.patients import draw_baseline
from simulate.rehearsed import many, many_complete, setting, trial


def share(form: str, item: str, value: object) -> float:
    column = many_complete()[form][item]
    return int((column == value).sum()) / len(column)


def test_everybody_is_eligible_by_every_criterion() -> None:
    met = check_eligibility(many_complete(), trial())
    assert met["criterion"].n_unique() == len(trial().criterion)
    assert met["met"].null_count() == 0
    assert met["met"].all()


def test_imdc_classes_come_out_as_the_protocol_says() -> None:
    for name, wanted in zip(
        ("favourable", "intermediate", "poor"), (0.45, 0.48, 0.07), strict=True
    ):
        assert share("imdc", "imdc_class", name) == pytest.approx(wanted, abs=0.02)


def test_classes_of_oligometastatic_disease_come_out_as_the_protocol_says() -> None:
    state = many_complete()["omd"]["omd_state"]
    assert (state == 1).mean() == pytest.approx(0.15, abs=0.02)
    assert (state == 2).mean() == pytest.approx(0.35, abs=0.02)
    assert share("omd", "omd_class", "repeat") == pytest.approx(0.10, abs=0.02)
    assert share("omd", "omd_class", "induced") == pytest.approx(0.40, abs=0.02)
    assert state.null_count() == 0


def test_age_sex_histology_and_nephrectomy_come_out_as_the_protocol_says() -> None:
    age = many_complete()["dm"]["age_years"]
    assert age.is_between(20, 80).all()
    assert age.mean() == pytest.approx(60, abs=1)
    assert share("dm", "sex", "M") == pytest.approx(0.77, abs=0.02)
    assert share("diag", "histology", "clear_cell") == pytest.approx(0.88, abs=0.02)
    assert share("diag", "nephrectomy", "planned") == pytest.approx(0.15, abs=0.02)


def test_the_disease_free_interval_has_its_median_where_disease_is_not_synchronous() -> None:
    frame = many_complete()["diag"].join(many_complete()["omd"], on=["replicate", "subject"])
    months = frame.filter(pl.col("omd_state") > 1)["disease_free_months"]
    assert months.median() == pytest.approx(14, abs=1.5)


def test_performance_status_and_karnofsky_agree() -> None:
    ecog = many_complete()["ecog"].filter(visit="SCR")
    both = ecog.join(many_complete()["imdc"], on=["replicate", "subject"])
    allowed = {0: (90, 100), 1: (70, 80), 2: (50, 60)}
    for status, (low, high) in allowed.items():
        assert both.filter(ecog=status)["kps"].is_between(low, high).all()
    assert (both["ecog"] == 0).mean() == pytest.approx(0.60, abs=0.03)
    assert (both["ecog"] <= 2).all()


def test_metachronous_disease_is_first_seen_more_than_six_months_after_diagnosis() -> None:
    frame = many_complete()["diag"].join(many_complete()["omd"], on=["replicate", "subject"])
    late = frame.filter("late_metastasis")["disease_free_months"]
    synchronous = frame.filter(pl.col("omd_state") == 1)["disease_free_months"]
    assert (late > 6).all()
    assert (synchronous <= 6).all()


def test_earlier_therapy_is_written_exactly_where_there_was_one() -> None:
    omd = many_complete()["omd"]
    expected = omd.filter(pl.col("poly_history") | pl.col("on_systemic_therapy"))
    lines = many().frames["prior_sys"]
    assert lines.height == expected.height
    ongoing = omd.filter("on_systemic_therapy")
    assert lines["stop_date"].null_count() == ongoing.height


def test_dates_of_history_and_screening_follow_each_other() -> None:
    key = ["replicate", "subject"]
    frame = many_complete()["diag"]
    for form in ("icf", "imdc", "ie", "rand"):
        frame = frame.join(many_complete()[form].drop("entry", "missing"), on=key)
    assert (frame["primary_date"] <= frame["first_metastasis_date"]).all()
    assert (frame["first_metastasis_date"] <= frame["consent_date"]).all()
    assert (frame["consent_date"] < frame["randomised_date"]).all()
    assert (frame["lab_date"] <= frame["randomised_date"]).all()
    assert ((frame["randomised_date"] - frame["staging_date"]).dt.total_days() <= 42).all()
    done = frame.filter(nephrectomy="done")
    assert (done["nephrectomy_date"] < done["randomised_date"]).all()
    planned = frame.filter(nephrectomy="planned")
    assert (planned["nephrectomy_date"] > planned["randomised_date"]).all()


def test_frailty_keeps_its_variance_though_the_baseline_shifts_it() -> None:
    patients = setting().operations.patients
    cohort = build_cohort(1, replicates=range(1), subjects=60_000)
    baseline = draw_baseline(cohort, patients=patients)
    shifts = pl.DataFrame({"risk": baseline.factor.any(axis=1), "poly": baseline.poly})
    frailty = draw_frailty(
        cohort,
        scenario=setting().scenario,
        patients=patients,
        shifts=shifts.cast(pl.Float64).to_numpy(),
    )
    assert frailty.mean() == pytest.approx(0.0, abs=0.02)
    assert frailty.std() == pytest.approx(1.0, abs=0.02)
    risk = shifts["risk"].to_numpy()
    assert frailty[risk].mean() - frailty[~risk].mean() == pytest.approx(0.5, abs=0.05)


def test_shifts_that_explain_more_than_everything_are_a_bug() -> None:
    patients = setting().operations.patients.model_copy(update={"imdc_frailty_shift": 3.0})
    cohort = build_cohort(1, replicates=range(1), subjects=2)
    shifts = pl.DataFrame({"a": [0.0, 1.0], "b": [0.0, 1.0]}).to_numpy()
    with pytest.raises(ValueError, match="more than all of its variance"):
        draw_frailty(cohort, scenario=setting().scenario, patients=patients, shifts=shifts)
