"""Probabilities and mean times adjusted for covariates, by pseudo-values or by weights."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import with_log_ratio, with_wald
from equipoise.analysis.milestone import gather_parts, survival_at
from equipoise.analysis.restricted_mean import rmst_of
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.treatment_weights import compare_weighed_arms
from equipoise.analysis.weighted_means import log_ratio_of, mean_of
from equipoise.analysis.words import adjusted_words, join_words
from equipoise.numerics.survival.pseudo_values import (
    Link,
    MeanModel,
    estimate_rmst_pseudo_values,
    estimate_survival_pseudo_values,
    regress_pseudo_values,
)
from equipoise.numerics.survival.rmst_regression import regress_rmst
from equipoise.protocol.methods.survival import AdjustedMilestoneOptions, AdjustedRmstOptions

_LINKS = {
    "difference": Link.IDENTITY,
    "ratio": Link.LOG,
    "odds_ratio": Link.LOGIT,
    "hazard_ratio": Link.LOG_LOG,
}
_MEASURES = {
    "difference": "survival_difference",
    "ratio": "survival_ratio",
    "odds_ratio": "odds_ratio",
    "hazard_ratio": "hazard_ratio",
}
_HOW = {
    "censoring_weights": "Regression of restricted mean time, weights by the inverse of censoring",
    "pseudo_values": "Regression of restricted mean time, pseudo-values",
    "treatment_weights": "Restricted mean time of patients weighed by the inverse chance of their "
    "arm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What a model says of the arms, on the scale of its link; `means` are each arm's, adjusted."""

    value: float
    standard_error: float
    message: str
    means: tuple[Estimate, ...] = ()


Model = Callable[[NDArray[np.float64], float], Contrast]


def independent_columns(design: NDArray[np.float64]) -> list[int]:
    """Which columns, from the left, an intercept and the columns before do not determine."""
    kept: list[int] = []
    whole = np.ones((design.shape[0], 1))
    for column in range(design.shape[1]):
        more = np.column_stack([whole, design[:, column]])
        scaled = more / np.maximum(np.abs(more).max(axis=0), 1e-300)
        if np.linalg.matrix_rank(scaled) == more.shape[1]:
            kept.append(column)
            whole = more
    return kept


def compare_adjusted_survival(sample: Sample, *, question: Question) -> Result:
    """Survival at each time, adjusted for the covariates by pseudo-values.

    Lesions of one patient are a cluster. Source: Andersen, Klein, Rosthoj (2003).
    """
    options = take_options(question, kind=AdjustedMilestoneOptions)
    link = _LINKS[options.contrast]
    base = describe_survival(
        sample,
        question=question,
        method=f"Regression on pseudo-values of survival, {link.value} link"
        f"{adjusted_words(sample)}",
        measure=_MEASURES[options.contrast],
        arm_measure="survival",
    )

    def model(design: NDArray[np.float64], at: float) -> Contrast:
        pseudo = estimate_survival_pseudo_values(sample.time, event=sample.event, at=at)
        return contrast_of_arm(
            regress_pseudo_values(pseudo, covariates=design, link=link, cluster=sample.clusters)
        )

    return compare_adjusted(sample, question=question, base=base, model=model, own=survival_at)


