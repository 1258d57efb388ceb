"""The draft protocol: what the record says parses, what it leaves open is named."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.interop.registry_record import (
    RegistryRecord,
    RegistryRecordUnreadableError,
    read_registry_record,
)
from equipoise.interop.registry_record_design_rules import read_equal_ratio, read_planned_subjects
from equipoise.interop.registry_record_draft import write_draft
from equipoise.interop.registry_record_rules import check_registry_record
from equipoise.interop.registry_record_toml import OPEN, fill_open, write_value
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import parse_protocol
from interop.registry.registry_samples import (
    PLANTED,
    REFERENCE,
    build_lines,
    read_sample,
    sample_lines,
)

RECORD = read_registry_record(REFERENCE.read_bytes())
ALWAYS_OPEN = {
    "trial.toml: identity.version_date",
    "trial.toml: randomisation.block_sizes",
    "trial.toml: design",
}
# primary outcomes of a kind that protocol text does not have yet
UNDRAFTED = {"diabetes", "knee_osteoarthritis", "stroke"}


def _draft(record: RegistryRecord) -> dict[str, str]:
    return write_draft(record, findings=check_registry_record(record))


def _filled(record: RegistryRecord) -> dict[str, str]:
    return {name: fill_open(text) for name, text in _draft(record).items()}


def _protocol(record: RegistryRecord) -> Protocol:
    parsed = parse_protocol(_filled(record))
    assert parsed.protocol is not None, [str(problem) for problem in parsed.problems]
    return parsed.protocol


def _from_lines(lines: list[str]) -> RegistryRecord:
    return read_registry_record("\n".join(lines).encode())


def test_reference_draft_has_exactly_the_problems_that_the_record_leaves_open() -> None:
    assert {problem.where for problem in parse_protocol(_draft(RECORD)).problems} == ALWAYS_OPEN | {
        "trial.toml: randomisation.planned_subjects",
        "trial.toml: randomisation.ratio",
        "trial.toml: randomisation.masking",
    }


def test_every_open_problem_is_marked_in_the_text() -> None:
    text = _draft(RECORD)["trial.toml"]
    for key in ("version_date", "planned_subjects", "ratio", "masking", "block_sizes", "[design]"):
        assert f"{OPEN}{key}" in text


def test_filled_reference_draft_is_a_protocol_without_problems() -> None:
    protocol = _protocol(RECORD)
    assert [(endpoint.id, endpoint.role) for endpoint in protocol.endpoint] == [
        ("pfs", "primary"),
        ("local_failure", "secondary"),
        ("acute_ae", "secondary"),
        ("late_ae", "secondary"),
        ("os", "secondary"),
    ]


def test_registry_text_is_kept_word_for_word_with_its_misspelling() -> None:
    text = _protocol(RECORD).registry.text
    assert text.title == RECORD.title
    assert text.description == RECORD.description
    assert text.intervention == ("RADIATION: SBRT(Stereotatic Body Radiation Therapy)",)
    assert text.secondary_outcome == tuple(outcome.text for outcome in RECORD.secondary)


def test_labels_are_spelt_right() -> None:
    lines = build_lines(title="Stereotatic Radiotherapy Versus Surgery")
    protocol = _protocol(_from_lines(lines))
    assert protocol.identity.title == "Stereotactic Radiotherapy Versus Surgery"
    assert protocol.registry.text.title == "Stereotatic Radiotherapy Versus Surgery"
    assert protocol.arm[1].label == "Stereotactic Radiotherapy"


def test_findings_are_in_the_draft_with_an_open_resolution() -> None:
    findings = check_registry_record(RECORD)
    written = _protocol(RECORD).registry.finding
    assert [(one.code, one.where, one.message) for one in written] == [
        (one.code, one.where, one.message) for one in findings
    ]
    assert [(one.evidence, one.proposal) for one in written] == [
        (one.found, one.mend) for one in findings
    ]
    assert {one.resolution for one in written} == {""}


def test_comparator_is_the_reference_arm() -> None:
    protocol = _protocol(RECORD)
    assert protocol.reference_arm.label == "Systemic Treatment Alone"
    assert protocol.arm[1].label == "Systemic Treatment Plus Radiotherapy"
    assert all(len(arm.short) <= 30 for arm in protocol.arm)


def test_comparisons_are_drafted_from_randomisation_or_first_treatment() -> None:
    origins = {endpoint.origin for endpoint in _protocol(RECORD).endpoint}
    assert origins == {"randomised", "first_treatment"}


def test_survival_is_drafted_with_death_alone() -> None:
    survival = _protocol(RECORD).endpoint_named("os")
    assert [source.frame for source in survival.event] == ["death"]
    assert survival.horizon_months == 36


def test_late_opening_acute_window_is_drafted_from_day_one_with_the_literal_one_beside() -> None:
    windows = _protocol(RECORD).endpoint_named("acute_ae").window
    spans = [(window.role, window.from_day, window.to_day) for window in windows]
    assert spans == [("primary", 1, 183), ("registry", 91, 183)]


def test_late_window_keeps_its_start() -> None:
    (window,) = _protocol(RECORD).endpoint_named("late_ae").window
    assert (window.from_day, window.to_day) == (365, 1096)


def test_named_grade_is_drafted_as_a_threshold() -> None:
    (event,) = _protocol(RECORD).endpoint_named("acute_ae").event
    assert event.where == "grade >= 3"


def test_two_horizons_give_two_data_cuts() -> None:
    cuts = _protocol(RECORD).cut
    assert [(cut.id, cut.plus_months, cut.endpoint) for cut in cuts] == [
        ("DC1", 12, ("pfs", "local_failure", "acute_ae")),
        ("DC2", 36, ("late_ae", "os")),
    ]


def test_milestone_outcome_is_analysed_at_its_milestone() -> None:
    analysis = {one.endpoint: one for one in _protocol(RECORD).analysis}
    assert analysis["pfs"].method == "milestone"
    assert analysis["pfs"].at_months == (12,)
    assert analysis["os"].method == "logrank"
    assert analysis["acute_ae"].method == "risk_difference"


@pytest.mark.parametrize("name", sorted(set(PLANTED) - UNDRAFTED))
def test_filled_draft_of_every_record_is_a_protocol(name: str) -> None:
    protocol = _protocol(read_sample(f"{name}_clean"))
    assert protocol.registry.finding == ()
    assert protocol.randomisation.planned_subjects > 100


@pytest.mark.parametrize("name", sorted(UNDRAFTED))
def test_measured_primary_outcome_is_named_as_not_drafted(name: str) -> None:
    texts = _filled(read_sample(f"{name}_clean"))
    assert "# Not drafted: primary outcome 1" in texts["trial.toml"]
    codes = {problem.code for problem in parse_protocol(texts).problems}
    assert codes == {"primary-endpoint", "alpha-does-not-add-up"}


def test_size_ratio_and_masking_given_by_the_record_are_taken() -> None:
    lines = sample_lines("diabetes_clean")
    trial = tomllib.loads(_draft(_from_lines(lines))["trial.toml"])
    assert trial["randomisation"]["planned_subjects"] == 320
    assert trial["randomisation"]["ratio"] == {"A": 1, "B": 1}
    assert trial["randomisation"]["masking"] == "double-blind"


def test_unequal_ratio_stays_open_because_its_order_is_not_known() -> None:
    trial = tomllib.loads(_draft(read_sample("nsclc_clean"))["trial.toml"])
    assert "ratio" not in trial["randomisation"]
    assert trial["randomisation"]["planned_subjects"] == 240


def test_phase_is_read_from_the_text() -> None:
    trial = tomllib.loads(_draft(RECORD)["trial.toml"])
    assert trial["identity"]["phase"] == "3"


def test_repeated_kinds_get_names_of_their_own() -> None:
    outcome = "Overall survival, Death from any cause, 24 months from randomisation"
    lines = build_lines(secondary=f"{outcome}|{outcome}")
    assert [one.id for one in _protocol(_from_lines(lines)).endpoint] == ["os", "os_2", "os_3"]


def test_events_of_other_kinds_have_a_form_of_their_own() -> None:
    texts = _draft(read_sample("heart_failure_clean"))
    assert "forms/event.toml" in texts
    assert "forms/ae.toml" not in texts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("220 patients will be randomised", 220),
        ("1,150 men", 1150),
        ("two hundred and twenty participants", 220),
        ("N = 88", 88),
        ("Sample size: 412", 412),
        ("enrolment of 90", 90),
        ("60 newly diagnosed adult patients", 60),
        ("44 subjects per arm", 44),
        ("50 per group", 100),
        ("aged 65 years or older", None),
        ("60 Gy in 30 fractions for elderly patients", None),
        ("at 24 sites", None),
        ("a few patients", None),
    ],
)
def test_planned_number_is_read(text: str, number: int | None) -> None:
    assert read_planned_subjects(text) == number


@pytest.mark.parametrize(
    ("text", "is_equal"),
    [
        ("randomised 1:1", True),
        ("in a 2 : 1 ratio", False),
        ("allocation is one-to-one", True),
        ("randomised two to one", False),
        ("equally allocated to both arms", True),
        ("randomises 400 patients, one to one", True),
        ("randomly assigned", None),
    ],
)
def test_ratio_is_read(text: str, is_equal: bool | None) -> None:
    assert read_equal_ratio(text) is is_equal


@given(st.text())
def test_any_text_survives_a_trip_through_toml(text: str) -> None:
    assert tomllib.loads(f"key = {write_value(text)}\n") == {"key": text}


@given(st.lists(st.text(max_size=60), min_size=7, max_size=7))
def test_draft_of_any_record_is_toml_with_its_registry_text(lines: list[str]) -> None:
    try:
        record = read_registry_record("\n".join(lines).encode("utf-8", "replace"))
    except RegistryRecordUnreadableError:
        return
    texts = _filled(record)
    assert tomllib.loads(texts["trial.toml"])["registry"]["text"]["title"] == record.title
