"""A made-up trial, and how its calls are named: for the tables of calls of estimators.py."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from equipoise.numerics.intervals import interval_times
from equipoise.numerics.streams import draw_uniforms

Calls = list[tuple[str, Callable[[], object]]]
AT = 365.0


class Rows:
    """Columns of a made-up trial: two arms, four strata, clusters of two rows, two causes."""

    def __init__(self, n: int) -> None:
        rows = np.arange(n, dtype=np.int64)
        u = draw_uniforms(2026, replicate=0 * rows, subject=rows, purpose=2, count=12)
        self.n = n
        self.arm = (u[:, 0] < 0.5).astype(np.int64)
        self.stratum = (4 * u[:, 1]).astype(np.int64)
        self.patient = rows // 2
        self.arm_of_patient, self.stratum_of_patient = (
            self.arm[self.patient],
            self.stratum[rows // 2],
        )
        failure = -np.log(u[:, 2]) * 500 / np.where(self.arm == 1, 0.75, 1.0)
        end = 1460 * u[:, 3]
        self.time = np.ceil(np.minimum(failure, end))
        self.event = (failure <= end).astype(np.int64)
        self.cause = self.event * np.where(u[:, 4] < 0.7, 1, 2)
        self.x = np.column_stack([self.arm, u[:, 5] - 0.5, u[:, 6] < 0.3, np.sqrt(u[:, 7])])
        self.weight = 0.5 + u[:, 8]
        self.entry = np.floor(self.time * u[:, 9] * 0.3)
        self.count = np.floor(-np.log(u[:, 10]) * (1 + self.arm)).astype(np.int64)
        self.yes = (u[:, 11] < 0.3 + 0.1 * self.arm).astype(np.int64)
        self.readings = np.column_stack([(3 * u[:, k]).astype(np.int64) for k in (2, 3, 4)])
        self.drawn = u[:, 6]
        visits = np.floor(self.time / 84) * 84
        self.intervals = interval_times.bound_interval_times(
            visits, right=np.where(self.event == 1, visits + 84, math.inf)
        )
        self.known = interval_times.bound_event_times(self.time, event=self.event)
        self.followed_up = np.ceil(end) + 1
        self.treated_time = np.where(self.arm == 1, self.time, 0.4 * self.time * (u[:, 5] < 0.3))
        self.progression = np.where(u[:, 6] < 0.5, np.ceil(self.time * u[:, 7] * 0.9), np.nan)


def call(
    function: Callable[..., object], *given: object, beside: str = "", **options: object
) -> tuple[str, Callable[[], object]]:
    """The name of a function, with what it is given `beside` the least; and the call of it."""
    name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
    return f"{name}, {beside}" if beside else name, partial(function, *given, **options)
