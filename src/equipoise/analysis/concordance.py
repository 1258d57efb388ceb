"""How often a Cox model ranks two patients right: the concordance of covariates."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.result import Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, take_options
from equipoise.analysis.survival import describe_survival
from equipoise.analysis.words import check_independence, join_words, strata_words
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.hazards.concordance import estimate_concordance
from equipoise.numerics.hazards.cox import Cox, Ties, estimate_cox
from equipoise.protocol.methods.hazards import ConcordanceOptions

_NONE = "the concordance cannot be estimated"


def estimate_ranking(sample: Sample, *, question: Question) -> Result:
    """Harrell's concordance of a Cox model in the patients of all arms, with a plain interval.

    The model is fitted to the same patients, so that it looks better than it would in others; half
    is what chance gives. Source: Harrell et al. (1982); Therneau, Watson (2015).
    """
    options = take_options(question, kind=ConcordanceOptions)
    arms_too = options.score == "arms_too"
    base = describe_survival(
        sample,
        question=question,
        method="Harrell's concordance of a Cox model of "
        f"{_score_words(sample, arms_too=arms_too)}, {options.ties.capitalize()} ties"
        f"{strata_words(sample, question=question)}; fitted to the same patients",
        measure="concordance",
    )
    base = replace(base, warnings=(*base.warnings, *check_independence(sample)))
    columns = _columns(sample, arms_too=arms_too)
    if not sample.rows:
        return base
    if not columns.size:
        return _untold(base, "no covariate differs between the patients", question=question)
    if not sample.event.any():
        return _untold(base, "there is no event", question=question)
    fit = estimate_cox(
        sample.time,
        event=sample.event,
        covariates=columns,
        stratum=sample.stratum if question.stratified else None,
        ties=Ties(options.ties),
    )
    if not fit.converged:
        return _untold(base, fit.message, question=question)
    return _fill(base, fit=fit, sample=sample, question=question)


def _score_words(sample: Sample, *, arms_too: bool) -> str:
    names = join_words(sample.covariate_names) or "no covariate"
    return f"arm and {names}" if arms_too else names


def _columns(sample: Sample, *, arms_too: bool) -> NDArray[np.float64]:
    """The covariates, shape (n, p); before them, if asked for, each other arm as 0 or 1."""
    parts = [] if sample.covariates is None else [sample.covariates]
    if arms_too:
        others = np.arange(1, len(sample.arms))
        parts = [(sample.arm[:, None] == others).astype(np.float64), *parts]
    return np.ascontiguousarray(np.hstack(parts)) if parts else np.empty((len(sample.rows), 0))


def _untold(result: Result, why: str, *, question: Question) -> Result:
    return replace(
        result,
        estimate=Estimate(value=None, level=question.level),
        warnings=(*result.warnings, f"{_NONE}: {why}"),
    )


def _lost(sample: Sample, fit: Cox) -> tuple[str, ...]:
    """Which covariates the model could not tell."""
    names = sample.covariate_names
    own = fit.coefficients[fit.coefficients.size - len(names) :]
    lost = [name for name, value in zip(names, own, strict=True) if not np.isfinite(value)]
    return (f"without {join_words(lost)}: the data do not tell it apart",) if lost else ()


def _fill(result: Result, *, fit: Cox, sample: Sample, question: Question) -> Result:
    found, level = estimate_concordance(fit), question.level
    half = normal_quantile(level) * found.standard_error
    pairs = {
        "concordant_pairs": build_estimate(found.concordant),
        "discordant_pairs": build_estimate(found.discordant),
        "tied_pairs": build_estimate(found.tied),
    }
    filled = replace(
        result,
        estimate=build_estimate(
            found.value,
            lower=max(found.value - half, 0.0),
            upper=min(found.value + half, 1.0),
            standard_error=found.standard_error,
            level=level,
        ),
        further=pairs,
        warnings=(*result.warnings, *_lost(sample, fit)),
    )
    if filled.estimate is not None and filled.estimate.value is not None:
        return filled
    return replace(filled, warnings=(*filled.warnings, f"{_NONE}: no two patients can be compared"))
