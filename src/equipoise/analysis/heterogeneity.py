"""Whether the hazard ratio differs between sites, or between strata, beyond chance."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import with_test
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.result import Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, is_comparable, select_rows, take_options
from equipoise.analysis.survival import describe_survival
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.heterogeneity import compare_subgroup_effects
from equipoise.protocol.methods.hazards import HeterogeneityOptions


def compare_between_places(sample: Sample, *, question: Question) -> Result:
    """The test that all sites (or strata) have one hazard ratio, and the ratio of each.

    `further` has the ratio pooled by the inverse variances, and the share of the spread that is
    beyond chance. Source: Cochran (1954); Higgins, Thompson (2002).
    """
    options = take_options(question, kind=HeterogeneityOptions)
    base = describe_survival(
        sample,
        question=question,
        method=f"Cox models by {options.by}, Efron ties; Cochran's Q test of one ratio in all",
        measure="interaction",
    )
    labels = _labels(sample, by=options.by)
    if labels is None or not is_comparable(sample):
        words = () if labels is not None else ("the sites are not known here",)
        return replace(base, warnings=(*base.warnings, *words))
    parts = tuple(
        _compare_within(sample, label=str(label), kept=labels == label, question=question)
        for label in np.unique(labels)
    )
    return _with_q(replace(base, parts=parts), by=options.by, level=question.level)


def _labels(sample: Sample, *, by: str) -> NDArray[np.str_] | None:
    """The site or the stratum of each row by name; None where the sites are not known."""
    if by == "site":
        return sample.site
    return np.array([sample.strata[code] for code in sample.stratum], dtype=np.str_)


def _compare_within(
    sample: Sample, *, label: str, kept: NDArray[np.bool_], question: Question
) -> Result:
    plain = replace(
        question, name=f"{question.name}/{label or 'unknown'}", stratified=False, words=""
    )
    found = compare_by_cox(select_rows(sample, kept=kept), question=replace(plain, options=None))
    return replace(found, curves=(), parts=())


def _effect(part: Result) -> tuple[float, float]:
    """The log ratio with its standard error; NaN without one."""
    log = part.further.get("log_hazard_ratio", Estimate(value=None))
    told = log.value is not None and log.standard_error is not None
    return (log.value or 0.0, log.standard_error or 0.0) if told else (math.nan, math.nan)


def _with_q(result: Result, *, by: str, level: float) -> Result:
    effects = [_effect(part) for part in result.parts]
    found = compare_subgroup_effects(
        [value for value, _ in effects], standard_error=[error for _, error in effects]
    )
    lost = sum(math.isnan(value) for value, _ in effects)
    without = (f"{lost} of {len(effects)} ({by}) have no hazard ratio of their own: left out",)
    few = ("fewer than two have a hazard ratio: nothing is compared",)
    told = known(found.test.p_value) is not None
    half = normal_quantile(level) * found.standard_error
    pooled = build_estimate(
        np.exp(found.pooled),
        lower=np.exp(found.pooled - half),
        upper=np.exp(found.pooled + half),
        level=level,
    )
    further = {"hazard_ratio": pooled, "i_squared": build_estimate(found.i_squared)}
    words = (without if lost else ()) + (() if told else few)
    return with_test(replace(result, further=further), test=found.test, warnings=words)
