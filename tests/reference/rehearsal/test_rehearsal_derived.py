"""What derivation finds in rehearsed entries is what the generator knows, and the table again."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from equipoise.derive.datasets import derive_datasets
from equipoise.derive.schemas import Datasets
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier, estimate_survival_at
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.simulate.setting import Conditions
from reference.rehearsal.ideal_trial import (
    MONTH,
    estimate_hazard_ratio,
    read_table,
    with_even_scans,
)

KEY = ["replicate", "subject"]


def without_noise(protocol: Protocol) -> Protocol:
    scenario = protocol.scenario_named("S2").model_copy(
        update={"name": "without noise", "reading_cv": 0.0}
    )
    return protocol.model_copy(update={"scenario": (*protocol.scenario, scenario)})


def agreement(rehearsal: Rehearsal, datasets: Datasets, *, frame: str, truth: str) -> float:
    """The share of subjects whose derived progression has the generator's date, or neither has."""
    dates = rehearsal.frames["rand"].select(*KEY, "randomised_date")
    first = datasets.sources[frame].group_by(KEY).agg(pl.col("progression_date").min())
    days = first.join(dates, on=KEY).select(
        *KEY, derived=(pl.col("progression_date") - pl.col("randomised_date")).dt.total_days()
    )
    seen = pl.col(truth) <= pl.col("last_days")
    known = rehearsal.truth.subjects.select(*KEY, pl.when(seen).then(truth).alias("known"))
    both = known.join(days, on=KEY, how="left")
    same = both.select(pl.col("known").eq_missing(pl.col("derived")).sum()).item()
    return int(same) / both.height


@pytest.mark.parametrize(
    ("frame", "truth"),
    [("progression", "progression_days"), ("progression_unheld", "first_seen_days")],
)
@pytest.mark.parametrize("operations", [True, False])
def test_progression_without_noise_has_the_date_of_the_generator(
    frame: str, truth: str, operations: bool
) -> None:
    """D8.5, 2: at least 99 %."""
    protocol = without_noise(shipped_protocol("oligo_rcc"))
    conditions = Conditions(subjects=1000, operations=operations)
    drawn = rehearse(protocol, scenario="without noise", seed=2, conditions=conditions)
    datasets = derive_datasets(drawn.frames, protocol)
    assert agreement(drawn, datasets, frame=frame, truth=truth) >= 0.99


def test_progression_with_noise_has_the_date_of_the_site() -> None:
    protocol = shipped_protocol("oligo_rcc")
    drawn = rehearse(protocol, scenario="S2", seed=2, replicates=12)
    datasets = derive_datasets(drawn.frames, protocol)
    assert agreement(drawn, datasets, frame="progression", truth="progression_days") >= 0.99


@cache
def derived_times() -> pl.DataFrame:
    """The times of the ideal trial of scenario S2, R12 off: the sensitivity convention."""
    protocol = with_even_scans(shipped_protocol("oligo_rcc"))
    conditions = Conditions(subjects=12_000, operations=False)
    drawn = rehearse(protocol, scenario="S2", seed=1, conditions=conditions)
    times = derive_datasets(drawn.frames, protocol).times
    return times.join(drawn.allocations, on=KEY)


def test_derivation_gives_the_progression_free_survival_of_the_table() -> None:
    wanted = read_table()["S2"]
    times = derived_times().filter(endpoint="pfs", convention="fda")
    for arm in ("a", "b"):
        rows = times.filter(arm=arm.upper())
        curve = estimate_kaplan_meier(
            rows["days"].to_numpy(), event=(rows["cause"] == 1).to_numpy()
        )
        s12, s24 = estimate_survival_at(curve, at=[12 * MONTH, 24 * MONTH]).survival
        assert s12 == pytest.approx(wanted[f"s12_{arm}"], abs=0.02)
        assert s24 == pytest.approx(wanted[f"s24_{arm}"], abs=0.02)
        median = curve.time[np.argmax(curve.survival <= 0.5)] / MONTH
        assert median == pytest.approx(wanted[f"median_{arm}"], abs=1.5)


def test_derivation_gives_the_hazard_ratio_of_the_table() -> None:
    times = derived_times().filter(endpoint="pfs", convention="fda", cause=1)
    ratio = estimate_hazard_ratio(
        times["days"].to_numpy() / MONTH, (times["arm"] == "B").to_numpy(), until=72.0
    )
    assert ratio == pytest.approx(read_table()["S2"]["pfs_hr"], abs=0.06)


def test_derivation_gives_the_deaths_of_the_generator() -> None:
    times = derived_times().filter(endpoint="os")
    share = {arm: float(np.median(times.filter(arm=arm)["days"].to_numpy())) for arm in ("A", "B")}
    wanted = read_table()["S2"]
    assert share["A"] / MONTH == pytest.approx(wanted["os_median_a"], rel=0.05)
    assert share["B"] / MONTH == pytest.approx(wanted["os_median_b"], rel=0.05)
