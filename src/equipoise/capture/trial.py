"""The data of a trial: the entries, and beside them the arms."""

from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames

ALLOCATION_SCHEMA: dict[str, pl.DataType] = {
    "replicate": pl.Int32(),
    "subject": pl.String(),
    "arm": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """Entries by form, and the allocations in a frame of their own: no form knows the arm."""

    frames: Frames
    allocations: pl.DataFrame
