"""What a plan is worth, counted trial by trial and look by look."""

import math

import numpy as np

from equipoise.design.operating_question import Question
from equipoise.design.operating_statistics import STATISTICS, read_estimate, read_z
from equipoise.simulate.replicates import Replicates


def count_trials(question: Question, found: Replicates, name: str) -> dict[str, float]:
    """Shares and means of one statistic; NaN where there is nothing to take a mean of."""
    z, estimates = read_z(found, name=name), read_estimate(found, name=name)
    favour, against, futile = 0, 0, 0
    events, months, told = [], [], []
    for trial in range(z.shape[0]):
        for look in range(z.shape[1]):
            is_last = look == z.shape[1] - 1
            upper, lower = question.upper[look], question.lower[look]
            if not STATISTICS[name].stops:
                upper, lower = (question.rates.critical if is_last else math.inf), -math.inf
            value = -float(z[trial, look])
            is_favour = value >= upper
            is_against = question.rates.sides == 2 and -value >= upper
            size = abs(value) if question.rates.sides == 2 else value
            is_futile = not is_last and size < lower
            if not (is_favour or is_against or is_futile or is_last):
                continue
            favour += is_favour
            against += is_against
            futile += is_futile
            if math.isfinite(found.time[trial, look]):
                events.append(float(found.events[trial, look, 0].sum()))
                months.append(float(found.time[trial, look]))
            if estimates is not None and math.isfinite(estimates[trial, look]):
                told.append(float(estimates[trial, look]))
            break
    return {
        "favour": favour,
        "against": against,
        "futile": futile,
        "events": float(np.mean(events)) if events else math.nan,
        "months": float(np.mean(months)) if months else math.nan,
        "mean": float(np.mean(told)) if told else math.nan,
        "sd": float(np.std(told, ddof=1)) if len(told) > 1 else math.nan,
    }
