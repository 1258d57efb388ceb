"""Rehearsed laboratory values: few, in their grade, and no other draw moves for them."""

import polars as pl

from equipoise.derive.datasets import derive_datasets
from equipoise.simulate.entries.laboratory import TERMS, TESTS
from simulate.rehearsed import KEY, days_since_randomisation, many, trial

EVENTS = pl.col("term").is_in(list(TERMS)) & (pl.col("grade") <= 4)


def test_values_are_drawn_at_screening_and_at_the_onset_of_their_events_only() -> None:
    frames = many().frames
    lb = frames["lb"].with_columns(day=days_since_randomisation(frames["lb"], many(), "lab_date"))
    subjects = frames["rand"].height
    assert lb.filter(pl.col("day") <= 0).height == len(TESTS) * subjects
    assert lb.filter(pl.col("day") > 0).height == frames["ae"].filter(EVENTS).height


def test_entries_of_a_trial_grow_by_less_than_a_tenth() -> None:
    frames = many().frames
    others = sum(frame.height for name, frame in frames.items() if name != "lb")
    assert frames["lb"].height < 0.1 * others


def test_each_value_has_the_grade_of_its_event() -> None:
    """But anaemia of grade 4 and lipase of grade 4, where symptoms decide: at least grade 3.

    Left out is who has such an event on the first day of treatment: its value is the baseline.
    """
    frames = many().frames
    grades = derive_datasets(frames, trial()).laboratory_grades
    whole = pl.col("onset_date").str.len_bytes() == len("2025-01-01")
    events = frames["ae"].filter(EVENTS & whole)
    events = events.select(*KEY, "term", event="grade", lab_date="onset_earliest_date")
    events = events.filter(~pl.struct(*KEY, "term", "lab_date").is_duplicated())
    start = frames["ex_sys"].group_by(KEY).agg(pl.col("start_date").min())
    at_start = events.join(start, on=KEY).filter(pl.col("lab_date") <= pl.col("start_date"))
    events = events.join(at_start, on=KEY, how="anti")
    both = events.join(grades, on=[*KEY, "term", "lab_date"], how="inner")
    assert both.height >= events.height > 100
    same = (pl.col("grade") == pl.col("event")) | (pl.col("at_least") & (pl.col("event") == 4))
    assert both.filter(~same).is_empty()


def test_the_blood_count_at_screening_is_that_of_the_imdc_form() -> None:
    frames = many().frames
    first = frames["lb"].filter((pl.col("test") == "haemoglobin") & (pl.col("record") <= 2))
    both = first.join(frames["imdc"], on=KEY, how="inner")
    assert both.height == frames["imdc"].height
    assert both.filter(pl.col("value") != pl.col("hb_g_dl")).is_empty()
    assert both.filter(pl.col("lab_date") != pl.col("lab_date_right")).is_empty()
