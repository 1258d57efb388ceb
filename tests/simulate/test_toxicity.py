"""Adverse events at the rates of D8.4, in terms and grades that CTCAE has."""

import numpy as np
import polars as pl
import pytest

from equipoise.protocol.scenario_model import Toxicity
from equipoise.simulate.setting import Conditions, build_setting
from equipoise.simulate.toxicity import list_terms
from equipoise.simulate.toxicity_rates import count_poisson, solve_mean
from equipoise.simulate.trial_course import draw_course
from equipoise.vocab.ctcae import allowed_grades
from simulate.rehearsed import KEY, by_arm, days_since_randomisation, many, setting


def events() -> pl.DataFrame:
    frame = many().frames["ae"]
    return frame.with_columns(
        onset_days=days_since_randomisation(frame, many(), "onset_earliest_date"),
        end_days=days_since_randomisation(frame, many(), "end_latest_date"),
    )


def severe() -> pl.DataFrame:
    return events().filter(pl.col("grade") >= 3)


@pytest.mark.parametrize("probability", [0.01, 0.15, 0.48, 0.9])
@pytest.mark.parametrize("patient_sd", [0.0, 0.8])
def test_a_mean_gives_its_probability_of_any_event_back(
    probability: float, patient_sd: float
) -> None:
    mean = solve_mean(probability, patient_sd=patient_sd)
    normal = np.random.default_rng(1).standard_normal(400_000)
    factor = np.exp(patient_sd * normal - patient_sd**2 / 2)
    assert (1 - np.exp(-mean * factor)).mean() == pytest.approx(probability, abs=0.003)


def test_no_probability_means_no_events() -> None:
    assert solve_mean(0.0, patient_sd=0.8) == 0.0


def test_counts_are_poisson() -> None:
    uniform = (np.arange(100_000) + 0.5) / 100_000
    count = count_poisson(uniform, mean=np.full(100_000, 1.2), most=20)
    assert count.mean() == pytest.approx(1.2, abs=1e-3)
    assert count.var() == pytest.approx(1.2, abs=1e-2)
    assert count_poisson(uniform, mean=np.full(100_000, 9.0), most=4).max() == 4


def test_acute_events_come_at_the_rates_of_the_protocol() -> None:
    share = by_arm(severe().filter(pl.col("onset_days") <= 190), many())
    assert share["A"] == pytest.approx(0.48, abs=0.025)
    assert share["B"] == pytest.approx(0.53, abs=0.025)


def test_late_events_come_at_the_rates_of_the_protocol_among_those_at_risk() -> None:
    onset, end = pl.col("onset_days"), pl.col("end_days")
    late = severe().filter(
        (onset <= 1130) & ((onset >= 400) | end.is_null() | (end >= 400))
    )  # fmt: skip
    at_risk = many().truth.subjects.filter(pl.col("last_days") > 400).select(KEY)
    among = many().allocations.join(at_risk, on=KEY, how="semi")
    count = among.join(late.select(KEY).unique(), on=KEY, how="semi").group_by("arm").len()
    total = dict(among.group_by("arm").len().iter_rows())
    share = {arm: number / total[arm] for arm, number in count.iter_rows()}
    assert share["A"] == pytest.approx(0.15, abs=0.02)
    assert share["B"] == pytest.approx(0.18, abs=0.02)


def test_fatal_events_are_rare_and_rarer_without_sbrt() -> None:
    share = by_arm(events().filter(grade=5), many())
    assert share["A"] == pytest.approx(0.007, abs=0.004)
    assert share["B"] == pytest.approx(0.012, abs=0.005)


def test_a_fatal_event_ends_with_death_of_an_adverse_event() -> None:
    fatal = events().filter(grade=5)
    deaths = many().frames["dth"].filter(cause="ae")
    assert fatal.height == deaths.height > 0
    both = fatal.join(deaths, on=KEY)
    assert both.height == fatal.height
    assert (both["outcome"] == "fatal").all()
    exact = both.filter(pl.col("death_date").str.len_bytes() == len("2026-01-01"))
    assert (exact["end_date"] == exact["death_date"]).all()


def test_every_grade_is_one_that_the_term_allows() -> None:
    for term, grade in events().select("term", "grade").unique().iter_rows():
        assert grade in (allowed_grades(term) or ()), (term, grade)


def test_every_term_of_the_protocol_is_one_of_ctcae() -> None:
    assert all(allowed_grades(term) for term in list_terms(setting().operations.toxicity))


def test_pneumonitis_is_likelier_after_lung_sbrt_with_immunotherapy() -> None:
    share = by_arm(severe().filter(term="Pneumonitis"), many())
    assert share["B"] - share["A"] == pytest.approx(0.022, abs=0.015)


def test_only_irradiated_subjects_have_events_of_sbrt() -> None:
    related = events().filter(pl.col("related_sbrt") == "probable")
    assert by_arm(related, many())["A"] == 0
    assert related["lesion"].null_count() == 0
    treated = many().frames["rt_fx"].select(*KEY, "lesion").unique()
    assert related.join(treated, on=[*KEY, "lesion"], how="anti").is_empty()
    first = many().frames["rt_fx"].group_by(KEY).agg(pl.col("fraction_date").min())
    both = related.join(first, on=KEY)
    assert (both["onset_latest_date"] >= both["fraction_date"]).all()


def test_onset_and_end_stay_in_the_life_and_stay_of_the_subject() -> None:
    both = events().join(many().truth.subjects, on=KEY)
    assert (both["onset_days"] <= both["last_days"]).all()
    assert (both["end_days"].drop_nulls() <= both.drop_nulls("end_days")["last_days"]).all()
    assert (events()["ongoing"] == events()["end_date"].is_null()).all()
    assert (events().filter("ongoing")["outcome"] == "not_recovered").all()


def test_some_onsets_lack_their_day() -> None:
    partial = events()["onset_date"].str.len_bytes() == len("2026-01")
    assert partial.mean() == pytest.approx(0.03, abs=0.015)


def test_records_count_up_in_the_order_of_onset() -> None:
    ordered = many().frames["ae"].sort(*KEY, "record")
    number = ordered.select(pl.int_range(1, pl.len() + 1).over(KEY).alias("n"))["n"]
    assert (number == ordered["record"]).all()


def test_severe_events_of_grade_four_and_fatal_ones_are_serious() -> None:
    assert events().filter(pl.col("grade") >= 4)["serious"].all()
    assert not events().filter(pl.col("grade") <= 2)["serious"].any()


def test_without_tables_of_terms_a_trial_without_harm_can_be_drawn() -> None:
    plain = setting().protocol.operations.model_copy(update={"toxicity": Toxicity()})
    protocol = setting().protocol.model_copy(update={"operations": plain})
    bare = build_setting(protocol, scenario="S2", conditions=Conditions(subjects=20))
    drawn = draw_course(bare, seed=1, replicates=range(1))
    assert (drawn.toxic_death > 10_000).all()
    assert list_terms(Toxicity()) == ("Pneumonitis", "Fatigue")
