"""Limits of numbers in the models, what stands without a setting, and where settings come from."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from equipoise.protocol.endpoint_model import Analysis, Anchor, Convention, Endpoint, Source
from equipoise.protocol.form_model import Form, Frozen, Item, ItemType
from equipoise.protocol.model import PROVENANCE_KINDS, Design, Protocol, SbrtSchedule
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.scenario_model import (
    Accrual,
    Agent,
    Attendance,
    Leaving,
    Operations,
    Patients,
    Regimen,
    SbrtDelivery,
    Scenario,
    SystemicTherapy,
    Toxicity,
)

SCENARIO = {
    "name": "x", "label": "x", "growth_per_day": 0.0, "shrinkage_per_day": 0.0,
    "sensitive_logit": 0.0, "new_lesions_per_month": 0.0, "sbrt_control_probability": 0.9,
    "death_before_progression_per_month": 0.0, "death_after_progression_per_month": 0.0,
    "new_lesion_ratio": 1.0, "provenance": "proposal",
}  # fmt: skip
DESIGN = {
    "reference_rate": 0.5, "experimental_rate": 0.8, "milestone_months": 12, "alpha": 0.05,
    "sides": 2, "power": 0.8, "dropout": 0.1, "provenance": "proposal",
}  # fmt: skip
SBRT = {"site": "lung", "dose_gy": 50, "fractions": 5, "provenance": "proposal"}
PLAN = {"id": "x", "endpoint": "pfs", "method": "cox", "role": "primary"}
CONVENTION = {"id": "x", "label": "x", "role": "primary"}
AGENT = {"agent": "x", "dose_mg": 1}
REGIMEN = {"code": "x", "share": 0.5, "agent": [AGENT]}

# model | what else it needs | field | values that stand | values that are refused
LIMITS: list[tuple[type[BaseModel], dict[str, Any], str, list[Any], list[Any]]] = [
    (Scenario, SCENARIO, "growth_per_day", [0, 0.1], [-0.1, "fast"]),
    (Scenario, SCENARIO, "shrinkage_per_day", [0, 2], [-1]),
    (Scenario, SCENARIO, "sbrt_control_probability", [0, 1], [-0.01, 1.01]),
    (Scenario, SCENARIO, "sensitive_logit", [-3, 3], ["high"]),
    (Scenario, SCENARIO, "new_lesion_ratio", [0, 3], [-0.5]),
    (Scenario, SCENARIO, "frailty_sd", [0, 2], [-1]),
    (Scenario, SCENARIO, "reading_cv", [0, 0.2], [-0.1]),
    (Accrual, {}, "sites", [1, 99], [0, 100, 1.5]),
    (Accrual, {}, "rate_per_month", [0.1], [0, -1]),
    (Accrual, {}, "rate_shape", [0.1], [0]),
    (Accrual, {}, "first_site_date", ["2025-01-06"], ["2025-02-30", "soon"]),
    (Attendance, {}, "missed", [0, 1], [-0.1, 1.1]),
    (Attendance, {}, "jitter_sd_days", [0, 9], [-1]),
    (Attendance, {}, "contact_months", [0.5], [0]),
    (Leaving, {}, "lost_per_year", [0, 3], [-0.1]),
    (Leaving, {}, "death_day_unknown", [0, 1], [2]),
    (SbrtDelivery, {}, "not_started", [0, 1], [1.5]),
    (SbrtDelivery, {}, "start_from_days", [0, 14], [-14]),
    (Agent, AGENT, "dose_mg", [0.5], [0, -5]),
    (Agent, AGENT, "stop_after_days", [0, 84], [-1]),
    (Regimen, REGIMEN, "share", [0, 1], [1.2]),
    (Regimen, REGIMEN, "agent", [[AGENT]], [[]]),
    (SystemicTherapy, {}, "next_line", [0, 1], [-1]),
    (Patients, {}, "male", [0, 1], [77]),
    (Patients, {}, "lesions", [[0.5, 0.5]], [[1.5], ["all"]]),
    (Toxicity, {}, "acute_g3", [0, 1], [1.01]),
    (Toxicity, {}, "onset_mean_days", [1], [0]),
    (Toxicity, {}, "immunotherapy", [{"Rash": 0}], [{"Rash": -1}]),
    (Design, DESIGN, "alpha", [0.001, 0.999], [0, 1]),
    (Design, DESIGN, "power", [0.5], [0, 1]),
    (Design, DESIGN, "sides", [1, 2], [0, 3]),
    (Design, DESIGN, "dropout", [0, 0.99], [-0.1, 1]),
    (Design, DESIGN, "reference_rate", [0.01], [0, 1]),
    (Design, DESIGN, "provenance", ["computed: x"], ["guess", "computed:", "proposal:x", ""]),
    (SbrtSchedule, SBRT, "dose_gy", [0.5], [0, -1]),
    (SbrtSchedule, SBRT, "fractions", [1], [0, 2.5]),
    (Analysis, PLAN, "alpha", [0, 0.99], [-0.01, 1]),
    (Convention, CONVENTION, "missed_assessments", [0, 2], [-1, 1.5]),
    (Convention, CONVENTION, "new_therapy", ["ignore", "censor"], ["count"]),
    (Convention, CONVENTION, "no_baseline", ["follow", "censor"], ["drop"]),
]  # fmt: skip


@pytest.mark.parametrize(("model", "needs", "field", "stands", "refused"), LIMITS)
def test_a_number_within_its_limits_stands_and_one_beyond_is_refused(
    model: type[BaseModel],
    needs: dict[str, Any],
    field: str,
    stands: list[Any],
    refused: list[Any],
) -> None:
    for value in stands:
        model.model_validate({**needs, field: value})
    for value in refused:
        with pytest.raises(ValidationError) as told:
            model.model_validate({**needs, field: value})
        assert {each["loc"][0] for each in told.value.errors()} == {field}


@pytest.mark.parametrize("model", [Scenario, Accrual, Design, Analysis, Item, Form, Endpoint])
def test_a_key_that_nobody_knows_is_refused_everywhere(model: type[Frozen]) -> None:
    with pytest.raises(ValidationError) as told:
        model.model_validate({"colour": "blue"})

    assert ("colour",) in [each["loc"] for each in told.value.errors()]


def test_a_value_of_the_protocol_never_changes() -> None:
    trial = shipped_protocol()

    with pytest.raises(ValidationError, match="frozen"):
        trial.randomisation.planned_subjects = 90  # type: ignore[misc]


def test_an_anchor_needs_a_source_and_an_endpoint_an_event() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Anchor.model_validate({"id": "x", "label": "x", "pick": "first", "source": []})
    with pytest.raises(ValidationError, match="at least 1 item"):
        Endpoint.model_validate({"id": "x", "event": []})


def test_a_source_without_a_filter_takes_every_row() -> None:
    assert Source(frame="death", date="death_date", words="death").where == ""


def test_without_settings_nothing_is_missed_lost_or_toxic() -> None:
    still = Operations()

    assert (still.attendance.missed, still.attendance.outside_window) == (0, 0)
    assert (still.leaving.lost_per_year, still.leaving.withdrawn_per_year) == (0, 0)
    assert (still.sbrt.not_started, still.sbrt.contamination_per_month) == (0, 0)
    assert (still.toxicity.acute_g3, still.toxicity.sbrt_acute_g3, still.toxicity.fatal) == (
        0,
        0,
        0,
    )
    assert still.systemic.regimen == ()


def test_items_are_told_apart_by_who_fills_them_in() -> None:
    dm = shipped_protocol().form_named("dm")

    assert [item.name for item in dm.derived_items] == ["age_years"]
    assert [item.name for item in dm.entered_items] == ["site", "sex", "birth_year", "race"]
    assert dm.item_named("birth_year").type is ItemType.INTEGER


def _said(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Every provenance of a part of the protocol with its place."""
    if isinstance(value, dict):
        found = [(path, text) for text in _texts(value.get("provenance"))]
        return found + [
            each for key, part in value.items() for each in _said(part, f"{path}.{key}")
        ]
    if isinstance(value, list):
        return [each for n, part in enumerate(value) for each in _said(part, f"{path}[{n}]")]
    return []


