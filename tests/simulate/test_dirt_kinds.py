"""Each kind of planted error: which values it changes, and what stays beside it (D8.4)."""

from functools import cache

import polars as pl
import pytest

from equipoise.capture.derived_items import complete
from equipoise.simulate.dirt import Planted, plant_errors
from equipoise.simulate.dirt_kinds import KINDS
from equipoise.simulate.rehearsal import rehearse
from equipoise.vocab.ctcae import allowed_grades
from simulate.rehearsed import KEY, trial

PER_KIND = 4
ENTRY = [*KEY, "entry"]


@cache
def clean() -> dict[str, pl.DataFrame]:
    return dict(rehearse(trial(), scenario="S2", seed=11, replicates=2).frames)


@cache
def planted(kind: str) -> Planted:
    rate = PER_KIND / (2 * 88)
    return plant_errors(clean(), protocol=trial(), seed=3, rate=rate, kinds={kind: KINDS[kind]})


def pairs(kind: str) -> pl.DataFrame:
    """The spoilt entries, each value beside the sound one (`x` and `x_sound`)."""
    form = KINDS[kind].form
    place = [*KEY, *trial().form_named(form).key]
    marked = planted(kind).frames[form].join(planted(kind).planted.select(ENTRY), on=ENTRY)
    if "lesion" in place and kind == "lesion not in the baseline list":
        place.remove("lesion")
    before = clean()[form].join(marked.select(place), on=place, how="semi")
    return marked.join(before, on=place, suffix="_sound")


def changed(kind: str) -> set[str]:
    """The entered items whose value is another than before."""
    both = pairs(kind)
    items = [item.name for item in trial().form_named(KINDS[kind].form).entered_items]
    seen = [name for name in items if f"{name}_sound" in both.columns]
    return {name for name in seen if (both[name].ne_missing(both[f"{name}_sound"])).any()}


# kind | the items that it changes, and no other | entries it adds to which form
CHANGES = {
    "grade not allowed for the term": ({"grade"}, {}),
    "diameter over 300 mm": ({"mm"}, {}),
    "centimetres for millimetres": ({"ld_mm"}, {}),
    "blastic bone lesion as target": ({"appearance"}, {}),
    "bone target without soft tissue": ({"soft_tissue_mm"}, {}),
    "start and stop swapped": ({"start_date", "stop_date"}, {}),
    "event ends before onset": ({"onset_date", "end_date"}, {}),
    "progression before randomisation": ({"assessment_date"}, {}),
    "death before the last scan": ({"scan_date"}, {}),
    "randomised twice": ({"randomised_date"}, {"rand": PER_KIND}),
    "measured after resection": (set(), {"surg": PER_KIND}),
    "lesion not in the baseline list": (set(), {}),  # the lesion is its key: seen below
    "unknown code": ({"status"}, {}),
}


def test_every_kind_is_in_the_table() -> None:
    assert set(CHANGES) == set(KINDS)


@pytest.mark.parametrize("kind", CHANGES)
def test_an_error_changes_its_own_items_and_adds_what_it_needs(kind: str) -> None:
    items, added = CHANGES[kind]
    assert planted(kind).planted.height == PER_KIND
    if kind != "lesion not in the baseline list":
        assert changed(kind) == items
    more = {
        name: frame.height - clean()[name].height
        for name, frame in planted(kind).frames.items()
        if frame.height != clean()[name].height
    }
    assert more == added


@pytest.mark.parametrize("kind", CHANGES)
def test_forms_that_an_error_does_not_touch_are_the_same_bytes(kind: str) -> None:
    touched = {KINDS[kind].form, *CHANGES[kind][1]}
    for name, frame in planted(kind).frames.items():
        if name not in touched:
            assert frame.equals(clean()[name]), name


