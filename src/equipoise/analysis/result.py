"""The one result type: what every analysis returns, and every table and figure reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


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
    """

    arm: str
    time: NDArray[np.float64]
    estimate: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    censored: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """What one arm contributes: counts, and the estimates named by what they measure."""

    arm: str
    n: int
    events: int
    estimates: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One analysis: what was compared, how (in words), what came out, and from which rows.

    `name` is the analysis in the plan, `measure` what `estimate` is (`hazard_ratio`,
    `risk_difference`, ...; other arm against the reference arm), `rows` the ids of the analysis
    rows that were counted.
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
    time_unit: str = "months"
    curves: tuple[Curve, ...] = ()
    warnings: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    parts: tuple["Result", ...] = ()
