"""What cannot be simulated, in words: every problem of a model, its looks and what is read."""

import math
from collections.abc import Iterator, Sequence

from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted
from equipoise.numerics.trials.trial_cuts import MOST_STRATA
from equipoise.simulate.trial_model import (
    NEVER,
    Accrual,
    Endpoint,
    Hazard,
    IllnessDeath,
    Law,
    Look,
    Reading,
    TrialModel,
)


class ImpossibleTrialError(Exception):
    """A model, a look or a reading that cannot be simulated; the message names every problem."""


def check_trial(model: TrialModel, *, looks: Sequence[Look], reading: Reading) -> None:
    """ImpossibleTrialError, if anything is impossible."""
    problems = [
        *_of_subjects(model), *_of_accrual(model.accrual), *_of_courses(model),
        *_of_looks(model, looks), *_of_reading(reading, looks),
    ]  # fmt: skip
    if problems:
        raise ImpossibleTrialError("; ".join(problems))


def _rising(values: Sequence[float], *, above: float = -math.inf) -> bool:
    return all(math.isfinite(v) for v in values) and all(
        a < b for a, b in zip([above, *values], values, strict=False)
    )


def _rate(value: float) -> bool:
    return math.isfinite(value) and value >= 0


def _of_subjects(model: TrialModel) -> Iterator[str]:
    if min(model.sizes) < 1:
        yield f"sizes {model.sizes}: each arm needs at least one subject"
    if not all(_rate(share) for share in model.shares) or abs(sum(model.shares) - 1) > 1e-9:
        yield f"shares {model.shares} must be 0 or more and add up to 1"
    if len(model.shares) != len(model.courses):
        yield f"{len(model.shares)} shares but {len(model.courses)} courses: one each a stratum"
    if len(model.shares) > MOST_STRATA:
        yield f"{len(model.shares)} strata: at most {MOST_STRATA} can be counted"


def _of_accrual(accrual: Accrual) -> Iterator[str]:
    if len(accrual.knots) < 2 or not _rising(accrual.knots) or accrual.knots[0] < 0:
        yield f"accrual: knots {accrual.knots} must rise from 0 or later, two at least"
    if not len(accrual.start) == len(accrual.end) == len(accrual.knots) - 1:
        yield "accrual: one rate at the start and one at the end of each piece"
    rates = [*accrual.start, *accrual.end]
    if not all(_rate(rate) for rate in rates) or sum(rates) == 0:
        yield f"accrual: rates {rates} must be finite, 0 or more, and not all 0"


def _of_courses(model: TrialModel) -> Iterator[str]:
    both = [course for pair in model.courses for course in pair]
    ill = [isinstance(course, IllnessDeath) for course in both]
    if any(ill) and not all(ill):
        yield "courses: all of them are IllnessDeath, or none"
    if any(model.frailty) and not any(ill):
        yield "frailty is for courses of IllnessDeath"
    if not all(_rate(each) for each in model.frailty):
        yield f"frailty {model.frailty} must be finite and 0 or more"
    if model.scans and not _rising(model.scans, above=0.0):
        yield f"scans {model.scans} must rise, the first after 0"
    for course in both:
        laws = (
            (course.progression, course.death_before, course.death_after)
            if isinstance(course, IllnessDeath)
            else (course,)
        )
        for law in laws:
            yield from _of_law(law)
    for law in model.leaving:
        yield from _of_law(law)


def _of_law(law: Law) -> Iterator[str]:
    if not 0 <= law.cured < 1:
        yield f"{law}: the cured are a share from 0 to below 1"
    if isinstance(law, Hazard):
        if not _rising(law.cuts, above=0.0) or len(law.rates) != len(law.cuts) + 1:
            yield f"{law}: cuts must rise, the first after 0, with one rate more than cuts"
        if not all(_rate(rate) for rate in law.rates):
            yield f"{law}: rates must be finite and 0 or more"
    elif not (0 < law.shape < math.inf and 0 < law.scale < math.inf):
        yield f"{law}: shape and scale must be finite and above 0"


def _of_looks(model: TrialModel, looks: Sequence[Look]) -> Iterator[str]:
    if not looks:
        yield "no look: nothing would be read"
    ill = any(isinstance(course, IllnessDeath) for pair in model.courses for course in pair)
    for number, look in enumerate(looks):
        if look.events < 0 or (look.events == 0 and look.latest == NEVER):
            yield f"look {number}: ask for events above 0, or give the latest date"
        if look.events > sum(model.sizes):
            yield f"look {number}: {look.events} events of {sum(model.sizes)} subjects"
        if not look.latest > model.accrual.knots[0]:
            yield f"look {number}: at {look.latest} nobody can have entered"
        if look.endpoint is Endpoint.DEATH and not ill:
            yield f"look {number}: deaths are counted in courses of IllnessDeath"
        if number and not _later(looks[number - 1], look):
            yield f"look {number} is not after look {number - 1}: more events, or a later date"


def _later(before: Look, look: Look) -> bool:
    """Whether a look can be after another; looks of different kinds can."""
    if look.events and before.events and look.endpoint is before.endpoint:
        return look.events > before.events and look.latest >= before.latest
    if look.events == before.events == 0:
        return look.latest > before.latest
    return True


def _of_reading(reading: Reading, looks: Sequence[Look]) -> Iterator[str]:
    for each in reading.weightings:
        if not isinstance(each, FlemingHarrington | ModestlyWeighted):
            yield f"{each}: a weighting of replicates is Fleming-Harrington's or a modest one"
    for name, time in (("milestone", reading.milestone), ("horizon", reading.horizon)):
        if time is None:
            continue
        if not 0 < time < math.inf:
            yield f"{name} {time} must be finite and above 0"
        for number, look in enumerate(looks):
            if look.latest < time:
                yield f"look {number}: by {look.latest} nobody is followed to the {name} {time}"
