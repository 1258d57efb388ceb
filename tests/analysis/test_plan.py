"""The whole plan of the reference trial on rows written by hand."""

from dataclasses import replace

import polars as pl
import pytest

from analysis.hand_data import HandData, build_data, build_subject
from equipoise.analysis.plan import run, run_analysis
from equipoise.analysis.result import Result, Results
from equipoise.analysis.trial import Trial, prepare_trial
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()


def trial_of(n: int) -> HandData:
    """A trial of n subjects an arm with regular times: the SBRT arm fails later."""
    subjects, times = [], ["subject lesion endpoint convention days cause"]
    for i in range(n):
        for arm, slow in (("A", 1), ("B", 2)):
            name = f"{arm}{i:02d}"
            level = {"omd_induced": "NY"[i % 2], "imdc": ("fav", "int_poor")[i % 3 % 2]}
            regimen = ("nivo_ipi", "pembro_axi", "tki")[i % 3]
            subjects.append(build_subject(name, **level, regimen=regimen))
            days = 60 + 37 * i * slow
            times.append(f"{name} - pfs ema {days} {int(i % 4 != 3)}")
            times.append(f"{name} - pfs fda {days} {int(i % 3 != 2)}")
            times.append(f"{name} - os - {days + 400} {int(i % 2)}")
            times.append(f"{name} - ttnt - {days + 50} {i % 3}")
            times += [f"{name} /L{j} lc - {days + 90 * j} {(i + j) % 3}" for j in range(2)]
            if arm == "B":
                times += [f"{name} /L{j} lc_sbrt - {days + 90 * j} {(i + j) % 3}" for j in range(2)]
    events = ["subject endpoint onset end"]
    events += [f"{s}0{i} acute_g3 {20 + i} 90" for s in "AB" for i in range(0, n, 2)]
    events += [f"B0{i} chronic_g3 {400 + i} 500" for i in range(1, n, 3)]
    return build_data(subjects=subjects, times="\n".join(times), occurrences="\n".join(events))


def run_trial(data: HandData, protocol: Protocol = PROTOCOL, seed: int = 1) -> Results:
    """The results of a trial written by hand."""
    return run(data, protocol, allocations=data.allocations, seed=seed)


DATA = trial_of(9)
RESULTS = run_trial(DATA)


def estimate_of(result: Result) -> float:
    """The value of a comparison that must be there."""
    assert result.estimate is not None
    assert result.estimate.value is not None
    return result.estimate.value


def test_every_analysis_of_the_plan_has_its_result() -> None:
    assert list(RESULTS.results) == [analysis.id for analysis in PROTOCOL.analysis]
    for name, result in RESULTS.results.items():
        assert result.name == name
        assert result.reference_arm == "A"


def test_primary_analysis_compares_the_arms_at_twelve_months() -> None:
    result = RESULTS.results["pfs_milestone"]
    assert result.at == 12
    assert result.estimate is not None
    assert result.estimate.level == 0.95
    assert estimate_of(result) > 0
    assert [arm.n for arm in result.arms] == [9, 9]
    assert sorted(result.rows) == sorted(
        DATA.times.filter(pl.col("convention") == "ema")["row"].to_list()
    )


def test_sensitivity_convention_counts_its_own_rows() -> None:
    primary, sensitivity = (RESULTS.results[n] for n in ("pfs_cox", "pfs_cox_fda"))
    assert all("/fda/" in row for row in sensitivity.rows)
    assert not set(primary.rows) & set(sensitivity.rows)


def test_months_are_days_over_thirty_and_seven_sixteenths() -> None:
    curve = RESULTS.results["pfs_logrank"].curves[0]
    assert curve.time[1] == pytest.approx(60 / 30.4375)


def test_lesions_are_counted_by_lesion_and_by_subject() -> None:
    result = RESULTS.results["lc_cif"]
    assert [(arm.n, arm.subjects) for arm in result.arms] == [(18, 9), (18, 9)]
    alone = RESULTS.results["lc_sbrt_cif"]
    assert [arm.arm for arm in alone.arms] == ["B"]
    assert alone.estimate is None
    assert alone.arms[0].estimates["incidence"].value is not None


