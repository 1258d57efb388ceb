"""Arms, treatments and comparisons in the many ways in which titles word them."""

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_arms import (
    ArmReading,
    Comparison,
    arm_has,
    list_distinct_stems,
    list_stems,
    read_comparison,
)
from equipoise.interop.registry_record_treatments import (
    TREATMENTS,
    WITHIN,
    has_treatment,
    list_listed_treatments,
    list_treatments,
)
from interop.registry.registry_samples import build_lines


def _read(**lines: str) -> Comparison | None:
    return read_comparison(read_registry_record("\n".join(build_lines(**lines)).encode()))


def _labels(title: str) -> tuple[str, str]:
    comparison = _read(title=title)
    assert comparison is not None
    return comparison.reference.label, comparison.experimental.label


@pytest.mark.parametrize(
    ("title", "reference", "experimental"),
    [
        ("Surgery Versus Observation", "Observation", "Surgery"),
        ("Observation Versus Surgery", "Observation", "Surgery"),
        ("Placebo Versus Metformin in Diabetes", "Placebo", "Metformin"),
        ("Metformin vs. Placebo for Diabetes", "Placebo", "Metformin"),
        ("A Randomized Trial of Surgery vs Radiotherapy", "Radiotherapy", "Surgery"),
        ("Comparison of Surgery and Alpha: Surgery Versus Alpha", "Alpha", "Surgery"),
        ("The ABC Trial: Surgery Versus Alpha", "Alpha", "Surgery"),
        ("Surgery Versus Alpha: A Randomised Trial of 300 Patients", "Alpha", "Surgery"),
        ("Surgery Compared With Usual Care in Adults", "Usual Care", "Surgery"),
        ("Chemotherapy With or Without Surgery", "Chemotherapy", "Chemotherapy plus Surgery"),
        ("Chemotherapy +/- Surgery in Adults", "Chemotherapy", "Chemotherapy plus Surgery"),
        ("Addition of Surgery to Chemotherapy", "Chemotherapy", "Chemotherapy plus Surgery"),
        (
            "Chemotherapy Combined With Surgery Versus Chemotherapy",
            "Chemotherapy",
            "Chemotherapy plus Surgery",
        ),
        (
            "Chemotherapy Followed by Surgery Versus Chemotherapy Alone",
            "Chemotherapy Alone",
            "Chemotherapy plus Surgery",
        ),
        ("Metformin or Placebo for Prediabetes", "Placebo", "Metformin"),
        ("Esketamine Versus Quetiapine for Depression", "Quetiapine", "Esketamine"),
        ("Conventional Versus Short Radiotherapy", "Conventional", "Short Radiotherapy"),
    ],
)
def test_labels_of_the_arms(title: str, reference: str, experimental: str) -> None:
    assert _labels(title) == (reference, experimental)


@pytest.mark.parametrize("line", ["summary", "description"])
def test_arms_are_read_from_the_prose_where_the_title_is_silent(line: str) -> None:
    sentence = "The trial compares surgery with care. Patients have surgery versus observation."
    comparison = _read(title="The ABC Trial", **{line: sentence})
    assert comparison is not None
    assert comparison.reference.label == "observation"


def test_arms_are_read_from_an_outcome_where_title_and_summary_are_silent() -> None:
    outcome = (
        "Pain, Compare pain between the chemotherapy alone group and the chemotherapy combined "
        "with radiotherapy group, 12 months"
    )
    comparison = _read(title="The ABC Trial", primary=outcome)
    assert comparison is not None
    assert comparison.reference.treatments == {"chemotherapy"}
    assert comparison.experimental.treatments == {"chemotherapy", "radiotherapy"}


def test_randomised_to_names_the_arms() -> None:
    summary = "Patients are randomised to receive surgery alone or surgery plus radiotherapy."
    comparison = _read(title="The ABC Trial", summary=summary)
    assert comparison is not None
    assert comparison.reference.treatments == {"surgery"}


def test_title_decides_before_the_prose() -> None:
    comparison = _read(
        title="Surgery Versus Observation", summary="Chemotherapy versus radiotherapy."
    )
    assert comparison is not None
    assert comparison.reference.label == "Observation"


