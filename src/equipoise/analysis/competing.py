"""Cumulative incidence of an event with death competing; patients are the unit of chance."""

from dataclasses import replace

import numpy as np

from equipoise.analysis.incidence_bands import EQUAL_PRECISION, draw_whole_band
from equipoise.analysis.milestone import gather_parts
from equipoise.analysis.result import Curve, Estimate, Result, build_estimate, known
from equipoise.analysis.sample import (
    Question,
    Sample,
    check_sample,
    is_comparable,
    remember,
)
from equipoise.analysis.survival import (
    POINTWISE,
    build_arm_results,
    curve_from_zero,
    start_at_zero,
    with_estimates,
)
from equipoise.numerics.competing.aalen_johansen import estimate_incidence, incidence_limits
from equipoise.numerics.competing.cluster_bootstrap import (
    ClusterBootstrap,
    Patients,
    Resampling,
    compare_clustered_incidence,
    resample_incidence,
)
from equipoise.protocol.methods.competing import IncidenceOptions

REPLICATES = 2000  # D2.5: at least 2000 resamples of patients


@remember
def build_incidence_curves(sample: Sample, *, level: float = 0.95) -> tuple[Curve, ...]:
    """The Aalen-Johansen curve of each arm that has rows.

    Limits (Aalen variance) are given where each subject has one row; lesions of one patient are
    not independent, so their curves carry none.
    """
    clustered = np.unique(sample.subject).size < sample.subject.size
    curves = []
    for name in sample.arms:
        rows = sample.of_arm(name)
        if not rows.any():
            continue
        fit = estimate_incidence(sample.time[rows], cause=sample.cause[rows])
        variance = np.full(fit.time.size, np.nan) if clustered else fit.variance
        limits = incidence_limits(fit.incidence, variance=variance, level=level)
        curve = curve_from_zero(fit, arm=name, values=fit.incidence, limits=limits, at_zero=0.0)
        competing = start_at_zero(fit.time, values=fit.competing, at_zero=0.0)
        curves.append(replace(curve, is_rising=True, competing=competing))
    return tuple(curves)


def _resample(sample: Sample, *, question: Question, at: float) -> ClusterBootstrap:
    return compare_clustered_incidence(
        sample.time,
        cause=sample.cause,
        patients=Patients(label=sample.subject, group=sample.arm, stratum=sample.stratum),
        at=at,
        resampling=Resampling(seed=question.seed, replicates=REPLICATES),
        level=question.level,
    )


def _arm_alone(sample: Sample, *, arm: str, question: Question, at: float) -> Estimate:
    rows = sample.of_arm(arm)
    if not rows.any():
        return Estimate(value=None, level=question.level)
    found = resample_incidence(
        sample.time[rows],
        cause=sample.cause[rows],
        label=sample.subject[rows],
        at=at,
        resampling=Resampling(seed=question.seed, replicates=REPLICATES),
        level=question.level,
    )
    return build_estimate(found.value, lower=found.lower, upper=found.upper, level=question.level)


def _silent_arms(sample: Sample, at: float) -> list[str]:
    """Arms with rows but without an event by the time: resampling cannot see their chance."""
    seen = (sample.event == 1) & (sample.time <= at)
    return [a for a in sample.arms if sample.size(a) > 0 and not seen[sample.of_arm(a)].any()]


def _incidences(
    sample: Sample, *, test: ClusterBootstrap | None, question: Question, at: float
) -> dict[str, Estimate]:
    """Incidence of each arm at the time; without an event by then there is no interval."""
    silent = _silent_arms(sample, at)
    estimates = {}
    for place, name in enumerate(sample.arms):
        if test is not None and np.isfinite(test.difference):
            value, lower, upper = (x[place] for x in (test.incidence, test.lower, test.upper))
            own = build_estimate(value, lower=lower, upper=upper, level=question.level)
        else:
            own = _arm_alone(sample, arm=name, question=question, at=at)
        bare = Estimate(value=own.value, level=question.level)
        estimates[name] = bare if name in silent else own
    return estimates


