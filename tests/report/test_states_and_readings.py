"""The report prints states, agreement of readings and concordance as a reader expects them."""

import pytest

from equipoise.analysis.plan import run_analysis
from equipoise.analysis.trial import prepare_trial
from equipoise.protocol.endpoint_model import Analysis
from equipoise.report.facts import Facts
from equipoise.report.method_figures import build_method_figures, name_figures
from equipoise.report.sections import build_endpoint_blocks
from equipoise.report.shell import Table
from equipoise.report.tables.outcome import Planned, build_outcome, name_state
from equipoise.report.tables.plan import build_analyses
from equipoise.report.wording import write_percent
from report.svg_reading import named_of, outside_of, overlaps_of, texts_of
from report.table_reading import row_named
from report.trial_values import SmallTrial

FDA = {"second_endpoint": "pfs", "second_convention": "fda"}


def asked(method: str, **more: object) -> Analysis:
    """A supportive analysis of progression-free survival."""
    said = {"id": method, "endpoint": "pfs", "method": method, "role": "supportive"}
    return Analysis.model_validate({**said, "convention": "ema", **more})


@pytest.fixture(scope="module")
def planned(trial: SmallTrial) -> Planned:
    """States by share and by time, two readings, and a concordance."""
    rows = prepare_trial(
        trial.frames, protocol=trial.protocol, allocations=trial.allocations, replicate=0
    )
    plan = [
        asked("illness_death", at_months=(12, 15), options={"second_endpoint": "os"}),
        asked(
            "illness_death", at_months=(24,), options={"second_endpoint": "os", "measure": "time"}
        ),
        asked("kappa", options=FDA),
        asked("concordance", covariates=("regimen",)),
    ]
    return [(one, run_analysis(rows, analysis=one)) for one in plan]


@pytest.fixture
def table(facts: Facts, planned: Planned) -> Table:
    """The table of these analyses."""
    endpoint = facts.protocol.endpoint_named("pfs")
    return build_outcome(facts, endpoint=endpoint, planned=planned, table_id="pfs")


def test_each_share_of_a_state_has_a_row_in_per_cent(table: Table, planned: Planned) -> None:
    result = planned[0][1].parts[0]
    cells = row_named(table, "Alive with the event at 12 months")
    for cell, arm in zip(cells, result.arms, strict=False):
        assert cell.startswith(f"{write_percent(arm.estimates['progressed'].value)} (")
    assert cells[2].endswith("points")
    assert row_named(table, "Alive with the event at 15 months")


def test_a_mean_time_is_in_months(table: Table, planned: Planned) -> None:
    cells = row_named(table, "Months alive with the event, to 24 months")
    result = planned[1][1]
    assert result.estimate is not None
    assert result.estimate.value is not None
    assert cells[2].replace("\u2212", "-").startswith(f"{result.estimate.value:.2f} (")
    assert cells[0].startswith(f"{result.arms[0].estimates['months_progressed'].value:.1f} (")


def test_kappa_and_concordance_have_two_decimals(table: Table, planned: Planned) -> None:
    kappa = row_named(table, "Agreement of two readings (kappa)")
    result = planned[2][1]
    assert result.estimate is not None
    assert kappa[2].startswith(f"{result.estimate.value:.2f} (")
    assert kappa[1].startswith(f"{result.arms[1].estimates['kappa'].value:.2f}")
    name = "Concordance of a Cox model, adjusted"
    ranked = planned[3][1].estimate
    assert ranked is not None
    assert row_named(table, name)[:2] == ("", "")
    assert row_named(table, name)[2].startswith(f"{ranked.value:.2f} (")
    assert row_named(table, name)[3] == "–"
    assert any("against Progression-free survival (Censoring" in note for note in table.footnotes)


def test_the_table_of_the_plan_names_the_second_endpoint(trial: SmallTrial) -> None:
    more = (
        asked("kappa", options=FDA),
        asked("illness_death", at_months=(12,), options={"second_endpoint": "os"}),
    )
    plan = trial.protocol.model_copy(update={"analysis": more})
    cells = {row.cells[0]: row.cells[2] for row in build_analyses(plan).rows if not row.heading}
    assert cells["kappa"].endswith("; with progression-free survival (censoring (FDA style))")
    assert cells["illness_death"].endswith("; with overall survival")


def test_the_states_are_drawn_apart_from_the_curves(facts: Facts, planned: Planned) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    (figure,) = build_method_figures(facts, endpoint=endpoint, planned=planned)
    assert figure.id == "states-pfs"
    assert name_figures((figure,)) == "who is in which state"
    words = " ".join(texts_of(figure.svg))
    assert {"Dead", "Free of the event"} <= set(texts_of(figure.svg))
    assert "Alive with the" in words
    title, description = named_of(figure.svg)
    assert title == "Progression-free survival: who is in which state, by arm"
    assert "Free of the event" in description
    assert overlaps_of(figure.svg) == []
    assert outside_of(figure.svg) == []
    blocks = list(build_endpoint_blocks(facts, endpoint=endpoint, planned=planned[:2]))
    assert "curves-pfs" not in [getattr(block, "id", "") for block in blocks]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"state": "free"}, "Free of the event at 12 months"),
        ({"state": "dead", "measure": "time"}, "Months dead, to 12 months"),
    ],
)
def test_a_row_names_its_state(options: dict[str, str], name: str) -> None:
    assert name_state(asked("illness_death", options=options), at="12 months") == name
