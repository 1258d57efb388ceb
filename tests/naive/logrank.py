"""The log-rank test and its relatives as the papers word them: one risk set after another."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from naive.cox import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSet:
    """Those at risk at a time in a stratum, and those of them who fail then."""

    stratum: int
    time: float
    at_risk: list[Person]
    failed: list[Person]


History = Sequence[tuple[float, int, int]]  # (time, at risk, failed) in one stratum so far
Weight = Callable[[History], float]


def risk_sets(people: Sequence[Person], entry: Sequence[float] | None = None) -> list[RiskSet]:
    """By stratum, then time; with `entry` a person is at risk after it."""
    since = entry or [-1.0] * len(people)
    return [
        RiskSet(
            stratum=stratum,
            time=time,
            at_risk=[
                p for p, start in zip(people, since, strict=True)
                if p.stratum == stratum and start < time <= p.time
            ],
            failed=[p for p in people if (p.stratum, p.time) == (stratum, time) and p.event],
        )
        for stratum, time in sorted({(p.stratum, p.time) for p in people if p.event})
    ]  # fmt: skip


def weights(sets: Sequence[RiskSet], weight: Weight) -> list[float]:
    """The weight of each risk set, from what was seen in its stratum up to and with it."""
    out, seen = [], []  # type: list[float], list[tuple[float, int, int]]
    for i, one in enumerate(sets):
        seen = seen if i and one.stratum == sets[i - 1].stratum else []
        seen = [*seen, (one.time, len(one.at_risk), len(one.failed))]
        out.append(weight(seen))
    return out


def before(seen: History) -> float:
    """The Kaplan-Meier of all together, just before the time."""
    return math.prod(1 - d / n for _, n, d in seen[:-1])


def logrank(
    people: Sequence[Person],
    groups: int,
    *,
    entry: Sequence[float] | None = None,
    weight: Weight = lambda _: 1.0,
) -> tuple[list[float], list[float], list[list[float]]]:
    """Observed and expected events by group, and the hypergeometric covariance."""
    observed, expected = [0.0] * groups, [0.0] * groups
    variance = [[0.0] * groups for _ in range(groups)]
    sets = risk_sets(people, entry)
    for one, w in zip(sets, weights(sets, weight), strict=True):
        n, d = len(one.at_risk), len(one.failed)
        share = [sum(p.group == g for p in one.at_risk) / n for g in range(groups)]
        for g in range(groups):
            observed[g] += w * sum(p.group == g for p in one.failed)
            expected[g] += w * d * share[g]
            for h in range(groups):
                spread = w * w * d * (n - d) / (n - 1) if n > 1 else 0.0
                variance[g][h] += spread * ((g == h) * share[g] - share[g] * share[h])
    return observed, expected, variance


def chance_beyond_in_plane(
    angles: Sequence[float], largest: float, both: bool, *, steps: int = 2000
) -> float:
    """The chance that a normal point of the plane is beyond `largest` along one of the directions.

    One strip of the plane after another, as wide as a step; in each the other coordinate may lie
    between the lines that bound it.
    """
    rows = [(math.cos(a), math.sin(a)) for a in angles]
    rows += [(-x, -y) for x, y in rows] if both else []
    inside, width = 0.0, 18 / steps
    for step in range(steps):
        x = -9 + (step + 0.5) * width
        lower, upper = -math.inf, math.inf
        for a, b in rows:
            if b > 1e-12:
                upper = min(upper, (largest - a * x) / b)
            elif b < -1e-12:
                lower = max(lower, (largest - a * x) / b)
            elif a * x > largest:
                upper = -math.inf
        density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        inside += width * density * max(_normal(upper) - _normal(lower), 0.0)
    return 1 - inside


def chance_beyond_in_space(
    rows: Sequence[Sequence[float]], largest: float, *, steps: int = 100
) -> float:
    """The same of a normal point in space, direction by direction: a chi-square tail in each."""
    total = 0.0
    for i in range(steps):
        height = -1 + (2 * i + 1) / steps
        flat = math.sqrt(1 - height * height)
        for j in range(steps):
            around = 2 * math.pi * (j + 0.5) / steps
            u = (flat * math.cos(around), flat * math.sin(around), height)
            top = max(sum(a * b for a, b in zip(row, u, strict=True)) for row in rows)
            total += _beyond_on_ray(top, largest)
    return total / steps**2


def _beyond_on_ray(top: float, largest: float) -> float:
    if top == 0:
        return float(largest < 0)
    edge = abs(largest / top)
    tail = 2 * (_normal(-edge) + edge * math.exp(-edge * edge / 2) / math.sqrt(2 * math.pi))
    if largest >= 0:
        return tail if top > 0 else 0.0
    return 1.0 if top > 0 else 1 - tail


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
