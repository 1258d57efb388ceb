"""docs/reference/findings.md tells every finding that data can meet, and no other."""

import re
from pathlib import Path

from conformance.made_entries import shipped_protocols
from equipoise.capture.codes import Code

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "findings.md"
CAPTURE = Path(__file__).parents[2] / "src" / "equipoise" / "capture"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
CHECKS = {
    check.id: (form.form, check.severity.value, check.message)
    for protocol in shipped_protocols()
    for form in protocol.form
    for check in form.check
}


def test_every_finding_stands_on_the_page_once_and_no_other() -> None:
    told = [row[0].strip("`") for row in ROWS]

    assert sorted(told) == sorted([*(code.value for code in Code), *CHECKS])


def test_every_finding_has_a_severity_a_meaning_and_a_mend() -> None:
    for code, severity, meaning, mend in (row for row in ROWS if row[0].strip("`") not in CHECKS):
        assert set(severity.split(", ")) <= {"hard", "soft"}, code
        assert meaning.endswith(".")
        assert mend.endswith(".")


def test_every_edit_check_is_told_as_the_protocol_has_it() -> None:
    told = {row[0].strip("`"): tuple(row[1:]) for row in ROWS if row[0].strip("`") in CHECKS}

    assert told == CHECKS


def test_no_finding_of_capture_is_named_outside_the_closed_set() -> None:
    written = {
        code
        for file in CAPTURE.glob("*.py")
        for code in re.findall(r'code="([a-z-]+)"', file.read_text(encoding="utf-8"))
    }

    assert written <= {code.value for code in Code}


def test_every_code_of_the_closed_set_is_used() -> None:
    texts = [f.read_text(encoding="utf-8") for f in CAPTURE.glob("*.py") if f.name != "codes.py"]

    assert [code.name for code in Code if not any(f"Code.{code.name}" in t for t in texts)] == []
