"""The reference trial's own size and what its 88 subjects are worth (D1.2, D8.2)."""

from dataclasses import replace

import pytest

from equipoise.design.protocol_size import plan_of_protocol, size_protocol
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
PLAN, RATES = plan_of_protocol(PROTOCOL)
FOUND = size_protocol(PROTOCOL, plan=PLAN, rates=RATES)


def test_the_protocols_assumptions_ask_for_the_subjects_that_it_plans() -> None:
    assert FOUND.sized.enrolled == FOUND.planned == 88
    assert (FOUND.sized.reference, FOUND.sized.experimental) == (39, 39)


def test_five_sites_bring_88_in_about_40_months_and_the_cut_is_a_year_later() -> None:
    assert FOUND.accrual_months == pytest.approx(39.2)
    assert FOUND.study_months == pytest.approx(51.2)


def test_the_design_holds_under_its_own_assumption_only() -> None:
    power = {row.label: row.milestone_power for row in FOUND.rows}

    assert power["Assumption of the design"] == pytest.approx(0.80, abs=0.01)
    assert power["Base"] == pytest.approx(0.21, abs=0.02)
    assert power["Optimistic, as SABR-COMET"] == pytest.approx(0.40, abs=0.02)
    assert max(value for name, value in power.items() if "design" not in name) < 0.5


def test_survival_at_a_year_is_that_of_the_scenarios() -> None:
    survival = {row.label: (row.reference, row.experimental) for row in FOUND.rows}

    assert survival["No effect"] == pytest.approx((0.584, 0.584), abs=5e-4)
    assert survival["Base"][0] == pytest.approx(0.606, abs=5e-4)
    assert survival["Selected oligometastatic patients"][0] == pytest.approx(0.661, abs=5e-4)


def test_without_an_effect_the_power_is_alpha() -> None:
    row = next(row for row in FOUND.rows if row.hazard_ratio == pytest.approx(1))

    assert (row.milestone_power, row.logrank_power) == (0.05, 0.05)
    assert row.events == pytest.approx(55, abs=1)


def test_where_hazards_are_proportional_the_logrank_test_shows_more() -> None:
    for row in FOUND.rows:
        assert row.logrank_power >= row.milestone_power


def test_another_plan_changes_the_size_and_the_first_row_alone() -> None:
    other = size_protocol(PROTOCOL, plan=replace(PLAN, experimental=0.7), rates=RATES)

    assert other.sized.enrolled > 88
    assert other.rows[0].experimental == pytest.approx(0.7)
    assert other.rows[1:] == FOUND.rows[1:]
