"""The milestone test against the trial's own power table (D1.2): 44 an arm, Weibull, shape 0.8."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.hand_data import ask
from equipoise.analysis.hazards import compare_by_logrank
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.sample import Sample
from equipoise.numerics.streams import draw_uniforms

SIZE, TRIALS, SHAPE = 44, 400, 0.8
ARM = np.repeat(np.array([0, 1], dtype=np.int64), SIZE)
# D1.2: survival at 12 months in each arm, power of the milestone test and of the log-rank test
POWER = [
    (0.60, 0.60, 0.048, 0.045),
    (0.60, 0.70, 0.16, 0.24),
    (0.606, 0.725, 0.21, 0.33),
    (0.50, 0.75, 0.67, 0.86),
    (0.50, 0.80, 0.84, 0.97),
]


def draw_trial(replicate: int, at_twelve: tuple[float, float]) -> Sample:
    """A trial of 36 months of accrual and 12 of further follow-up, 3 % a year lost."""
    n = 2 * SIZE
    uniform = draw_uniforms(
        20260101,
        replicate=np.full(n, replicate, dtype=np.int64),
        subject=np.arange(n, dtype=np.int64),
        purpose=1,
        count=3,
    )
    scale = 12 / (-np.log(np.array(at_twelve)[ARM])) ** (1 / SHAPE)
    failed: NDArray[np.float64] = scale * (-np.log(uniform[:, 0])) ** (1 / SHAPE)
    lost = -np.log(uniform[:, 1]) * 12 / -np.log(0.97)
    ended = np.minimum(12 + 36 * uniform[:, 2], lost)
    return Sample(
        reference="A",
        arms=("A", "B"),
        arm=ARM,
        time=np.minimum(failed, ended),
        cause=(failed <= ended).astype(np.int64),
        stratum=np.zeros(n, dtype=np.int64),
        strata=("all",),
        factors=(),
        subject=np.arange(n).astype(np.str_),
        rows=tuple(map(str, range(n))),
    )


@pytest.mark.parametrize(("control", "treated", "milestone", "logrank"), POWER)
def test_share_of_significant_trials_is_that_of_the_table(
    control: float, treated: float, milestone: float, logrank: float
) -> None:
    hits = np.zeros(2)
    for replicate in range(TRIALS):
        sample = draw_trial(replicate, (control, treated))
        for place, compare in enumerate((compare_at_milestone, compare_by_logrank)):
            p_value = compare(sample, question=ask(12)).p_value
            assert p_value is not None
            hits[place] += p_value < 0.05
    # 400 trials: three standard errors, and the half point of a rounded table
    for share, power in zip(hits / TRIALS, (milestone, logrank), strict=True):
        assert share == pytest.approx(power, abs=3 * (power * (1 - power) / TRIALS) ** 0.5 + 0.005)
