"""A rehearsal of every form: clean, plausible, and for the rest the same trial as without them."""

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import read_folder
from equipoise.capture.folder_write import write_folder
from equipoise.capture.trial import TrialData
from equipoise.derive.datasets import derive_datasets
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.simulate.setting import Conditions
from simulate.rehearsed import KEY, trial

LATER = date(2099, 12, 31)
UNUSED = {"reconsent", "bicr", "adj"}
AFTER_SBRT = "W6"
LESION = [*KEY, "lesion"]


@cache
def drawn(*, every_form: bool, replicates: int = 12) -> Rehearsal:
    return rehearse(
        trial(),
        scenario="S2",
        seed=7,
        replicates=replicates,
        conditions=Conditions(every_form=every_form),
    )


def full() -> dict[str, pl.DataFrame]:
    return complete(drawn(every_form=True).frames, trial())


def test_every_form_is_drawn_but_those_that_a_trial_as_planned_does_not_use() -> None:
    frames = drawn(every_form=True).frames

    assert {name for name, frame in frames.items() if frame.is_empty()} == UNUSED


def test_a_rehearsal_of_every_form_gives_no_finding() -> None:
    assert not check_frames(drawn(every_form=True).frames, trial(), as_of_date=LATER)


def test_it_comes_back_from_a_folder_without_a_question(tmp_path: Path) -> None:
    one = drawn(every_form=True, replicates=1)
    entries = TrialData(frames=one.frames, allocations=one.allocations)
    write_folder(entries, trial(), folder=tmp_path)
    back = read_folder(tmp_path, trial())

    assert not back.findings
    for name, frame in one.frames.items():
        assert back.trial.frames[name].equals(frame), name


def test_the_items_of_every_rehearsal_stay_as_they_are() -> None:
    plain, every = drawn(every_form=False).frames, drawn(every_form=True).frames
    for name, frame in plain.items():
        said = [column for column in frame.columns if frame[column].null_count() < frame.height]
        if said:
            further = every[name]
            if name in {"ecog", "surv"}:  # more visits
                further = further.join(frame, on=form_key(name), how="semi", maintain_order="left")
            assert_frame_equal(frame.select(said), further.select(said))


def form_key(name: str) -> list[str]:
    return [*KEY, *trial().form_named(name).key]


def test_who_is_no_longer_scanned_is_still_seen_at_the_visits() -> None:
    frames = drawn(every_form=True).frames
    scanned = frames["rs"].select(*KEY, "visit")
    seen = frames["vs"].filter(~pl.col("visit").is_in(["SCR", AFTER_SBRT]))
    later = seen.join(scanned, on=[*KEY, "visit"], how="anti")

    assert later.height > 500
    grown = frames["rs"].filter(pl.col("overall") == "PD").select(*KEY).unique()
    assert later.join(grown, on=KEY, how="anti").height < 0.2 * later.height
    contacts = frames["surv"].filter(pl.col("source") == "visit").select(*KEY, "visit")
    assert later.join(contacts, on=[*KEY, "visit"], how="anti").is_empty()
    asked = later.filter(pl.col("visit").is_in(["M6", "M12", "M24"]))
    assert asked.join(frames["nfksi"], on=[*KEY, "visit"], how="anti").is_empty()


def test_who_had_sbrt_comes_six_weeks_after_its_last_fraction() -> None:
    frames = drawn(every_form=True, replicates=12).frames
    ended = frames["rt_fx"].group_by(KEY).agg(ended=pl.col("fraction_date").max())
    came = frames["vs"].filter(pl.col("visit") == AFTER_SBRT).join(ended, on=KEY, how="left")
    days = (came["vs_date"] - came["ended"]).dt.total_days()

    assert days.null_count() == 0
    assert (days.min(), days.max()) == (35, 49)  # 42, a week before or after
    treated = ended.join(drawn(every_form=True).allocations, on=KEY).filter(pl.col("arm") == "B")
    assert 0.85 < came.height / treated.height < 1.0
    assert came.join(treated, on=KEY, how="anti").is_empty()  # the visit is of that arm


def test_nobody_is_last_known_alive_by_a_visit_without_a_scan() -> None:
    plain, frames = drawn(every_form=False).frames, drawn(every_form=True).frames
    heard = plain["surv"].group_by(KEY).agg(heard=pl.col("alive_date").max())
    new = frames["ecog"].join(plain["ecog"], on=form_key("ecog"), how="anti").join(heard, on=KEY)

    assert new.height > 1000
    assert new.filter(pl.col("ecog_date") >= pl.col("heard")).is_empty()


def test_no_time_of_an_endpoint_moves() -> None:
    plain, every = (
        derive_datasets(drawn(every_form=each).frames, trial()) for each in (False, True)
    )

    assert_frame_equal(plain.times, every.times)
    assert_frame_equal(plain.subjects, every.subjects)
    assert_frame_equal(plain.sources["contact"], every.sources["contact"])


def test_each_serious_event_has_one_report_in_every_rehearsal() -> None:
    frames = drawn(every_form=False).frames
    serious = frames["ae"].filter("serious").select(*KEY, "record").sort(*KEY, "record")

    assert_frame_equal(serious, frames["sae"].select(*KEY, "record").sort(*KEY, "record"))


