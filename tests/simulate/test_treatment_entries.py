"""Systemic therapy as entered: regimens, holds, reductions, stops, what follows."""

import polars as pl
import pytest

from equipoise.derive.exposure import derive_exposure
from equipoise.derive.vital_status import derive_contacts
from simulate.rehearsed import KEY, by_arm, days_since_randomisation, many, setting


def exposure() -> pl.DataFrame:
    return many().frames["ex_sys"]


def test_regimens_come_in_the_shares_of_the_protocol() -> None:
    chosen = exposure().select(*KEY, "regimen").unique()["regimen"]
    for regimen in setting().operations.systemic.regimen:
        assert (chosen == regimen.code).mean() == pytest.approx(regimen.share, abs=0.015)


def test_each_regimen_has_its_own_agents() -> None:
    pairs = set(exposure().select("regimen", "agent").unique().iter_rows())
    assert pairs == {
        (regimen.code, agent.agent)
        for regimen in setting().operations.systemic.regimen
        for agent in regimen.agent
    }


def test_a_subject_has_one_regimen_and_records_that_count_up() -> None:
    per_subject = exposure().group_by(KEY).agg(
        pl.col("regimen").n_unique(), pl.len(), pl.col("record").max(),
        pl.col("record").n_unique().alias("different"),
    )  # fmt: skip
    assert (per_subject["regimen"] == 1).all()
    assert (per_subject["len"] == per_subject["record"]).all()
    assert (per_subject["len"] == per_subject["different"]).all()


def test_stretches_of_an_agent_follow_each_other_without_overlap() -> None:
    ordered = exposure().sort(*KEY, "agent", "start_date")
    after = ordered.with_columns(
        previous=pl.col("stop_date").shift().over(*KEY, "agent"),
        number=pl.int_range(pl.len()).over(*KEY, "agent"),
    ).filter(pl.col("number") > 0)
    gaps = (after["start_date"] - after["previous"]).dt.total_days()
    assert gaps.null_count() == 0
    assert (gaps == 1).all()


def test_only_kinase_inhibitors_are_held_and_only_around_sbrt() -> None:
    held = exposure().filter(action="held")
    assert held.height > 100
    assert set(held["agent"]) <= {"axitinib", "cabozantinib", "lenvatinib", "sunitinib"}
    assert (held["dose_mg"] == 0).all()
    assert (held["reason"] == "sbrt").all()
    assert by_arm(held, many())["A"] == 0


def test_a_hold_spans_the_fractions() -> None:
    held = exposure().filter(action="held")
    span = many().frames["rt_fx"].group_by(KEY).agg(
        pl.col("fraction_date").min().alias("first"), pl.col("fraction_date").max().alias("last")
    )  # fmt: skip
    both = held.join(span, on=KEY).drop_nulls("stop_date")
    assert (both["start_date"] < both["first"]).all()
    whole = both.filter(pl.col("stop_date") > pl.col("last"))
    assert whole.height > 0.95 * both.height  # the others stop therapy or die before


def test_a_reduction_is_for_toxicity_and_lowers_the_dose() -> None:
    reduced = exposure().filter(action="reduced")
    assert (reduced["reason"] == "toxicity").all()
    assert (reduced["dose_mg"] == 0.75 * reduced["planned_dose_mg"]).all()


def test_what_is_given_has_no_reason() -> None:
    given = exposure().filter(action="given")
    assert given["reason"].null_count() == given.height
    assert exposure().filter(pl.col("action") != "given")["reason"].null_count() == 0


def test_therapy_stops_after_progression() -> None:
    stopped = exposure().filter(action="stopped", reason="progression")
    days = days_since_randomisation(stopped, many(), "stop_date")
    both = stopped.with_columns(days=days).join(many().truth.subjects, on=KEY)
    assert stopped.height > 500
    assert (both["days"] >= both["progression_days"]).all()


def test_a_switch_for_toxicity_stops_the_regimen_and_starts_another_therapy() -> None:
    switched = many().frames["subseq"].filter(reason="toxicity")
    stopped = exposure().filter(action="stopped", reason="toxicity").select(KEY).unique()
    assert switched.join(stopped, on=KEY, how="anti").height <= 0.2 * switched.height
    assert by_arm(switched, many())["A"] == pytest.approx(0.18, abs=0.04)


def test_the_next_line_follows_progression_in_three_of_four() -> None:
    lines = many().frames["subseq"].filter(reason="progression", type="systemic")
    progressed = many().truth.subjects.drop_nulls("progression_days").filter(
        pl.col("last_days") > pl.col("progression_days") + 150
    )  # fmt: skip
    having = progressed.join(lines.select(KEY).unique(), on=KEY, how="semi")
    assert having.height / progressed.height == pytest.approx(0.75, abs=0.06)


def test_later_therapies_of_a_subject_count_up_in_time() -> None:
    ordered = many().frames["subseq"].sort(*KEY, "record")
    number = ordered.select(pl.int_range(1, pl.len() + 1).over(KEY).alias("n"))["n"]
    assert (number == ordered["record"]).all()
    steps = ordered.select(pl.col("start_date").diff().over(KEY).dt.total_days().alias("d"))["d"]
    assert (steps.drop_nulls() >= 0).all()


def test_a_planned_nephrectomy_is_done_one_to_four_months_later() -> None:
    surgery = many().frames["surg"]
    assert (surgery["type"] == "nephrectomy").all()
    assert surgery["planned"].all()
    days = days_since_randomisation(surgery, many(), "surgery_date")
    assert days.is_between(30, 120).all()
    planned = many().frames["diag"].filter(nephrectomy="planned")
    assert surgery.height > 0.93 * planned.height
    same = surgery.join(planned, on=KEY)
    assert (same["surgery_date"] == same["nephrectomy_date"]).all()


def test_a_dose_below_the_planned_one_is_told_as_reduced_or_as_the_stop() -> None:
    lower = exposure().filter(
        pl.col("dose_mg").is_between(0, pl.col("planned_dose_mg"), closed="none")
    )
    going_on = lower.filter(action="reduced")
    assert lower.height > 100
    assert set(lower["action"].unique()) == {"reduced", "stopped"}
    assert set(going_on["reason"].unique()) == {"toxicity"}
    assert going_on.height > 10


def test_every_subject_at_a_lower_dose_counts_as_reduced() -> None:
    lower = exposure().filter(
        pl.col("dose_mg").is_between(0, pl.col("planned_dose_mg"), closed="none")
    )
    contacts = derive_contacts(many().frames, setting().protocol)
    derived = derive_exposure(many().frames, contacts=contacts).filter(pl.col("reductions") > 0)
    assert (
        derived.select(*KEY, "agent").unique().height == lower.select(*KEY, "agent").unique().height
    )
