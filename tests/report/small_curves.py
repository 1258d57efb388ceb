"""Results with curves that a reader can check by eye."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from equipoise.analysis.result import ArmResult, Curve, Estimate, Result

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


def told_of(
    curves: Sequence[Curve],
    *,
    medians: Sequence[Estimate | None] = (),
    at: float = 12.0,
    measure: str = "survival_difference",
    estimate: Estimate | None = None,
) -> Result:
    """A result of these curves that compares the arms at a time; `medians` are theirs."""
    key = {"survival_difference": "survival"}.get(measure, measure.split("_", 1)[0])
    told = {curve.arm: median for curve, median in zip(curves, medians, strict=False) if median}
    base = result_of(curves)
    arms = tuple(
        replace(
            arm,
            estimates={
                key: Estimate(value=0.5 + place / 4),
                **({"median": told[arm.arm]} if arm.arm in told else {}),
            },
        )
        for place, arm in enumerate(base.arms)
    )
    given = estimate or Estimate(value=0.25, lower=-0.05, upper=0.55)
    return replace(
        base, arms=arms, at=at, measure=measure, arm_measure=key, estimate=given, p_value=0.1
    )


def competing_curve(
    arm: str, *, event: Sequence[float], competing: Sequence[float], last: float = 20.0
) -> Curve:
    """An incidence with what competes, at even steps up to the last time."""
    time = np.linspace(0, last, len(event))
    flat = curve_of(arm, steps=list(zip(time, event, strict=True)), n=30)
    return replace(flat, is_rising=True, competing=np.array(competing, dtype=np.float64))
