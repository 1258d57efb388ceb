"""What the analysis reads of the derived data: four frames, and the arms beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol as Shape

import polars as pl


class DerivedData(Shape):
    """The derived frames that an analysis reads; `derive.Endpoints` is one.

    `subjects` has a row a subject, `times` a row a subject or lesion, endpoint and convention,
    `occurrences` a row an event of an occurrence endpoint.
    """

    @property
    def subjects(self) -> pl.DataFrame:
        """Subjects with their dates, strata, subgroups and the facts that populations ask for."""
        ...

    @property
    def times(self) -> pl.DataFrame:
        """Times to event: days and cause (0 censored, 1 event, 2 competing)."""
        ...

    @property
    def intercurrent(self) -> pl.DataFrame:
        """The first intercurrent event of each kind on the way to an endpoint, with its day."""
        ...

    @property
    def occurrences(self) -> pl.DataFrame:
        """Events that may fall into a window: onset and end dates."""
        ...


def select_replicate(frame: pl.DataFrame, *, replicate: int) -> pl.DataFrame:
    """The rows of one trial among those rehearsed together."""
    return frame.filter(pl.col("replicate") == replicate)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFrame:
    """The rows of trials rehearsed together, each trial's for itself."""

    none: pl.DataFrame
    parts: Mapping[int, pl.DataFrame]

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "SplitFrame":
        """The rows of a frame by their trial."""
        parts = frame.partition_by("replicate", as_dict=True, maintain_order=True)
        return cls(none=frame.clear(), parts={int(key[0]): part for key, part in parts.items()})

    @property
    def numbers(self) -> tuple[int, ...]:
        """The trials that have a row."""
        return tuple(self.parts)

    def trial(self, number: int) -> pl.DataFrame:
        """The rows of one trial; none where it has none."""
        return self.parts.get(number, self.none)