def test_the_planted_grade_is_one_that_the_term_lacks() -> None:
    both = pairs("grade not allowed for the term")
    for term, grade, sound in both.select("term", "grade", "grade_sound").iter_rows():
        assert grade not in (allowed_grades(term) or ())
        assert sound in (allowed_grades(term) or ())


def test_sizes_are_spoilt_by_slips_that_people_make() -> None:
    wide = pairs("diameter over 300 mm")
    assert (wide["mm"] - wide["mm_sound"] == 400).all()
    tenth = pairs("centimetres for millimetres")
    assert (tenth["ld_mm"] * 10 - tenth["ld_mm_sound"]).abs().max() < 1e-9  # type: ignore[operator]
    assert (tenth["ld_mm"] < 10).all()
    assert (pairs("bone target without soft tissue")["soft_tissue_mm"] == 4).all()


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("start and stop swapped", "start_date", "stop_date"),
     ("event ends before onset", "onset_date", "end_date")],
)  # fmt: skip
def test_swapped_dates_are_those_of_the_entry(kind: str, first: str, last: str) -> None:
    both = pairs(kind)
    assert (both[first] == both[f"{last}_sound"]).all()
    assert (both[last] == both[f"{first}_sound"]).all()
    assert (both[first] > both[last]).all()


def test_dates_are_moved_beyond_the_day_that_forbids_them() -> None:
    response = pairs("progression before randomisation").join(
        clean()["rand"].select(*KEY, "randomised_date"), on=KEY
    )
    early = (response["randomised_date"] - response["assessment_date"]).dt.total_days()
    assert (early == 10).all()
    assert (response["overall"] == "PD").all()
    scans = pairs("death before the last scan").join(
        complete(clean(), trial())["dth"].select(*KEY, "death_latest_date"), on=KEY
    )
    assert ((scans["scan_date"] - scans["death_latest_date"]).dt.total_days() == 5).all()


def test_the_second_randomisation_is_a_day_later() -> None:
    both = pairs("randomised twice")  # the first stands beside the second, and beside itself
    days = (both["randomised_date"] - both["randomised_date_sound"]).dt.total_days()
    assert sorted(days.unique()) == [0, 1]
    assert both.height == 2 * PER_KIND


def test_a_lesion_that_nobody_listed_takes_the_place_of_one_listed() -> None:
    rows = planted("lesion not in the baseline list").planted.select(ENTRY)
    scans = planted("lesion not in the baseline list").frames["les_fu"].join(rows, on=ENTRY)
    assert set(scans["lesion"]) == {"L09"}
    assert "L09" not in set(clean()["les_bl"]["lesion"])


def test_a_unique_record_is_given_to_the_surgery_that_is_planted() -> None:
    surgery = planted("measured after resection").frames["surg"]
    assert surgery.select(*KEY, "record").is_unique().all()
    assert surgery.filter(type="metastasectomy")["lesion"].null_count() == 0


def test_more_errors_than_subjects_are_one_for_each_subject() -> None:
    kinds = {name: KINDS[name] for name in ("diameter over 300 mm", "unknown code")}
    both = plant_errors(clean(), protocol=trial(), seed=3, rate=1.0, kinds=kinds)
    assert both.planted.select(KEY).is_unique().all()
    assert both.planted.height <= 2 * 88
    assert (both.planted["kind"] == "diameter over 300 mm").sum() > 100


def test_without_kinds_nothing_is_planted() -> None:
    none = plant_errors(clean(), protocol=trial(), seed=3, kinds={})
    assert none.planted.is_empty()
    assert all(frame.equals(clean()[name]) for name, frame in none.frames.items())


def test_a_kind_added_last_leaves_the_errors_before_it_where_they_were() -> None:
    names = list(KINDS)
    fewer = {name: KINDS[name] for name in names[:-1]}
    some = plant_errors(clean(), protocol=trial(), seed=3, kinds=fewer).planted
    every = plant_errors(clean(), protocol=trial(), seed=3).planted
    assert every.filter(pl.col("kind") != names[-1]).equals(some)