@pytest.mark.parametrize(
    ("sentence", "is_shared"),
    [
        ("Both arms receive radiotherapy.", True),
        ("All patients will receive radiotherapy.", True),
        ("All randomised patients undergo radiotherapy first.", True),
        ("Patients in both groups are treated with radiotherapy.", True),
        ("All patients are followed after radiotherapy.", False),
        ("All patients receive advice, while those in arm B have radiotherapy.", False),
        ("Patients in arm B receive radiotherapy.", False),
    ],
)
def test_treatment_of_all_belongs_to_both_arms(sentence: str, is_shared: bool) -> None:
    comparison = _read(title="Metformin Versus Insulin", summary=sentence)
    assert comparison is not None
    both = comparison.reference.treatments & comparison.experimental.treatments
    assert ("radiotherapy" in both) is is_shared


@pytest.mark.parametrize(
    ("treatments", "wanted", "has"),
    [
        ({"radiotherapy"}, "radiotherapy", True),
        ({"systemic treatment"}, "chemotherapy", True),
        ({"chemotherapy"}, "systemic treatment", True),
        ({"chemotherapy"}, "immunotherapy", False),
        ({"placebo"}, "drug", True),
        ({"observation"}, "surgery", False),
        (set(), "surgery", False),
    ],
)
def test_arm_has_what_it_names_contains_or_mimics(
    treatments: set[str], wanted: str, has: bool
) -> None:
    arm = ArmReading(label="arm", treatments=frozenset(treatments))
    assert arm_has(arm, wanted=wanted) is has


@pytest.mark.parametrize(
    ("text", "treatments"),
    [
        ("SBRT", {"radiotherapy"}),
        ("Stereotatic Body Radiation Therapy", {"radiotherapy"}),
        ("60 Gy in 30 fractions", {"radiotherapy"}),
        ("Radical prostatectomy", {"surgery"}),
        ("Mechanical thrombectomy", {"thrombectomy"}),
        ("Radiosurgery", {"radiotherapy"}),
        ("Chemoradiotherapy", {"chemotherapy", "radiotherapy"}),
        ("FOLFOX", {"chemotherapy"}),
        ("Androgen deprivation", {"endocrine"}),
        ("Sunitinib", {"targeted"}),
        ("Standard systemic therapy", {"systemic treatment"}),
        ("Apixaban", {"drug"}),
        ("Alteplase", {"thrombolysis"}),
        ("Catheter ablation", {"ablation"}),
        ("Ablative dose", set()),
        ("Cognitive behavioural therapy", {"behaviour"}),
        ("Usual care", {"standard care"}),
        ("Watchful waiting", {"observation"}),
        ("Sham procedure", {"placebo"}),
        ("Alpha", set()),
    ],
)
def test_treatments_are_known_by_their_words(text: str, treatments: set[str]) -> None:
    assert list_treatments(text) == treatments


@pytest.mark.parametrize(
    ("kind", "name", "treatments"),
    [
        ("DRUG", "XYZ-123", {"drug"}),
        ("DRUG", "Cisplatin", {"chemotherapy"}),
        ("RADIATION", "20 x 2", {"radiotherapy"}),
        ("BEHAVIORAL", "Coaching", {"behaviour"}),
        ("PROCEDURE", "Something new", set()),
        ("", "Something new", set()),
    ],
)
def test_listed_intervention_stands_for_its_name_else_its_kind(
    kind: str, name: str, treatments: set[str]
) -> None:
    assert list_listed_treatments(kind=kind, name=name) == treatments


def test_what_lies_within_another_treatment_is_known_itself() -> None:
    assert set(WITHIN) | set(WITHIN.values()) <= set(TREATMENTS)
    for inner, outer in WITHIN.items():
        assert has_treatment(frozenset({outer}), wanted=inner)
        assert has_treatment(frozenset({inner}), wanted=outer)


def test_telling_words_leave_the_common_ones_out() -> None:
    assert list_stems("the first dose of dapagliflozin therapy") == {"dapagl"}
    assert list_distinct_stems("Open colectomy", other="Laparoscopic colectomy") == {"open"}