def _texts(provenance: Any) -> list[str]:
    if isinstance(provenance, dict):
        return list(provenance.values())
    return [provenance] if provenance else []


def test_every_provenance_anywhere_begins_with_one_of_the_five_kinds() -> None:
    said = _said(shipped_protocol().model_dump(mode="json"))

    assert len(said) > 100
    assert [
        each for each in said if each[1].split(":")[0].split(";")[0] not in PROVENANCE_KINDS
    ] == []


@pytest.mark.parametrize("block", ["arm", "stratum", "criterion", "population", "endpoint",
                                   "analysis", "subgroup", "cut", "scenario"])  # fmt: skip
def test_every_entry_of_a_block_says_where_it_comes_from(block: str) -> None:
    entries = getattr(shipped_protocol(), block)

    assert entries
    assert [entry for entry in entries if not entry.provenance] == []


@pytest.mark.parametrize("block", ["accrual", "attendance", "leaving", "sbrt", "systemic",
                                   "patients", "toxicity"])  # fmt: skip
def test_what_the_provenance_of_operations_speaks_of_is_a_setting_of_them(block: str) -> None:
    part = getattr(shipped_protocol().operations, block)

    assert part.provenance
    assert set(part.provenance) <= set(type(part).model_fields), block


def test_what_is_looked_up_by_name_is_found() -> None:
    trial: Protocol = shipped_protocol()

    assert [trial.form_named(each.form) for each in trial.form] == list(trial.form)
    assert [trial.endpoint_named(each.id) for each in trial.endpoint] == list(trial.endpoint)
    assert [trial.scenario_named(each.name) for each in trial.scenario] == list(trial.scenario)
    assert [trial.cut_named(each.id) for each in trial.cut] == list(trial.cut)
    assert trial.reference_arm.code == "A"
