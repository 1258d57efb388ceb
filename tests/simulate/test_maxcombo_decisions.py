"""MaxCombo's decisions on replicates are those of its p value on each of them."""

import numpy as np
import pytest

from equipoise.numerics.ranks.groups_at_risk import count_groups_at_risk
from equipoise.numerics.ranks.maxcombo import USUAL, Side, chance_beyond, compare_maxcombo
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington
from equipoise.simulate.maxcombo_decisions import _bound, _matrix, reject_by_maxcombo
from equipoise.simulate.replicates import Replicates, simulate_replicates
from equipoise.simulate.trial_model import (
    Hazard,
    Look,
    Reading,
    Run,
    TrialModel,
    accrue_evenly,
    hazard_of_median,
)
from reference.estimators.tables import read_table, whole

LATE = TrialModel(
    sizes=(75, 75),
    accrual=accrue_evenly(12.0),
    courses=(
        (hazard_of_median(10.0), Hazard(rates=(0.0693, 0.03), cuts=(4.0,))),
    ),
)  # fmt: skip
THREE = (FlemingHarrington(), FlemingHarrington(gamma=1.0), FlemingHarrington(rho=1.0))


def simulated(weightings: tuple[FlemingHarrington, ...], trials: int = 200) -> Replicates:
    return simulate_replicates(
        LATE, looks=[Look(events=60), Look(events=100)],
        reading=Reading(weightings=weightings), run=Run(seed=4, trials=trials),
    )  # fmt: skip


@pytest.mark.parametrize("side", list(Side))
def test_decisions_are_those_of_p(side: Side) -> None:
    found = simulated(THREE, trials=60)
    rejected = reject_by_maxcombo(found, alpha=0.05, side=side)

    assert rejected.shape == (60, 2, 1)
    for at in np.ndindex(rejected.shape):
        z = found.weighted_z[at]
        signed = {Side.TWO_SIDED: abs(z), Side.FEWER_EVENTS: -z, Side.MORE_EVENTS: z}[side]
        inner = _matrix(found.correlation[at], 3)
        p = chance_beyond(inner, largest=float(signed.max()), both=side is Side.TWO_SIDED)
        assert rejected[at] == (p <= 0.05), at
    if side is not Side.MORE_EVENTS:
        assert 0.05 < rejected.mean() < 0.95


@pytest.mark.parametrize("both", [False, True])
def test_the_bounds_hold_p_between_them(both: bool) -> None:
    found = simulated(USUAL[:4], trials=6)
    z = np.abs(found.weighted_z).max(axis=-1)
    lower, upper = _bound(z, found.correlation, 4, both=both)

    for at in np.ndindex(z.shape):
        p = chance_beyond(_matrix(found.correlation[at], 4), largest=float(z[at]), both=both)
        assert lower[at] - 1e-12 <= p <= upper[at] + 1e-12
        assert upper[at] < 2 * lower[at]


def test_one_weighting_alone_is_its_normal_tail() -> None:
    found = simulated((FlemingHarrington(),), trials=50)

    assert (reject_by_maxcombo(found)[..., 0] == (found.z[..., 0] <= -1.959963984540054)).all()


def test_a_late_effect_is_found_more_often_than_by_the_logrank_test() -> None:
    found = simulated(THREE, trials=400)
    won = reject_by_maxcombo(found)[:, 1, 0].mean()

    assert won > (found.z[:, 1, 0] < -1.96).mean()


def test_without_variance_nothing_is_rejected_and_without_tests_it_is_refused() -> None:
    few = simulate_replicates(
        LATE, looks=[Look(events=1)], reading=Reading(weightings=THREE), run=Run(seed=4, trials=20)
    )
    assert not reject_by_maxcombo(few).any()
    with pytest.raises(ValueError, match=r"Reading\(weightings="):
        reject_by_maxcombo(simulated((), trials=2))
    with pytest.raises(ValueError, match="alpha must lie"):
        reject_by_maxcombo(few, alpha=0.7)


@pytest.mark.parametrize(("count", "side", "p"), [
    (4, Side.FEWER_EVENTS, 0.0004613758296521109),
    (3, Side.FEWER_EVENTS, 0.00039793408476593),
    (3, Side.TWO_SIDED, 0.000795868169531684),
])  # fmt: skip
def test_a_replicate_like_the_reference_data_is_decided_to_12_digits(
    count: int, side: Side, p: float
) -> None:
    """`sim_trial`, by quadrature as stored and in 40 digits: docs/validation/survival.md."""
    rows = read_table("sim_trial")
    sets = count_groups_at_risk(
        rows["pfs"], event=whole(rows["pfs_ev"]), group=whole(rows["arm"]), groups=2
    )
    combo = compare_maxcombo(sets, weightings=USUAL[:count])
    pairs = [combo.correlation[a, b] for a in range(count) for b in range(a)]
    told = np.array([0.0, 0.0, 1.0, 1.0, 0.0, *combo.z, *pairs])
    width = 3 + count + len(pairs)
    found = Replicates(
        table=told[None, None], reading=Reading(weightings=USUAL[:count]),
        _columns=(2, 3, width, width, width, width),
    )  # fmt: skip

    for factor in (1 - 2e-12, 1 + 2e-12):
        assert reject_by_maxcombo(found, alpha=p * factor, side=side).item() is (factor > 1)
