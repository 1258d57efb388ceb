"""The reference trial's record: every inconsistency an expert finds in it (D2.1, S1-S16)."""

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_kinds import EndpointKind
from equipoise.interop.registry_record_outcome import Phase, read_record
from equipoise.interop.registry_record_rules import check_registry_record
from interop.registry.registry_samples import REFERENCE

PFS = "primary outcome 1 (1-year progression-free survival rate)"
LC = "secondary outcome 1 (Local control rate for radiation therapy site at one year)"
ACUTE = "secondary outcome 2 (Grade 3 acute adverse event)"
CHRONIC = "secondary outcome 3 (Grade 3 chronic adverse event)"
OS = "secondary outcome 4 (Overall survival rate)"

# number in D2.1, code, where
EXPECTED = [
    ("S1", "outcome-time-frame-words-another-endpoint", OS),
    ("S2", "milestone-time-frame-is-a-data-cut-rule", PFS),
    ("S3", "assessor-or-criteria-absent", PFS),
    ("S4", "comparison-clocked-from-event-one-arm-never-has", LC),
    ("S5", "irradiated-site-undefined-in-comparator", LC),
    ("S6", "unit-of-analysis-open", LC),
    ("S7", "grade-open", ACUTE),
    ("S7", "grade-open", CHRONIC),
    ("S8", "window-starts-after-risk-period", ACUTE),
    ("S8", "window-origin-ambiguous", ACUTE),
    ("S9", "comparison-clocked-from-event-one-arm-never-has", CHRONIC),
    ("S10", "window-gap", CHRONIC),
    ("S11", "horizons-need-separate-cuts", CHRONIC),
    ("S11", "horizons-need-separate-cuts", OS),
    ("S12", "comparator-intervention-not-listed", "interventions"),
    ("S13", "role-of-primary-tumour-open", "record"),
    ("S14", "term-not-standard", "record"),
    ("S15", "sample-size-absent", "record"),
    ("S15", "allocation-ratio-absent", "record"),
    ("S15", "eligibility-absent", "record"),
    ("S16", "spelling", "labels"),
]
RECORD = read_registry_record(REFERENCE.read_bytes())
FOUND = [(finding.code, finding.where) for finding in check_registry_record(RECORD)]


@pytest.mark.parametrize(("number", "code", "where"), EXPECTED)
def test_expert_finding_is_found_at_its_outcome(number: str, code: str, where: str) -> None:
    assert (code, where) in FOUND, number


def test_nothing_else_is_found() -> None:
    assert sorted(FOUND) == sorted((code, where) for _, code, where in EXPECTED)


def test_every_quotation_is_from_the_record() -> None:
    text = RECORD.words.casefold()
    for finding in check_registry_record(RECORD):
        for part in finding.found.split("; "):
            assert part.casefold().split(" | ")[0] in text


def test_outcomes_are_mapped_to_the_endpoints_of_the_trial() -> None:
    assert [one.kind for one in read_record(RECORD).outcomes] == [
        EndpointKind.PROGRESSION_FREE_SURVIVAL,
        EndpointKind.LOCAL_CONTROL,
        EndpointKind.ADVERSE_EVENT,
        EndpointKind.ADVERSE_EVENT,
        EndpointKind.OVERALL_SURVIVAL,
    ]


def test_milestones_and_windows_are_read_in_days() -> None:
    outcomes = read_record(RECORD).outcomes
    assert [one.milestone_days for one in outcomes[:2]] == [365.25, 365.25]
    windows = [one.window for one in outcomes]
    assert all(window is not None for window in windows)
    spans = [(w.start_days, w.end_days) for w in windows if w is not None]
    assert spans == [
        (0.0, 365.25),
        (0.0, 365.25),
        (91.3125, 182.625),
        (365.25, 1095.75),
        (0.0, 1095.75),
    ]


def test_acute_and_chronic_adverse_events_are_told_apart() -> None:
    assert [one.phase for one in read_record(RECORD).outcomes[2:4]] == [Phase.ACUTE, Phase.LATE]


def test_arms_are_read_from_the_title() -> None:
    comparison = read_record(RECORD).comparison
    assert comparison is not None
    assert comparison.reference.label == "Systemic Treatment Alone"
    assert comparison.reference.treatments == {"systemic treatment"}
    assert comparison.experimental.treatments == {"systemic treatment", "radiotherapy"}


def test_long_time_frame_with_commas_is_kept_whole() -> None:
    survival = RECORD.secondary[3]
    assert survival.measure == "Overall survival rate"
    assert survival.description.startswith("Compare Overall survival rate between")
    assert survival.time_frame.startswith("From date of randomization until the date of first")
    assert survival.time_frame.endswith("whichever came first, assessed up to 36 months")


def test_spelling_of_the_registry_is_kept_word_for_word() -> None:
    assert RECORD.interventions[0].kind == "RADIATION"
    assert RECORD.interventions[0].name == "SBRT(Stereotatic Body Radiation Therapy)"
