"""Data that are poor, empty or odd give a right page, never an error."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from equipoise.report.build import build_from
from equipoise.report.page import Report
from equipoise.report.render_html import render_html
from report.page_reading import read_page
from report.trial_values import (
    SmallTrial,
    build_small_trial,
    facts_of,
    only_arm,
    without_events,
    without_times,
)

Spoil = Callable[[SmallTrial], SmallTrial]


def report_of(trial: SmallTrial) -> Report:
    """The report of a trial."""
    return build_from(facts_of(trial))


def no_event_anywhere(trial: SmallTrial) -> SmallTrial:
    """Every time of both arms censored."""
    return without_events(without_events(trial, arm="A"), arm="B")


def no_deaths_known(trial: SmallTrial) -> SmallTrial:
    """Neither death nor last contact is known."""
    nothing = pl.lit(None, dtype=pl.Date)
    subjects = trial.frames.subjects.with_columns(death_date=nothing, last_alive_date=nothing)
    return replace(trial, frames=replace(trial.frames, subjects=subjects))


def nobody_treated(trial: SmallTrial) -> SmallTrial:
    """No treatment has started."""
    nothing = pl.lit(None, dtype=pl.Date)
    subjects = trial.frames.subjects.with_columns(
        first_treatment_date=nothing,
        sbrt_started_date=nothing,
        sbrt_completed_date=nothing,
        sbrt_started=pl.lit(None, dtype=pl.Boolean),
        sbrt_complete=pl.lit(None, dtype=pl.Boolean),
    )
    frames = trial.frames
    return replace(
        trial,
        frames=replace(
            frames,
            subjects=subjects,
            exposure=frames.exposure.head(0),
            sbrt=frames.sbrt.head(0),
            worst_grades=frames.worst_grades.head(0),
            special_interest=frames.special_interest.head(0),
            time_at_risk=frames.time_at_risk.head(0),
            occurrences=frames.occurrences.head(0),
        ),
    )


def everybody_on_one_day(trial: SmallTrial) -> SmallTrial:
    """Every time is day 1."""
    times = trial.frames.times.with_columns(days=pl.lit(1, dtype=pl.Int64))
    return replace(trial, frames=replace(trial.frames, times=times))


def no_allocations(trial: SmallTrial) -> SmallTrial:
    """The list of arms is empty."""
    return replace(trial, allocations=trial.allocations.head(0))


def markup_in_data(trial: SmallTrial) -> SmallTrial:
    """Texts of the data carry markup and very long words."""
    evil = pl.lit("<img src=x onerror=alert(1)>" + "long" * 80)
    frames = trial.frames
    return replace(
        trial,
        frames=replace(
            frames,
            times=frames.times.with_columns(words=evil),
            occurrences=frames.occurrences.with_columns(term=evil),
            worst_grades=frames.worst_grades.with_columns(term=evil, soc=evil),
            special_interest=frames.special_interest.with_columns(group=evil),
            subjects=frames.subjects.with_columns(diag__histology=evil, eos_reason=evil),
            exposure=frames.exposure.with_columns(agent=evil, regimen=evil),
        ),
    )


SPOILS: dict[str, Spoil] = {
    "no event in the control arm": lambda trial: without_events(trial, arm="A"),
    "no event in the SBRT arm": lambda trial: without_events(trial, arm="B"),
    "no event at all": no_event_anywhere,
    "only the control arm": lambda trial: only_arm(trial, arm="A"),
    "only the SBRT arm": lambda trial: only_arm(trial, arm="B"),
    "no row of the primary endpoint": lambda trial: without_times(trial, endpoint="pfs"),
    "no row of survival": lambda trial: without_times(trial, endpoint="os"),
    "no row of lesions": lambda trial: without_times(trial, endpoint="lc"),
    "nothing known of life and death": no_deaths_known,
    "nobody treated": nobody_treated,
    "every time is day 1": everybody_on_one_day,
    "no allocation": no_allocations,
    "markup in the data": markup_in_data,
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS.keys())
def test_poor_data_give_a_whole_page(spoil: Spoil) -> None:
    html = render_html(report_of(spoil(build_small_trial(subjects=24))))
    page = read_page(html)
    assert page.broken == []
    assert len(page.ids) == len(set(page.ids))
    assert "nan" not in page.text.lower().split()
    assert "None" not in page.text.split()


@pytest.mark.parametrize("subjects", [0, 1, 2, 3])
def test_a_trial_that_has_hardly_begun_has_a_report(subjects: int) -> None:
    report = report_of(build_small_trial(subjects=subjects))
    assert read_page(render_html(report)).broken == []


def test_without_a_row_the_answer_says_why_there_is_none() -> None:
    report = report_of(build_small_trial(subjects=0))
    assert report.answer.startswith("The question cannot be answered from these data: ")


def test_one_arm_alone_answers_nothing() -> None:
    report = report_of(only_arm(build_small_trial(subjects=24), arm="B"))
    assert report.answer.startswith("The question cannot be answered from these data: ")


def test_an_arm_without_events_has_no_hazard_ratio() -> None:
    report = report_of(without_events(build_small_trial(subjects=24), arm="B"))
    assert "The hazard ratio cannot be estimated." in report.answer


def test_markup_in_the_data_never_becomes_an_element() -> None:
    html = render_html(report_of(markup_in_data(build_small_trial(subjects=24))))
    assert "<img" not in html
    assert read_page(html).attributes_of("img") == []


def test_very_long_names_of_arms_are_shortened_in_figures_only() -> None:
    trial = build_small_trial(subjects=24)
    arms = tuple(
        arm.model_copy(update={"label": f"{arm.label} {'very ' * 60}long", "short": "s" * 90})
        for arm in trial.protocol.arm
    )
    named = replace(trial, protocol=trial.protocol.model_copy(update={"arm": arms}))
    page = read_page(render_html(report_of(named)))
    assert page.broken == []
    assert f"{'very ' * 60}long" in page.text


def test_a_protocol_without_conventions_populations_and_baseline_has_a_report() -> None:
    trial = build_small_trial(subjects=24)
    endpoints = tuple(
        endpoint.model_copy(update={"registry_outcome": "primary 99"})
        for endpoint in trial.protocol.endpoint
    )
    bare = trial.protocol.model_copy(
        update={
            "baseline": (),
            "stratum": (),
            "subgroup": (),
            "endpoint": endpoints,
            "analysis": tuple(a for a in trial.protocol.analysis if not a.covariates),
        }
    )
    assert read_page(render_html(report_of(replace(trial, protocol=bare)))).broken == []
