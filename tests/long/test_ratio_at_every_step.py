"""Long runs: every scheme over millions of subjects, its ratio at every step, and its balance.

Not part of `make test`; `make validate` runs them and prints the figures that stand in
docs/validation/randomisation.md.
"""

import sys

import numpy as np
import pytest

from equipoise.protocol.parse import shipped_protocol
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Plan
from equipoise.randomise.schemes import SCHEMES
from equipoise.randomise.simulate_scheme import Expected, compare_schemes, simulate_scheme

TRIALS, SUBJECTS = 100_000, 100
SEED = 20261126
PLANS = compare_schemes(
    Plan(scheme="simple", arms=("A", "B"), ratio=(2, 1), factors=("imdc", "n_mets"))
)
BOUND = 3.9  # standard errors; the greatest of 500 numbers, 5 % by chance (Sidak)


@pytest.mark.parametrize("plan", PLANS, ids=[plan.scheme for plan in PLANS])
def test_the_ratio_two_to_one_holds_at_every_step_of_a_hundred_thousand_trials(plan: Plan) -> None:
    expected = Expected(subjects=SUBJECTS, shares=((1.0, 2.0, 1.0), (0.6, 0.4)))
    done = simulate_scheme(plan, expected=expected, trials=TRIALS, seed=SEED)
    sys.stdout.write(
        f"\n2:1 {plan.scheme}: worst of {SUBJECTS} steps {done.ratio_errors:.2f} standard errors\n"
    )
    assert done.ratio_errors < BOUND


def test_the_reference_trial_over_ten_thousand_trials() -> None:
    protocol = shipped_protocol()
    expected = Expected(
        subjects=protocol.randomisation.planned_subjects,
        shares=tuple((1.0,) * len(stratum.level) for stratum in protocol.stratum),
    )
    plans = compare_schemes(plan_of(protocol))
    assert {plan.scheme for plan in plans} == set(SCHEMES)
    for plan in plans:
        done = simulate_scheme(plan, expected=expected, trials=10_000, seed=SEED)
        sys.stdout.write(
            f"\n{plan.scheme}: overall {done.overall:.2f}, level {done.worst_level:.2f}, stratum "
            f"{done.worst_stratum:.2f}, guessed {done.guessed:.3f}, known {done.certainty:.3f}\n"
        )
        assert 0.5 - 0.002 < done.guessed <= done.certainty + 0.002
        assert np.isfinite(done.overall)
