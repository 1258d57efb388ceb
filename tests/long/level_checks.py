"""What is asked of every simulated trial: whether a test rejects, whether an interval holds.

A level is the share of trials without effect in which p <= 0.05; a coverage the share of trials
with an effect in which the interval of 95 % holds the truth, a band all along its curve. A check
is one line in a file of its family (`*_checks.py`); `level_registry.py` puts them together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from long.level_trials import Trial, Truth

Limits = tuple[ArrayLike, ArrayLike]
_T = TypeVar("_T")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question to a trial: 1 it happened, 0 it did not, NaN the method gives no answer.

    `one_sided` methods may reject less and cover more than told, never the other way, and `why`
    says for what reason. One that `misses` its level even with many patients is printed with its
    reason and not asked to hold. Small trials may be left without an answer where
    `unanswered` says in which.
    """

    name: str
    is_level: bool
    happened: Callable[[Trial], float]
    one_sided: bool = False
    misses: bool = False
    why: str = ""
    unanswered: str = ""

    @property
    def kind(self) -> str:
        """level or coverage."""
        return "level" if self.is_level else "coverage"

    @property
    def aim(self) -> float:
        """What it should be."""
        return 0.05 if self.is_level else 0.95


class HasLimits(Protocol):
    """An estimate with its interval."""

    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...


def once(fit: Callable[..., _T]) -> Callable[..., _T]:
    """What several checks ask of one trial is worked out once."""
    return lru_cache(maxsize=8)(fit)


def given(value: _V, asked: Callable[[Trial, _V], _T]) -> Callable[[Trial], _T]:
    """The question with its second word said: of many checks that differ in it alone."""
    return lambda trial: asked(trial, value)


def level(name: str, p_value: Callable[[Trial], float], **about: Any) -> Check:
    """How often a test rejects at 5 %."""

    def rejects(trial: Trial) -> float:
        p = float(p_value(trial))
        return np.nan if np.isnan(p) else float(p <= 0.05)

    return Check(name=name, is_level=True, happened=rejects, **about)


def coverage(
    name: str,
    interval: Callable[[Trial], HasLimits | Limits],
    truth: Callable[[Truth], ArrayLike],
    **about: Any,
) -> Check:
    """How often an interval holds the truth; arrays hold it where every element does."""

    def holds(trial: Trial) -> float:
        found = interval(trial)
        lower, upper = found if isinstance(found, tuple) else (found.lower, found.upper)
        if np.isnan(lower).any() or np.isnan(upper).any():
            return np.nan
        true = truth(trial.truth)
        return float(np.all(np.less_equal(lower, true)) and np.all(np.less_equal(true, upper)))

    return Check(name=name, is_level=False, happened=holds, **about)


def open_limits(lower: float, upper: float) -> tuple[float, float]:
    """A limit that is not reached bounds nothing."""
    return -np.inf if np.isnan(lower) else lower, np.inf if np.isnan(upper) else upper


def around(value: float, standard_error: float) -> tuple[float, float]:
    """The normal interval of 95 %."""
    return value - 1.959963984540054 * standard_error, value + 1.959963984540054 * standard_error


def excludes(limits: tuple[float, float], value: float) -> float:
    """0 where the interval leaves the value out, 1 where not: the test that goes with it."""
    lower, upper = limits
    return np.nan if np.isnan(lower) or np.isnan(upper) else float(lower <= value <= upper)
