"""Many trials in batches: memory does not grow with their number, and every core has work."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import Datasets, Endpoints

Derived = TypeVar("Derived", Datasets, Endpoints)

BATCH = 250  # trials: large enough that the fixed cost of the passes is small


def list_batches(frames: Frames) -> list[tuple[int, int]]:
    """The first and last trial of each batch, in order; one batch when no row is there."""
    numbers = [frame["replicate"] for frame in frames.values() if not frame.is_empty()]
    if not numbers:
        return [(0, 0)]
    trials = pl.concat(numbers).unique().sort().to_list()
    parts = [trials[at : at + BATCH] for at in range(0, len(trials), BATCH)]
    return [(part[0], part[-1]) for part in parts]


def select_batch(frames: Frames, *, batch: tuple[int, int]) -> Frames:
    """The rows of the trials of a batch."""
    of_batch = pl.col("replicate").is_between(*batch)
    return {name: frame.filter(of_batch) for name, frame in frames.items()}


def join_batches(parts: Sequence[Derived]) -> Derived:
    """What was derived of all batches, one batch below the other."""
    kind = type(parts[0])
    return kind(
        **{
            field.name: _join([getattr(part, field.name) for part in parts])
            for field in fields(kind)
        }
    )


def _join(parts: Sequence[Any]) -> Any:
    """The frames one below the other; of frames by name those of each name."""
    if isinstance(parts[0], pl.DataFrame):
        return pl.concat(parts)
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