def test_acute_risk_counts_subjects_of_the_safety_population() -> None:
    result = RESULTS.results["acute_risk"]
    assert [(arm.n, arm.events) for arm in result.arms] == [(9, 5), (9, 5)]
    assert estimate_of(result) == 0


def test_chronic_incidence_is_read_at_the_end_of_its_window() -> None:
    result = RESULTS.results["chronic_cif"]
    assert result.at == pytest.approx(1096 / 30.4375)
    assert [arm.events for arm in result.arms] == [0, 3]
    assert any("median lag" in word for word in result.warnings)
    assert estimate_of(result) == pytest.approx(1 / 3)


def test_survival_has_every_milestone_and_the_horizon_on_top() -> None:
    result = RESULTS.results["os_milestone"]
    assert [part.at for part in result.parts] == [12, 24, 36]
    assert result.at == 36


def test_forest_has_every_subgroup_and_level() -> None:
    assert [r.name for r in RESULTS.subgroups] == [f"pfs/{s.id}" for s in PROTOCOL.subgroup]
    for result, subgroup in zip(RESULTS.subgroups, PROTOCOL.subgroup, strict=True):
        assert [p.name for p in result.parts] == [
            f"pfs/{subgroup.id}/{level.value}" for level in subgroup.level
        ]
    assert RESULTS.overall is not None
    assert estimate_of(RESULTS.overall) < 1


def test_populations_are_counted_and_listed() -> None:
    assert RESULTS.populations["itt"] == {"A": 9, "B": 9}
    assert RESULTS.populations["pp"] == {"A": 9, "B": 9}
    assert RESULTS.members.filter(pl.col("population") == "itt").height == 18


def test_follow_up_of_both_arms_together_is_reported_by_endpoint() -> None:
    planned = {analysis.endpoint for analysis in PROTOCOL.analysis}
    timed = {e.id for e in PROTOCOL.endpoint if e.kind == "time_to_event"}
    assert set(RESULTS.follow_up) == planned & timed
    longest = RESULTS.follow_up["pfs"]["longest_follow_up"].value
    assert longest == pytest.approx((60 + 37 * 8 * 2) / 30.4375)


def test_order_of_rows_never_matters() -> None:
    shuffled = HandData(
        subjects=DATA.subjects.reverse(),
        times=DATA.times.sample(fraction=1, shuffle=True, seed=3),
        occurrences=DATA.occurrences.reverse(),
        allocations=DATA.allocations.reverse(),
    )
    again = run_trial(shuffled)
    # of one day the order is that of the allocations: a scheme drawn again follows it
    in_turn = run_trial(replace(shuffled, allocations=DATA.allocations))
    replayed = {each.id for each in PROTOCOL.analysis if each.spec.replay}
    assert replayed
    for name, result in RESULTS.results.items():
        found = (in_turn if name in replayed else again).results[name]
        assert found.estimate == result.estimate, name
        assert found.rows == result.rows
        assert found.p_value == result.p_value
    assert [r.p_value for r in again.subgroups] == [r.p_value for r in RESULTS.subgroups]


def test_an_analysis_says_the_same_alone_and_after_the_others() -> None:
    def prepare() -> Trial:
        return prepare_trial(DATA, protocol=PROTOCOL, allocations=DATA.allocations, replicate=0)

    shared = prepare()
    for analysis in [each for each in reversed(PROTOCOL.analysis) if not each.once]:
        alone = run_analysis(prepare(), analysis=analysis)
        among = run_analysis(shared, analysis=analysis)
        assert (among.estimate, among.p_value, among.rows) == (
            alone.estimate,
            alone.p_value,
            alone.rows,
        ), analysis.id
        assert (among.arms, among.warnings) == (alone.arms, alone.warnings), analysis.id
    assert len(shared.gathered) < len(PROTOCOL.analysis)


