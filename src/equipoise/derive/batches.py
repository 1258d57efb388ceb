"""Many trials in batches: memory does not grow with their number, and every core has work."""

from collections.abc import Sequence
from dataclasses import fields

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import Datasets

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


def join_batches(parts: Sequence[Datasets]) -> Datasets:
    """The datasets of all batches, one batch below the other."""
    names = [field.name for field in fields(Datasets) if field.name != "sources"]
    return Datasets(
        sources={
            name: pl.concat([part.sources[name] for part in parts]) for name in parts[0].sources
        },
        **{name: pl.concat([getattr(part, name) for part in parts]) for name in names},
    )
