"""The Fine-Gray model as the paper words it: every sum over every row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One row: time, cause (0 censored, 1 event, 2 competing), one covariate."""

    time: float
    cause: int
    x: float
    group: int = 0
    stratum: int = 0
    weight: float = 1.0
    entry: float = -1.0


def followed(rows: Sequence[Lesion], group: int, before: float) -> float:
    """G(before -) in a group: Kaplan-Meier of censoring, those with events of the day at risk.

    Times H(before -), that of entry: going back in time, those at risk leave at their entry.
    """
    own = [row for row in rows if row.group == group]
    if before > max(row.time for row in own):
        return 0.0
    still = 1.0
    for now in sorted({row.time for row in own if row.cause == 0 and row.time < before}):
        at_risk = sum(row.weight for row in own if row.entry < now <= row.time)
        still *= 1 - sum(row.weight for row in own if row.time == now and row.cause == 0) / at_risk
    for now in sorted({row.entry for row in own if row.entry >= before}):
        there = sum(row.weight for row in own if row.entry <= now < row.time)
        still *= 1 - sum(row.weight for row in own if row.entry == now) / there
    return still


def share(rows: Sequence[Lesion], row: Lesion, now: float) -> float:
    """w_i(t): 1 at risk, 0 once censored or failed, G(t-)/G(T-) after a competing event."""
    if row.time >= now:
        return float(row.entry < now)
    if row.cause != 2:
        return 0.0
    return followed(rows, row.group, now) / followed(rows, row.group, row.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One time of event in one stratum: events, hazard step, mean covariate, its variance."""

    time: float
    stratum: int
    events: float
    total: float
    mean: float
    variance: float


def moments(rows: Sequence[Lesion], beta: float) -> list[Moment]:
    out = []
    for stratum, now in sorted({(row.stratum, row.time) for row in rows if row.cause == 1}):
        own = [row for row in rows if row.stratum == stratum]
        pull = [row.weight * share(rows, row, now) * math.exp(beta * row.x) for row in own]
        mean = sum(p * row.x for p, row in zip(pull, own, strict=True)) / sum(pull)
        spread = sum(p * (row.x - mean) ** 2 for p, row in zip(pull, own, strict=True))
        events = sum(row.weight for row in own if row.time == now and row.cause == 1)
        out.append(
            Moment(
                time=now, stratum=stratum, events=events, total=sum(pull),
                mean=mean, variance=spread / sum(pull),
            )
        )  # fmt: skip
    return out


def likelihood(rows: Sequence[Lesion], beta: float) -> float:
    gained = sum(row.weight * beta * row.x for row in rows if row.cause == 1)
    return gained - sum(m.events * math.log(m.total) for m in moments(rows, beta))


def information(rows: Sequence[Lesion], beta: float) -> float:
    return sum(m.events * m.variance for m in moments(rows, beta))


def eta(rows: Sequence[Lesion], row: Lesion, seen: Sequence[Moment], beta: float) -> float:
    """What the row's own event and its exposure give to the score."""
    total = 0.0
    for m in seen:
        if m.stratum == row.stratum:
            own = row.cause == 1 and row.time == m.time
            step = share(rows, row, m.time) * math.exp(beta * row.x) * m.events / m.total
            total += (row.x - m.mean) * (own - step)
    return row.weight * total


def psi(rows: Sequence[Lesion], row: Lesion, seen: Sequence[Moment], beta: float) -> float:
    """What the row's censoring gives to the score by way of G."""
    own = [other for other in rows if other.group == row.group]

    def cost(now: float) -> float:
        return sum(
            other.weight * share(rows, other, m.time) * math.exp(beta * other.x)
            * (other.x - m.mean) * m.events / m.total
            for other in own if other.cause == 2 and other.time < now
            for m in seen if m.stratum == other.stratum and m.time >= now
        )  # fmt: skip

    def at_risk(now: float) -> float:
        return sum(other.weight for other in own if other.time >= now)

    total = cost(row.time) / at_risk(row.time) if row.cause == 0 else 0.0
    for now in sorted({other.time for other in own if other.cause == 0}):
        if now <= row.time:
            gone = sum(other.weight for other in own if other.time == now and other.cause == 0)
            total -= cost(now) * gone / at_risk(now) ** 2
    return row.weight * total


def influence(rows: Sequence[Lesion], beta: float) -> list[float]:
    seen = moments(rows, beta)
    return [eta(rows, row, seen, beta) + psi(rows, row, seen, beta) for row in rows]
