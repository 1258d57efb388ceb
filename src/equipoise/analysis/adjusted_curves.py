"""Probabilities and mean times adjusted for covariates, by pseudo-values or by weights."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import with_log_ratio, with_wald
from equipoise.analysis.milestone import gather_parts, survival_at
from equipoise.analysis.restricted_mean import rmst_of
from equipoise.analysis.result import Estimate, Result
from equipoise.analysis.sample import Question, Sample, is_comparable, take_options
from equipoise.analysis.survival import describe_survival, with_estimates
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
Model = Callable[[NDArray[np.float64], float], MeanModel]


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

    def model(design: NDArray[np.float64], at: float) -> MeanModel:
        pseudo = estimate_survival_pseudo_values(sample.time, event=sample.event, at=at)
        return regress_pseudo_values(
            pseudo, covariates=design, link=link, cluster=sample.clusters, level=question.level
        )

    return _compare(sample, question=question, base=base, model=model, own=survival_at)


def compare_adjusted_means(sample: Sample, *, question: Question) -> Result:
    """The mean time to each horizon, adjusted for the covariates.

    Source: Tian, Zhao, Wei (2014); by pseudo-values Andersen, Hansen, Klein (2004).
    """
    options = take_options(question, kind=AdjustedRmstOptions)
    link = _LINKS[options.contrast]
    weighted = options.model == "censoring_weights"
    how = "weights by the inverse of censoring" if weighted else "pseudo-values"
    base = describe_survival(
        sample,
        question=question,
        method=f"Regression of restricted mean time, {how}, {link.value} link"
        f"{adjusted_words(sample)}",
        measure=f"rmst_{options.contrast}",
        arm_measure="rmst",
    )

    def model(design: NDArray[np.float64], horizon: float) -> MeanModel:
        if weighted:
            return regress_rmst(
                sample.time,
                event=sample.event,
                group=sample.arm,
                horizon=horizon,
                covariates=design[:, 1:] if design.shape[1] > 1 else None,
                link=link,
            )
        pseudo = estimate_rmst_pseudo_values(sample.time, event=sample.event, horizon=horizon)
        return regress_pseudo_values(pseudo, covariates=design, link=link)

    def own(sample: Sample, *, arm: str, at: float, level: float) -> Estimate:
        return rmst_of(sample, arm=arm, horizon=at, level=level)

    return _compare(sample, question=question, base=base, model=model, own=own)


def _compare(
    sample: Sample,
    *,
    question: Question,
    base: Result,
    model: Model,
    own: Callable[..., Estimate],
) -> Result:
    """A part a time; an arm whose curve ends before leaves that part without a comparison."""
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


def _fill(part: Result, found: MeanModel, *, level: float) -> Result:
    value, error = float(found.coefficient[1]), float(found.standard_error[1])
    if part.measure.endswith("difference"):
        filled = with_wald(part, value=value, standard_error=error, level=level)
    else:
        filled = with_log_ratio(part, log_value=value, standard_error=error, level=level)
    words = found.message or "the rows do not vary: there is no standard error"
    told = not found.message and error > 0
    return filled if told else replace(filled, warnings=(*filled.warnings, words))
