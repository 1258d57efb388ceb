"""How far two readings of the same patients agree beyond chance, in each arm and in all."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.comparison import with_test
from equipoise.analysis.result import ArmResult, Estimate, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, select_rows, take_options
from equipoise.analysis.second import rows_of_second, select_with_second
from equipoise.analysis.survival import describe_survival, with_estimates
from equipoise.analysis.words import check_independence
from equipoise.numerics.chi_square import chi_square_of
from equipoise.numerics.shares.fisher import compare_pairs
from equipoise.numerics.shares.reader_agreement import Agreement, Weighting, compare_two_readers
from equipoise.protocol.methods.readings import KappaOptions

_ROUNDING = 1e-9
Readings = NDArray[np.int64]  # (n, 2): the place of each reading, from 0


def compare_readings(sample: Sample, *, question: Question) -> Result:
    """Cohen's kappa of two readings in all patients and in each arm; p is of equal agreement.

    A reading is the time of an endpoint: whether the event was seen, or in which of the periods
    that end at the times asked for. Source: Cohen (1960, 1968); Fleiss, Cohen, Everitt (1969);
    equal agreement: Fleiss (1981), 13.1.
    """
    options = take_options(question, kind=KappaOptions)
    ends = sorted(question.at) if options.compared == "period" else [math.inf]
    told, words = _select_told(sample, ends=ends)
    base = describe_survival(
        told,
        question=question,
        method=_method_words(told, options, ends),
        measure="kappa_of_all",
        arm_measure="kappa",
    )
    words = (*words, *check_independence(told))
    base = replace(base, warnings=(*base.warnings, *words), second_rows=rows_of_second(told))
    if told.second_time is None or not told.rows or not ends:
        return replace(base, arm_measure="")
    readings, level = _read(told, ends=ends), question.level
    weighting = Weighting(options.weights)

    def agree(rows: NDArray[np.bool_]) -> Agreement | None:
        own = readings[rows]
        if not own.size:
            return None
        return compare_two_readers(own, categories=len(ends) + 1, weighting=weighting, level=level)

    by_arm = {arm.arm: agree(told.of_arm(arm.arm)) for arm in base.arms}
    arms = tuple(_with_agreement(arm, by_arm[arm.arm], level=level) for arm in base.arms)
    whole = agree(np.ones(len(told.rows), dtype=np.bool_))
    found = _with_all(replace(base, arms=arms), whole, level=level)
    tested = _test_arms(found, tuple(by_arm.values()))
    return tested if len(ends) > 1 else _with_discordance(tested, told, readings)


def _method_words(sample: Sample, options: KappaOptions, ends: list[float]) -> str:
    weighted = "" if options.weights == "none" else f", {options.weights} weights"
    times = ", ".join(f"{end:g}" for end in ends)
    of_what = "whether the event was seen" if math.inf in ends else f"periods that end at {times}"
    beside = f" against {sample.second_label}" if sample.second_label else ""
    return (
        f"Cohen's kappa{beside} ({of_what}{weighted}), of each arm and, as the comparison, of all "
        "patients; p: whether the arms agree alike"
    )


def _select_told(sample: Sample, *, ends: list[float]) -> tuple[Sample, tuple[str, ...]]:
    """The rows with two readings, and how many were left out.

    Who was censored before the last period ends has no reading of it.
    """
    both, words = select_with_second(sample)
    if both.second_time is None or both.second_cause is None:
        return both, words
    if not ends:
        return both, (*words, "the plan names no time at which a period ends")
    last = ends[-1] if math.isfinite(ends[-1]) else 0.0
    kept = (both.cause > 0) | (both.time >= last)
    kept &= (both.second_cause > 0) | (both.second_time >= last)
    lost = int((~kept).sum())
    early = f"{lost} censored before {last:g} {sample.time_unit} by a reading: left out"
    return select_rows(both, kept=kept), (*words, early) if lost else words


def _read(sample: Sample, *, ends: list[float]) -> Readings:
    """Each reading's period, the one after the last where no event was seen by then."""
    columns = []
    for time, cause in (
        (sample.time, sample.cause),
        (sample.second_time, sample.second_cause),
    ):
        seen = np.searchsorted(ends, np.asarray(time), side="left")
        columns.append(np.where(np.asarray(cause) == 1, seen, len(ends)))
    return np.column_stack(columns).astype(np.int64)


def _varies(found: Agreement | None) -> bool:
    """Whether kappa has a variance: not where all agree, or one reading is the same in all."""
    return found is not None and found.standard_error > _ROUNDING


def _kappa(found: Agreement | None, *, level: float) -> Estimate:
    if found is None or not _varies(found):
        return build_estimate(math.nan if found is None else found.value, level=level)
    return build_estimate(
        found.value,
        lower=found.lower,
        upper=found.upper,
        standard_error=found.standard_error,
        level=level,
    )


def _with_agreement(arm: ArmResult, found: Agreement | None, *, level: float) -> ArmResult:
    own = {"kappa": _kappa(found, level=level)}
    if found is not None:
        own["agreement"] = build_estimate(found.observed, level=level)
    return with_estimates(arm, estimates=own)


def _with_all(result: Result, found: Agreement | None, *, level: float) -> Result:
    """The result with the kappa of all patients, their share that agrees, or why there is none."""
    if found is None:
        return result
    bare = "kappa has no interval: all agree, or one reading is the same in all"
    words = () if _varies(found) else (found.message or bare,)
    return replace(
        result,
        estimate=_kappa(found, level=level),
        further={
            "agreement": build_estimate(found.observed, level=level),
            "agreement_by_chance": build_estimate(found.expected, level=level),
            "kappa_adjusted_for_prevalence": build_estimate(found.adjusted, level=level),
        },
        warnings=(*result.warnings, *words),
    )


def _test_arms(result: Result, found: tuple[Agreement | None, ...]) -> Result:
    """The test that kappa is the same in all arms, each weighed by its variance."""
    if len(found) < 2:
        return result
    told = [one for one in found if one is not None and _varies(one)]
    if len(told) < len(found):
        words = "the arms are not compared: in one all agree, or a reading is the same in all"
        return replace(result, warnings=(*result.warnings, words))
    value = np.array([one.value for one in told])
    weight = np.array([one.standard_error for one in told]) ** -2.0
    mean = float(weight @ value / weight.sum())
    statistic = float(weight @ (value - mean) ** 2)
    return with_test(result, test=chi_square_of(statistic, degrees_of_freedom=len(told) - 1))


def _with_discordance(result: Result, sample: Sample, readings: Readings) -> Result:
    """The result with who has the event by one reading only, and McNemar's test of their counts."""
    first, second = (readings == 0).T
    only = int((first & ~second).sum()), int((second & ~first).sum())
    both = first & second
    assert sample.second_time is not None
    same_day = np.isclose(sample.time[both], sample.second_time[both], rtol=0, atol=1e-9)
    test = compare_pairs(only[0], second_only=only[1])
    part = replace(
        result,
        name=f"{result.name}/one_reading_only",
        method="McNemar's exact test: whether one reading sees the event more often",
        measure="readings_with_event",
        estimate=None,
        arm_measure="",
        p_value=known(test.p_value),
        statistic=None,
        degrees_of_freedom=None,
        further={},
        curves=(),
        rows=(),
    )
    counts = {
        "event_by_first_only": build_estimate(float(only[0])),
        "event_by_second_only": build_estimate(float(only[1])),
        "event_by_both": build_estimate(float(both.sum())),
        "event_by_both_on_one_day": build_estimate(float(same_day.sum())),
    }
    return replace(result, further={**result.further, **counts}, parts=(part,))