def _check_at(sample: Sample, at: float, estimates: dict[str, Estimate]) -> tuple[str, ...]:
    when = f"at {at:g} {sample.time_unit}"
    short = tuple(
        f"{when}: the follow-up of arm {name} ends before"
        for name, estimate in estimates.items()
        if sample.size(name) > 0 and estimate.value is None
    )
    silent = tuple(
        f"{when}: no event in arm {name} so far, which resampling takes for certain"
        for name in _silent_arms(sample, at)
        if estimates[name].value is not None
    )
    return short + silent


def _with_difference(part: Result, *, test: ClusterBootstrap, silent: int, level: float) -> Result:
    # where no arm has an event there is neither an interval nor a test
    lower, upper = test.difference_lower, test.difference_upper
    return replace(
        part,
        estimate=build_estimate(
            test.difference,
            lower=np.nan if silent == 2 else lower,
            upper=np.nan if silent == 2 else upper,
            standard_error=np.nan if silent == 2 else test.standard_error,
            level=level,
        ),
        p_value=None if silent == 2 else known(test.p_value),
    )


def _compare_at(sample: Sample, *, question: Question, base: Result, at: float) -> Result:
    paired = is_comparable(sample)
    test = _resample(sample, question=question, at=at) if paired else None
    estimates = _incidences(sample, test=test, question=question, at=at)
    part = replace(
        base,
        name=f"{base.name}@{at:g}",
        at=at,
        arms=tuple(
            with_estimates(arm, estimates={"incidence": estimates[arm.arm]}) for arm in base.arms
        ),
        warnings=(*base.warnings, *_check_at(sample, at, estimates)),
    )
    if test is None:
        return part
    silent = len(_silent_arms(sample, at))
    return _with_difference(part, test=test, silent=silent, level=question.level)


def _method_words(sample: Sample) -> str:
    within = " within strata" if len(sample.strata) > 1 else ""
    return (
        "Aalen-Johansen cumulative incidence; intervals by resampling patients "
        f"({REPLICATES} bootstrap samples within arms), p by permuting the arms of patients{within}"
    )


def band_of_incidence(question: Question) -> str:
    """Whether the limits of curves hold at each time or for the whole curve."""
    options = question.options
    return options.band if isinstance(options, IncidenceOptions) else POINTWISE


def _draw_curves(sample: Sample, *, question: Question) -> tuple[Curve, ...]:
    """The incidence of each arm, with the limits that are asked for."""
    return tuple(
        draw_whole_band(curve, sample=sample, seed=question.seed, level=question.level)
        if band_of_incidence(question) == EQUAL_PRECISION
        else curve
        for curve in build_incidence_curves(sample, level=question.level)
    )


def describe_incidence(
    sample: Sample, *, question: Question, method: str, measure: str, arm_measure: str = ""
) -> Result:
    """A result with counts, competing events, curves, warnings and rows, before any comparison."""
    competing = {
        name: Estimate(value=float((sample.cause[sample.of_arm(name)] == 2).sum()))
        for name in sample.arms
    }
    return Result(
        name=question.name,
        endpoint=question.endpoint,
        method=question.words or method,
        measure=measure,
        arm_measure=arm_measure,
        reference_arm=sample.reference,
        arms=tuple(
            with_estimates(arm, estimates={"competing_events": competing[arm.arm]})
            for arm in build_arm_results(sample, level=question.level)
        ),
        time_unit=sample.time_unit,
        curves=_draw_curves(sample, question=question) if question.figures else (),
        warnings=check_sample(sample),
        rows=sample.rows,
    )


def compare_incidence(sample: Sample, *, question: Question) -> Result:
    """The difference in cumulative incidence at each time, other arm less reference.

    Interval and p come from resampling patients, whatever the number of their lesions; one arm
    alone gives its own incidence. Source: Aalen, Johansen (1978); D2.5.
    """
    base = describe_incidence(
        sample,
        question=question,
        method=_method_words(sample),
        measure="incidence_difference",
        arm_measure="incidence",
    )
    parts = tuple(_compare_at(sample, question=question, base=base, at=at) for at in question.at)
    return gather_parts(base, parts=parts, question=question)
