"""Rules about events, criteria, sites, units, grades and the whole record, one phrase at a time."""

import pytest

from equipoise.interop.registry_record_design_rules import find_meant_word
from interop.registry.registry_samples import build_lines, codes_in, find_in

FRAME = "outcome-time-frame-words-another-endpoint"
DEFINITION = "outcome-definition-words-another-endpoint"
SITE = "irradiated-site-undefined-in-comparator"
UNLISTED = "comparator-intervention-not-listed"
METASTATIC = {
    "title": "Chemotherapy With or Without Stereotactic Radiotherapy for Lung Metastases",
    "interventions": "DRUG: Cisplatin|RADIATION: Stereotactic radiotherapy to all metastases",
}


def _secondary(outcome: str, **lines: str) -> list[str]:
    return codes_in(build_lines(secondary=outcome, **lines))


@pytest.mark.parametrize(
    ("measure", "time_frame"),
    [
        ("Overall survival", "From randomization until first documented progression or death"),
        ("Overall survival", "From randomisation to relapse, up to 5 years"),
        ("OS", "from date of randomization until date of first recurrence, up to 60 months"),
        ("Progression-free survival by RECIST", "From randomisation until death, up to 24 months"),
        ("Disease-free survival", "From randomisation until death from any cause, up to 5 years"),
        ("Distant metastasis-free survival", "From randomisation until death, up to 5 years"),
        ("Time to progression (RECIST)", "Until progression or death, up to 24 months"),
        ("All-cause mortality", "Until first hospitalisation for heart failure, up to 2 years"),
        ("Quality of life", "From randomisation until first documented progression, 24 months"),
        ("HbA1c", "From randomisation until first documented stroke or death, 12 months"),
    ],
)
def test_time_frame_of_another_endpoint_is_found(measure: str, time_frame: str) -> None:
    assert _secondary(f"{measure}, {time_frame}") == [FRAME]


@pytest.mark.parametrize(
    ("measure", "time_frame"),
    [
        ("Overall survival", "From randomisation until death from any cause, up to 36 months"),
        ("Overall survival", "Until death, regardless of progression, up to 36 months"),
        ("Overall survival", "Until death, follow-up continues after progression, up to 3 years"),
        ("Progression-free survival by RECIST", "Until progression or death, up to 24 months"),
        ("Progression-free survival by RECIST", "Until progression, relapse or death, 2 years"),
        ("Time to progression (RECIST)", "From randomisation until progression, up to 2 years"),
        ("Disease-free survival", "Until recurrence or death from any cause, up to 5 years"),
        ("Disease-free survival", "Until local or distant relapse, whichever first, 5 years"),
        ("Local recurrence of the primary", "Until local recurrence, death competing, 5 years"),
        ("Time to first stroke or death", "Until first stroke or death, up to 2 years"),
        ("Objective response by RECIST", "Until progression or death, up to 24 months"),
        ("Quality of life", "Until progression, up to 24 months"),
        ("Time to next treatment", "Up to 24 months"),
    ],
)
def test_time_frame_of_the_same_endpoint_is_no_finding(measure: str, time_frame: str) -> None:
    assert _secondary(f"{measure}, {time_frame}") == []


@pytest.mark.parametrize(
    ("outcome", "is_found"),
    [
        ("Overall survival, Time from randomisation to progression or death, Up to 3 years", True),
        ("Overall survival, Defined as the interval until relapse, Up to 3 years", True),
        ("Overall survival, Time from randomisation to death from any cause, Up to 3 years", False),
        ("PFS (RECIST 1.1), Time from randomisation to progression or death, 3 years", False),
        ("PFS (RECIST 1.1), Time from randomisation to death, Up to 3 years", True),
        ("Event-free survival, Time to progression, relapse or death, Up to 3 years", False),
    ],
)
def test_definition_of_another_endpoint(outcome: str, is_found: bool) -> None:
    assert _secondary(outcome) == ([DEFINITION] if is_found else [])


