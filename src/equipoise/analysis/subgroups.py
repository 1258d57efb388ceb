"""The forest: the hazard ratio in each pre-specified subgroup, and the interaction test."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.result import Result, known
from equipoise.analysis.sample import Question, Sample, is_comparable, select_rows
from equipoise.numerics.chi_square import chi_square_of
from equipoise.numerics.hazards.cox import Cox, estimate_cox
from equipoise.protocol.endpoint_model import Subgroup

_METHOD = (
    "Unstratified Cox model, Efron ties; interaction by likelihood ratio: arm, subgroup and their "
    "product against arm and subgroup"
)


def compare_subgroups(
    sample: Sample, *, members: pl.DataFrame, subgroups: tuple[Subgroup, ...], question: Question
) -> tuple[Result, ...]:
    """One result a subgroup: its levels' hazard ratios in `parts`, the interaction test on top."""
    return tuple(
        _compare_subgroup(sample, members=members, subgroup=subgroup, question=question)
        for subgroup in subgroups
    )


def _levels_of(sample: Sample, members: pl.DataFrame, subgroup: Subgroup) -> NDArray[np.int64]:
    """Each row's position among the subgroup's levels; -1 for another or unknown level."""
    place = {level.value: code for code, level in enumerate(subgroup.level)}
    pairs = members.select("subject", pl.col(subgroup.id).cast(pl.String)).iter_rows()
    of_subject = {subject: place.get(value, -1) for subject, value in pairs}
    return np.array([of_subject.get(str(s), -1) for s in sample.subject], dtype=np.int64)


def _compare_subgroup(
    sample: Sample, *, members: pl.DataFrame, subgroup: Subgroup, question: Question
) -> Result:
    codes = _levels_of(sample, members, subgroup)
    plain = replace(question, stratified=False, words="")
    parts = tuple(
        replace(
            compare_by_cox(
                select_rows(sample, kept=codes == code),
                question=replace(plain, name=f"{question.endpoint}/{subgroup.id}/{level.value}"),
            ),
            curves=(),
            parts=(),
        )
        for code, level in enumerate(subgroup.level)
    )
    within = select_rows(sample, kept=codes >= 0)
    base = compare_by_cox(
        within, question=replace(plain, name=f"{question.endpoint}/{subgroup.id}")
    )
    outside = int((codes < 0).sum())
    words = (f"{outside} with another or unknown level are left out",) if outside else ()
    top = replace(base, method=_METHOD, measure="interaction", estimate=None, further={}, curves=())
    top = replace(top, statistic=None, p_value=None, warnings=words, parts=parts)
    return _with_interaction(top, within, codes[codes >= 0])


def _indicators(codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """One column a level that occurs, but for the first."""
    return np.asarray(codes[:, None] == np.unique(codes)[None, 1:], dtype=np.float64)


def _told_columns(fit: Cox) -> int:
    return int(np.isfinite(fit.coefficients).sum())


def _with_interaction(result: Result, sample: Sample, codes: NDArray[np.int64]) -> Result:
    if not is_comparable(sample) or np.unique(codes).size < 2 or not sample.event.any():
        untold = "the interaction cannot be tested: fewer than two levels, arms or no event"
        return replace(result, warnings=(*result.warnings, untold))
    arm, level = sample.arm.astype(np.float64)[:, None], _indicators(codes)
    main = np.hstack([arm, level])
    without = estimate_cox(sample.time, event=sample.event, covariates=main)
    full = estimate_cox(sample.time, event=sample.event, covariates=np.hstack([main, arm * level]))
    gain = 2 * (full.log_likelihood - without.log_likelihood)
    test = chi_square_of(
        max(gain, 0.0), degrees_of_freedom=_told_columns(full) - _told_columns(without)
    )
    endless = "a level has no event in an arm: p is taken where the likelihood levels off"
    words = () if full.converged else (endless,)
    told = known(test.p_value) is not None
    return replace(
        result,
        statistic=known(test.statistic),
        degrees_of_freedom=test.degrees_of_freedom if told else None,
        p_value=known(test.p_value),
        warnings=(*result.warnings, *words),
    )
