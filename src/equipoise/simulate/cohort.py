"""The subjects of one trial or of thousands as flat arrays, and the chance they meet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.streams import draw_normals, draw_uniforms
from equipoise.simulate.purpose import Purpose

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
DAYS_PER_MONTH = 30.4375  # D2.2
DAYS_PER_YEAR = 365.25
NEVER = 10_000_000  # a day that no trial reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Who is drawn: `replicate` and `subject` have one row a subject; subjects count from 0."""

    seed: int
    replicate: Ints
    subject: Ints

    @property
    def size(self) -> int:
        """The number of subjects in all trials together."""
        return int(self.subject.size)


def build_cohort(seed: int, *, replicates: range, subjects: int) -> Cohort:
    """The cohort of the trials numbered `replicates`, each of `subjects` subjects."""
    numbers = np.arange(replicates.start, replicates.stop, dtype=np.int64)
    return Cohort(
        seed=seed,
        replicate=np.repeat(numbers, subjects),
        subject=np.tile(np.arange(subjects, dtype=np.int64), numbers.size),
    )


def draw_uniform(cohort: Cohort, *, purpose: Purpose, count: int) -> Floats:
    """Uniform numbers of a purpose, shape (subjects, count)."""
    return draw_uniforms(
        cohort.seed,
        replicate=cohort.replicate,
        subject=cohort.subject,
        purpose=purpose.value,
        count=count,
    )


def draw_normal(cohort: Cohort, *, purpose: Purpose, count: int) -> Floats:
    """Standard normal numbers of a purpose, shape (subjects, count)."""
    return draw_normals(
        cohort.seed,
        replicate=cohort.replicate,
        subject=cohort.subject,
        purpose=purpose.value,
        count=count,
    )


def choose(uniform: Floats, *, shares: Sequence[float]) -> Ints:
    """The place chosen by each uniform number, with chances in the ratio of the shares."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    places = np.searchsorted(edges / edges[-1], uniform, side="right")
    return np.minimum(places, len(shares) - 1).astype(np.int64)


def wait(uniform: Floats, *, rate: Floats | float) -> Floats:
    """Exponential waiting times at a rate; for ever where the rate is 0."""
    rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), uniform.shape)
    waits = -np.log(uniform) / np.where(rates > 0, rates, 1.0)
    return np.where(rates > 0, waits, float(NEVER))


def between(uniform: Floats, *, low: float, high: float) -> Ints:
    """Whole days from `low` to `high`, both included, each as likely."""
    return (low + np.floor(uniform * (high - low + 1))).astype(np.int64)


def any_of(flags: Flags) -> Flags:
    """Whether any is true in each row, shape (rows,)."""
    return np.asarray(flags.any(axis=1), dtype=np.bool_)


def whole_days(times: Floats) -> Ints:
    """Times rounded up to whole days, from 1 to `NEVER`."""
    return np.clip(np.ceil(times), 1, NEVER).astype(np.int64)