@pytest.mark.parametrize(
    "words",
    ["RECIST 1.1", "by blinded central review", "investigator assessed", "RANO", "Lugano criteria"],
)
def test_criteria_or_assessor_anywhere_in_the_record_suffice(words: str) -> None:
    outcome = "Progression-free survival, Progression or death, 2 years from randomisation"
    assert _secondary(outcome) == ["assessor-or-criteria-absent"]
    assert _secondary(outcome, summary=f"Two drugs, {words}.") == []


@pytest.mark.parametrize(
    "measure",
    [
        "Control of irradiated lesions",
        "Control of the radiation therapy site",
        "In-field control",
        "Local control of treated lesions",
        "Local control within the planning target volume",
        "Local failure at SBRT sites",
    ],
)
def test_site_named_by_a_treatment_of_one_arm_is_found(measure: str) -> None:
    outcome = f"{measure}, Per lesion in each arm, 12 months from randomisation"
    assert _secondary(outcome, **METASTATIC) == [SITE]


@pytest.mark.parametrize(
    "outcome",
    [
        "Local control of index lesions, Per lesion, 12 months from randomisation",
        "Control of irradiated lesions, Per lesion, in the radiotherapy arm only, 12 months",
        "Control of treated lesions, Per lesion designated before randomisation, 12 months",
        "Surgical site infection, Number of patients with infection, 30 days from randomisation",
    ],
)
def test_site_that_both_arms_have_is_no_finding(outcome: str) -> None:
    assert _secondary(outcome, **METASTATIC) == []


def test_site_defined_in_the_description_is_no_finding() -> None:
    description = (
        "90 adults, 1:1, are eligible. In both arms, lesions to be treated are recorded before "
        "randomisation."
    )
    outcome = "Control of irradiated lesions, Per lesion, 12 months from randomisation"
    assert _secondary(outcome, description=description, **METASTATIC) == []


def test_treated_lesions_are_defined_where_both_arms_treat_them() -> None:
    lines = {
        "title": "Stereotactic Radiotherapy Versus Resection of Lung Metastases",
        "interventions": "RADIATION: Stereotactic radiotherapy|PROCEDURE: Resection",
    }
    outcome = "Control of treated lesions, Per lesion, 12 months from randomisation"
    assert _secondary(outcome, **lines) == []


@pytest.mark.parametrize(
    ("outcome", "is_open"),
    [
        ("Local control, Compared between the arms, 1 year from randomisation", True),
        ("Local control, Lesion-level comparison, 1 year from randomisation", False),
        ("Local control, Proportion of patients without failure, 1 year", False),
        ("Local control, Time to failure of any lesion, 1 year", False),
        ("Lesion response, Compared between the arms, 1 year", True),
        ("Wound healing, Compared between the arms, 12 weeks", True),
        ("Healing of the target ulcer, Compared between the arms, 12 weeks", False),
    ],
)
def test_unit_of_analysis(outcome: str, is_open: bool) -> None:
    codes = _secondary(outcome, **METASTATIC)
    assert codes == (["unit-of-analysis-open"] if is_open else [])


def test_one_primary_tumour_needs_no_unit() -> None:
    lines = {"title": "Alpha Versus Beta in Cancer of the Larynx", "condition": "Larynx cancer"}
    assert _secondary("Local control, Compared, 2 years from randomisation", **lines) == []


@pytest.mark.parametrize(
    ("outcome", "is_open"),
    [
        ("Grade 3 adverse event, CTCAE v5.0, Up to 90 days", True),
        ("Acute toxicity, CTCAE v5.0, Up to 90 days", True),
        ("Grade 3 or higher adverse event, CTCAE v5.0, Up to 90 days", False),
        ("Grade 3 (severe) or worse toxicity, CTCAE v5.0, Up to 90 days", False),
        ("Toxicity of grade 3, 4 or 5, CTCAE v5.0, Up to 90 days", False),
        ("Toxicity of any grade, CTCAE v5.0, Up to 90 days", False),
        ("Toxicity, Worst grade by CTCAE v5.0, Up to 90 days", False),
        ("Number of participants with adverse events, CTCAE v5.0, Up to 90 days", False),
        ("Incidence of adverse events, CTCAE v5.0, Up to 90 days", False),
        ("Serious adverse events, Any, Up to 90 days", False),
        ("Survival with high-grade glioma, Grade 4 glioma, Up to 90 days", False),
    ],
)
def test_grade_that_is_left_open(outcome: str, is_open: bool) -> None:
    assert _secondary(outcome) == (["grade-open"] if is_open else [])


