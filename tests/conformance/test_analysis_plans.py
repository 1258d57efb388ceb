"""A plan may ask any method of any endpoint, of any trial: always a result, never an exception."""

import json
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import HandData, build_data, build_subject
from equipoise.analysis.plan import run, run_analysis
from equipoise.analysis.result import Results
from equipoise.analysis.trial import Trial, prepare_trial
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()


def trial_of(times: dict[str, list[tuple[int, int]]], *, alive: bool = True) -> HandData:
    """Subjects with the same days and cause for every endpoint; the first letter is the arm."""
    subjects, lines = [], ["subject endpoint convention days cause"]
    for arm, rows in times.items():
        for place, (days, cause) in enumerate(rows):
            name = f"{arm}{place}"
            facts = {} if alive else {"death_date": None, "last_alive_date": None}
            subjects.append(build_subject(name, **facts))
            lines += [f"{name} pfs {c} {days} {cause}" for c in ("ema", "fda")]
            lines += [f"{name} {e} - {days} {cause}" for e in ("lc", "lc_sbrt", "os", "ttnt")]
    events = ["subject endpoint onset end"]
    events += [
        f"{s['subject']} {e} 420 -" for s in subjects[::2] for e in ("acute_g3", "chronic_g3")
    ]
    return build_data(subjects=subjects, times="\n".join(lines), occurrences="\n".join(events))


TRIALS = {
    "two arms": trial_of(
        {"A": [(100, 1), (300, 0), (500, 2)], "B": [(200, 1), (800, 1), (900, 0)]}
    ),
    "no subject": trial_of({}),
    "reference arm empty": trial_of({"B": [(200, 1), (800, 1), (900, 0)]}),
    "other arm empty": trial_of({"A": [(200, 1), (800, 1), (900, 0)]}),
    "no event": trial_of({"A": [(100, 0), (300, 0)], "B": [(200, 0), (800, 0)]}),
    "all events": trial_of({"A": [(100, 1), (300, 1)], "B": [(200, 1), (800, 1)]}),
    "one subject an arm": trial_of({"A": [(100, 1)], "B": [(200, 0)]}),
    "censored on day one": trial_of({"A": [(1, 0), (1, 0)], "B": [(1, 0), (1, 0)]}),
    "nothing known": trial_of({"A": [(1, 0)], "B": [(1, 0)]}, alive=False),
}


@cache
def prepared(name: str) -> Trial:
    """A trial made ready."""
    data = TRIALS[name]
    return prepare_trial(data, protocol=PROTOCOL, allocations=data.allocations, replicate=0)


@cache
def results_of(name: str) -> Results:
    """The results of the reference trial's own plan."""
    return run(TRIALS[name], PROTOCOL, allocations=TRIALS[name].allocations)


def endpoints_of(method: str) -> list[str]:
    """One endpoint of each kind and grain, with competing events and without."""
    alike = {
        (e.kind, e.grain, bool(e.competing)): e.id
        for e in PROTOCOL.endpoint
        if e.kind in METHODS[method].kinds
    }
    return list(alike.values())


@pytest.mark.parametrize("name", ["two arms", "no subject", "other arm empty", "nothing known"])
@pytest.mark.parametrize("method", METHODS)
def test_a_method_gives_a_result_of_any_endpoint_of_its_kind(name: str, method: str) -> None:
    for endpoint in endpoints_of(method):
        for more in ({}, {"at_months": (6, 60)}, {"stratified": True, "arms": ("B",)}):
            asked = Analysis.model_validate(
                {"id": "any", "endpoint": endpoint, "method": method, "role": "descriptive", **more}
            )
            result = run_analysis(prepared(name), analysis=asked)
            assert result.name == "any"
            assert result.endpoint == endpoint
            assert result.reference_arm == "A"
            assert [arm.arm for arm in result.arms] == (["B"] if "arms" in more else ["A", "B"])


@pytest.mark.parametrize("name", TRIALS)
def test_plan_of_the_reference_trial_is_carried_out(name: str) -> None:
    results = results_of(name)
    assert set(results.results) == {analysis.id for analysis in PROTOCOL.analysis}
    assert len(results.subgroups) == len(PROTOCOL.subgroup)
    assert set(results.populations) == {population.id for population in PROTOCOL.population}


@pytest.mark.parametrize("name", TRIALS)
def test_no_number_of_a_result_is_infinite_or_nan(name: str) -> None:
    results = results_of(name)
    for result in [*results.results.values(), *results.subgroups, *filter(None, [results.overall])]:
        parts = tuple(replace(part, curves=(), course=None) for part in result.parts)
        bare = replace(result, curves=(), parts=parts)
        assert json.dumps(asdict(bare), allow_nan=False)


@pytest.mark.parametrize("name", ["no subject", "reference arm empty", "other arm empty"])
def test_empty_arms_are_told_in_every_result(name: str) -> None:
    for result in results_of(name).results.values():
        if len(result.arms) == 2:
            assert any("no row" in word for word in result.warnings), result.name
            assert result.p_value is None


def test_empty_population_is_told() -> None:
    assert "nobody is in the population Intention to treat" in (
        results_of("no subject").results["pfs_milestone"].warnings
    )


def test_rows_of_a_result_are_rows_of_the_data() -> None:
    data, results = TRIALS["two arms"], results_of("two arms")
    rows = set(data.times["row"]) | set(data.occurrences["row"])
    windowed = [f"{e.id}/" for e in PROTOCOL.endpoint if e.kind == "occurrence"]
    for result in results.results.values():
        own = {row for row in result.rows if not row.startswith(tuple(windowed))}
        assert own <= rows
        assert len(result.rows) == len(set(result.rows)) == sum(arm.n for arm in result.arms)


def test_short_follow_up_of_a_share_is_told() -> None:
    data = TRIALS["two arms"]
    lost = replace(
        data,
        subjects=data.subjects.with_columns(
            last_alive_date=pl.col("randomised_date").dt.offset_by("50d")
        ),
        occurrences=data.occurrences.clear(),
    )
    result = run(lost, PROTOCOL, allocations=data.allocations).results["acute_risk"]
    assert result.at == pytest.approx(183 / 30.4375)
    assert any("count as without event" in word for word in result.warnings)


SHOWS_INCIDENCE = {"cumulative_incidence", "clustered_test", "cause_specific_cox"}


def test_curves_of_a_result_never_rise_for_survival_nor_fall_for_incidence() -> None:
    results = results_of("two arms").results
    for analysis in PROTOCOL.analysis:
        for curve in results[analysis.id].curves:
            steps = np.diff(curve.estimate)
            assert (steps >= 0).all() if curve.is_rising else (steps <= 0).all()
            assert curve.is_rising is (analysis.method in SHOWS_INCIDENCE)
