"""What is told of a plan by simulation: the tests and estimates that may be asked for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.design.error_rates import impossible
from equipoise.numerics.ranks.maxcombo import USUAL, Side
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted
from equipoise.simulate.maxcombo_decisions import reject_by_maxcombo
from equipoise.simulate.replicates import Replicates
from equipoise.simulate.trial_model import Reading
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LATE = FlemingHarrington(gamma=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A statistic: its words, what its mean estimate is, whether its looks may stop the trial."""

    words: str
    estimate: str = ""
    stops: bool = False


STATISTICS = {
    "logrank": Statistic(words="log-rank test", stops=True),
    "cox": Statistic(
        words="Cox's hazard ratio, Wald test", estimate="hazard ratio (geometric mean)", stops=True
    ),
    "milestone": Statistic(
        words="survival at the milestone, log-log scale", estimate="difference of survival"
    ),
    "rmst": Statistic(
        words="mean time up to the horizon", estimate="difference of mean time, months"
    ),
    "fleming_harrington": Statistic(words="Fleming-Harrington (0, 1): late effects"),
    "modestly_weighted": Statistic(words="modest weights up to the milestone"),
    "maxcombo": Statistic(words="MaxCombo of FH (0,0), (0,1), (1,0), (1,1)"),
}
USUALLY = ("logrank", "cox", "milestone", "rmst")


def find_statistic_problems(names: Sequence[str]) -> Iterator[Finding]:
    """What cannot be told."""
    for name in names:
        if name not in STATISTICS:
            yield impossible(
                "statistics", code="statistic-unknown", message=f"there is no statistic '{name}'",
                mend=f"Name some of {', '.join(STATISTICS)}.",
            )  # fmt: skip
    if not names:
        yield impossible(
            "statistics", code="statistic-missing", message="no statistic is asked for",
            mend=f"Name some of {', '.join(STATISTICS)}.",
        )  # fmt: skip


def plan_reading(names: Sequence[str], *, milestone: float, horizon: float) -> Reading:
    """What must be read at each look for these statistics."""
    weightings: list[FlemingHarrington | ModestlyWeighted] = []
    if "maxcombo" in names:
        weightings += USUAL
    elif "fleming_harrington" in names:
        weightings.append(LATE)
    if "modestly_weighted" in names:
        weightings.append(ModestlyWeighted(until=milestone))
    return Reading(
        weightings=tuple(weightings),
        hazard_ratio="cox" in names,
        milestone=milestone if "milestone" in names else None,
        horizon=horizon if "rmst" in names else None,
    )


def read_z(found: Replicates, *, name: str) -> Floats:
    """The z of a statistic (not MaxCombo), above 0 where arm 1 does worse: (trials, looks)."""
    return _Z[name](found)


def _cox_z(found: Replicates) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Floats = found.log_hazard_ratio / found.log_hazard_ratio_error
    return z[..., 0]


def _weighted(found: Replicates, is_wanted: Callable[[object], bool]) -> Floats:
    place = [is_wanted(one) for one in found.reading.weightings].index(True)
    return found.weighted_z[..., 0, place]


_Z: dict[str, Callable[[Replicates], Floats]] = {
    "logrank": lambda found: found.z[..., 0],
    "cox": _cox_z,
    "milestone": lambda found: found.milestone_z[..., 0],
    "rmst": lambda found: found.mean_z[..., 0],
    "fleming_harrington": lambda found: _weighted(found, lambda one: one == LATE),
    "modestly_weighted": lambda found: _weighted(
        found, lambda one: isinstance(one, ModestlyWeighted)
    ),
}
_ESTIMATES: dict[str, Callable[[Replicates], Floats]] = {
    "cox": lambda found: found.log_hazard_ratio[..., 0],
    "milestone": lambda found: found.milestone_difference[..., 0],
    "rmst": lambda found: found.mean_difference[..., 0],
}


def read_estimate(found: Replicates, *, name: str) -> Floats | None:
    """The estimate of a statistic, the log of a ratio: (trials, looks); None where it has none."""
    return _ESTIMATES[name](found) if name in _ESTIMATES else None


def decide_maxcombo(found: Replicates, *, level: float) -> tuple[Flags, Flags]:
    """Which trials MaxCombo decides for arm 1 and for arm 0 at the last look, each at `level`."""
    last = replace(found, table=found.table[:, -1:])
    favour, against = (
        reject_by_maxcombo(last, alpha=level, side=side, first=len(USUAL))[:, 0, 0]
        for side in (Side.FEWER_EVENTS, Side.MORE_EVENTS)
    )
    return favour, against
