"""A simulated trial, drawn and looked at one subject after another, from the assumptions."""

import math
from dataclasses import dataclass

from equipoise.simulate.purpose import Purpose
from equipoise.simulate.trial_model import (
    Accrual,
    Hazard,
    IllnessDeath,
    Law,
    Look,
    TrialModel,
)
from naive.philox import philox4x32_10


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is true of a subject; `first` is when the first event is seen."""

    arm: int
    stratum: int
    entry: float
    first: float
    death: float
    leaving: float

    def time(self, endpoint: int) -> float:
        return self.first if endpoint == 0 else self.death

    def seen(self, endpoint: int) -> float:
        """The date of the event."""
        time = self.time(endpoint)
        return self.entry + time if time <= self.leaving else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A subject as it is known at a look."""

    time: float
    event: int
    arm: int
    stratum: int


def uniforms(seed: int, replicate: int, subject: int, purpose: Purpose) -> list[float]:
    words = philox4x32_10((0, subject, replicate, purpose.value), (seed % 2**32, seed // 2**32))
    return [(word + 0.5) / 2**32 for word in words]


def entry_time(share: float, accrual: Accrual) -> float:
    """By halving: the time until which this share of all comes."""
    pieces = list(zip(accrual.knots, accrual.knots[1:], accrual.start, accrual.end, strict=False))

    def came(until: float) -> float:
        total = 0.0
        for begin, stop, low, high in pieces:
            length = min(max(until, begin), stop) - begin
            then = low + (high - low) * length / (stop - begin)
            total += (low + then) / 2 * length
        return total

    low, high = accrual.knots[0], accrual.knots[-1]
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if came(middle) < share * came(accrual.knots[-1]) else (low, middle)
        )
    return low


def waiting_time(share: float, law: Law, frailty: float = 1.0) -> float:
    if share <= law.cured:
        return math.inf
    target = -math.log((share - law.cured) / (1 - law.cured)) / frailty
    if not isinstance(law, Hazard):
        return law.scale * math.pow(target, 1 / law.shape)
    start = 0.0
    for rate, end in zip(law.rates, [*law.cuts, math.inf], strict=True):
        if rate > 0 and target <= rate * (end - start):
            return start + target / rate
        target -= rate * (end - start) if rate > 0 else 0.0
        start = end
    return math.inf


def draw_subject(model: TrialModel, seed: int, replicate: int, number: int) -> Subject:
    arm = 0 if number < model.sizes[0] else 1
    u = uniforms(seed, replicate, number, Purpose.REPLICATE)
    stratum, share = 0, model.shares[0]
    while stratum + 1 < len(model.shares) and u[3] > share:
        stratum += 1
        share += model.shares[stratum]
    course = model.courses[stratum][arm]
    if isinstance(course, IllnessDeath):
        more = uniforms(seed, replicate, number, Purpose.REPLICATE_COURSE)
        normal = math.sqrt(-2 * math.log(more[2])) * math.cos(2 * math.pi * more[3])
        frail = [math.exp(sd * normal - sd * sd / 2) for sd in model.frailty]
        progression = waiting_time(u[1], course.progression, frail[0])
        death = waiting_time(more[0], course.death_before, frail[1])
        if progression < death:
            death = progression + waiting_time(more[1], course.death_after, frail[2])
        first = min(seen_at_scan(progression, model.scans), death)
    else:
        first = death = seen_at_scan(waiting_time(u[1], course), model.scans)
    return Subject(
        arm=arm, stratum=stratum, entry=entry_time(u[0], model.accrual), first=first, death=death,
        leaving=waiting_time(u[2], model.leaving[arm]),
    )  # fmt: skip


def seen_at_scan(time: float, scans: tuple[float, ...]) -> float:
    return min((scan for scan in scans if scan >= time), default=math.inf) if scans else time


def draw_trial(model: TrialModel, seed: int, replicate: int) -> list[Subject]:
    return [draw_subject(model, seed, replicate, i) for i in range(sum(model.sizes))]


def date_of(look: Look, subjects: list[Subject]) -> float:
    endpoint = look.endpoint.value
    reached = sorted(subject.seen(endpoint) for subject in subjects)[look.events - 1]
    if look.events and math.isinf(reached) and math.isinf(look.latest):
        return max(one.entry + min(one.time(endpoint), one.leaving) for one in subjects)
    return min(look.latest, reached) if look.events else look.latest


def rows_at(model: TrialModel, subjects: list[Subject], date: float, endpoint: int) -> list[Row]:
    rows = []
    for one in subjects:
        if one.entry >= date:
            continue
        event = one.seen(endpoint) <= date
        time = one.time(endpoint) if event else min(one.leaving, date - one.entry)
        if not event and model.scans and endpoint == 0:
            time = max((scan for scan in model.scans if scan < time), default=0.0)
        rows.append(Row(time=time, event=int(event), arm=one.arm, stratum=one.stratum))
    return rows
