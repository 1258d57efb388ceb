"""Shares of subjects with an event, and the risk difference between the arms."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.result import ArmResult, Result, build_estimate, known
from equipoise.analysis.sample import Question, Sample, check_sample, is_comparable
from equipoise.numerics.proportions import (
    compare_miettinen_nurminen,
    compare_newcombe,
    estimate_wilson,
)

_METHOD = "Risk difference with Miettinen-Nurminen score interval and test; Wilson intervals by arm"


def _seen(sample: Sample, at: float | None) -> NDArray[np.bool_]:
    return np.asarray((sample.cause == 1) & (at is None or sample.time <= at))


def _build_arm(sample: Sample, *, arm: str, at: float | None, level: float) -> ArmResult:
    rows = sample.of_arm(arm)
    events = int(_seen(sample, at)[rows].sum())
    share = estimate_wilson(events, n=int(rows.sum()), level=level)
    return ArmResult(
        arm=arm,
        n=int(rows.sum()),
        events=events,
        subjects=int(np.unique(sample.subject[rows]).size),
        estimates={
            "risk": build_estimate(share.value, lower=share.lower, upper=share.upper, level=level)
        },
    )


def _check_followed(sample: Sample, at: float | None) -> tuple[str, ...]:
    """Subjects censored before the time: they count as without event."""
    if at is None:
        return ()
    short = int(((sample.cause == 0) & (sample.time < at)).sum())
    words = f"{short} followed less than {at:.3g} {sample.time_unit} count as without event"
    return (words,) if short else ()


def compare_risks(sample: Sample, *, question: Question) -> Result:
    """The difference in the share of subjects with the event, other arm less reference.

    With a time (`question.headline`), an event counts up to it. Source: Miettinen, Nurminen
    (1985); Newcombe (1998) beside it in `further`; D2.6.
    """
    at, level = question.headline, question.level
    arms = tuple(_build_arm(sample, arm=name, at=at, level=level) for name in sample.arms)
    result = Result(
        name=question.name,
        endpoint=question.endpoint,
        method=question.words or _METHOD,
        measure="risk_difference",
        arm_measure="risk",
        reference_arm=sample.reference,
        arms=arms,
        at=at,
        time_unit=sample.time_unit,
        warnings=(*check_sample(sample), *_check_followed(sample, at)),
        rows=sample.rows,
    )
    return _with_difference(result, level) if is_comparable(sample) else result


def _with_difference(result: Result, level: float) -> Result:
    first, second = result.arms
    events, sizes = (first.events, second.events), (first.n, second.n)
    score = compare_miettinen_nurminen(events, n=sizes, level=level)
    hybrid = compare_newcombe(events, n=sizes, level=level)
    told = known(score.test.p_value) is not None
    return replace(
        result,
        estimate=build_estimate(score.value, lower=score.lower, upper=score.upper, level=level),
        further={
            "newcombe": build_estimate(
                hybrid.value, lower=hybrid.lower, upper=hybrid.upper, level=level
            )
        },
        statistic=known(score.test.statistic),
        degrees_of_freedom=score.test.degrees_of_freedom if told else None,
        p_value=known(score.test.p_value),
    )
