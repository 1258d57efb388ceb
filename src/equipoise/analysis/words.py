"""The words of methods and warnings that several analyses share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.sample import Question, Sample, check_strata

NOT_STRATIFIED = "this method is not stratified: compared without strata"


def join_words(words: Sequence[str]) -> str:
    """The words as a list in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1] if words else ""]))


def strata_words(sample: Sample, *, question: Question) -> str:
    """By what is stratified, as the end of the words of a method."""
    return f", stratified by {join_words(sample.factors)}" if question.stratified else ""


def has_two_arms(sample: Sample) -> bool:
    """Whether two arms or more have rows: what a test of all arms needs."""
    return int(np.unique(sample.arm).size) >= 2


def strata_warnings(sample: Sample, *, question: Question) -> tuple[str, ...]:
    """Which strata add nothing, where the question is stratified."""
    if not (question.stratified and has_two_arms(sample)):
        return ()
    return check_strata(sample)


def adjusted_words(sample: Sample) -> str:
    """For what is adjusted, as the end of the words of a method."""
    names = sample.covariate_names
    return f", adjusted for {join_words(names)}" if names else ""


def check_adjusted(sample: Sample, *, coefficients: NDArray[np.float64]) -> tuple[str, ...]:
    """Which covariates a model could not tell; its coefficients are arm, then covariates."""
    pairs = zip(sample.covariate_names, coefficients[1:], strict=True)
    lost = [name for name, value in pairs if not np.isfinite(value)]
    return (f"not adjusted for {join_words(lost)}: the data do not tell it apart",) if lost else ()


def check_independence(sample: Sample) -> tuple[str, ...]:
    """Whether rows of one patient are taken for independent, as of its lesions."""
    naive = "rows of one patient count as independent: its interval and test are too sure"
    return (naive,) if sample.clusters is not None else ()
