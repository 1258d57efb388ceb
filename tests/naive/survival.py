"""Survival statistics as the textbooks word them: one patient, one time, one term after another."""

import math
from collections.abc import Sequence
from itertools import pairwise

Rows = Sequence[tuple[float, int]]


def distinct_times(rows: Rows) -> list[float]:
    return sorted({time for time, _ in rows})


def kaplan_meier(rows: Rows) -> list[tuple[float, float, float]]:
    """(time, survival, Greenwood's sum) at each distinct time."""
    out, survival, greenwood = [], 1.0, 0.0
    for now in distinct_times(rows):
        n = sum(1 for time, _ in rows if time >= now)
        d = sum(1 for time, event in rows if time == now and event == 1)
        survival *= (n - d) / n
        if d:
            greenwood += d / (n * (n - d)) if n > d else math.inf
        out.append((now, survival, greenwood))
    return out


def restricted_mean(rows: Rows, horizon: float) -> tuple[float, float]:
    """(area under the curve, its variance) up to the horizon, over steps of the curve."""
    curve = kaplan_meier(rows)
    edges = sorted({0.0, horizon, *(time for time, _, _ in curve if time < horizon)})

    def height(time: float) -> float:
        below = [survival for at, survival, _ in curve if at <= time]
        return below[-1] if below else 1.0

    def area(start: float) -> float:
        return sum((b - a) * height(a) for a, b in pairwise(edges) if a >= start)

    variance = 0.0
    for now in distinct_times(rows):
        n = sum(1 for time, _ in rows if time >= now)
        d = sum(1 for time, event in rows if time == now and event == 1)
        if now < horizon and n > d:
            variance += area(now) ** 2 * d / (n * (n - d))
    return area(0.0), variance


def aalen_johansen(rows: Rows, cause: int = 1) -> list[tuple[float, float]]:
    """(time, incidence of the cause) at each distinct time."""
    out, survival, incidence = [], 1.0, 0.0
    for now in distinct_times(rows):
        n = sum(1 for time, _ in rows if time >= now)
        own = sum(1 for time, kind in rows if time == now and kind == cause)
        both = sum(1 for time, kind in rows if time == now and kind > 0)
        incidence += survival * own / n
        survival *= 1 - both / n
        out.append((now, incidence))
    return out


def aalen_variance(rows: Rows, at: float) -> float:
    """Aalen (1978) for the incidence of cause 1 at a time, term by term."""
    curve = dict(aalen_johansen(rows))
    final = [f for time, f in curve.items() if time <= at]
    total, survival = 0.0, 1.0
    for now in distinct_times(rows):
        n = sum(1 for time, _ in rows if time >= now)
        one = sum(1 for time, kind in rows if time == now and kind == 1)
        two = sum(1 for time, kind in rows if time == now and kind == 2)
        left = n - one - two
        if now <= at and n > 1:
            later = (final[-1] - curve[now]) * n / left if left else 0.0
            total += (survival - later) ** 2 * one * (n - one) / (n**2 * (n - 1))
            total += later**2 * two * (n - two) / (n**2 * (n - 1))
        survival *= left / n
    return total
