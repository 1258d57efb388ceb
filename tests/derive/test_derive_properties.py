"""What must hold for every trial: order, replicates, rehearsals, schemas."""

from collections.abc import Iterator
from dataclasses import fields

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.trial_tables import PROTOCOL, build_frames, derive, derive_imaging, scan_rows
from equipoise.capture.frames import Frames
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.schemas import SCHEMAS, Datasets, derived_schema
from equipoise.protocol.endpoint_model import DERIVED_FRAMES, SEEN_AT_ASSESSMENTS
from equipoise.simulate.rehearsal import rehearse

REHEARSED = {seed: dict(rehearse(PROTOCOL, scenario="S4", seed=seed).frames) for seed in (1, 2)}


def parts(data: Datasets) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every frame that is derived, by name."""
    for field in fields(Datasets):
        value = getattr(data, field.name)
        if field.name == "sources":
            yield from ((f"sources/{name}", frame) for name, frame in value.items())
        else:
            yield field.name, value


def assert_same(left: Datasets, right: Datasets) -> None:
    """Both are the same, frame by frame, row by row."""
    others = dict(parts(right))
    for name, frame in parts(left):
        assert frame.equals(others[name]), name


def as_replicate(frames: Frames, number: int) -> dict[str, pl.DataFrame]:
    """The same entries as the trial of another number."""
    return {
        name: frame.with_columns(replicate=pl.lit(number, dtype=pl.Int32))
        for name, frame in frames.items()
    }


@pytest.mark.parametrize("seed", [11, 12])
def test_the_order_of_rows_never_matters(seed: int) -> None:
    frames = REHEARSED[1]
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in frames.items()
    }
    assert_same(derive(frames), derive(shuffled))


def test_an_entry_that_stands_twice_counts_the_same_in_any_order() -> None:
    frames = build_frames(
        rand="| randomised_date |\n| 10 |\n| 20 |",
        dm="| site | sex | birth_year |\n| 01 | M | 1960 |\n| 02 | F | 1961 |",
        dth="| death_date |\n| 200 |\n| 100 |",
        les_bl="| lesion | ld_mm |\n| L01 | 20 |\n| L01 | 30 |",
    )
    turned = {name: frame.reverse() for name, frame in frames.items()}
    assert_same(derive(frames), derive(turned))


def test_trials_rehearsed_together_give_what_each_gives_alone() -> None:
    first, second = REHEARSED[1], as_replicate(REHEARSED[2], 1)
    both = {name: pl.concat([frame, second[name]]) for name, frame in first.items()}
    together = dict(parts(derive(both)))
    alone = dict(parts(derive(first)))
    other = dict(parts(derive_datasets(second, PROTOCOL)))
    for name, frame in together.items():
        assert frame.filter(replicate=0).equals(alone[name]), name
        assert frame.filter(replicate=1).equals(other[name]), name


def test_every_frame_has_the_columns_that_are_declared() -> None:
    for data in (derive(REHEARSED[1]), derive(build_frames()), derive(empty())):
        for name, schema in SCHEMAS.items():
            assert dict(getattr(data, name).schema) == schema, name


def test_every_frame_that_an_endpoint_may_name_is_derived_with_its_columns() -> None:
    for data in (derive(REHEARSED[1]), derive(empty())):
        assert set(data.sources) == set(DERIVED_FRAMES)
        for name, frame in data.sources.items():
            assert dict(frame.schema) == derived_schema(name), name


def empty() -> dict[str, pl.DataFrame]:
    """A trial that has not begun."""
    return {name: frame.clear() for name, frame in build_frames().items()}


def test_a_trial_without_subjects_gives_empty_frames() -> None:
    assert all(frame.is_empty() for _, frame in parts(derive(empty())))


def test_every_randomised_subject_has_one_row_of_every_reading() -> None:
    data = derive(REHEARSED[1])
    subjects = data.subjects.height
    everybody = [each.id for each in PROTOCOL.endpoint if each.origin == "randomised"]
    times = data.times.filter((pl.col("lesion") == "") & pl.col("endpoint").is_in(everybody))
    counts = times.group_by("endpoint", "convention").len()
    assert counts["len"].to_list() == [subjects] * counts.height
    responders = data.subjects["first_response_date"].count()
    assert data.times.filter(endpoint="dor").height == responders > 10
    assert data.best_responses.height == 2 * subjects
    assert data.times["row"].is_unique().all()
    assert data.flow.height == subjects


def test_every_time_names_entries_that_exist() -> None:
    known = pl.concat([frame.select("entry") for frame in REHEARSED[1].values()])["entry"]
    for name, frame in parts(derive(REHEARSED[1])):
        if "entries" in frame.columns:
            named = frame["entries"].explode().drop_nulls()
            assert named.is_in(known.to_list()).all(), name
    times = derive(REHEARSED[1]).times
    assert (times["entries"].list.len() > 0).all()


def test_censoring_never_ends_later_than_treatment_policy_in_a_rehearsal() -> None:
    """D8.5, test 8."""
    for frames in REHEARSED.values():
        pfs = derive(frames).times.filter(endpoint="pfs")
        wide = pfs.pivot("convention", index="subject", values="days")
        assert wide.filter(pl.col("fda") > pl.col("ema")).is_empty()
        events = pfs.filter(pl.col("cause") == 1)
        by_rule = events.pivot("convention", index="subject", values="days").drop_nulls()
        assert by_rule.height > 10
        assert by_rule.filter(pl.col("fda") > pl.col("ema")).is_empty()


def test_what_is_seen_at_an_assessment_happened_some_days_before() -> None:
    dated = {"response_date", "progression_date", "failure_date"}
    assert set(SEEN_AT_ASSESSMENTS) == {
        name for name, columns in DERIVED_FRAMES.items() if dated & set(columns)
    }
    deaths = ("R3", "R5", "DR-D", "LC-D", "TR-D", "OS", "NT-D")
    for frames in REHEARSED.values():
        data = derive(frames)
        times = data.times.filter(pl.col("cause") > 0)
        assert (times["left_days"] <= times["right_days"]).all()
        dead = pl.col("end_date") == pl.col("death_date")
        known = data.subjects.select("subject", "death_date")
        seen = times.join(known, on="subject").filter(
            ~pl.col("rule").is_in([*deaths, "R6", "LC-R", "NT", "R9"])
            & ~dead.fill_null(value=False)
        )
        assert seen.height > 300
        assert (seen["left_days"] < seen["right_days"]).all()


SIZES = st.lists(st.integers(min_value=0, max_value=60), min_size=1, max_size=5)
DAYS = (84, 168, 252, 365, 449)


@settings(max_examples=25)
@given(sizes=SIZES, later=st.integers(min_value=0, max_value=60))
def test_a_later_scan_changes_no_earlier_response(sizes: list[int], later: int) -> None:
    lines = [f"| V{n} | {DAYS[n]} | {mm or 'abs'} |" for n, mm in enumerate(sizes)]
    table = "\n".join(["| visit | day | L01 |", "| BL | -10 | 30 |", *lines])
    more = f"{table}\n| V9 | 533 | {later or 'abs'} |"
    before = derive_imaging(build_frames(scan_rows(table))).assessments
    after = derive_imaging(build_frames(scan_rows(more))).assessments
    assert after.filter(pl.col("visit") != "V9").equals(before)


@settings(max_examples=25)
@given(sizes=SIZES)
def test_growth_by_size_needs_a_fifth_and_five_millimetres_over_the_smallest(
    sizes: list[int],
) -> None:
    lines = [f"| V{n} | {DAYS[n]} | {mm or 'abs'} |" for n, mm in enumerate(sizes)]
    table = "\n".join(["| visit | day | L01 |", "| BL | -10 | 30 |", *lines])
    found = derive_imaging(build_frames(scan_rows(table))).assessments.filter(~pl.col("baseline"))
    smallest = 30
    for size, response in zip(sizes, found["target_response"].to_list(), strict=True):
        grown = size >= smallest + 5 and 5 * size >= 6 * smallest
        back = smallest == 0 and size > 0
        assert (response == "PD") == (grown or back)
        smallest = min(smallest, size)
