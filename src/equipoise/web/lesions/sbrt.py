"""SBRT of a subject by lesion: prescribed and given, fractions and gaps, doses to organs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from equipoise.capture.frames import Frames
from equipoise.derive.dose_limits import Limit, LimitVerdict, check_constraint, find_limits
from equipoise.web.lesions.derived import Derived

_METRICS = {  # as the form writes them, and as the limits do
    "max": "max",
    "dcc": "Dcc",
    "dpct": "Dpct",
    "mean": "mean",
    "vgy": "Vgy",
    "critvol": "critvol",
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FractionTold:
    """A fraction: number, day, time, dose, and the hours since the one before where both are known.

    `gap_days` counts between dates.
    """

    fraction: int
    day: date
    at: str
    dose_gy: float
    gap_hours: float | None
    gap_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganTold:
    """A dose to an organ at risk against each limit that is known of it; none known: empty."""

    structure: str
    metric: str
    value: float
    unit: str
    verdicts: tuple[LimitVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionDose:
    """A lesion: the row of the derived dose, its fractions, its organs."""

    dose: Row
    fractions: tuple[FractionTold, ...]
    organs: tuple[OrganTold, ...]


def list_lesion_doses(derived: Derived) -> list[LesionDose]:
    """Every lesion prescribed, irradiated or left out, as derived; empty without any SBRT."""
    frames = derived.frames
    return [
        LesionDose(
            dose=row,
            fractions=tuple(_fractions(frames, row["lesion"])),
            organs=tuple(list_organs(_of_lesion(frames, "rt_dvh", row["lesion"]), dose=row)),
        )
        for row in derived.dose
    ]


def list_organs(rows: list[Row], *, dose: Row) -> Iterator[OrganTold]:
    """The doses to organs against the limits for the prescribed number of fractions."""
    fractions = dose["prescribed_fractions"]
    for row in rows:
        if row["structure"] is None or row["value"] is None:
            continue
        metric = _METRICS.get(row["metric"] or "", "")
        limits = find_limits(organ=row["structure"], fractions=fractions) if fractions else ()
        yield OrganTold(
            structure=row["structure"],
            metric=_metric_words(metric, row["metric_at"]),
            value=row["value"],
            unit=row["unit"] or "",
            verdicts=tuple(
                check_constraint(row["value"], limit=limit)
                for limit in limits
                if _is_about(limit, metric, row["metric_at"])
            ),
        )


def _is_about(limit: Limit, metric: str, at: float | None) -> bool:
    rule = limit.constraint
    same = (
        rule.volume is None or metric == "max" or (at is not None and abs(rule.volume - at) < 1e-6)
    )
    return rule.metric == metric and same


def _metric_words(metric: str, at: float | None) -> str:
    return metric if at is None else f"{metric} {at:g}"


def _of_lesion(frames: Frames, form: str, lesion: str) -> list[Row]:
    if form not in frames:
        return []
    return list(frames[form].filter(lesion=lesion).iter_rows(named=True))


def _fractions(frames: Frames, lesion: str) -> Iterator[FractionTold]:
    """The fractions in the order of their numbers, each with what lies between it and the last."""
    rows = [row for row in _of_lesion(frames, "rt_fx", lesion) if row["fraction_date"]]
    before: Row | None = None
    for row in sorted(rows, key=lambda each: each["fraction"]):
        yield FractionTold(
            fraction=row["fraction"],
            day=row["fraction_date"],
            at=row["fraction_time"] or "",
            dose_gy=row["dose_gy"],
            gap_hours=_hours(before, row),
            gap_days=(row["fraction_date"] - before["fraction_date"]).days if before else None,
        )
        before = row


def _hours(before: Row | None, row: Row) -> float | None:
    if before is None or not before["fraction_time"] or not row["fraction_time"]:
        return None
    return (_instant(row) - _instant(before)).total_seconds() / 3600


def _instant(row: Row) -> datetime:
    return datetime.combine(row["fraction_date"], time.fromisoformat(row["fraction_time"]))