@pytest.mark.parametrize(
    ("title", "interventions"),
    [
        ("Systemic Therapy Alone Versus Systemic Therapy Plus SBRT", "RADIATION: SBRT"),
        ("Warfarin Versus Apixaban in Thrombosis", "DRUG: Apixaban"),
        ("Exercise Versus Usual Care", "BEHAVIORAL: Exercise"),
        ("Metformin Versus Placebo", "DRUG: Metformin"),
        ("Surgery Versus Radiotherapy for Lung Cancer", "PROCEDURE: Surgery"),
        ("Chemotherapy With or Without Pembrolizumab", "DRUG: Pembrolizumab"),
        ("Stenting Plus Best Medical Therapy Versus Best Medical Therapy", "DEVICE: Stent"),
    ],
)
def test_unlisted_comparator_is_found(title: str, interventions: str) -> None:
    assert codes_in(build_lines(title=title, interventions=interventions)) == [UNLISTED]


@pytest.mark.parametrize(
    ("title", "interventions"),
    [
        ("Systemic Therapy Versus Systemic Therapy Plus SBRT", "RADIATION: SBRT|DRUG: Sunitinib"),
        ("Warfarin Versus Apixaban in Thrombosis", "DRUG: Apixaban|DRUG: Warfarin"),
        ("Exercise Versus Usual Care", "BEHAVIORAL: Exercise|OTHER: Usual care"),
        ("Metformin Versus Placebo", "DRUG: Metformin|DRUG: Placebo"),
        ("Surgery Versus Observation", "PROCEDURE: Surgery"),
        ("Short Versus Long Radiotherapy", "RADIATION: Radiotherapy"),
        ("Surgery Versus Radiotherapy for Lung Cancer", "PROCEDURE: Lobectomy|RADIATION: SABR"),
        ("Early Versus Late Tracheostomy", "PROCEDURE: Tracheostomy"),
        ("A Study of Alpha", "DRUG: Alpha"),
    ],
)
def test_listed_comparator_is_no_finding(title: str, interventions: str) -> None:
    assert codes_in(build_lines(title=title, interventions=interventions)) == []


def test_finding_names_the_arm_and_what_is_missing() -> None:
    lines = build_lines(title="Chemotherapy Versus Chemotherapy Plus Radiotherapy")
    lines[3] = "RADIATION: Radiotherapy"
    (finding,) = find_in(lines)
    assert "'Chemotherapy' has chemotherapy" in finding.message


@pytest.mark.parametrize(
    ("description", "missing"),
    [
        ("220 patients will be randomised 1:1. Eligible patients are adults.", []),
        ("N=88; ratio 2:1; aged 18-75 years.", []),
        ("Sample size: 90. Equal allocation. Inclusion criteria: ECOG 0-1.", []),
        ("Two hundred women, one-to-one, 18 years or older.", []),
        ("Patients will be randomised 1:1. Eligible patients are adults.", ["sample-size-absent"]),
        ("220 patients will be randomised. Adults aged 18+.", ["allocation-ratio-absent"]),
        ("220 patients will be randomised 1:1.", ["eligibility-absent"]),
        (
            "A randomised trial in 12 hospitals over 3 years.",
            ["sample-size-absent", "allocation-ratio-absent", "eligibility-absent"],
        ),
        ("A single-arm study of 40 patients. Eligible: adults.", []),
    ],
)
def test_size_ratio_and_eligibility(description: str, missing: list[str]) -> None:
    assert codes_in(build_lines(description=description)) == missing


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Stereotatic", "stereotactic"),
        ("Radiotheraphy", "radiotherapy"),
        ("Chemotheraphy", "chemotherapy"),
        ("Stereotactic", ""),
        ("radiotherapies", ""),
        ("randomised", ""),
        ("treatments", ""),
        ("therapy", ""),
    ],
)
def test_misspelt_trial_word(word: str, meant: str) -> None:
    assert find_meant_word(word) == meant
