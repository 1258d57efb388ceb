"""One cell of text after another: the value it means, or the finding it makes."""

from datetime import date

import pytest

from capture.small_trial import protocol, rows
from equipoise.capture.entry import Value
from equipoise.capture.validate import validate
from equipoise.vocab.finding import Severity
from equipoise.vocab.missing import Missing

# form and row that are sound but for the one cell under test
SOUND = {
    "dm": {"subject": "01-001", "site": "01", "sex": "F", "birth_year": "1950"},
    "rand": {
        "subject": "01-001",
        "randomised_date": "2026-03-09",
        "omd_induced": "N",
        "n_mets": "1-3",
        "imdc": "fav",
    },
    "les_bl": {
        "subject": "01-001",
        "lesion": "L01",
        "role": "target",
        "kind": "non_nodal",
        "site": "lung",
        "scan_date": "2026-03-01",
        "method": "ct",
        "ld_mm": "45",
        "prior_rt": "N",
        "intend_sbrt": "Y",
    },
    "ae": {
        "subject": "01-001",
        "record": "1",
        "term": "Fatigue",
        "grade": "2",
        "onset_date": "2026-04",
        "serious": "N",
        "outcome": "recovered",
    },
    "surv": {"subject": "01-001", "visit": "M3", "alive_date": "2026-06-09"},
}

READ: list[tuple[str, str, str, Value | Missing]] = [
    ("dm", "birth_year", "1950", 1950),
    ("dm", "birth_year", " 1950 ", 1950),
    ("dm", "birth_year", "1950.0", 1950),
    ("dm", "birth_year", "+1950", 1950),
    ("les_bl", "ld_mm", "45", 45.0),
    ("les_bl", "ld_mm", "45.25", 45.25),
    ("les_bl", "ld_mm", ".5", 0.5),
    ("les_bl", "ld_mm", "4.5e1", 45.0),
    ("les_bl", "ld_mm", "@not_done", Missing.NOT_DONE),
    ("les_bl", "prior_rt", "Y", True),
    ("les_bl", "prior_rt", "no", False),
    ("les_bl", "prior_rt", "TRUE", True),
    ("les_bl", "prior_rt", "@unknown", Missing.UNKNOWN),
    ("les_bl", "description", "=SUM(A1) near the hilum", "=SUM(A1) near the hilum"),
    ("les_bl", "description", "Köln, 右肺", "Köln, 右肺"),
    ("les_bl", "description", "@not_applicable", Missing.NOT_APPLICABLE),
    ("rand", "randomised_date", "2024-02-29", date(2024, 2, 29)),
    ("rand", "n_mets", "4-5", "4-5"),
    ("ae", "onset_date", "2026", "2026"),
    ("ae", "onset_date", "2026-04", "2026-04"),
    ("ae", "onset_date", "2026-04-30", "2026-04-30"),
    ("ae", "end_date", "@not_yet", Missing.NOT_YET),
]

# form | item | what is written | code | hard | words that the mend must hold
REFUSED = [
    ("dm", "birth_year", "fifty", "wrong-type", "whole number"),
    ("dm", "birth_year", "1950.5", "wrong-type", "whole number"),
    ("dm", "birth_year", "1e3", "wrong-type", "whole number"),
    ("dm", "birth_year", "1850", "out-of-range", "source"),
    ("dm", "birth_year", "2031", "out-of-range", "source"),
    ("dm", "site", "1", "pattern-mismatch", "form"),
    ("dm", "site", "011", "pattern-mismatch", "form"),
    ("dm", "sex", "Female", "not-in-code-list", "'F'"),
    ("dm", "sex", "f", "not-in-code-list", "'F'"),
    ("dm", "sex", "W", "not-in-code-list", "one of"),
    ("dm", "sex", "@lost", "unknown-missing-kind", "@unknown"),
    ("les_bl", "ld_mm", "4.5 cm", "wrong-unit", "Write 45."),
    ("les_bl", "ld_mm", "4,5cm", "wrong-unit", "Write 45."),
    ("les_bl", "ld_mm", "45 mm", "wrong-unit", "Write 45."),
    ("les_bl", "ld_mm", "45 inch", "wrong-unit", "in mm"),
    ("les_bl", "ld_mm", "4,5", "wrong-type", "Write 4.5."),
    ("les_bl", "ld_mm", "301", "out-of-range", "unit"),
    ("les_bl", "ld_mm", "-1", "out-of-range", "unit"),
    ("les_bl", "ld_mm", "nan", "wrong-type", "number"),
    ("les_bl", "ld_mm", "1e999", "wrong-type", "number"),
    ("les_bl", "ld_mm", "about 40", "wrong-type", "number"),
    ("les_bl", "prior_rt", "maybe", "wrong-type", "Y or N"),
    ("les_bl", "prior_rt", "2", "wrong-type", "Y or N"),
    ("les_bl", "lesion", "L1", "pattern-mismatch", "form"),
    ("les_bl", "lesion", "", "required-missing", "Enter it."),
    ("les_bl", "lesion", "@unknown", "required-missing", "Enter it."),
    ("rand", "randomised_date", "2025-02-30", "impossible-date", "Correct"),
    ("rand", "randomised_date", "2025-13-01", "impossible-date", "2025-01-13"),
    ("rand", "randomised_date", "2025-31-12", "impossible-date", "2025-12-31"),
    ("rand", "randomised_date", "0026-03-09", "impossible-date", "year"),
    ("rand", "randomised_date", "2206-03-09", "impossible-date", "year"),
    ("rand", "randomised_date", "2026-03", "partial-date-not-allowed", "whole date"),
    ("rand", "randomised_date", "2026", "partial-date-not-allowed", "whole date"),
    ("rand", "randomised_date", "31.12.2025", "wrong-type", "2025-12-31"),
    ("rand", "randomised_date", "03/04/2025", "wrong-type", "2025-04-03 or 2025-03-04"),
    ("rand", "randomised_date", "spring", "wrong-type", "YYYY-MM-DD"),
    ("ae", "onset_date", "2026-02-30", "impossible-date", "Correct"),
    ("ae", "onset_date", "2026-13", "impossible-date", "Correct"),
    ("ae", "onset_date", "0000", "impossible-date", "year"),
    ("ae", "grade", "4", "grade-not-allowed", "1, 2, 3"),
    ("ae", "term", "Fatige", "not-in-code-list", "'Fatigue'"),
    ("ae", "record", "0", "out-of-range", "source"),
    ("surv", "visit", "M3.L01", "pattern-mismatch", "dot"),
    ("surv", "visit", "M3/2", "pattern-mismatch", "dot"),
    ("surv", "subject", "", "required-missing", "subject"),
    ("surv", "subject", "01/001", "pattern-mismatch", "without"),
    ("surv", "subject", "01 001", "pattern-mismatch", "without"),
    ("surv", "subject", "@unknown", "pattern-mismatch", "without"),
]

