"""Each planted error is found by the check named for it, row by row, and nothing else is."""

from datetime import date
from pathlib import Path

import pytest

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import read_folder
from equipoise.capture.folder_write import write_folder
from equipoise.capture.frames import schema_of
from equipoise.capture.trial import TrialData
from equipoise.simulate.dirt import PLANTED_SCHEMA, Planted, plant_errors
from equipoise.simulate.dirt_kinds import KINDS
from equipoise.simulate.rehearsal import rehearse
from simulate.rehearsed import KEY, many, trial

LATER = date(2099, 12, 31)
ON_READING = {"grade-not-allowed", "out-of-range", "not-in-code-list"}


def plant(*, seed: int = 9, rate: float = 0.03) -> Planted:
    drawn = rehearse(trial(), scenario="S2", seed=5)
    return plant_errors(drawn.frames, protocol=trial(), seed=seed, rate=rate)


def test_every_kind_is_planted_as_often_as_asked() -> None:
    counts = plant().planted.group_by("kind").len()
    assert dict(counts.iter_rows()) == dict.fromkeys(KINDS, 3)


def test_every_kind_is_planted_at_least_once() -> None:
    assert set(plant(rate=0.0).planted["kind"]) == set(KINDS)


def test_a_subject_has_one_error_at_most() -> None:
    assert plant().planted.select(KEY).is_unique().all()


def test_the_same_seed_plants_the_same_errors() -> None:
    assert plant().planted.equals(plant().planted)
    assert not plant().planted.equals(plant(seed=10).planted)


def test_spoilt_frames_keep_the_columns_of_the_protocol() -> None:
    planted = plant()
    for form in trial().form:
        assert dict(planted.frames[form.form].schema) == schema_of(form)
    assert dict(planted.planted.schema) == PLANTED_SCHEMA


def test_checks_find_what_they_must_and_nothing_else() -> None:
    planted = plant()
    found = check_frames(planted.frames, trial(), as_of_date=LATER)
    unknown = planted.planted.filter(code="not-in-code-list")["entry"]
    aside = {("not-applicable-answered", entry) for entry in unknown}  # a size without a status
    wanted = set(planted.planted.select("code", "entry").iter_rows())
    assert {(f.code, f.entry) for f in found} - aside == wanted


def test_reading_the_files_finds_what_no_typed_value_can_hold(tmp_path: Path) -> None:
    drawn = rehearse(trial(), scenario="S2", seed=5)
    planted = plant_errors(drawn.frames, protocol=trial(), seed=9, rate=0.03)
    write_folder(
        TrialData(frames=planted.frames, allocations=drawn.allocations), trial(), folder=tmp_path
    )
    found = [finding.code for finding in read_folder(tmp_path, trial()).findings]
    for code in ON_READING:
        assert found.count(code) == 3, code


def test_sound_entries_stay_as_they_were() -> None:
    before = rehearse(trial(), scenario="S2", seed=5).frames
    planted = plant()
    for name, frame in before.items():
        spoilt = planted.planted.filter(form=name).select(KEY).unique()
        sound = frame.join(spoilt, on=KEY, how="anti")
        assert planted.frames[name].join(spoilt, on=KEY, how="anti").join(
            planted.planted.filter(kind="measured after resection").select(KEY), on=KEY, how="anti"
        ).equals(
            sound.join(
                planted.planted.filter(kind="measured after resection").select(KEY),
                on=KEY,
                how="anti",
            )
        ), name  # fmt: skip


def test_the_second_randomisation_stands_beside_the_first() -> None:
    planted = plant()
    twice = planted.planted.filter(code="randomised-twice")
    rows = planted.frames["rand"].join(twice.select(*KEY, "entry"), on=[*KEY, "entry"])
    assert rows.height == 2 * twice.height


def test_a_lesion_measured_after_resection_has_its_surgery_before_that_scan() -> None:
    planted = plant()
    told = planted.planted.filter(code="measured-after-resection")
    surgery = planted.frames["surg"].filter(type="metastasectomy")
    assert surgery.height == told.height
    scans = planted.frames["les_fu"].join(told.select(*KEY, "entry"), on=[*KEY, "entry"])
    both = scans.join(surgery, on=[*KEY, "lesion"])
    assert (both["scan_date"] > both["surgery_date"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_fits_nothing_plants_nothing(kind: str) -> None:
    empty = {name: frame.clear() for name, frame in many().frames.items()}
    planted = plant_errors(empty, protocol=trial(), seed=1, kinds={kind: KINDS[kind]})
    assert planted.planted.is_empty()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_a_form_and_item_of_the_protocol(kind: str) -> None:
    form = trial().form_named(KINDS[kind].form)
    if KINDS[kind].item:
        assert form.item_named(KINDS[kind].item).name == KINDS[kind].item
    rules = {check.id for check in form.check}
    assert KINDS[kind].code in rules | ON_READING | {"randomised-twice"}