def compare_adjusted_means(sample: Sample, *, question: Question) -> Result:
    """The mean time to each horizon, adjusted for the covariates.

    Source: Tian, Zhao, Wei (2014); by pseudo-values Andersen, Hansen, Klein (2004); weighed by the
    chance of the arm Conner et al. (2019).
    """
    options = take_options(question, kind=AdjustedRmstOptions)
    link = _LINKS[options.contrast]
    scale = "" if options.model == "treatment_weights" else f", {link.value} link"
    base = describe_survival(
        sample,
        question=question,
        method=f"{_HOW[options.model]}{scale}{adjusted_words(sample)}",
        measure=f"rmst_{options.contrast}",
        arm_measure="rmst",
    )

    def model(design: NDArray[np.float64], horizon: float) -> Contrast:
        if options.model == "treatment_weights":
            return _weigh(sample, design, horizon, contrast=options.contrast, level=question.level)
        if options.model == "censoring_weights":
            return contrast_of_arm(
                regress_rmst(
                    sample.time,
                    event=sample.event,
                    group=sample.arm,
                    horizon=horizon,
                    covariates=design[:, 1:] if design.shape[1] > 1 else None,
                    link=link,
                )
            )
        pseudo = estimate_rmst_pseudo_values(sample.time, event=sample.event, horizon=horizon)
        return contrast_of_arm(regress_pseudo_values(pseudo, covariates=design, link=link))

    def own(sample: Sample, *, arm: str, at: float, level: float) -> Estimate:
        return rmst_of(sample, arm=arm, horizon=at, level=level)

    return compare_adjusted(sample, question=question, base=base, model=model, own=own)


def contrast_of_arm(found: MeanModel) -> Contrast:
    """The coefficient of the arm, the first after the intercept."""
    return Contrast(
        value=float(found.coefficient[1]),
        standard_error=float(found.standard_error[1]),
        message=found.message,
    )


def _weigh(
    sample: Sample, design: NDArray[np.float64], horizon: float, *, contrast: str, level: float
) -> Contrast:
    """The contrast of the weighed means, with each arm's."""
    found, message = compare_weighed_arms(sample, covariates=design[:, 1:], horizon=horizon)
    if found is None:
        return Contrast(value=math.nan, standard_error=math.nan, message=message)
    value, error = found.difference, found.difference_error
    if contrast == "ratio":
        value, error = log_ratio_of(found)
    means = tuple(mean_of(found, arm=place, level=level) for place in (0, 1))
    return Contrast(value=value, standard_error=error, message=message, means=means)


def compare_adjusted(
    sample: Sample,
    *,
    question: Question,
    base: Result,
    model: Model,
    own: Callable[..., Estimate],
) -> Result:
    """The answer of a model at each time, with each arm's `own` estimate.

    An arm whose curve ends before leaves that part without a comparison.
    """
    kept = independent_columns(sample.design) if is_comparable(sample) else [0]
    lost = [name for k, name in enumerate(sample.covariate_names, 1) if k not in kept]
    if lost and is_comparable(sample):
        words = f"not adjusted for {join_words(lost)}: the data do not tell it apart"
        base = replace(base, warnings=(*base.warnings, words))
    parts = []
    for at in question.at:
        points = {a: own(sample, arm=a, at=at, level=question.level) for a in sample.arms}
        arms = tuple(
            with_estimates(arm, estimates={base.arm_measure: points[arm.arm]}) for arm in base.arms
        )
        short = tuple(
            f"at {at:g} {sample.time_unit}: the curve of arm {name} ends before"
            for name in sample.arms
            if sample.size(name) and points[name].value is None
        )
        part = replace(
            base, name=f"{base.name}@{at:g}", arms=arms, at=at, warnings=(*base.warnings, *short)
        )
        if not short and is_comparable(sample):
            found = model(np.ascontiguousarray(sample.design[:, kept]), at)
            part = _fill(part, found, level=question.level)
        parts.append(part)
    return gather_parts(base, parts=tuple(parts), question=question)


def _fill(part: Result, found: Contrast, *, level: float) -> Result:
    value, error = found.value, found.standard_error
    if found.means:
        own = zip(part.arms, found.means, strict=True)
        arms = tuple(with_estimates(a, estimates={part.arm_measure: mean}) for a, mean in own)
        part = replace(part, arms=arms)
    if part.measure.endswith("difference"):
        filled = with_wald(part, value=value, standard_error=error, level=level)
    else:
        filled = with_log_ratio(part, log_value=value, standard_error=error, level=level)
    words = found.message or "the rows do not vary: there is no standard error"
    told = not found.message and error > 0
    return filled if told else replace(filled, warnings=(*filled.warnings, words))
