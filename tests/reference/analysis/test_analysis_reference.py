"""The analysis against R on the simulated trial: every comparison to 1e-8 (see SOURCE.md)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import ask
from equipoise.analysis.binomial import compare_risks
from equipoise.analysis.competing import compare_incidence
from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.milestone import compare_at_milestone
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import Estimate
from equipoise.analysis.sample import Sample
from equipoise.analysis.subgroups import compare_subgroups
from equipoise.analysis.survival import estimate_follow_up, estimate_medians
from equipoise.protocol.endpoint_model import Subgroup

HERE = Path(__file__).parent
DATA = HERE.parent / "numerics"
R: dict[str, Any] = {
    name: entry["values"]
    for name, entry in json.loads((HERE / "reference.json").read_text()).items()
}


def sample_of(file: str, time: str, cause: str, strata: tuple[str, ...]) -> Sample:
    """The rows of a data set as a sample, in days."""
    rows = pl.read_csv(DATA / file)
    words = [", ".join(map(str, row)) for row in rows.select(strata).iter_rows()]
    levels = tuple(sorted(set(words)))
    return Sample(
        reference="0",
        arms=("0", "1"),
        arm=rows["arm"].cast(pl.Int64).to_numpy(),
        time=rows[time].cast(pl.Float64).to_numpy(),
        cause=rows[cause].cast(pl.Int64).to_numpy(),
        stratum=np.array([levels.index(word) for word in words], dtype=np.int64),
        strata=levels,
        factors=strata,
        subject=np.array(rows["id"].to_list(), dtype=np.str_),
        rows=tuple(f"row{i}" for i in range(rows.height)),
        time_unit="days",
    )


PFS = sample_of("sim_trial.csv", "pfs", "pfs_ev", ("stratum", "ecog"))


def near(value: object) -> object:
    """Equal to 1e-8, relative or absolute."""
    return pytest.approx(value, rel=1e-8, abs=1e-8)


def limits(estimate: Estimate | None) -> list[float | None]:
    """Value, lower and upper."""
    assert estimate is not None
    return [estimate.value, estimate.lower, estimate.upper]


def test_milestone_at_365_days_agrees_with_r() -> None:
    result = compare_at_milestone(PFS, question=ask(365))
    truth = R["milestone_diff_sim_pfs_365"]
    assert result.estimate is not None
    assert result.estimate.value == near(truth["diff"])
    assert result.statistic == near(truth["z_loglog"] ** 2)
    plain = result.further["plain_interval"]
    assert [plain.lower, plain.upper] == near(truth["ci"])
    km = R["km_sim_trial_log-log"]
    for place, arm in enumerate(result.arms):
        row = 1 + 3 * place  # times 180, 365, 545 of either arm
        survival = arm.estimates["survival"]
        assert limits(survival) == near([km["surv"][row], km["lower"][row], km["upper"][row]])
        assert survival.standard_error == near(km["std_err"][row])


def test_medians_and_counts_agree_with_r() -> None:
    km = R["km_sim_trial_log-log"]
    result = estimate_medians(PFS, question=ask())
    for place, arm in enumerate(result.arms):
        columns = (km["quantile"], km["q_lower"], km["q_upper"])
        assert limits(arm.estimates["median"]) == [column[place][1] for column in columns]
        assert (arm.n, arm.events) == (km["n"][place], km["events"][place])


def test_follow_up_agrees_with_r() -> None:
    truth = R["km_followup_reverse_sim_trial"]
    found = estimate_follow_up(PFS.time, event=PFS.event)["median_follow_up"]
    assert limits(found) == [truth["median"], truth["lower"], truth["upper"]]


def test_stratified_logrank_agrees_with_r() -> None:
    result = compare_by_logrank(PFS, question=ask(stratified=True))
    truth = R["logrank_sim_pfs_strat"]
    assert result.statistic == near(truth["chisq"])
    assert result.p_value == near(truth["p"])
    expected = [arm.estimates["expected_events"].value for arm in result.arms]
    assert expected == near([sum(truth["exp"][0::2]), sum(truth["exp"][1::2])])


def test_unstratified_logrank_agrees_with_r() -> None:
    # statistics.md, section 4: survdiff(Surv(pfs, pfs_ev) ~ arm)
    result = compare_by_logrank(PFS, question=ask())
    assert result.statistic == near(9.13263132987319)


def test_stratified_cox_agrees_with_r() -> None:
    result = compare_by_cox(PFS, question=ask(stratified=True))
    truth = R["cox_sim_pfs_strat_efron"]
    log_ratio = result.further["log_hazard_ratio"]
    assert log_ratio.value == near(truth["coef"])
    assert log_ratio.standard_error == near(truth["se"])
    assert result.statistic is not None
    assert result.statistic**2 == near(truth["wald"])
    interval = R["cox_sim_pfs_confint"]
    assert limits(result.estimate) == near([interval["hr"], *interval["ci"]])
    (check,) = result.parts
    zph = R["cox_zph_sim_pfs_km"]
    assert [check.statistic, check.p_value] == near([zph["chisq"], zph["p"]])


def test_level_of_the_interval_is_that_of_the_question() -> None:
    result = compare_by_cox(PFS, question=ask(stratified=True, level=0.9))
    interval = R["cox_sim_pfs_confint"]
    assert limits(result.estimate)[1:] == near(interval["ci90"])


def test_unit_of_time_changes_no_test() -> None:
    months = Sample(
        reference=PFS.reference,
        arms=PFS.arms,
        arm=PFS.arm,
        time=PFS.time / 30.4375,
        cause=PFS.cause,
        stratum=PFS.stratum,
        strata=PFS.strata,
        factors=PFS.factors,
        subject=PFS.subject,
        rows=PFS.rows,
    )
    for compare in (compare_by_logrank, compare_by_cox):
        one, other = (compare(s, question=ask(stratified=True)) for s in (PFS, months))
        assert one.p_value == pytest.approx(other.p_value, rel=1e-12)


def test_restricted_means_agree_with_r() -> None:
    result = compare_restricted_means(PFS, question=ask(365, 545))
    first, second = result.parts
    truth = R["rmst_sim_pfs_365"]
    assert limits(first.estimate) == near(truth["diff"][:3])
    assert first.p_value == near(truth["diff"][3])
    assert limits(first.further["ratio"]) == near(truth["ratio"][:3])
    # survRM2::rmst2, tau = 545 (statistics.md, section 4)
    assert limits(second.estimate) == near([76.6354461553672, 34.2507467752, 119.0201455355])
    assert second.further["ratio"].value == near(1.28322263206661)
    by_arm = R["rmst_survfit_sim_pfs_545"]
    means = [arm.estimates["rmst"] for arm in second.arms]
    assert [m.value for m in means] == near(by_arm["rmean"])
    assert [m.standard_error for m in means] == near(by_arm["se"])


def test_cumulative_incidence_agrees_with_r() -> None:
    sample = sample_of("sim_trial.csv", "pfs", "cr_status", ("stratum",))
    result = compare_incidence(sample, question=ask(365))
    truth = R["cif_gray_sim_trial"]["est"][4:6]  # day 365, cause 1, arms 0 and 1
    found = [arm.estimates["incidence"].value for arm in result.arms]
    assert found == near(truth)


def test_resampled_error_of_clustered_lesions_is_near_the_robust_one_of_r() -> None:
    sample = sample_of("sim_lesions.csv", "time", "status", ("stratum",))
    result = compare_incidence(sample, question=ask(365))
    truth = R["cluster_aj_lesions"]
    at_365 = [truth["pstate"][4], truth["pstate"][6]]  # state 1: arm 0 and 1 at days 365, 730
    errors = [truth["se"][4], truth["se"][6]]
    found = [arm.estimates["incidence"].value for arm in result.arms]
    assert found == near(at_365)
    assert result.estimate is not None
    # a bootstrap of 2000 samples against the infinitesimal jackknife: within 6 %
    assert result.estimate.standard_error == pytest.approx(float(np.hypot(*errors)), rel=0.06)


def test_interaction_test_agrees_with_r() -> None:
    rows = pl.read_csv(DATA / "sim_trial.csv")
    levels = [{"value": v, "label": v} for v in rows["stratum"].unique().sort()]
    subgroup = Subgroup.model_validate(
        {"id": "stratum", "label": "Stratum", "form": "f", "item": "stratum", "level": levels}
    )
    members = rows.select(subject=pl.col("id"), stratum=pl.col("stratum"))
    (result,) = compare_subgroups(PFS, members=members, subgroups=(subgroup,), question=ask())
    truth = R["cox_interaction_sim_pfs"]
    assert result.statistic == near(truth["lrt"])
    assert result.p_value == near(truth["p"])


def test_risk_difference_of_rare_events_agrees_with_the_truth() -> None:
    n, events = (151, 149), (0, 5)  # truth of Miettinen-Nurminen: 5/149 v 0/151
    flags = [[1] * x + [0] * (size - x) for x, size in zip(events, n, strict=True)]
    cause = np.array(flags[0] + flags[1], dtype=np.int64)
    total = cause.size
    sample = Sample(
        reference="A",
        arms=("A", "B"),
        arm=np.repeat(np.array([0, 1], dtype=np.int64), n),
        time=np.ones(total),
        cause=cause,
        stratum=np.zeros(total, dtype=np.int64),
        strata=("all",),
        factors=(),
        subject=np.arange(total).astype(np.str_),
        rows=tuple(map(str, range(total))),
    )
    result = compare_risks(sample, question=ask())
    assert limits(result.estimate) == pytest.approx(
        [5 / 149, 0.008248502553727595, 0.07623954399410707], abs=1e-10
    )
