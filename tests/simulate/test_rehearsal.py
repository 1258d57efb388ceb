"""A rehearsed trial is entries like any other, and the same seed gives the same bytes."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import read_folder
from equipoise.capture.folder_write import write_folder
from equipoise.capture.frames import schema_of
from equipoise.capture.trial import TrialData
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.simulate.setting import Conditions
from simulate.rehearsed import KEY, course, days_since_randomisation, many, trial

LATER = date(2099, 12, 31)
UNUSED = {"reconsent", "bicr", "adj"}  # a trial as planned needs none of them
FURTHER = {*UNUSED, *"vs nfksi eq5d mh cm prior_loc rt_plan rt_dvh rtqa rt_none eot dev".split()}


def same(one: Rehearsal, other: Rehearsal) -> bool:
    forms = all(one.frames[name].equals(other.frames[name]) for name in one.frames)
    return (
        forms
        and one.allocations.equals(other.allocations)
        and one.truth.subjects.equals(other.truth.subjects)
        and one.truth.lesions.equals(other.truth.lesions)
    )


def draw(*, seed: int = 5, replicates: int = 3, **conditions: int | bool) -> Rehearsal:
    return rehearse(
        trial(),
        scenario="S2",
        seed=seed,
        replicates=replicates,
        conditions=Conditions(**conditions),  # type: ignore[arg-type]
    )


def test_the_same_seed_gives_the_same_bytes_twice() -> None:
    assert same(draw(), draw())


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_changes_no_byte(workers: int) -> None:
    assert same(draw(workers=1), draw(workers=workers))


def test_a_trial_is_the_same_alone_and_among_others() -> None:
    among = draw(replicates=4)
    alone = draw(replicates=1, first_replicate=2)
    for name, frame in alone.frames.items():
        assert frame.equals(among.frames[name].filter(replicate=2)), name
    assert alone.allocations.equals(among.allocations.filter(replicate=2))


def test_another_seed_gives_another_trial() -> None:
    assert not same(draw(seed=5), draw(seed=6))


def test_files_written_twice_are_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name, workers in (("one", 1), ("two", 2)):
        drawn = draw(workers=workers)
        folder = tmp_path / name
        write_folder(
            TrialData(frames=drawn.frames, allocations=drawn.allocations), trial(), folder=folder
        )
        contents.append({file.name: file.read_bytes() for file in sorted(folder.iterdir())})
    assert contents[0] == contents[1]


def test_a_rehearsed_trial_has_every_form_with_the_columns_of_the_protocol() -> None:
    frames = many().frames
    assert set(frames) == {form.form for form in trial().form}
    for form in trial().form:
        assert dict(frames[form.form].schema) == schema_of(form), form.form
    assert {name for name, frame in frames.items() if frame.is_empty()} == FURTHER


def test_a_clean_trial_gives_no_finding() -> None:
    assert not list(check_frames(many().frames, trial(), as_of_date=LATER))


def test_an_ideal_trial_gives_no_finding() -> None:
    ideal = draw(replicates=1, subjects=400, operations=False)
    assert not list(check_frames(ideal.frames, trial(), as_of_date=LATER))


@pytest.mark.parametrize("scenario", ["S1", "S3", "S4", "null", "design"])
def test_every_scenario_gives_a_clean_trial(scenario: str) -> None:
    drawn = rehearse(trial(), scenario=scenario, seed=8, replicates=3)
    assert not list(check_frames(drawn.frames, trial(), as_of_date=LATER))


def test_a_folder_of_files_gives_the_same_trial_back(tmp_path: Path) -> None:
    drawn = draw(replicates=1)
    write_folder(
        TrialData(frames=drawn.frames, allocations=drawn.allocations), trial(), folder=tmp_path
    )
    back = read_folder(tmp_path, trial())
    assert not back.findings
    for name, frame in drawn.frames.items():
        assert back.trial.frames[name].equals(frame), name


def test_no_frame_holds_the_arm() -> None:
    for name, frame in many().frames.items():
        assert not {"arm", "allocation"} & set(frame.columns), name


def test_every_subject_has_one_arm_and_one_randomisation() -> None:
    arms = many().allocations
    assert arms.select(KEY).is_unique().all()
    assert set(arms["arm"]) == {"A", "B"}
    assert arms.select(KEY).equals(many().frames["rand"].select(KEY))


def test_entries_of_a_form_are_unique_within_a_trial() -> None:
    for name, frame in many().frames.items():
        assert frame.select("replicate", "entry").is_unique().all(), name


@pytest.mark.parametrize(
    ("form", "item"),
    [
        ("les_fu", "scan_date"), ("newles", "scan_date"), ("rs", "assessment_date"),
        ("surv", "alive_date"), ("ecog", "ecog_date"), ("rt_fx", "fraction_date"),
        ("ex_sys", "start_date"), ("subseq", "start_date"), ("surg", "surgery_date"),
    ],
)  # fmt: skip
def test_nothing_is_entered_after_a_subject_has_died_or_left(form: str, item: str) -> None:
    frame = many().frames[form]
    days = days_since_randomisation(frame, many(), item)
    last = frame.select(KEY).join(many().truth.subjects, on=KEY, how="left", maintain_order="left")
    assert (days <= last["last_days"]).all()


def test_who_dies_has_a_death_and_an_end_of_the_same_day() -> None:
    deaths = many().frames["dth"]
    ends = many().frames["eos"].filter(reason="death")
    both = deaths.join(ends, on=KEY)
    assert both.height == deaths.height == ends.height
    inside = both["eos_date"].is_between(both["death_earliest_date"], both["death_latest_date"])
    assert inside.all()
    vague = deaths["death_date"].str.len_bytes() == len("2026-01")
    assert vague.mean() == pytest.approx(0.03, abs=0.015)


def test_who_leaves_has_no_death() -> None:
    left = many().frames["eos"].filter(pl.col("reason") != "death").select(KEY)
    assert left.join(many().frames["dth"], on=KEY, how="semi").is_empty()
    assert left.height > 0


def test_after_progression_contacts_go_on_every_three_months() -> None:
    calls = many().frames["surv"].filter(source="phone")
    gaps = calls.sort(*KEY, "alive_date").select(
        pl.col("alive_date").diff().over(KEY).dt.total_days().alias("gap")
    )["gap"]
    assert gaps.drop_nulls().min() == 91
    assert gaps.drop_nulls().median() == 91


def test_everybody_alive_and_in_the_trial_is_asked_before_each_cut() -> None:
    for cut in trial().cut:
        asked = many().frames["surv"].filter(visit=cut.id)
        last = many().frames["rand"].group_by("replicate").agg(pl.col("randomised_date").max())
        gap = asked.join(last, on="replicate").select(
            (pl.col("alive_date") - pl.col("randomised_date")).dt.total_days().alias("gap")
        )["gap"]
        assert gap.is_between(
            int(cut.plus_months * 30.4375) - 7, int(cut.plus_months * 30.4375)
        ).all()


def test_the_site_reports_the_response_of_every_scan() -> None:
    scans = many().frames["les_fu"].select(*KEY, "visit").unique()
    assert scans.height == many().frames["rs"].height
    assert scans.join(many().frames["rs"], on=[*KEY, "visit"], how="anti").is_empty()


def test_new_lesions_are_entered_where_the_site_says_there_are_some() -> None:
    seen = many().frames["newles"].select(*KEY, "visit").unique()
    said = many().frames["rs"].filter("new_lesion").select(*KEY, "visit")
    assert seen.sort(seen.columns).equals(said.sort(said.columns))


def test_who_has_progressed_by_the_site_has_a_worse_performance_status() -> None:
    ecog = many().frames["ecog"]
    assert ecog["ecog"].max() == 3
    assert ecog.filter(visit="SCR")["ecog"].max() == 2


def test_lesions_that_cannot_be_judged_have_no_size() -> None:
    scans = many().frames["les_fu"]
    assert scans.filter(status="ne")["mm"].null_count() == scans.filter(status="ne").height
    assert scans.filter(status="ne").height > 50
    assert scans.filter(status="absent")["mm"].null_count() == scans.filter(status="absent").height
    sized = scans.filter(pl.col("status").is_in(["measured", "present", "progression"]))
    assert sized["mm"].null_count() == 0


def test_the_entries_are_what_the_course_says() -> None:
    drawn = course(2)
    made = drawn.scans.made & (drawn.scans.day <= drawn.fate.stop[:, None])
    frames = rehearse(trial(), scenario="S2", seed=3, replicates=2).frames
    assert frames["rs"].height == made.sum()
    assert frames["dth"].height == drawn.fate.dies.sum()
    assert frames["rt_rx"].height <= drawn.delivery.prescribed.sum()
