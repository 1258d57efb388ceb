"""The one result type: what every analysis returns, and every table and figure reads."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.hazards.effect_over_time import EffectOverTime

if TYPE_CHECKING:  # a result is read where no frame is: importing polars takes long
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its confidence interval; None where it cannot be estimated."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    standard_error: float | None = None
    level: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A step function of one arm: survival or cumulative incidence, right-continuous.

    All arrays have shape (k,); `time` starts at 0 and is in the unit named by `Result.time_unit`.
    `at_risk[i]` counts those at risk just before `time[i]`; `censored` holds the censoring times.
    The limits are NaN where there are none (before the first event, after survival 0); `band` says
    of which kind they are. `is_rising` tells an incidence from a survival; `competing` is then the
    incidence of what competes, None for a survival.
    """

    arm: str
    time: NDArray[np.float64]
    estimate: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    censored: NDArray[np.float64]
    is_rising: bool = False
    competing: NDArray[np.float64] | None = None
    band: str = "pointwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """What one arm contributes: counts, and the estimates named by what they measure.

    `n` counts the rows of the analysis (subjects or lesions), `subjects` the subjects behind them.
    """

    arm: str
    n: int
    events: int
    subjects: int = 0
    estimates: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One analysis: what was compared, how (in words), what came out, and from which rows.

    `name` is the analysis in the plan, `measure` what `estimate` is (`hazard_ratio`,
    `risk_difference`, ...; other arm against the reference arm), `arm_measure` the estimate of each
    arm that is compared, `at` the time it is about in `time_unit`, `further` other estimates of the
    same comparison (`log_<measure>` of a ratio), `rows` the ids of the analysis rows that were
    counted, `second_rows` those of the second endpoint that they were read with. `parts` holds one
    result a time, a level or another arm. `course` is how the log ratio
    goes over time, of a check of proportional hazards.
    """

    name: str
    endpoint: str
    method: str
    measure: str
    reference_arm: str
    arms: tuple[ArmResult, ...]
    estimate: Estimate | None = None
    statistic: float | None = None
    degrees_of_freedom: int | None = None
    p_value: float | None = None
    arm_measure: str = ""
    at: float | None = None
    time_unit: str = "months"
    further: Mapping[str, Estimate] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    second_rows: tuple[str, ...] = ()
    parts: tuple["Result", ...] = ()
    course: EffectOverTime | None = None


def known(value: float) -> float | None:
    """The number, or None where it is not finite: nothing can be said."""
    return float(value) if math.isfinite(value) else None


def build_estimate(
    value: float,
    *,
    lower: float = math.nan,
    upper: float = math.nan,
    standard_error: float = math.nan,
    level: float = 0.95,
) -> Estimate:
    """An estimate from numbers that may be NaN; without a value it has no interval either."""
    if known(value) is None:
        return Estimate(value=None, level=level)
    return Estimate(
        value=float(value),
        lower=known(lower),
        upper=known(upper),
        standard_error=known(standard_error),
        level=level,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedTest:
    """An analysis of the family: its p, the least level at which the procedure rejects it."""

    analysis: str
    p_value: float | None
    adjusted: float | None
    is_rejected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The tests that share `alpha`, in the order of the plan, and how."""

    words: str
    alpha: float
    tests: tuple[AdjustedTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Every analysis of the plan by its id, the forest, and who was analysed.

    `subgroups` has a result a subgroup (levels in `parts`, the interaction test on top), `overall`
    is the same unstratified hazard ratio in all of them. `populations` counts each population by
    arm, `members` lists it (population, subject, arm). `follow_up` is that of both arms together,
    by endpoint. `family` holds the tests that share the level, None where the plan has no such.
    `warnings` are those about the data as a whole.
    """

    results: Mapping[str, Result]
    subgroups: tuple[Result, ...]
    overall: Result | None
    populations: Mapping[str, Mapping[str, int]]
    members: "pl.DataFrame"
    follow_up: Mapping[str, Mapping[str, Estimate]]
    reference_arm: str
    arms: tuple[str, ...]
    seed: int
    family: Family | None = None
    warnings: tuple[str, ...] = ()
