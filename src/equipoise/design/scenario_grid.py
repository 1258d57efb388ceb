"""A grid of plans: which parameters may vary, how an axis is written, the cells it has."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException, InvalidOperation
from itertools import product

from equipoise.design.error_rates import ImpossiblePlanError, impossible, refuse
from equipoise.vocab.finding import Finding

MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What an axis may vary: its words, the range of its values, its ends when `closed`."""

    words: str
    low: float
    high: float = math.inf
    closed: bool = False
    whole: bool = False

    def allows(self, value: float) -> bool:
        """Whether a value lies in the range."""
        inside = self.low <= value if self.closed else self.low < value
        return inside and value < self.high and (not self.whole or value == int(value))

    @property
    def range(self) -> str:
        """The range in words."""
        kind = "whole numbers" if self.whole else "numbers"
        first = f"from {self.low:g} on" if self.closed else f"above {self.low:g}"
        return f"{kind} {first}" + ("" if self.high == math.inf else f", below {self.high:g}")


PARAMETERS = {
    "subjects": Parameter(words="subjects of both arms", low=2, high=1e6, closed=True, whole=True),
    "ratio": Parameter(words="experimental to reference subjects", low=0, high=1e3),
    "hazard_ratio": Parameter(words="experimental to reference hazard", low=0, high=1e3),
    "delay": Parameter(words="months before the effect begins", low=0, closed=True, high=1e4),
    "reference_median": Parameter(words="median of the reference arm, months", low=0, high=1e4),
    "reference_survival": Parameter(
        words="share of the reference arm without event at the milestone", low=0, high=1
    ),
    "cured": Parameter(words="share that never has the event", low=0, high=1, closed=True),
    "prognosis": Parameter(
        words="hazard ratio between two strata of equal size; tests are stratified", low=0, high=1e3
    ),
    "dropout": Parameter(words="share lost in a year", low=0, high=1, closed=True),
    "accrual": Parameter(words="subjects a month, all sites open", low=0, high=1e6),
    "follow_up": Parameter(
        words="months from the last subject to the final analysis", low=0, closed=True, high=1e4
    ),
    "events": Parameter(
        words="final analysis after so many events, whenever that is",
        low=1, high=1e6, closed=True, whole=True,
    ),
    "milestone": Parameter(words="month of the milestone test", low=0, high=1e4),
    "horizon": Parameter(words="month up to which mean time is compared", low=0, high=1e4),
    "scans": Parameter(
        words="months between scans; events are seen on them (0: at once)",
        low=0, closed=True, high=1e3,
    ),
    "death_before": Parameter(
        words="deaths a month before progression, of overall survival",
        low=0, closed=True, high=1e3,
    ),
    "death_after": Parameter(
        words="deaths a month after progression, of overall survival", low=0, high=1e3
    ),
    "survival_median": Parameter(
        words="median overall survival of the reference arm, months", low=0, high=1e4
    ),
    "frailty": Parameter(
        words="SD of patients' log hazard of progression, of overall survival",
        low=0, closed=True, high=3,
    ),
}  # fmt: skip
OF_DEATH = ("death_before", "death_after", "survival_median", "frailty")
NOT_OF_DEATH = ("cured", "scans")


_SAME = (("reference_median", "reference_survival"), ("death_after", "survival_median"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A parameter and its values in the order of the table."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One plan: a scenario, and the parameters that are not the protocol's, in order."""

    scenario: str
    settings: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        """The cell in words: `base, subjects 88, hazard_ratio 0.7`."""
        return ", ".join([self.scenario, *(f"{name} {value:g}" for name, value in self.settings)])


def parse_axis(text: str) -> Axis:
    """An axis from `name=1,2,3` or `name=from:to:step`, the ends included.

    Raises ImpossiblePlanError: an unknown name, no value, one that is no number or out of range.
    """
    name, _, said = text.partition("=")
    name = name.strip()
    if name not in PARAMETERS:
        known = ", ".join(PARAMETERS)
        raise _refuse(text, "parameter-unknown", f"'{name}' cannot vary", f"Name one of {known}.")
    values = tuple(value for part in said.split(",") for value in _parse_part(text, part))
    for value in values:
        if not PARAMETERS[name].allows(value):
            message = f"{name} cannot be {value:g}"
            mend = f"{name} ({PARAMETERS[name].words}): {PARAMETERS[name].range}."
            raise _refuse(text, "value-impossible", message, mend)
    return Axis(name=name, values=tuple(dict.fromkeys(values)))


def _refuse(text: str, code: str, message: str, mend: str) -> ImpossiblePlanError:
    return ImpossiblePlanError((impossible(f"grid {text}", code=code, message=message, mend=mend),))


def _parse_part(text: str, part: str) -> Iterator[float]:
    try:
        numbers = [Decimal(number.strip()) for number in part.split(":")]
        if not all(number.is_finite() for number in numbers) or len(numbers) == 2:
            raise InvalidOperation
        if len(numbers) == 1:
            return iter([float(numbers[0])])
        first, last, step = numbers
        count = (last - first) / step
    except DecimalException as wrong:
        message = (
            f"'{part}' is neither a number nor a range" if part.strip() else "there is no value"
        )
        mend = "Write name=60,88,120 or name=from:to:step, as hazard_ratio=0.5:1.0:0.1."
        raise _refuse(text, "values-unreadable", message, mend) from wrong
    if not 0 <= count < MOST_CELLS:
        message = f"{step} steps from {first} do not lead to {last}" if count < 0 else "too many"
        raise _refuse(
            text, "range-impossible", message, "Let steps lead from the first to the last."
        )
    return iter([float(first + place * step) for place in range(int(count) + 1)])


def build_cells(scenarios: Sequence[str], *, axes: Sequence[Axis]) -> tuple[Cell, ...]:
    """Every scenario with every combination of values, the last axis changing first.

    Raises ImpossiblePlanError: no scenario, an axis given twice, two that contradict each other,
    more than 100,000 cells.
    """
    refuse(_find_grid_problems(scenarios, axes))
    return tuple(
        Cell(scenario=scenario, settings=settings)
        for scenario in dict.fromkeys(scenarios)
        for settings in product(*([(axis.name, value) for value in axis.values] for axis in axes))
    )


def _find_grid_problems(scenarios: Sequence[str], axes: Sequence[Axis]) -> Iterator[Finding]:
    names = [axis.name for axis in axes]
    if not scenarios:
        yield impossible(
            "scenarios", code="scenario-missing", message="no scenario is named",
            mend="Name at least one; without --scenarios all of [[design.alternative]] are tried.",
        )  # fmt: skip
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield impossible(
            f"grid {name}", code="axis-twice", message=f"{name} is given {names.count(name)} times",
            mend="Give all its values at once.",
        )  # fmt: skip
    for pair in _SAME:
        if set(pair) <= set(names):
            yield impossible(
                "grid", code="axes-contradict",
                message=f"{' and '.join(pair)} both say how the reference arm does",
                mend="Keep one of them.",
            )  # fmt: skip
    cells = len(scenarios) * math.prod(len(axis.values) for axis in axes)
    if cells > MOST_CELLS:
        yield impossible(
            "grid", code="too-many-cells", message=f"{cells:,} cells, more than {MOST_CELLS:,}",
            mend="Take fewer values, or several grids.",
        )  # fmt: skip
