"""Weights for patients followed until they leave their treatment: those who stay stand in."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_covariates, check_times
from equipoise.numerics.event_counts import count_events
from equipoise.numerics.hazards.baseline_hazard import predict_survival
from equipoise.numerics.hazards.cox import Ties, estimate_cox


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedRows:
    """Rows (entry, time] with a weight each, (m,): a patient has one a stretch of equal weight.

    `row` is the patient's place in what was given, the cluster of a robust variance. `message`
    says in words which groups could not be weighed.
    """

    row: NDArray[np.int64]
    entry: NDArray[np.float64]
    time: NDArray[np.float64]
    event: NDArray[np.int64]
    weight: NDArray[np.float64]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """When some of a group leave, (k,), and how the weight of each patient stands after, (k, n)."""

    time: NDArray[np.float64]
    weight: NDArray[np.float64]


def weigh_stayers(
    time: ArrayLike,
    *,
    event: ArrayLike,
    left: ArrayLike,
    covariates: ArrayLike,
    group: ArrayLike | None = None,
) -> WeightedRows:
    """Rows in which those who stay are weighed up for those like them who left.

    `left` is 1 where the time ends because the patient left (switched, crossed over), with no
    event; the others end as usual. In each group leaving has a Cox model of its own on
    `covariates` (n, p). The weight at t is the chance to have stayed until just before t without
    knowing the covariates over that with them (stabilised). A group that nobody leaves has weights
    of 1; so has one whose model does not settle, which `message` tells. Give the rows to a weighted
    Cox model or curve with `row` as cluster. It rests on there being no other reason to leave that
    bears on the outcome. Source: Robins, Finkelstein (2000); Cole, Hernan (2008).
    """
    times = check_times(time)
    n = times.size
    events = check_codes(event, name="event", n=n, upper=1)
    leaves = check_codes(left, name="left", n=n, upper=1)
    both = (events == 1) & (leaves == 1)
    if both.any():
        raise ValueError(f"row {int(np.argmax(both))} has the event and left: one of them ends it")
    table = check_covariates(covariates, n=n)
    groups = check_codes(group, name="group", n=n)
    parts, told = [], []
    for code in np.unique(groups):
        own = np.flatnonzero(groups == code)
        leaving, message = _weigh_group(times[own], leaves[own], table[own])
        told += [f"group {code}: {message}"] if message else []
        parts.append(_split(own, times, events, leaving))
    rows = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.argsort(rows[0], kind="stable")
    return WeightedRows(
        row=rows[0][order].astype(np.int64),
        entry=rows[1][order],
        time=rows[2][order],
        event=rows[3][order].astype(np.int64),
        weight=rows[4][order],
        message="; ".join(told),
    )


def _weigh_group(
    time: NDArray[np.float64], left: NDArray[np.int64], covariates: NDArray[np.float64]
) -> tuple[_Leaving, str]:
    """The weights of a group after each time at which somebody leaves it."""
    nobody = _Leaving(time=np.zeros(0), weight=np.zeros((0, time.size)))
    if not left.any():
        return nobody, ""
    fit = estimate_cox(time, event=left, covariates=covariates, ties=Ties.BRESLOW)
    if not fit.converged or not np.isfinite(fit.coefficients).all():
        return nobody, f"not weighed, {fit.message}"
    with_them = predict_survival(fit, covariates=np.zeros(covariates.shape[1]))
    counts = count_events(time, cause=left)
    some = counts.events[0] > 0
    without = np.cumsum(counts.events[0][some] / counts.at_risk[some])
    own = with_them.hazard[:, None] * np.exp(covariates @ fit.coefficients)
    return _Leaving(time=counts.time[some], weight=np.exp(own - without[:, None])), ""


def _split(
    own: NDArray[np.intp],
    time: NDArray[np.float64],
    event: NDArray[np.int64],
    leaving: _Leaving,
) -> tuple[NDArray[Any], ...]:
    """The rows of a group: patient, entry, time, event, weight; a patient's one after another."""
    stretches = 1 + np.searchsorted(leaving.time, time[own])
    last = np.cumsum(stretches) - 1
    place = np.repeat(np.arange(own.size), stretches)
    stretch = np.arange(place.size) - (last - stretches + 1)[place]
    cuts = np.concatenate([[0.0], leaving.time, [math.inf]])
    entry, stop, ended = cuts[stretch], cuts[stretch + 1], np.zeros(place.size)
    entry[stretch == 0] = np.where(time[own] > 0, 0.0, -1.0)
    stop[last], ended[last] = time[own], event[own]
    weight = np.concatenate([np.ones((1, own.size)), leaving.weight])[stretch, place]
    return own[place], entry, stop, ended, weight


def effective_size(weight: ArrayLike) -> float:
    """How many equally weighed rows tell as much: (sum of weights)^2 / sum of their squares.

    Source: Kish (1965), 8.2.
    """
    given = np.asarray(weight, dtype=np.float64)
    square = float((given**2).sum())
    return float(given.sum()) ** 2 / square if square > 0 else math.nan
