"""Laboratory words: tests, units with their factors, and the CTCAE v5.0 limits of each grade.

The limits are facts of CTCAE v5.0 (NCI, 27 November 2017) in a table of our own; where CTCAE gives
a limit in two units, both stand in it, for they are rounded apart. Factors are those of the SI
units of clinical chemistry (molar masses).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_OF = {"uln": "the upper limit", "lln": "the lower limit", "baseline": "baseline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryRule:
    """One limit: from it on a value of `test` is of `grade` under `term`.

    `direction` is `high` or `low`; `limit` is a multiple of the `uln`, `lln` or `baseline`, an
    excess over the ULN (`above_uln`) or a value in `unit` (`absolute`); `inclusive` limits belong
    to the grade. `baseline` says for which baseline the limit is: `normal`, `abnormal`, or both.
    """

    test: str
    term: str
    direction: str
    grade: int
    limit: float
    of: str
    inclusive: bool
    baseline: str
    unit: str

    @property
    def words(self) -> str:
        """The limit as it is printed: `above 3 x the upper limit`."""
        side = "above" if self.direction == "high" else "below"
        side = f"at or {side}" if self.inclusive else side
        if self.of == "absolute":
            return f"{side} {self.limit:g} {self.unit}".removesuffix(" 1")
        if self.of == "above_uln":
            return f"{side} the upper limit + {self.limit:g} {self.unit}".replace(" + 0 g/L", "")
        times = "" if self.limit == 1 else f"{self.limit:g} x "
        return f"{side} {times}{_OF[self.of]}"


@cache
def read_laboratory_rules() -> tuple[LaboratoryRule, ...]:
    """Every limit, in the order of tests, terms and grades."""
    return tuple(
        LaboratoryRule(
            test=row["test"],
            term=row["term"],
            direction=row["direction"],
            grade=int(row["grade"]),
            limit=float(row["limit"]),
            of=row["of"],
            inclusive=row["inclusive"] == "yes",
            baseline=row["baseline"],
            unit=row["unit"],
        )
        for row in _read_rows("ctcae_laboratory.csv")
    )


@cache
def read_units() -> Mapping[str, Mapping[str, float]]:
    """Per test the units it may be in, the SI unit first, with the factor to the SI unit."""
    units: dict[str, dict[str, float]] = {}
    for row in _read_rows("laboratory_units.csv"):
        units.setdefault(row["test"], {})[row["unit"]] = float(row["factor"])
    return units


@cache
def read_clinical_limits() -> Mapping[str, tuple[int, str]]:
    """Per term the grade from which more than the value decides, and what does, in words."""
    rows = _read_rows("laboratory_clinical.csv")
    return {row["term"]: (int(row["from_grade"]), row["words"]) for row in rows}


def _read_rows(name: str) -> list[dict[str, str]]:
    text = (files("equipoise.vocab") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
