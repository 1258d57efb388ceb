"""Dose limits of organs at risk as data: set, organ, metric, fractions, limit, source.

`dose_constraints.csv` has a row a limit. `metric`: `Dcc` the least dose in the hottest `volume` cc,
`Dpct` that in the hottest per cent, `max` the dose to a point (0.035 cc), `mean`, `Vgy` the volume
that receives `volume` Gy, `critvol` the dose below which at least `volume` cc must stay. `tag` says
whether the value was seen in a public page (V) or is known from the publication (K): compare with
the original before clinical use.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseConstraint:
    """One limit; `optimal` is None where the set has only a mandatory one.

    `bound` is `at_most` (the limit itself is met) or `below` (it is not).
    """

    set: str
    version: str
    organ: str
    metric: str
    volume: float | None
    fractions: int
    optimal: float | None
    mandatory: float
    bound: str
    unit: str
    endpoint: str
    source: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformity:
    """R50 and D2cm (per cent of the prescription) that a PTV of this size may have."""

    ptv_cc: float
    r50: float
    r50_minor: float
    d2cm_percent: float
    d2cm_percent_minor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTolerance:
    """The range of a plan metric that is as planned, and that is still acceptable."""

    metric: str
    low: float | None
    high: float | None
    minor_low: float | None
    minor_high: float | None
    unit: str
    words: str


@cache
def read_constraints() -> tuple[DoseConstraint, ...]:
    """Every dose limit, in the order of the file."""
    return tuple(
        DoseConstraint(
            set=row["set"],
            version=row["version"],
            organ=row["organ"],
            metric=row["metric"],
            volume=_number(row["volume"]),
            fractions=int(row["fractions"]),
            optimal=_number(row["optimal"]),
            mandatory=float(row["mandatory"]),
            bound=row["bound"],
            unit=row["unit"],
            endpoint=row["endpoint"],
            source=row["source"],
            tag=row["tag"],
        )
        for row in _rows("dose_constraints.csv")
    )


@cache
def read_conformity() -> tuple[Conformity, ...]:
    """R50 and D2cm by size of the PTV, smallest first (RTOG 0813 and 0915)."""
    return tuple(
        Conformity(
            ptv_cc=float(row["ptv_cc"]),
            r50=float(row["r50"]),
            r50_minor=float(row["r50_minor"]),
            d2cm_percent=float(row["d2cm_percent"]),
            d2cm_percent_minor=float(row["d2cm_percent_minor"]),
        )
        for row in _rows("plan_conformity.csv")
    )


@cache
def read_tolerances() -> dict[str, PlanTolerance]:
    """The tolerance of each plan metric by its name (proposal)."""
    return {
        row["metric"]: PlanTolerance(
            metric=row["metric"],
            low=_number(row["low"]),
            high=_number(row["high"]),
            minor_low=_number(row["minor_low"]),
            minor_high=_number(row["minor_high"]),
            unit=row["unit"],
            words=row["words"],
        )
        for row in _rows("plan_tolerances.csv")
    }


def find_constraints(
    *, organ: str, fractions: int, sets: tuple[str, ...] = ()
) -> tuple[DoseConstraint, ...]:
    """The limits of an organ in exactly so many fractions, of these sets (empty: of every set).

    A planning risk volume (`SpinalCord_PRV03`) has the limits of its organ.
    """
    name = organ.split("_PRV", maxsplit=1)[0]
    return tuple(
        each
        for each in read_constraints()
        if each.organ == name and each.fractions == fractions and (not sets or each.set in sets)
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("equipoise.vocab") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
