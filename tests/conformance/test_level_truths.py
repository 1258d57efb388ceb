"""The truths that coverages are measured against are the means of the trials as they are drawn.

Everyone is followed for 12 months, so until then every mean is seen without an estimator. Each is
held to four standard errors over patients.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from long.level_data import (
    AGREEMENT,
    FRAILTY_VARIANCE,
    SUBDISTRIBUTION_END,
    course,
    leavers,
    lesion_incidence,
    lesions,
    overdispersed,
    proportional_subdistribution,
    readings,
    share_progressed,
    survival_of_all,
    time_progressed,
)
from long.level_trials import (
    AT,
    DAYS_A_MONTH,
    EFFECT,
    NULL,
    Trial,
    Truth,
    draw_trials,
    incidence,
    median,
    restricted_mean,
    sum_days,
    survival,
)

Values = NDArray[np.float64]
OfPatients = Callable[[Trial], ArrayLike]  # one value of each patient, (n,)
OfTruth = Callable[[Truth, int], float]  # its mean in an arm
TRIALS = {
    truth: draw_trials(np.arange(900_000, 900_060), per_arm=500, truth=truth)
    for truth in (NULL, EFFECT)
}


def _values(trials: list[Trial], arm: int, of_patients: OfPatients) -> Values:
    return np.concatenate([np.asarray(of_patients(t), dtype=float)[t.arm == arm] for t in trials])


def _lost(trial: Trial) -> Values:
    """Months without the patient up to `AT` because of the event."""
    return np.where(trial.cause == 1, np.maximum(AT - trial.first, 0.0), 0.0)


def _is_progressed(trial: Trial) -> Values:
    own = course(trial)
    return np.asarray((own.progression <= AT) & (own.end > AT), dtype=np.float64)


def _progressed_months(trial: Trial) -> Values:
    own = course(trial)
    months = np.minimum(own.end, AT) - np.minimum(own.progression, AT)
    return np.where(np.isnan(months), 0.0, months)


def _lesions_that_grew(trial: Trial) -> Values:
    """The share of each patient's lesions that progressed by `AT`, before death."""
    own = lesions(trial, told_by_size=True)
    grew = (own.cause == 1) & (own.time <= AT)
    counts = np.bincount(own.patient)
    return np.asarray(np.bincount(own.patient, weights=grew) / counts)


def _had_first(trial: Trial) -> Values:
    time, cause = proportional_subdistribution(trial)
    return np.asarray((time <= AT) & (cause == 1), dtype=np.float64)


def _due(trial: Trial) -> Values:
    """Counted events that are expected of each patient in his time."""
    first, second = trial.truth.rates
    return np.where(trial.arm == 1, second, first) * trial.time


def _none(_truth: Truth, _arm: int) -> float:
    return 0.0


def _subdistribution(truth: Truth, arm: int) -> float:
    ratio = truth.ratio if arm else 1.0
    return float(1 - (1 - SUBDISTRIBUTION_END * (1 - np.exp(-AT / 12))) ** ratio)


MEANS: dict[str, tuple[OfPatients, OfTruth]] = {
    "survival at 12 months": (lambda t: t.time > AT, partial(survival, at=AT)),
    "restricted mean": (
        lambda t: np.minimum(t.time, AT),
        lambda truth, arm: restricted_mean(truth, arm, AT),
    ),
    "incidence": (
        lambda t: (t.cause == 1) & (t.first <= AT),
        partial(incidence, at=AT),
    ),
    "time lost": (_lost, lambda truth, arm: sum_days(incidence, truth, arm=arm, horizon=AT)),
    "alive with progression": (_is_progressed, partial(share_progressed, at=AT)),
    "time with progression": (
        _progressed_months,
        lambda truth, arm: time_progressed(truth, arm, AT),
    ),
    "lesions": (_lesions_that_grew, lambda truth, arm: lesion_incidence(truth, arm, True)),
    "survival of those who may leave": (
        lambda t: leavers(t).whole_time > AT,
        lambda truth, arm: survival_of_all(truth, arm, AT),
    ),
    "subdistribution": (_had_first, _subdistribution),
    "response": (lambda t: t.response, lambda truth, arm: truth.response[arm]),
    "events less those due": (
        lambda t: t.count - _due(t),
        _none,
    ),
    "spread events less those due": (
        lambda t: overdispersed(t) - _due(t),
        _none,
    ),
}


@pytest.mark.parametrize("name", MEANS)
@pytest.mark.parametrize("truth", [NULL, EFFECT], ids=["no effect", "effect"])
@pytest.mark.parametrize("arm", [0, 1])
def test_the_truth_is_the_mean_of_what_is_drawn(name: str, truth: Truth, arm: int) -> None:
    of_patients, of_truth = MEANS[name]
    values = _values(TRIALS[truth], arm, of_patients)
    error = values.std() / np.sqrt(values.size)

    assert abs(values.mean() - of_truth(truth, arm)) < 4 * error


def test_the_median_is_the_first_day_on_which_half_have_had_the_event() -> None:
    for truth in (NULL, EFFECT):
        for arm in (0, 1):
            day = median(truth, arm)
            before = survival(truth, arm, day - 1 / DAYS_A_MONTH)
            assert survival(truth, arm, day) <= 0.5 < before


def test_spread_counts_have_the_variance_of_the_negative_binomial() -> None:
    """Mean plus square of the mean times the variance of the gamma rates."""
    mean = _values(TRIALS[NULL], 0, _due)
    count = _values(TRIALS[NULL], 0, overdispersed)
    square = (count - mean) ** 2 - mean - FRAILTY_VARIANCE * mean**2

    assert abs(square.mean()) < 4 * square.std() / np.sqrt(square.size)


def test_two_readers_agree_as_often_as_their_kappa_says() -> None:
    """Categories of 0.5, 0.3 and 0.2: 0.38 agree by chance."""
    for agreeing, kappa in ((True, AGREEMENT), (False, 0.0)):
        read = np.concatenate([readings(t, agreeing=agreeing) for t in TRIALS[NULL]])
        for first, second in ((0, 1), (0, 2), (1, 2)):
            share = float(np.mean(read[:, first] == read[:, second]))
            error = np.sqrt(share * (1 - share) / len(read))
            assert abs(share - (0.38 + 0.62 * kappa)) < 4 * error
