"""The acceptance tests of D8.5 that ask whole derived trials: incidence, tau, the flow."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy.stats import kendalltau

from equipoise.analysis.populations import add_arms, count_members, select_members
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.schemas import Datasets
from equipoise.numerics.competing.aalen_johansen import estimate_incidence
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import Rehearsal, rehearse

KEY = ["replicate", "subject"]
PROTOCOL = shipped_protocol("oligo_rcc")


@cache
def trial() -> tuple[Rehearsal, Datasets]:
    """Ten trials of the base scenario, derived once."""
    drawn = rehearse(PROTOCOL, scenario="S2", seed=7, replicates=10)
    return drawn, derive_datasets(drawn.frames, PROTOCOL)


def times_of(endpoint: str, *, convention: str = "", arm: str) -> pl.DataFrame:
    drawn, data = trial()
    rows = data.times.filter(endpoint=endpoint, convention=convention).drop_nulls("days")
    return rows.join(drawn.allocations.filter(arm=arm).select(KEY), on=KEY)


@pytest.mark.parametrize("arm", ["A", "B"])
def test_incidence_of_local_failure_is_below_one_less_kaplan_meier(arm: str) -> None:
    """D8.5, 5."""
    rows = times_of("lc", arm=arm)
    days, cause = rows["days"].to_numpy(), rows["cause"].to_numpy()
    incidence = estimate_incidence(days, cause=cause)
    curve = estimate_kaplan_meier(days, event=cause == 1)
    naive = 1 - curve.survival[np.searchsorted(curve.time, incidence.time)]
    after = incidence.time > days[cause == 2].min()
    failed = incidence.incidence > 0
    assert (incidence.incidence <= naive + 1e-12).all()
    assert (incidence.incidence < naive)[after & failed].sum() > 100
    assert incidence.incidence[-1] < naive[-1] - 0.01


def test_derived_progression_and_survival_depend_on_each_other() -> None:
    """D8.5, 6, among those whose two times ended in events."""
    pfs = times_of("pfs", convention="ema", arm="A").filter(cause=1)
    both = pfs.join(times_of("os", arm="A").filter(cause=1), on=KEY, suffix="_os")
    assert both.height > 150
    assert 0.4 <= kendalltau(both["days"], both["days_os"]).statistic <= 0.6


def test_populations_and_flow_add_up_to_those_randomised() -> None:
    """D8.5, 7: every subject is once in each set that it belongs to, and nobody is lost."""
    drawn, data = trial()
    for replicate, own in data.subjects.group_by("replicate"):
        allocated = drawn.allocations.filter(replicate=replicate[0])
        subjects = add_arms(own, allocations=allocated, protocol=PROTOCOL)
        members = {p.id: select_members(subjects, population=p) for p in PROTOCOL.population}
        counts = {name: count_members(rows, arms=("A", "B")) for name, rows in members.items()}
        assert counts["itt"] == dict(allocated.group_by("arm").len().iter_rows())
        assert sum(counts["itt"].values()) == own.height == 88
        for name in ("mitt", "pp", "safety"):
            assert members[name]["subject"].is_in(members["itt"]["subject"].to_list()).all()
            assert members[name]["subject"].is_unique().all()
        treated = subjects.filter(pl.col("first_treatment_date").is_not_null())
        crossed = treated.filter(pl.col("allocated_arm") != pl.col("treated_arm"))
        assert sum(counts["safety"].values()) == treated.height
        moved = dict(crossed.group_by("allocated_arm").len().iter_rows())
        for arm, other in (("A", "B"), ("B", "A")):
            stayed = treated.filter(allocated_arm=arm).height - moved.get(arm, 0)
            assert counts["safety"][arm] == stayed + moved.get(other, 0)
    flow = data.flow
    assert flow.height == data.subjects.height == drawn.allocations.height
    assert flow.select(pl.struct(KEY).is_unique().all()).item()