ASKED = [
    ("les_bl", "ld_mm", "60", "unusual-value"),
    ("dm", "sex", "", "required-missing"),
    ("les_bl", "sa_mm", "12", "not-applicable-answered"),
]


@pytest.mark.parametrize(("form", "item", "written", "value"), READ)
def test_a_sound_cell_becomes_the_value_it_means(
    form: str, item: str, written: str, value: Value | Missing
) -> None:
    read = validate(
        protocol().form_named(form), raw={**SOUND[form], item: written}, protocol=protocol()
    )

    assert [str(f) for f in read.findings] == []
    assert read.values[item] == value
    assert type(read.values[item]) is type(value)


@pytest.mark.parametrize(("form", "item", "written", "code", "mend"), REFUSED)
def test_a_cell_that_cannot_be_is_refused_with_its_place_and_a_mend(
    form: str, item: str, written: str, code: str, mend: str
) -> None:
    read = validate(
        protocol().form_named(form), raw={**SOUND[form], item: written}, protocol=protocol()
    )

    assert [(f.where, f.code) for f in read.findings] == [(f"{form}: {item}", code)]
    assert read.findings[0].severity is Severity.HARD
    assert mend in read.findings[0].mend
    assert read.values == {}


@pytest.mark.parametrize(("form", "item", "written", "code"), ASKED)
def test_a_rare_cell_is_asked_about_and_kept(form: str, item: str, written: str, code: str) -> None:
    read = validate(
        protocol().form_named(form), raw={**SOUND[form], item: written}, protocol=protocol()
    )

    assert [(f.code, f.severity) for f in read.findings] == [(code, Severity.SOFT)]
    assert item in read.findings[0].where
    assert (item in read.values) == bool(written)


@pytest.mark.parametrize("form", SOUND)
def test_a_sound_row_makes_no_finding_and_an_empty_cell_is_not_yet_known(form: str) -> None:
    read = validate(protocol().form_named(form), raw=SOUND[form], protocol=protocol())

    assert read.findings == ()
    assert set(read.values) == set(SOUND[form]) - {"subject"}


def test_an_entry_without_any_answer_names_every_required_item() -> None:
    read = validate(protocol().form_named("dm"), raw={}, protocol=protocol())

    assert [(f.where, f.severity.value) for f in read.findings] == [
        ("dm: subject", "hard"),
        ("dm: site", "soft"),
        ("dm: sex", "soft"),
        ("dm: birth_year", "soft"),
    ]


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    read = rows("les_bl", """
        subject|lesion|role  |kind     |site|scan_date |method|ld_mm |prior_rt|intend_sbrt
        01-001 |L1    |targte|non_nodal|lung|2026-02-30|ct    |4.5 cm|maybe   |Y
    """)  # fmt: skip

    assert [(f.where.removeprefix("les_bl.csv row 2: "), f.code) for f in read.findings] == [
        ("lesion", "pattern-mismatch"),
        ("role", "not-in-code-list"),
        ("scan_date", "impossible-date"),
        ("ld_mm", "wrong-unit"),
        ("prior_rt", "wrong-type"),
    ]
    assert {f.entry for f in read.findings} == {"01-001/les_bl/L1"}
    assert read.frame.is_empty()


def test_a_required_item_is_missed_only_where_its_rule_asks_for_it() -> None:
    form = protocol().form_named("surg")
    asked = tuple(
        item.model_copy(update={"required": True}) if item.name == "lesion" else item
        for item in form.item
    )
    strict = form.model_copy(update={"item": asked})
    surgery = {
        "subject": "01-001",
        "record": "1",
        "surgery_date": "2026-04-01",
        "planned": "N",
    }

    said = {
        kind: validate(strict, raw={**surgery, "type": kind}, protocol=protocol()).findings
        for kind in ("nephrectomy", "metastasectomy", "@unknown")
    }

    assert {kind: [(f.where, f.code) for f in found] for kind, found in said.items()} == {
        "nephrectomy": [],
        "metastasectomy": [("surg: lesion", "required-missing")],
        "@unknown": [],
    }
