"""Results with curves that a reader can check by eye."""

from collections.abc import Sequence

import numpy as np

from equipoise.analysis.result import ArmResult, Curve, Result

UNKNOWN = float("nan")


def curve_of(
    arm: str, *, steps: Sequence[tuple[float, float]], n: int = 4, censored: Sequence[float] = ()
) -> Curve:
    """A curve of steps (time, value); each step takes one from those at risk, limits are ±0.1."""
    time = np.array([at for at, _ in steps], dtype=np.float64)
    estimate = np.array([value for _, value in steps], dtype=np.float64)
    known = np.where(np.arange(time.size) > 0, 0.1, np.nan)
    return Curve(
        arm=arm,
        time=time,
        estimate=estimate,
        lower=np.clip(estimate - known, 0, 1),
        upper=np.clip(estimate + known, 0, 1),
        at_risk=np.array([max(n - max(place - 1, 0), 0) for place in range(time.size)]),
        censored=np.array(censored, dtype=np.float64),
    )


SURVIVAL = (
    curve_of("A", steps=((0, 1), (3, 0.75), (9, 0.5), (14, 0.25), (20, 0)), censored=(10,)),
    curve_of("B", steps=((0, 1), (6, 0.75), (16, 0.5), (30, 0.5)), censored=(25, 30)),
)
INCIDENCE = (
    curve_of("A", steps=((0, 0), (3, 0.25), (9, 0.5))),
    curve_of("B", steps=((0, 0), (6, 0.1), (20, 0.15))),
)


def result_of(curves: Sequence[Curve], *, unit: str = "months") -> Result:
    """A result with these curves and nothing compared."""
    arms = tuple(ArmResult(arm=curve.arm, n=4, events=2) for curve in curves)
    return Result(
        name="pfs",
        endpoint="pfs",
        method="Kaplan-Meier",
        measure="survival",
        reference_arm="A",
        arms=arms,
        curves=tuple(curves),
        time_unit=unit,
    )
