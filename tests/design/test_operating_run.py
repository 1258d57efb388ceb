"""Chunks and large trials in the order of their numbers; what is kept and told on the way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
import pytest

from design.rehearsed_plan import TRUTH, operated, short_plan
from equipoise.design import operating_run
from equipoise.design.large_trials import PLANNED_IN_ONE
from equipoise.design.operating_run import CHUNK, Rehearsing, run_rehearsing, split_trials
from equipoise.design.tallies import Truth
from equipoise.design.whole_protocol import Chunk, PlanRefusedError

ASKED = Rehearsing(protocol=short_plan(), scenario="S2", seed=7, trials=4, large_trials=0)


def drawn(asked: Rehearsing, trials: range, truth: Truth) -> Chunk:
    """Chunks that other tests have drawn already."""
    assert truth == TRUTH
    return operated(trials.start, trials.stop)


def test_chunks_are_kept_and_told_in_order_and_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operating_run, "split_trials", lambda _: [range(3), range(3, 4)])
    monkeypatch.setattr(operating_run, "_operate", drawn)
    monkeypatch.setattr(operating_run, "_answer_large", lambda _, number: (number,))
    monkeypatch.setattr(operating_run, "tell_truth", lambda found: TRUTH if [*found] else {})
    kept: list[pl.DataFrame] = []
    told: list[int] = []

    asked = replace(ASKED, large_trials=2)
    with ThreadPoolExecutor(2) as executor:
        found = run_rehearsing(asked, executor=executor, keep=kept.append, tell=told.append)

    assert told == [PLANNED_IN_ONE, PLANNED_IN_ONE, 3, 1]
    assert sum(told) == asked.steps
    assert pl.concat(kept).equals(operated(0, 4).rows)
    assert found.operating.tallies == operated(0, 4).operating.tallies
    assert found.operating.course.equals(operated(0, 4).operating.course)
    assert found.truth == TRUTH


@pytest.mark.parametrize("trials", [1, 25, 26, 100, 399, 400, 1000, 12_345])
def test_every_trial_is_in_one_chunk_and_the_last_chunks_are_small(trials: int) -> None:
    chunks = list(split_trials(trials))

    assert [number for chunk in chunks for number in chunk] == list(range(trials))
    sizes = [len(chunk) for chunk in chunks]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == min(trials, CHUNK, max(trials // 4, CHUNK // 4))
    assert sizes[-1] <= CHUNK // 4


def test_what_cannot_be_tried_is_refused_before_anything_is_drawn() -> None:
    bare = replace(ASKED, protocol=short_plan().model_copy(update={"analysis": ()}))
    with ThreadPoolExecutor(1) as executor, pytest.raises(PlanRefusedError, match="no analysis"):
        run_rehearsing(bare, executor=executor, keep=lambda _: None, tell=lambda _: None)
