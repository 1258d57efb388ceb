"""D8.5, 3: what scans on a grid do to progression-free survival at a year (times of D8.2)."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from reference.rehearsal.ideal_trial import draw_ideal

YEAR = 365.25
DAYS = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull:
    """Progression-free survival of a control arm: exp(-ln 2 (t / median)^shape)."""

    median_months: float
    shape: float

    def survival(self, days: float) -> float:
        """Free of progression and death at a day."""
        return float(0.5 ** ((days / (self.median_months * YEAR / 12)) ** self.shape))

    def draw(self, uniform: DAYS) -> DAYS:
        """Exact days, by inversion."""
        power = (np.log(uniform) / np.log(0.5)) ** (1 / self.shape)
        return np.asarray(self.median_months * YEAR / 12 * power)


SCENARIOS = {
    "null": Weibull(median_months=16.5, shape=0.80),
    "base": Weibull(median_months=18, shape=0.80),
    "selected": Weibull(median_months=22, shape=0.85),
}


def at_a_year(days: DAYS) -> tuple[float, float]:
    """Kaplan-Meier at 12 months with its standard error, everybody followed."""
    curve = estimate_kaplan_meier(days, event=np.ones(len(days), dtype=np.int64))
    found = estimate_survival_at(curve, at=[YEAR])
    return float(found.survival[0]), float(found.standard_error[0])


def seen_on_the_grid(days: DAYS, *, scans: NDArray[np.int64]) -> DAYS:
    """The day of the first scan on or after each progression; scans of shape (subjects, scans)."""
    late = np.where(scans >= days[:, None], scans, np.iinfo(np.int64).max)
    return np.asarray(late.min(axis=1), dtype=np.float64)


@pytest.fixture(scope="module")
def scans() -> NDArray[np.int64]:
    """Scans every 84 days, each within 7 days of its day, as the rehearsal draws them (D8.3)."""
    return np.asarray(draw_ideal("S2").course.plan.day, dtype=np.int64)


def draw(scenario: str, subjects: int) -> DAYS:
    uniform = np.random.default_rng(20261126).uniform(size=subjects)
    return SCENARIOS[scenario].draw(uniform)


@pytest.mark.parametrize(
    ("scenario", "year"), [("null", 0.584), ("base", 0.606), ("selected", 0.661)]
)
def test_the_scenarios_have_the_survival_that_the_table_gives(scenario: str, year: float) -> None:
    assert SCENARIOS[scenario].survival(YEAR) == pytest.approx(year, abs=0.0006)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_exact_times_give_survival_at_a_year_within_simulation_error(
    scenario: str, scans: NDArray[np.int64]
) -> None:
    survival, error = at_a_year(draw(scenario, len(scans)))
    assert abs(survival - SCENARIOS[scenario].survival(YEAR)) < 3 * error


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scans_on_a_grid_raise_survival_at_a_year_by_one_to_three_points(
    scenario: str, scans: NDArray[np.int64]
) -> None:
    exact = draw(scenario, len(scans))
    on_grid = seen_on_the_grid(exact, scans=scans)
    assert (on_grid >= exact).all()
    assert 0.01 <= at_a_year(on_grid)[0] - at_a_year(exact)[0] <= 0.03
