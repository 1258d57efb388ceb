"""What may be done to the time to an event: hazards scaled, time stretched, an effect delayed."""

import math
from bisect import bisect_right
from dataclasses import replace

from equipoise.simulate.trial_model import Hazard, Law, Weibull

_PIECES, _STEADY = 60, 4.0  # of a Weibull hazard in pieces; how many scales they reach to


def hazard_of_survival(survival: float, *, at: float) -> Hazard:
    """The constant hazard of which this share has no event by a time."""
    return Hazard(rates=(-math.log(survival) / at,))


def scale_hazard(law: Law, *, ratio: float) -> Law:
    """The hazard multiplied: that of those not cured, whose share stays."""
    if isinstance(law, Hazard):
        return replace(law, rates=tuple(ratio * rate for rate in law.rates))
    return replace(law, scale=law.scale * ratio ** (-1 / law.shape))


def stretch_time(law: Law, *, factor: float) -> Law:
    """Every time to the event multiplied."""
    if isinstance(law, Hazard):
        cuts = tuple(factor * cut for cut in law.cuts)
        return replace(law, rates=tuple(rate / factor for rate in law.rates), cuts=cuts)
    return replace(law, scale=factor * law.scale)


def survival_at(law: Law, *, time: float) -> float:
    """The share without event at a time."""
    return law.cured + (1 - law.cured) * math.exp(-_cumulated(law, time))


def time_of_survival(law: Law, *, survival: float) -> float:
    """When this share has no event any more; infinite where it never comes to that."""
    if survival <= law.cured:
        return math.inf
    wanted = -math.log((survival - law.cured) / (1 - law.cured))
    if isinstance(law, Weibull):
        return float(law.scale * wanted ** (1 / law.shape))
    starts = (0.0, *law.cuts)
    for start, rate, end in zip(starts, law.rates, (*law.cuts, math.inf), strict=True):
        gained = rate * (end - start) if rate else 0.0
        if rate and gained >= wanted:
            return start + wanted / rate
        wanted -= gained
    return math.inf


def delay_effect(law: Law, *, ratio: float, delay: float) -> Law:
    """The hazard of the law up to `delay`, from then on multiplied.

    A Weibull hazard goes in pieces whose ends have its exact survival.
    """
    if delay <= 0:
        return scale_hazard(law, ratio=ratio)
    pieces = law if isinstance(law, Hazard) else _into_pieces(law)
    starts = [0.0, *pieces.cuts]
    cuts = sorted({*pieces.cuts, delay})
    rates = [
        pieces.rates[bisect_right(starts, start) - 1] * (ratio if start >= delay else 1.0)
        for start in (0.0, *cuts)
    ]
    return Hazard(rates=tuple(rates), cuts=tuple(cuts), cured=law.cured)


def _into_pieces(law: Weibull) -> Hazard:
    """Pieces that are short where the hazard changes fast, near 0; the last goes on."""
    ends = [_STEADY * law.scale * (place / _PIECES) ** 2 for place in range(_PIECES + 1)]
    total = [_cumulated(law, end) for end in ends]
    rates = [
        (total[place + 1] - total[place]) / (ends[place + 1] - ends[place])
        for place in range(_PIECES)
    ]
    return Hazard(rates=tuple(rates), cuts=tuple(ends[1:-1]), cured=law.cured)


def _cumulated(law: Law, time: float) -> float:
    if isinstance(law, Weibull):
        return float((time / law.scale) ** law.shape)
    ends = (*law.cuts, math.inf)
    starts = (0.0, *law.cuts)
    return math.fsum(
        rate * (min(end, time) - start)
        for start, end, rate in zip(starts, ends, law.rates, strict=True)
        if start < time
    )
