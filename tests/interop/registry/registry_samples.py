"""The records written for these tests, and the public record of the reference trial."""

from pathlib import Path

from equipoise.interop.registry_record import RegistryRecord, read_registry_record
from equipoise.interop.registry_record_rules import check_registry_record
from equipoise.vocab.finding import Finding

FOLDER = Path(__file__).parent / "records"
REFERENCE = Path(__file__).parent / "reference_trial.txt"

# record -> code of the one fault planted in it, and a word of the place where it is planted
PLANTED: dict[str, tuple[str, str]] = {
    "atrial_fibrillation": ("horizons-need-separate-cuts", "All-cause mortality"),
    "bladder": ("outcome-definition-words-another-endpoint", "Overall survival"),
    "brain_metastases": ("irradiated-site-undefined-in-comparator", "Local failure"),
    "breast": ("outcome-time-frame-words-another-endpoint", "Overall survival"),
    "colon": ("window-starts-after-risk-period", "Postoperative complications"),
    "copd": ("allocation-ratio-absent", "record"),
    "diabetes": ("sample-size-absent", "record"),
    "glioblastoma": ("milestone-time-frame-is-a-data-cut-rule", "12-month overall survival"),
    "head_and_neck": ("grade-open", "Acute mucositis"),
    "heart_failure": ("comparator-intervention-not-listed", "interventions"),
    "knee_osteoarthritis": ("eligibility-absent", "record"),
    "nsclc": ("unit-of-analysis-open", "Local control"),
    "pancreas": ("assessor-or-criteria-absent", "Objective response"),
    "prostate": ("window-gap", "Late genitourinary"),
    "rectal": ("window-origin-ambiguous", "Toxicity"),
    "stroke": ("comparison-clocked-from-event-one-arm-never-has", "Functional independence"),
}


def read_sample(name: str) -> RegistryRecord:
    """The record of that name in the folder of records."""
    return read_registry_record((FOLDER / f"{name}.txt").read_bytes())


def sample_lines(name: str) -> list[str]:
    """The seven lines of a record, to be changed by a test."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def find_in(lines: list[str]) -> tuple[Finding, ...]:
    """What the rules find in a record given as lines."""
    return check_registry_record(read_registry_record("\n".join(lines).encode()))


def codes_in(lines: list[str]) -> list[str]:
    """The codes of what the rules find in a record given as lines."""
    return [finding.code for finding in find_in(lines)]


CLEAN = {
    "title": "Drug Alpha Versus Drug Beta in Colitis",
    "summary": "A comparison of two drugs.",
    "condition": "Colitis",
    "interventions": "DRUG: Alpha|DRUG: Beta",
    "primary": "Overall survival, Death from any cause, 12 months from randomisation",
    "secondary": "Quality of life, EQ-5D-5L, Baseline and 12 months",
    "description": "200 patients will be randomised 1:1. Eligible patients are adults.",
}


def build_lines(**changed: str) -> list[str]:
    """A clean record, with the lines that a test changes."""
    assert set(changed) <= set(CLEAN)
    return list({**CLEAN, **changed}.values())
