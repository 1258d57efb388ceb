"""What chance may do to a plan, and the refusal of plans that cannot be."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from equipoise.vocab.finding import Finding


class ImpossiblePlanError(Exception):
    """A plan that no trial can follow; `findings` say why and how to mend it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = findings


def impossible(where: str, *, code: str, message: str, mend: str) -> Finding:
    """A finding about an assumption of a plan."""
    return Finding(where=f"design: {where}", code=code, message=message, mend=mend)


def refuse(findings: Iterator[Finding]) -> None:
    """Raises `ImpossiblePlanError` with all findings; nothing where there is none."""
    found = tuple(findings)
    if found:
        raise ImpossiblePlanError(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """The type I error `alpha` on one or two `sides`, and the `power` that is wanted."""

    alpha: float = 0.05
    sides: int = 2
    power: float = 0.80

    @property
    def one_sided(self) -> float:
        """The chance to see an effect in its direction where there is none."""
        return self.alpha / self.sides

    @property
    def critical(self) -> float:
        """The z from which on the test rejects."""
        return float(-ndtri(self.one_sided))

    @property
    def drift(self) -> float:
        """The mean of z that gives the power: both normal quantiles together."""
        return self.critical + float(ndtri(self.power))

    def power_of(self, drift: float) -> float:
        """The power of a z with this mean and variance 1."""
        return float(ndtr(abs(drift) - self.critical))


def find_error_rates_problems(rates: ErrorRates) -> Iterator[Finding]:
    """What is wrong with alpha, sides and power."""
    if rates.sides not in {1, 2}:
        yield impossible(
            "sides", code="sides-unknown", message=f"a test has 1 or 2 sides, not {rates.sides}",
            mend="Say 1 or 2.",
        )  # fmt: skip
        return
    if not 0 < rates.alpha < (0.5 if rates.sides == 1 else 1):
        yield impossible(
            "alpha", code="alpha-impossible",
            message=f"alpha {rates.alpha:g} on {rates.sides} side(s) is no level of a test",
            mend="Take 0.05 on two sides or 0.025 on one.",
        )  # fmt: skip
    elif not rates.one_sided < rates.power < 1:
        yield impossible(
            "power", code="power-not-above-alpha",
            message=f"a power of {rates.power:g} is not between alpha of one side, "
            f"{rates.one_sided:g}, and 1: a trial without patients has {rates.one_sided:g}",
            mend="Ask for 0.8 or 0.9.",
        )  # fmt: skip


def find_ratio_problems(ratio: float) -> Iterator[Finding]:
    """What is wrong with the allocation ratio, experimental to reference."""
    if not (math.isfinite(ratio) and ratio > 0):
        yield impossible(
            "ratio", code="ratio-impossible",
            message=f"{ratio:g} subjects of the experimental arm for each of the reference arm",
            mend="The ratio is finite and above 0; 1 is equal arms.",
        )  # fmt: skip


def solve_rising(
    rises: Callable[[float], float], *, goal: float, start: float, most: float = 1e12
) -> float:
    """Where a rising function reaches `goal`, from 0 on; infinite where it does not by `most`."""
    high = start
    while rises(high) < goal:
        high *= 2
        if high > most:
            return math.inf
    low = high / 2
    while low > 0 and rises(low) >= goal:
        low = low / 2 if low > 1e-12 else 0.0
    return float(brentq(lambda x: rises(x) - goal, low, high, xtol=1e-13 * high, rtol=1e-14))


def solve_effect(excess: Callable[[float], float], *, margin: float = 1.0) -> float:
    """The ratio nearest to the margin, below it, where a power reaches its goal; NaN if none.

    `excess` is the power less the goal; it need not rise on, for where nearly nobody has the event
    power falls again.
    """
    near = margin
    for step in range(1, 70):
        far = margin * 0.93**step
        if excess(far) >= 0:
            return float(brentq(excess, far, near if step > 1 else margin * (1 - 1e-9), xtol=1e-12))
        near = far
    return math.nan


def round_up(value: float) -> int:
    """The next whole number; what is whole but for rounding stays."""
    return math.ceil(value - 1e-9 * max(1.0, abs(value)))