def numbers_of(result: Result) -> tuple[object, ...]:
    """Everything that a result says but for what is drawn."""
    own = (result.estimate, result.statistic, result.p_value, result.arms, result.further)
    return (*own, result.warnings, result.rows, tuple(map(numbers_of, result.parts)))


def test_without_figures_every_analysis_says_the_same_numbers() -> None:
    trial = prepare_trial(DATA, protocol=PROTOCOL, allocations=DATA.allocations, replicate=0)
    drawn, still_drawn = set(), set()
    for analysis in [each for each in PROTOCOL.analysis if not each.once]:
        whole = run_analysis(trial, analysis=analysis)
        bare = run_analysis(trial, analysis=analysis, figures=False)
        assert numbers_of(bare) == numbers_of(whole), analysis.id
        assert all(part.course is None for part in bare.parts), analysis.id
        drawn |= {analysis.method} if whole.curves else set()
        still_drawn |= {analysis.method} if bare.curves else set()
    assert drawn >= {"milestone", "logrank", "cox", "rmst", "median", "cumulative_incidence"}
    assert still_drawn <= {"turnbull", "adjusted_milestone"}  # whose numbers are their curves'


def test_only_the_replicate_asked_for_is_analysed() -> None:
    other = HandData(
        subjects=pl.concat(
            [DATA.subjects, DATA.subjects.with_columns(replicate=pl.lit(1, pl.Int32))]
        ),
        times=pl.concat([DATA.times, DATA.times.with_columns(replicate=pl.lit(1, pl.Int32))]),
        occurrences=DATA.occurrences,
        allocations=pl.concat(
            [DATA.allocations, DATA.allocations.with_columns(replicate=pl.lit(1, pl.Int32))]
        ),
    )
    first = run_trial(other)
    assert first.results["pfs_cox"].estimate == RESULTS.results["pfs_cox"].estimate
    second = run(other, PROTOCOL, allocations=other.allocations, replicate=1)
    assert second.results["pfs_cox"].estimate == RESULTS.results["pfs_cox"].estimate
    assert [arm.events for arm in second.results["acute_risk"].arms] == [0, 0]


def test_subject_without_allocation_is_told_once_and_left_out() -> None:
    bare = replace(DATA, allocations=DATA.allocations.filter(pl.col("subject") != "A00"))
    results = run_trial(bare)
    assert results.warnings == ("1 without an allocation: not analysed",)
    assert results.results["pfs_milestone"].arms[0].n == 8


def test_allocations_of_a_folder_need_no_replicate() -> None:
    allocations = DATA.allocations.select("subject", "arm")
    results = run(DATA, PROTOCOL, allocations=allocations)
    assert results.results["pfs_cox"].estimate == RESULTS.results["pfs_cox"].estimate


def test_third_arm_is_compared_with_the_reference_in_a_part_of_its_own() -> None:
    third = PROTOCOL.arm[1].model_copy(update={"code": "C", "label": "third"})
    given = {"ratio": {"A": 1, "B": 1, "C": 1}, "block_sizes": (6,)}
    scheme = PROTOCOL.randomisation.model_copy(update=given)
    protocol = PROTOCOL.model_copy(update={"arm": (*PROTOCOL.arm, third), "randomisation": scheme})
    moved = DATA.allocations.with_columns(
        arm=pl.when(pl.col("subject").is_in(["B01", "B03", "B05"]))
        .then(pl.lit("C"))
        .otherwise("arm")
    )
    results = run(DATA, protocol, allocations=moved)
    result = results.results["pfs_cox"]
    assert [arm.arm for arm in result.arms] == ["A", "B", "C"]
    assert [part.name for part in result.parts] == ["pfs_cox:B", "pfs_cox:C"]
    assert [curve.arm for curve in result.curves] == ["A", "B", "C"]
    assert result.estimate is None
    assert results.overall is not None
