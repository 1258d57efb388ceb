"""Survival by arm: Kaplan-Meier curves, medians, follow-up; the frame of every survival result."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.result import ArmResult, Curve, Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, check_sample, remember
from equipoise.numerics.event_counts import EventCounts, count_events, single_out
from equipoise.numerics.survival.confidence_bands import BandKind, estimate_simultaneous_band
from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_band,
    estimate_kaplan_meier,
    estimate_kaplan_meier_of,
    estimate_quantile,
)
from equipoise.numerics.survival.survival_scales import Interval
from equipoise.protocol.methods.survival import CurveOptions

if TYPE_CHECKING:  # curves without competing events do not load those with them
    from equipoise.numerics.competing.aalen_johansen import CumulativeIncidence

POINTWISE = "pointwise"
COMPETING_AS_CENSORED = "competing events are taken as censorings: survival of the event alone"


@remember
def count_arm(sample: Sample, *, arm: str) -> EventCounts | None:
    """Events, competing events and censorings of one arm by time; None where it has no row."""
    rows = sample.of_arm(arm)
    if not rows.any():
        return None
    return count_events(sample.time[rows], cause=sample.cause[rows], causes=2)


@remember
def estimate_arm_curve(sample: Sample, *, arm: str) -> KaplanMeier | None:
    """The product-limit survival of one arm; None where it has no row."""
    counts = count_arm(sample, arm=arm)
    return None if counts is None else estimate_kaplan_meier_of(single_out(counts, cause=1))


def interval_of(question: Question) -> Interval:
    """The scale of the limits of curves and medians that the question asks for."""
    options = question.options
    return Interval(options.interval if isinstance(options, CurveOptions) else "log-log")


def band_of(question: Question) -> str:
    """Whether the limits of curves hold at each time or for the whole curve."""
    options = question.options
    return options.band if isinstance(options, CurveOptions) else POINTWISE


def estimate_median(
    curve: KaplanMeier | None, *, level: float = 0.95, interval: Interval = Interval.LOG_LOG
) -> Estimate:
    """The median time to event with its interval; None where it is not reached."""
    if curve is None:
        return Estimate(value=None, level=level)
    median = estimate_quantile(curve, level=level, interval=interval)
    # R prints the limits that exist even where the median does not
    return Estimate(
        value=build_estimate(median.value).value,
        lower=build_estimate(median.lower).value,
        upper=build_estimate(median.upper).value,
        level=level,
    )


def estimate_follow_up(
    time: NDArray[np.float64], *, event: NDArray[np.int64], level: float = 0.95
) -> dict[str, Estimate]:
    """The median follow-up by reverse Kaplan-Meier, and the longest one.

    Source: Schemper, Smith (1996).
    """
    reverse = estimate_kaplan_meier(time, event=1 - event) if time.size else None
    return _follow_up(reverse, level=level)


def _follow_up(reverse: KaplanMeier | None, *, level: float) -> dict[str, Estimate]:
    longest = None if reverse is None else float(reverse.time[-1])
    return {
        "median_follow_up": estimate_median(reverse, level=level),
        "longest_follow_up": Estimate(value=longest),
    }


def _arm_follow_up(sample: Sample, *, arm: str, level: float) -> dict[str, Estimate]:
    """The follow-up of one arm: a competing event ends it as the event does."""
    counts = count_arm(sample, arm=arm)
    reverse = None if counts is None else estimate_kaplan_meier_of(single_out(counts, cause=0))
    return _follow_up(reverse, level=level)


@remember
def build_arm_results(
    sample: Sample, *, level: float = 0.95, interval: Interval = Interval.LOG_LOG
) -> tuple[ArmResult, ...]:
    """Each arm's counts, median and follow-up."""
    arms = []
    for name in sample.arms:
        rows = sample.of_arm(name)
        curve = estimate_arm_curve(sample, arm=name)
        arms.append(
            ArmResult(
                arm=name,
                n=int(rows.sum()),
                events=0 if curve is None else curve.n_events,
                subjects=len(set(sample.subject[rows].tolist())),
                estimates={
                    "median": estimate_median(curve, level=level, interval=interval),
                    **_arm_follow_up(sample, arm=name, level=level),
                },
            )
        )
    return tuple(arms)


def with_estimates(arm: ArmResult, *, estimates: dict[str, Estimate]) -> ArmResult:
    """The same arm with these estimates added."""
    return replace(arm, estimates={**arm.estimates, **estimates})