def test_reports_are_in_time_and_unexpected_reactions_reach_the_authority() -> None:
    reports = full()["sae"]
    told = (reports["authority_date"] - reports["aware_date"]).dt.total_days()

    assert reports["within_24_hours"].all()
    assert reports["susar"].mean() == pytest.approx(0.08, abs=0.04)
    assert (told <= reports["authority_days"]).drop_nulls().all()
    assert reports.filter("susar")["authority_date"].null_count() == 0
    assert reports.filter("is_death")["event_grade"].eq(5).all()


def test_questionnaires_have_the_figures_of_the_brief() -> None:
    answers = full()["nfksi"]
    screening = answers.filter(pl.col("visit") == "SCR")
    missing = answers.group_by("visit").agg(pl.col("total").is_null().mean())
    shares = dict(missing.iter_rows())

    assert screening["total"].mean() == pytest.approx(60, abs=1.5)  # D8.4
    assert screening["total"].std() == pytest.approx(10, rel=0.15)  # cut at 76
    assert shares["SCR"] == pytest.approx(0.10, abs=0.03)
    assert shares["M12"] == pytest.approx(0.18, abs=0.05)
    assert set(answers["visit"]) == {"SCR", "M3", "M6", "M9", "M12", "M18", "M24"}


def test_the_two_questionnaires_agree_on_who_is_well() -> None:
    both = full()["nfksi"].join(full()["eq5d"], on=[*KEY, "visit"]).drop_nulls("total")

    assert both.select(pl.corr("total", "level_sum")).item() < -0.5
    assert both.select(pl.corr("total", "vas")).item() > 0.5


def test_vital_signs_are_taken_with_the_performance_status() -> None:
    frames = full()
    dates = frames["ecog"].select(*KEY, "visit", date="ecog_date").sort(*KEY, "visit")

    assert_frame_equal(
        dates, frames["vs"].select(*KEY, "visit", date="vs_date").sort(*KEY, "visit")
    )
    assert (frames["vs"]["weight_change_percent"].abs() < 8).all()


@pytest.mark.parametrize("form", ["rt_plan", "rtqa"])
def test_each_prescription_has_its_plan_and_its_review(form: str) -> None:
    frames = full()

    assert_frame_equal(frames["rt_rx"].select(LESION), frames[form].select(LESION))


def test_plans_are_conformal_and_within_the_limits_of_organs() -> None:
    frames = full()
    plans = frames["rt_plan"]

    assert plans["ci"].is_between(1.0, 1.2).all()
    assert plans["coverage_percent"].is_between(95, 100).all()
    assert set(frames["rt_dvh"]["verdict"]) == {"met"}
    assert {"SpinalCord", "Rib"} <= set(frames["rt_dvh"]["structure"])


def test_each_site_has_one_first_day_of_sbrt_reviewed_centrally() -> None:
    reviews = (
        drawn(every_form=True).frames["rtqa"].with_columns(site=pl.col("subject").str.slice(0, 2))
    )
    first = reviews.group_by("replicate", "site").agg(
        pl.col("review_date").filter("first_case").unique().len().alias("days"),
        earliest=pl.col("review_date").min() == pl.col("review_date").filter("first_case").min(),
    )

    assert (first["days"] == 1).all()
    assert first["earliest"].all()


def test_every_index_lesion_of_the_experimental_arm_is_irradiated_or_has_a_reason() -> None:
    frames = full()
    given = frames["rt_fx"].group_by(LESION).agg(given=pl.len())
    planned = frames["rt_rx"].select(*LESION, "fractions").join(given, on=LESION)
    done = planned.filter(pl.col("given") == pl.col("fractions")).select(LESION)
    arms = drawn(every_form=True).allocations
    index = frames["les_bl"].filter("intend_sbrt").join(arms, on=KEY)
    experimental = index.filter(pl.col("arm") == "B").select(LESION)
    lacking = experimental.join(done, on=LESION, how="anti").sort(LESION)

    assert_frame_equal(lacking, frames["rt_none"].select(LESION).sort(LESION))
    assert {"refused", "worse"} <= set(frames["rt_none"]["reason"])


def test_what_is_taken_is_for_an_illness_that_was_entered() -> None:
    frames = full()

    assert frames["cm"].height == frames["mh"].height
    assert frames["mh"].filter(pl.col("condition") == "Hypertension").height / frames[
        "dm"
    ].height == pytest.approx(0.5, abs=0.05)
    irradiated = frames["les_bl"].filter("prior_rt")
    assert frames["prior_loc"].height == irradiated.height


def test_only_control_subjects_deviate_by_early_local_therapy() -> None:
    deviations = (
        drawn(every_form=True).frames["dev"].join(drawn(every_form=True).allocations, on=KEY)
    )

    assert set(deviations["arm"]) == {"A"}
    assert set(deviations["category"]) == {"sbrt_in_control"}


def test_workers_change_no_byte_of_it() -> None:
    wide = rehearse(
        trial(),
        scenario="S2",
        seed=7,
        replicates=12,
        conditions=Conditions(every_form=True, workers=3),
    )
    for name, frame in drawn(every_form=True).frames.items():
        assert frame.equals(wide.frames[name]), name
