"""The share alive of illness and death, summed over many moments and many kinds of patients."""

import numpy as np

from equipoise.simulate.trial_model import Hazard, IllnessDeath


def total_hazard(law: Hazard, time: float) -> float:
    """What the hazard adds up to, piece after piece."""
    starts, ends = (0.0, *law.cuts), (*law.cuts, np.inf)
    lived = [max(min(time, end) - start, 0.0) for start, end in zip(starts, ends, strict=True)]
    return float(sum(rate * long for rate, long in zip(law.rates, lived, strict=True)))


def share_alive(course: IllnessDeath, *, time: float, spread: tuple[float, float, float]) -> float:
    """Alive without progression, or progressed at some moment and not dead since."""
    progression, before, after = course.progression, course.death_before, course.death_after
    assert isinstance(progression, Hazard)
    assert isinstance(before, Hazard)
    assert isinstance(after, Hazard)
    moments = np.linspace(0.0, time, 2001)
    total = np.array([total_hazard(progression, float(moment)) for moment in moments])
    alive, weights = 0.0, 0.0
    for normal in np.linspace(-6, 6, 121):
        ill, die = (np.exp(sd * normal - sd**2 / 2) for sd in (spread[0], spread[2]))
        free = np.exp(-before.rates[0] * moments - ill * total)
        middle = (moments[1:] + moments[:-1]) / 2
        progressed = np.diff(ill * total) * np.sqrt(free[1:] * free[:-1])
        later = float((progressed * np.exp(-die * after.rates[0] * (time - middle))).sum())
        weight = float(np.exp(-(normal**2) / 2))
        alive += weight * (float(free[-1]) + later)
        weights += weight
    return alive / weights
