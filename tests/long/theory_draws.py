"""What is drawn, beside its exact expectation: who came, who had the event, when the cut is."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise.design import assumptions as planned
from equipoise.design.expected_events import expect_course
from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_model import (
    NO_EVENT,
    Endpoint,
    Hazard,
    IllnessDeath,
    Look,
    Reading,
    Run,
    TrialModel,
    Weibull,
    accrue_by_rates,
    accrue_by_sites,
    accrue_evenly,
    accrue_with_ramp,
)
from long.theory_logrank import LOST, Size, model_of, pair_of, plan_of
from long.theory_rows import Row, average

COURSE, LAWS = "Who came, who had the event", "Laws of times, exactly"
AT_ONCE = accrue_evenly(1e-9)
SCANS = (2.76, 5.52, 8.28, 11.04, 13.8, 16.56, 22.08)
ACCRUALS = {
    "evenly": (accrue_evenly(24.0), planned.uniform_accrual(300, until=24)),
    "with a ramp of 8 months": (
        accrue_with_ramp(8.0, until=24.0),
        planned.ramp_accrual(300, full_from=8, until=24),
    ),
    "in pieces": (
        accrue_by_rates((1.0, 3.0), cuts=(6.0,), until=24.0),
        planned.Accrual(starts=(0.0, 6.0), rates=(5.0, 15.0), until=24.0),
    ),
    "by sites that open in turn": (
        accrue_by_sites((0.0, 4.0, 8.0), rates=(5.0,) * 3, until=24.0),
        planned.staggered_accrual([0.0, 4.0, 8.0], rate=5.0, subjects=300),
    ),
}


def by_course(run: Run) -> Iterator[Row]:
    """Subjects and events of each arm by the months 12 and 30: Lachin and Foulkes, in pieces."""
    late = Hazard(rates=(0.06, 0.03), cuts=(5.0,))
    courses = (pair_of(0.7), (Hazard(rates=(0.08, 0.05), cuts=(3.0,)), late))
    model = model_of(Size(subjects=300, ratio=2.0), courses=courses)
    for name, (accrual, plan) in ACCRUALS.items():
        one = replace(model, accrual=accrual)
        looks = [Look(latest=12.0), Look(latest=30.0)]
        found = simulate_replicates(one, looks=looks, run=run, reading=Reading())
        course = expect_course(replace(plan_of(one), accrual=plan), at=[12.0, 30.0])
        for place, month in enumerate((12, 30)):
            if month < 24:
                yield average(
                    COURSE, f"{name}, subjects by month {month}", values=found.entered[:, place],
                    theory=float(course.all_subjects[place]),
                )  # fmt: skip
            for arm in (0, 1):
                yield average(
                    COURSE, f"{name}, events of arm {arm} by month {month}",
                    values=found.events[:, place, 0, arm],
                    theory=float(course.events[place, :, arm].sum()),
                )  # fmt: skip


def _at_once(law: Hazard | Weibull | IllnessDeath, **rest: object) -> TrialModel:
    model = TrialModel(sizes=(100, 1), accrual=AT_ONCE, courses=((law, law),))
    return replace(model, **rest)  # type: ignore[arg-type]


def by_laws(run: Run) -> Iterator[Row]:
    """Events by month 12 of 100 who came at once: Weibull, cured, scans, drop-out."""
    hazard, at = 0.06, 12.0
    lost = LOST.rates[0]
    shares = {
        "a Weibull of shape 0.8": (_at_once(Weibull(shape=0.8, scale=15.0)),
                                   -math.expm1(-((at / 15) ** 0.8))),
        "a Weibull of shape 1.7, 30 % cured": (
            _at_once(Weibull(shape=1.7, scale=10.0, cured=0.3)),
            -0.7 * math.expm1(-((at / 10) ** 1.7))),
        "a hazard in pieces, 40 % cured": (
            _at_once(Hazard(rates=(0.1, 0.02), cuts=(4.0,), cured=0.4)),
            -0.6 * math.expm1(-(0.4 + 0.02 * (at - 4)))),
        "seen at scans": (_at_once(Hazard(rates=(hazard,)), scans=SCANS),
                          -math.expm1(-hazard * 11.04)),
        "with drop-out": (_at_once(Hazard(rates=(hazard,)), leaving=(LOST, LOST)),
                          -hazard / (hazard + lost) * math.expm1(-(hazard + lost) * at)),
    }  # fmt: skip
    for name, (model, share) in shares.items():
        found = simulate_replicates(model, looks=[Look(latest=at)], run=run)
        events = found.events[:, 0, 0, 0]
        yield average(LAWS, f"events, {name}", values=events, theory=100 * share)
    yield from _by_order(run)
    yield from _by_illness(run)


def _by_order(run: Run) -> Iterator[Row]:
    """The mean time of the k-th of n exponential events: 1/n + ... + 1/(n - k + 1), over h."""
    model = replace(_at_once(Hazard(rates=(0.06,))), sizes=(60, 40))
    found = simulate_replicates(model, looks=[Look(events=30), Look(events=90)], run=run)
    for place, events in enumerate((30, 90)):
        theory = sum(1 / (100 - gone) for gone in range(events)) / 0.06
        yield average(
            LAWS, f"when {events} of 100 have had it", values=found.time[:, place], theory=theory
        )
    reading = Reading(milestone=6.0, horizon=10.0)
    other = replace(model, courses=(pair_of(0.6),))
    found = simulate_replicates(other, looks=[Look(latest=12.0)], run=run, reading=reading)
    h0, h1 = (law.rates[0] for law in pair_of(0.6))
    gap = math.exp(-6 * h1) - math.exp(-6 * h0)
    means = [-math.expm1(-10 * h) / h for h in (h0, h1)]
    yield average(
        LAWS, "difference of survival at a time", values=found.milestone_difference, theory=gap
    )
    yield average(
        LAWS, "difference of mean times", values=found.mean_difference, theory=means[1] - means[0]
    )


def _by_illness(run: Run) -> Iterator[Row]:
    """Progression and death by month 12, without and with frailty (Gauss-Hermite)."""
    a, b, c, t = 0.05, 0.01, 0.08, 12.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    for name, sd in (("illness and death", (0.0, 0.0, 0.0)), ("with frailty", (0.9, 0.5, 0.3))):
        each = [rate * np.exp(s * nodes - s * s / 2) for rate, s in zip((a, b, c), sd, strict=True)]
        both = each[0] + each[1]
        alive = np.exp(-both * t)
        after = each[0] / (both - each[2]) * (np.exp(-each[2] * t) - alive)
        truths = (1 - weights @ alive, 1 - weights @ (alive + after))
        course = IllnessDeath(
            progression=Hazard(rates=(a,)), death_before=Hazard(rates=(b,)),
            death_after=Hazard(rates=(c,)),
        )  # fmt: skip
        model = _at_once(course, frailty=sd, leaving=(NO_EVENT, NO_EVENT))
        found = simulate_replicates(model, looks=[Look(latest=t)], run=run)
        for endpoint in Endpoint:
            events = found.events[:, 0, endpoint.value, 0]
            truth = 100 * float(truths[endpoint.value])
            words = f"{name}, {endpoint.name.lower()} events"
            yield average(LAWS, words, values=events, theory=truth)
