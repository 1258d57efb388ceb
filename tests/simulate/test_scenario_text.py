"""Scenarios and operations as protocol text: what is refused, and where each is from."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from equipoise.protocol.model import PROVENANCE_KINDS
from equipoise.protocol.scenario_model import (
    Accrual,
    Attendance,
    Leaving,
    Operations,
    Patients,
    Regimen,
    SbrtDelivery,
    Scenario,
    Toxicity,
)
from simulate.rehearsed import trial

GROUPS = tuple(Operations.model_fields)
PLAIN: dict[str, Any] = {
    "name": "X",
    "label": "a scenario",
    "growth_per_day": 0.001,
    "shrinkage_per_day": 0.005,
    "sensitive_logit": 0.8,
    "new_lesions_per_month": 0.03,
    "sbrt_control_probability": 0.9,
    "death_before_progression_per_month": 0.003,
    "death_after_progression_per_month": 0.026,
    "new_lesion_ratio": 1.0,
    "provenance": "proposal",
}


def test_the_scenarios_of_the_brief_are_there_by_name() -> None:
    names = [scenario.name for scenario in trial().scenario]
    assert names == ["S1", "S2", "S3", "S4", "null", "design"]


@pytest.mark.parametrize(
    ("name", "growth", "new", "ratio", "death"),
    [
        ("S1", 0.0007, 0.030, 1.00, 0.026),
        ("S2", 0.0007, 0.030, 0.80, 0.026),
        ("S3", 0.0007, 0.030, 0.65, 0.026),
        ("S4", 0.0010, 0.020, 0.75, 0.024),
    ],
)
def test_a_scenario_has_the_parameters_of_section_8_3(
    name: str, growth: float, new: float, ratio: float, death: float
) -> None:
    scenario = trial().scenario_named(name)
    assert scenario.growth_per_day == growth
    assert scenario.new_lesions_per_month == new
    assert scenario.new_lesion_ratio == ratio
    assert scenario.death_after_progression_per_month == death
    assert scenario.death_before_progression_per_month == 0.003
    assert scenario.sbrt_control_probability == 0.92
    assert scenario.sensitive_logit == 0.8
    assert scenario.shrinkage_per_day == 0.005
    assert (scenario.frailty_sd, scenario.reading_cv) == (1.0, 0.06)


def test_only_the_null_scenario_treats_both_arms_alike() -> None:
    alike = [scenario.name for scenario in trial().scenario if scenario.experimental_as_reference]
    assert alike == ["null"]


def test_computed_parameters_say_how_they_were_computed() -> None:
    said = trial().scenario_named("design").provenance
    assert said.startswith("computed: ")
    assert "0.502" in said
    assert "0.801" in said


@pytest.mark.parametrize("group", GROUPS)
def test_every_setting_of_the_operations_says_where_it_is_from(group: str) -> None:
    settings: BaseModel = getattr(trial().operations, group)
    said = dict(settings)["provenance"]
    given = settings.model_fields_set - {"provenance"}
    assert set(said) == given
    assert all(text.startswith(PROVENANCE_KINDS) for text in said.values())


@pytest.mark.parametrize("group", GROUPS)
def test_the_reference_trial_gives_every_setting(group: str) -> None:
    settings: BaseModel = getattr(trial().operations, group)
    optional = {"at_once"}
    assert set(type(settings).model_fields) - settings.model_fields_set <= optional


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("growth_per_day", -0.1), ("new_lesions_per_month", -1.0),
        ("sbrt_control_probability", 1.2), ("new_lesion_ratio", -0.5), ("reading_cv", -0.1),
        ("frailty_sd", -1.0), ("unknown_setting", 1.0),
    ],
)  # fmt: skip
def test_a_scenario_outside_its_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValidationError, match=name):
        Scenario.model_validate({**PLAIN, name: value})


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (Accrual, "sites", 0), (Accrual, "rate_per_month", 0.0), (Attendance, "missed", 1.5),
        (Attendance, "contact_months", 0.0), (Leaving, "lost_per_year", -0.1),
        (SbrtDelivery, "not_started", 2.0), (Patients, "male", -0.1),
        (Toxicity, "acute_g3", 1.1), (Toxicity, "onset_mean_days", 0.0),
        (Accrual, "provenance", {"sites": "somebody said so"}),
    ],
)  # fmt: skip
def test_operations_outside_their_range_are_refused(
    model: type[BaseModel], name: str, value: object
) -> None:
    with pytest.raises(ValidationError, match=name):
        model.model_validate({name: value})


def test_a_regimen_without_agents_is_refused() -> None:
    with pytest.raises(ValidationError, match="agent"):
        Regimen.model_validate({"code": "none", "share": 1.0, "agent": []})


def test_operations_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Accrual().sites = 9  # type: ignore[misc]


def test_codes_of_the_operations_are_codes_of_the_forms() -> None:
    protocol, operations = trial(), trial().operations
    regimens = {regimen.code for regimen in operations.systemic.regimen}
    agents = {agent.agent for regimen in operations.systemic.regimen for agent in regimen.agent}
    assert regimens == set(protocol.code_list["regimen"])
    assert agents <= set(protocol.code_list["agent"])
    assert set(operations.patients.site) <= set(protocol.code_list["lesion_site"])
    assert set(operations.patients.histology) <= set(protocol.code_list["histology"])
    assert {site.site for site in operations.toxicity.site} == set(operations.patients.site)


@pytest.mark.parametrize("table", ["site", "omd", "histology"])
def test_shares_of_the_patients_add_up(table: str) -> None:
    shares: dict[str, float] = getattr(trial().operations.patients, table)
    assert sum(shares.values()) == pytest.approx(1.0)


def test_shares_of_lesions_risk_and_regimens_add_up() -> None:
    operations = trial().operations
    assert sum(operations.patients.lesions) == pytest.approx(1.0)
    assert sum(operations.patients.imdc) == pytest.approx(1.0)
    assert sum(operations.patients.ecog) == pytest.approx(1.0)
    assert sum(each.share for each in operations.systemic.regimen) == pytest.approx(1.0)
