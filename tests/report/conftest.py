"""The small trial and its report, made once."""

import pytest

from equipoise.report.build import build_from
from equipoise.report.facts import Facts
from equipoise.report.page import Report
from equipoise.report.render_html import render_html
from report.trial_values import SmallTrial, build_small_trial, facts_of


@pytest.fixture(scope="session")
def trial() -> SmallTrial:
    """Forty-four subjects, half in each arm."""
    return build_small_trial()


@pytest.fixture(scope="session")
def facts(trial: SmallTrial) -> Facts:
    """The facts of the small trial."""
    return facts_of(trial)


@pytest.fixture(scope="session")
def report(facts: Facts) -> Report:
    """The report of the small trial."""
    return build_from(facts)


@pytest.fixture(scope="session")
def html(report: Report) -> str:
    """The page of the small trial."""
    return render_html(report)
