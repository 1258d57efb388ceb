"""Every rule is documented, found in a planted record, and silent on every clean one."""

import re
from pathlib import Path

import pytest

from equipoise.interop.registry_record import read_registry_record
from equipoise.interop.registry_record_outcome import read_record
from equipoise.interop.registry_record_rules import RULES, check_registry_record
from equipoise.vocab.finding import Severity
from interop.registry.registry_samples import (
    PLANTED,
    REFERENCE,
    build_lines,
    find_in,
    read_sample,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "registry-findings.md"

# rules without a record of their own in the folder: the line that plants them
LINES: dict[str, dict[str, str]] = {
    "time-frame-absent": {"secondary": "Quality of life, EQ-5D-5L index"},
    "outcomes-absent": {"secondary": ""},
    "role-of-primary-tumour-open": {
        "title": "Locoregional Radiotherapy Versus Alpha in Metastatic Colitis",
        "interventions": "RADIATION: Radiotherapy|DRUG: Alpha",
    },
    "term-not-standard": {"condition": "Inductive Oligometastases"},
    "spelling": {"interventions": "DRUG: Alpha|DRUG: Beta|RADIATION: Radiotheraphy"},
}


def test_every_rule_is_documented_and_nothing_else() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(RULES)


def test_every_rule_has_a_planted_record() -> None:
    assert {code for code, _ in PLANTED.values()} | set(LINES) == set(RULES)


@pytest.mark.parametrize("code", sorted(LINES))
def test_planted_line_is_found_with_its_code_and_nothing_else(code: str) -> None:
    assert [finding.code for finding in find_in(build_lines(**LINES[code]))] == [code]


def test_the_record_that_the_lines_are_planted_in_is_clean() -> None:
    assert find_in(build_lines()) == ()


@pytest.mark.parametrize("code", sorted(RULES))
def test_rule_gives_only_its_own_code(code: str) -> None:
    records = [read_registry_record(REFERENCE.read_bytes()), *map(read_sample, sorted(PLANTED))]
    found = {finding.code for record in records for finding in RULES[code](read_record(record))}
    assert found <= {code}


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_same_record_gives_the_same_findings(name: str) -> None:
    record = read_sample(name)
    assert check_registry_record(record) == check_registry_record(record)


def test_open_points_ask_and_contradictions_refuse() -> None:
    severities = {
        finding.code: finding.severity
        for finding in check_registry_record(read_registry_record(REFERENCE.read_bytes()))
    }
    assert severities["spelling"] is Severity.SOFT
    assert severities["outcome-time-frame-words-another-endpoint"] is Severity.HARD
