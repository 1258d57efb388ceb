"""What was measured of a check."""

from dataclasses import dataclass

from equipoise.numerics.shares.proportions import estimate_clopper_pearson
from long.level_checks import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How often it happened, of how many trials that gave an answer, of how many asked."""

    check: Check
    hits: int
    told: int
    asked: int

    @property
    def name(self) -> str:
        """The check in words."""
        return f"{self.check.kind}: {self.check.name}"

    @property
    def share(self) -> float:
        """The share seen; NaN where no trial gave an answer."""
        return self.hits / self.told if self.told else float("nan")

    def limits(self, level: float = 0.95) -> tuple[float, float]:
        """Exact binomial limits of the share."""
        found = estimate_clopper_pearson(self.hits, n=self.told, level=level)
        return found.lower, found.upper

    @property
    def is_safe(self) -> bool:
        """Whether no test rejects too often, no interval covers too little, beyond the error."""
        lower, upper = self.limits(0.999)
        return lower <= self.check.aim if self.check.is_level else upper >= self.check.aim

    @property
    def holds(self) -> bool:
        """Whether 5 % or 95 % lies within the error of the simulation (99.9 %)."""
        lower, upper = self.limits(0.999)
        return self.is_safe if self.check.one_sided else lower <= self.check.aim <= upper