def start_at_zero(
    time: NDArray[np.float64], *, values: NDArray[np.float64], at_zero: float
) -> NDArray[np.float64]:
    """The values of a curve with that of time 0 put in front, unless a row is at 0 already."""
    return values if time[0] == 0 else np.concatenate(([at_zero], values))


def curve_from_zero(
    fit: "KaplanMeier | CumulativeIncidence",
    *,
    arm: str,
    values: NDArray[np.float64],
    limits: tuple[NDArray[np.float64], NDArray[np.float64]],
    at_zero: float,
) -> Curve:
    """The curve of an arm from time 0 on, where it is `at_zero`, without limits, all at risk."""
    lower, upper = limits
    at_risk = fit.at_risk if fit.time[0] == 0 else np.concatenate(([fit.n], fit.at_risk))
    return Curve(
        arm=arm,
        time=start_at_zero(fit.time, values=fit.time, at_zero=0.0),
        estimate=start_at_zero(fit.time, values=values, at_zero=at_zero),
        lower=start_at_zero(fit.time, values=lower, at_zero=np.nan),
        upper=start_at_zero(fit.time, values=upper, at_zero=np.nan),
        at_risk=at_risk.astype(np.int64),
        censored=np.repeat(fit.time, fit.censored),
    )


def _limits_of(
    fit: KaplanMeier, *, level: float, interval: Interval, band: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The limits of a curve; a simultaneous band has none with fewer than two event times."""
    if band == POINTWISE:
        limits = estimate_band(fit, level=level, interval=interval)
        return limits.lower, limits.upper
    if ((fit.events > 0) & (fit.survival > 0)).sum() < 2:
        return np.full(fit.time.size, np.nan), np.full(fit.time.size, np.nan)
    whole = estimate_simultaneous_band(fit, kind=BandKind(band), level=level, interval=interval)
    return whole.lower, whole.upper


@remember
def build_survival_curves(
    sample: Sample,
    *,
    level: float = 0.95,
    interval: Interval = Interval.LOG_LOG,
    band: str = POINTWISE,
) -> tuple[Curve, ...]:
    """The Kaplan-Meier curve of each arm that has rows, with its limits."""
    curves = []
    for name in sample.arms:
        fit = estimate_arm_curve(sample, arm=name)
        if fit is None:
            continue
        limits = _limits_of(fit, level=level, interval=interval, band=band)
        curve = curve_from_zero(fit, arm=name, values=fit.survival, limits=limits, at_zero=1.0)
        curves.append(replace(curve, band=band))
    return tuple(curves)


def describe_survival(
    sample: Sample, *, question: Question, method: str, measure: str, arm_measure: str = ""
) -> Result:
    """A result with counts, medians, curves, warnings and rows, before any comparison."""
    warnings, interval = check_sample(sample), interval_of(question)
    if (sample.cause == 2).any():
        warnings = (*warnings, COMPETING_AS_CENSORED)
    return Result(
        name=question.name,
        endpoint=question.endpoint,
        method=question.words or method,
        measure=measure,
        arm_measure=arm_measure,
        reference_arm=sample.reference,
        arms=build_arm_results(sample, level=question.level, interval=interval),
        time_unit=sample.time_unit,
        curves=build_survival_curves(
            sample, level=question.level, interval=interval, band=band_of(question)
        )
        if question.figures
        else (),
        warnings=warnings,
        rows=sample.rows,
    )


def estimate_survival(sample: Sample, *, question: Question) -> Result:
    """The Kaplan-Meier curve of each arm with its median; nothing is compared."""
    return describe_survival(
        sample,
        question=question,
        method=f"Kaplan-Meier curves with {interval_of(question).value} limits "
        "(Greenwood variance)",
        measure="survival",
    )


def estimate_medians(sample: Sample, *, question: Question) -> Result:
    """The median time of each arm with its interval; an arm that does not reach it is told."""
    result = describe_survival(
        sample,
        question=question,
        method="Kaplan-Meier medians with Brookmeyer-Crowley limits on the "
        f"{interval_of(question).value} scale",
        measure="median",
        arm_measure="median",
    )
    missing = tuple(
        f"the median is not reached in arm {arm.arm}"
        for arm in result.arms
        if arm.n > 0 and arm.estimates["median"].value is None
    )
    return replace(result, warnings=result.warnings + missing)
