"""Moves between states, as from free of progression over progression to death: who is where."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from equipoise.numerics.checks import check_codes, check_times
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.risk_sets import add_up, find_risk_sets, sum_over_risk_sets
from equipoise.numerics.survival.survival_scales import Interval, survival_limits

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """One row for each stay of a subject in a state: in `origin` after `entry` up to `exit`.

    There it moves to `target`; a target that is the origin means that it was last seen there.
    All shape (n,); states are codes from 0.
    """

    entry: ArrayLike
    exit: ArrayLike
    origin: ArrayLike
    target: ArrayLike
    subject: ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """Chances to be in state j at each distinct time for who is in state h at 0: (m, k, k).

    `covariance` (m, k, k, k) is Greenwood's of the chances in row h. `at_risk` (m, k) counts those
    in each state just before, `moves` (m, k, k) from h to j, `step` are the hazards with the
    diagonal that makes rows add up to 0. Row i of the stays is at risk at the times `first[i]` to
    `last[i]`; `subject` numbers subjects from 0.
    """

    time: Floats
    at_risk: Floats
    moves: Floats
    step: Floats
    probability: Floats
    covariance: Floats
    first: Codes
    last: Codes
    origin: Codes
    target: Codes
    subject: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupation:
    """The share in each state at chosen times for who starts in one state, (k, times)."""

    at: Floats
    share: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInStates:
    """Mean time in each state up to a horizon for who starts in one state, (k,)."""

    horizon: float
    value: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats


@njit(cache=True)
def _forward_kernel(step: Floats, at_risk: Floats, probability: Floats, covariance: Floats) -> None:
    """The product of I + step, and for each row of it its covariance, time after time.

    A row p becomes p M with M = I + step, its covariance V becomes M' V M + sum p_h^2 cov(step_h),
    the hazards out of h being multinomial: -a_j a_l / n off the diagonal, a_j (1 - a_j) / n on it.
    """
    m, k = step.shape[0], step.shape[1]
    now, spread = np.eye(k), np.zeros((k, k, k))
    for u in range(m):
        move = step[u] + np.eye(k)
        for a in range(k):
            carried = np.zeros((k, k))
            for b in range(k):
                for d in range(k):
                    for h in range(k):
                        for g in range(k):
                            carried[b, d] += move[h, b] * spread[a, h, g] * move[g, d]
                        if at_risk[u, h] > 0:
                            same = move[h, b] if b == d else 0.0
                            own = (same - move[h, b] * move[h, d]) / at_risk[u, h]
                            carried[b, d] += now[a, h] ** 2 * own
            covariance[u, a] = carried
            spread[a] = carried
        after = np.zeros((k, k))
        for a in range(k):
            for b in range(k):
                for h in range(k):
                    after[a, b] += now[a, h] * move[h, b]
        now = after
        probability[u] = now


@njit(cache=True)
def _backward_kernel(step: Floats, width: Floats, last: Floats, out: Floats) -> None:
    """What follows each time: out[u] = width[u] I + (I + step[u + 1]) out[u + 1], from `last`."""
    m, k = step.shape[0], step.shape[1]
    out[m] = last
    for u in range(m - 1, -1, -1):
        for h in range(k):
            for j in range(k):
                total = out[u + 1, h, j] + (width[u] if h == j else 0.0)
                for g in range(k):
                    total += step[u, h, g] * out[u + 1, g, j]
                out[u, h, j] = total


def build_illness_death(
    end: ArrayLike, *, died: ArrayLike, progression: ArrayLike, subject: ArrayLike | None = None
) -> Stays:
    """The stays of patients who are free of progression (0), progressed (1) or dead (2).

    `end` (n,) is death or the last day seen, `died` 0 or 1, `progression` its day, NaN where there
    was none. Who dies on the day of progression was never alive with it. ValueError names a
    progression after the end.
    """
    ends = check_times(end)
    dead = check_codes(died, name="died", n=ends.size, upper=1)
    days = np.ascontiguousarray(progression, dtype=np.float64)
    if days.shape != ends.shape:
        raise ValueError(f"progression has shape {days.shape}: one day or NaN for each end")
    wrong = (days > ends) | (days < 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"progression[{row}] is {days[row]}: not between 0 and the end")
    label = np.arange(ends.size) if subject is None else np.asarray(subject)
    ill = (days < ends) | ((days == ends) & (dead == 0))
    later = ill & (days < ends)
    first = np.where(ill, days, ends)
    return Stays(
        entry=np.concatenate([np.full(ends.size, -1.0), days[later]]),
        exit=np.concatenate([first, ends[later]]),
        origin=np.concatenate([np.zeros(ends.size, dtype=np.int64), np.ones(later.sum(), int)]),
        target=np.concatenate([np.where(ill, 1, 2 * dead), np.where(dead, 2, 1)[later]]),
        subject=np.concatenate([label, label[later]]),
    )


def estimate_transitions(stays: Stays, *, states: int) -> Transitions:
    """The Aalen-Johansen matrix of chances to move between `states` states, from time 0.

    Moves on one day are at once; who enters a state on a day is at risk there from the next.
    Source: Aalen, Johansen (1978); Andersen et al. (1993), IV.4.1, Greenwood's covariance.
    """
    ends = check_times(stays.exit)
    origin = check_codes(stays.origin, name="origin", n=ends.size, upper=states - 1)
    target = check_codes(stays.target, name="target", n=ends.size, upper=states - 1)
    label = np.asarray(stays.subject)
    if label.shape != ends.shape:
        raise ValueError(f"subject has shape {label.shape}: one label for each of {ends.size}")
    sets = find_risk_sets(ends, event=origin != target, entry=stays.entry)
    m = sets.time.size
    at_risk = np.stack(
        [
            sum_over_risk_sets(sets, amount=(origin == state).astype(np.float64)).at_risk
            for state in range(states)
        ],
        axis=1,
    )
    moved = origin != target
    place = (sets.last * states + origin) * states + target
    moves = add_up(place[moved], amount=np.ones(int(moved.sum())), m=m * states**2)
    moves = moves.reshape(m, states, states)
    step = moves / np.maximum(at_risk, 1.0)[:, :, None]
    diagonal = np.arange(states)
    step[:, diagonal, diagonal] = -step.sum(axis=2)
    probability = np.empty((m, states, states))
    covariance = np.empty((m, states, states, states))
    _forward_kernel(step, at_risk, probability, covariance)
    return Transitions(
        time=sets.time,
        at_risk=at_risk,
        moves=moves,
        step=step,
        probability=probability,
        covariance=covariance,
        first=sets.first,
        last=sets.last,
        origin=origin,
        target=target,
        subject=np.unique(label, return_inverse=True)[1].ravel(),
    )


def _influence(found: Transitions, start: int, later: Floats, upto: NDArray[np.bool_]) -> Floats:
    """How far each subject moves a number of each state, (subjects, k).

    `later` (m + 1, k, k): at u the number of each state for who is in state h after the u-th
    time. A step of hazard from h to j at u moves it by the share in h times the difference.
    """
    k = found.at_risk.shape[1]
    before = np.concatenate([np.eye(k)[start][None], found.probability[:-1, start]])
    rate = before * upto[:, None] / np.maximum(found.at_risk, 1.0)
    worth = later[1:]
    share = rate / np.maximum(found.at_risk, 1.0)
    gained = found.moves @ worth - found.moves.sum(axis=2)[:, :, None] * worth
    settled = np.concatenate([np.zeros((1, k, k)), np.cumsum(share[:, :, None] * gained, axis=0)])
    last, origin = found.last, found.origin
    own = rate[last, origin][:, None] * (worth[last, found.target] - worth[last, origin])
    moved = own - settled[last + 1, origin] + settled[found.first, origin]
    subjects = int(found.subject.max()) + 1
    return np.stack([add_up(found.subject, amount=one, m=subjects) for one in moved.T], axis=1)


def _is_known(found: Transitions, start: int, at: float) -> bool:
    """Beyond the last time nothing is known, unless all who started are where nobody leaves."""
    if at <= found.time[-1]:
        return True
    leaves = found.at_risk.sum(axis=0) > 0
    return bool(np.all(found.probability[-1, start][leaves] == 0))


def estimate_occupation_at(
    found: Transitions,
    *,
    at: ArrayLike,
    start: int = 0,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> Occupation:
    """The share in each state at chosen times for who is in state `start` at 0.

    Standard errors are the infinitesimal jackknife by subject, which holds also where the future
    depends on the past beyond the state (Datta, Satten, 2001). NaN beyond the follow-up. Limits
    as survival::survfit's for a state: log-log is log(-log share).
    """
    times = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError("at must hold finite times, not negative")
    k = found.at_risk.shape[1]
    share, error = np.full((k, times.size), np.nan), np.full((k, times.size), np.nan)
    for i, now in enumerate(times):
        if not _is_known(found, start, now):
            continue
        upto = found.time <= now
        later = _follow(found, np.zeros(upto.size), np.eye(k), upto)
        share[:, i] = later[0, start]
        error[:, i] = np.sqrt((_influence(found, start, later, upto) ** 2).sum(axis=0))
    square = np.where(share > 0, error**2 / np.where(share > 0, share, 1.0) ** 2, np.nan)
    limits = survival_limits(share, greenwood=square, interval=interval, level=level)
    return Occupation(
        at=times, share=share, standard_error=error, lower=limits.lower, upper=limits.upper
    )


def _follow(found: Transitions, width: Floats, last: Floats, upto: NDArray[np.bool_]) -> Floats:
    """`_backward_kernel` over the moves up to a time, (m + 1, k, k)."""
    out = np.empty((upto.size + 1, *last.shape))
    _backward_kernel(found.step * upto[:, None, None], width, last, out)
    return out


def estimate_time_in_states(
    found: Transitions, *, horizon: float, start: int = 0, level: float = 0.95
) -> TimeInStates:
    """Mean time in each state from 0 to the horizon for who is in state `start` at 0.

    Standard errors are the infinitesimal jackknife by subject, limits plain; NaN where the
    follow-up ends before the horizon. Source: Andersen et al. (1993), IV.4.1; Jaeckel (1972).
    """
    if not (math.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be a time above 0, not {horizon}")
    k = found.at_risk.shape[1]
    value, error = np.full(k, np.nan), np.full(k, np.nan)
    if _is_known(found, start, horizon):
        edges = np.concatenate([[0.0], found.time, [horizon]])
        width = np.diff(np.minimum(edges, horizon))
        upto = found.time <= horizon
        later = _follow(found, width[:-1], width[-1] * np.eye(k), upto)
        value = later[0, start]
        error = np.sqrt((_influence(found, start, later, upto) ** 2).sum(axis=0))
    half = normal_quantile(level) * error
    return TimeInStates(
        horizon=horizon,
        value=value,
        standard_error=error,
        lower=value - half,
        upper=value + half,
    )
