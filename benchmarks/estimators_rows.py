"""A made-up trial, and how its calls are named: for the tables of calls of estimators.py."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from equipoise.numerics.intervals import interval_times
from equipoise.numerics.streams import draw_uniforms

Calls = list[tuple[str, Callable[[], object]]]
AT = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How the rows of a made-up trial come about.

    `day` is what times are rounded up to, 0 for not at all; patients have `rows_each` rows and, by
    a shape that is not 0, gamma frailties; `share` is the one of group 0,
    and `difference` what group 1 has beyond it.
    """

    mean_days: float = 500.0
    hazard_ratio: float = 0.75
    day: float = 1.0
    visit_days: float = 84.0
    strata: int = 4
    rows_each: int = 2
    frailty_shape: float = 0.0
    share: float = 0.3
    difference: float = 0.1
    first_arm: float = 0.5
    mean_count: float = 1.0


PLAIN = Trial()
TRIALS = {
    "plain": PLAIN,
    "continuous times": replace(PLAIN, day=0.0),
    "months": replace(PLAIN, day=30.0),
    "few events": replace(PLAIN, mean_days=10_000.0, share=0.02, difference=0.02),
    "many events": replace(
        PLAIN, mean_days=60.0, visit_days=14.0, share=0.5, difference=0.0, mean_count=8.0
    ),
    "strong effect": replace(PLAIN, hazard_ratio=0.15, share=0.1, difference=0.8),
    "twenty strata": replace(PLAIN, strata=20),
    "five rows a patient": replace(PLAIN, rows_each=5),
    "patients who differ": replace(PLAIN, frailty_shape=1.0),
    "two to one": replace(PLAIN, first_arm=1 / 3, share=0.6, difference=0.05),
}


class Rows:
    """Columns of a made-up trial of two arms, with two causes."""

    def __init__(self, n: int, trial: Trial = PLAIN) -> None:
        rows = np.arange(n, dtype=np.int64)
        u = draw_uniforms(2026, replicate=0 * rows, subject=rows, purpose=2, count=12)
        self.n, self.strata = n, trial.strata
        self.patient = rows // trial.rows_each
        self.site = rows % 40
        of_patient = self.patient * trial.rows_each
        self.arm = (u[:, 0] < trial.first_arm).astype(np.int64)
        self.stratum = (trial.strata * u[:, 1]).astype(np.int64)
        self.arm_of_patient, self.stratum_of_patient = (
            self.arm[of_patient],
            self.stratum[of_patient],
        )
        ratio = np.where(self.arm == 1, trial.hazard_ratio, 1.0)
        if trial.frailty_shape > 0:
            ratio *= gammaincinv(trial.frailty_shape, u[of_patient, 9]) / trial.frailty_shape
        failure = -np.log(u[:, 2]) * trial.mean_days / ratio
        end = 1460 * u[:, 3]
        self.time = _rounded_up(np.minimum(failure, end), trial.day)
        self.event = (failure <= end).astype(np.int64)
        self.cause = self.event * np.where(u[:, 4] < 0.7, 1, 2)
        self.x = np.column_stack([self.arm, u[:, 5] - 0.5, u[:, 6] < 0.3, np.sqrt(u[:, 7])])
        self.weight = 0.5 + u[:, 8]
        self.entry = np.floor(self.time * u[:, 9] * 0.3)
        mean = trial.mean_count * (1 + self.arm)
        self.count = np.floor(-np.log(u[:, 10]) * mean).astype(np.int64)
        self.yes = (u[:, 11] < trial.share + trial.difference * self.arm).astype(np.int64)
        self.readings = np.column_stack([(3 * u[:, k]).astype(np.int64) for k in (2, 3, 4)])
        self.drawn = u[:, 6]
        visits = np.floor(self.time / trial.visit_days) * trial.visit_days
        self.intervals = interval_times.bound_interval_times(
            visits, right=np.where(self.event == 1, visits + trial.visit_days, math.inf)
        )
        self.known = interval_times.bound_event_times(self.time, event=self.event)
        self.followed_up = _rounded_up(end, trial.day) + 1
        self.treated_time = np.where(self.arm == 1, self.time, 0.4 * self.time * (u[:, 5] < 0.3))
        progression = _rounded_up(self.time * u[:, 7] * 0.9, trial.day)
        self.progression = np.where(u[:, 6] < 0.5, progression, np.nan)


def _rounded_up(time: NDArray[np.float64], day: float) -> NDArray[np.float64]:
    return np.ceil(time / day) * day if day > 0 else time


def call(
    function: Callable[..., object], *given: object, beside: str = "", **options: object
) -> tuple[str, Callable[[], object]]:
    """The name of a function, with what it is given `beside` the least; and the call of it."""
    name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
    return f"{name}, {beside}" if beside else name, partial(function, *given, **options)
