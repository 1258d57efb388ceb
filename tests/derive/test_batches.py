"""Trials are derived in batches; nothing in a result depends on how they were split."""

from dataclasses import fields

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.derive import batches
from equipoise.derive.batches import join_batches, list_batches, select_batch
from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_datasets, derive_endpoints
from equipoise.derive.schemas import Datasets, Endpoints
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import rehearse

PROTOCOL = shipped_protocol()
TRIALS = 5
DRAWN = rehearse(PROTOCOL, scenario="S2", seed=3, replicates=TRIALS)
CUTOFFS = cut_dates(DRAWN.frames, PROTOCOL, cut="DC1")


def _derive() -> Datasets:
    return derive_datasets(DRAWN.frames, PROTOCOL, cutoffs=CUTOFFS)


def _frames(datasets: Datasets) -> dict[str, pl.DataFrame]:
    plain = [field.name for field in fields(Datasets) if field.name != "sources"]
    return {**{name: getattr(datasets, name) for name in plain}, **datasets.sources}


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_every_frame_is_the_same_whatever_the_batch(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _frames(_derive())
    monkeypatch.setattr(batches, "BATCH", batch)
    split = _frames(_derive())
    assert set(split) == set(whole)
    for name, frame in whole.items():
        assert_frame_equal(split[name], frame, check_row_order=False)


def test_batches_of_one_size_give_the_same_rows_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    first, second = _frames(_derive()), _frames(_derive())
    for name, frame in first.items():
        assert_frame_equal(second[name], frame)


def test_a_batch_is_named_by_its_first_and_last_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    assert list_batches(DRAWN.frames) == [(0, 1), (2, 3), (4, 4)]


def test_trials_that_are_numbered_with_gaps_make_no_empty_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    numbers = pl.Series("replicate", [7, 2_000_000_000, 7], dtype=pl.Int32)
    assert list_batches({"dm": numbers.to_frame()}) == [(7, 7), (2_000_000_000, 2_000_000_000)]


def test_a_trial_without_entries_is_one_batch() -> None:
    empty = {name: frame.clear() for name, frame in DRAWN.frames.items()}
    assert list_batches(empty) == [(0, 0)]
    assert derive_datasets(empty, PROTOCOL).times.is_empty()


def test_a_batch_holds_the_rows_of_its_trials_alone() -> None:
    frames = select_batch(DRAWN.frames, batch=(1, 2))
    assert frames["dm"]["replicate"].unique().sort().to_list() == [1, 2]
    assert frames["dm"].height == 2 * PROTOCOL.randomisation.planned_subjects


def test_one_part_joined_is_that_part() -> None:
    datasets = _derive()
    for name, frame in _frames(join_batches([datasets])).items():
        assert_frame_equal(frame, _frames(datasets)[name])


def test_endpoints_alone_are_those_among_all_that_is_derived() -> None:
    alone, whole = derive_endpoints(DRAWN.frames, PROTOCOL, cutoffs=CUTOFFS), _derive()
    for field in fields(Endpoints):
        assert_frame_equal(getattr(alone, field.name), getattr(whole, field.name))


def test_endpoints_alone_come_in_batches_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    alone = derive_endpoints(DRAWN.frames, PROTOCOL, cutoffs=CUTOFFS)
    assert type(alone) is Endpoints
    assert_frame_equal(alone.times, _derive().times)
