"""The twelve subjects written by hand: their stories say what a reader expects (expected.md)."""

import pytest

from golden.story_texts import text_of, told

SENTENCES = [
    ("01-001", "pfs", "A 68-year-old woman, site 01."),
    ("01-001", "pfs", "Randomised on 2024-01-08 (day 1), to Systemic therapy alone (arm A"),
    ("01-001", "pfs", "equivocal here and unequivocal at month 6, so it counts from here"),
    ("01-001", "pfs", "Event on 2024-04-01, day 85; counted from randomisation, 2024-01-08"),
    ("01-001", "pfs", "01-001/newles/M6.N01: visit = M6; lesion = N01"),
    ("01-001", "acute_g3", "Diarrhea, grade 3, from 2024-01 to 2024-02, recovered (day 1)"),
    (
        "01-002",
        "pfs",
        "Rule R3 of 'Treatment policy (EMA style)': no assessment after baseline, dead",
    ),
    ("01-002", "chronic_g3", "not at risk: died on day 28, before the window opens"),
    ("01-003", "pfs", "no baseline assessment, so only a new lesion tells something"),
    (
        "01-003",
        "pfs",
        "censored on 2024-02-05, day 1 (censored instead of event, 170 days earlier)",
    ),
    ("01-004", "pfs", "Not eligible: I3 (Age 20 to 80 years)."),
    ("01-004", "pfs", "Month 9, 2024-10-29 (day 254) to 2024-10-31: PR, partial response"),
    ("01-004", "pfs", "axitinib, held (around SBRT)"),
    ("01-004", "acute_g3", "not treatment-emergent; counts in no window"),
    ("01-005", "pfs", "End of study: lost to follow-up."),
    ("01-005", "pfs", "SBRT of L01: 30 Gy in 3 fractions"),
    ("01-006", "pfs", "targets L01 and L02 were not evaluated, so there is no sum"),
    ("01-006", "pfs", "Planned, but no adequate assessment: month 6, month 9"),
    ("01-006", "pfs", "R6: event after two or more missed assessments: censored at the last"),
    ("01-007", "pfs", "the sum 47.0 mm is 23.6 % and 9.0 mm over the nadir 38.0 mm of month 3"),
    (
        "01-007",
        "pfs",
        "The scan of month 12 (2025-04-02) still showed it: it counts from 2024-12-11.",
    ),
    ("01-007", "pfs", "L01 40.0 mm; L02 merged into L01"),
    ("01-007", "lc", "47.0 mm, together with L02, +23.6 % from its smallest before (38.0 mm)"),
    ("01-007", "lc", "Local failure on 2024-12-11: growth of the lesion"),
    (
        "01-007",
        "chronic_g3",
        "Day 365 to 1096 (primary): counts: Spinal fracture grade 3 (day 377)",
    ),
    (
        "01-008",
        "pfs",
        "The scan of month 6 (2024-09-30) no longer showed it: it was no progression.",
    ),
    ("01-008", "pfs", "event on 2024-07-09, day 86 (event instead of censored, 167 days earlier)"),
    ("01-008", "lc", "refuted by the next scan 8 weeks or more later or by biopsy"),
    ("01-009", "pfs", "Death on 2024-11-16 came before a scan could judge it"),
    ("01-009", "pfs", "the sum 31.0 mm is 29.1 % and 7.0 mm over the nadir 24.0 mm of month 3"),
    ("01-010", "pfs", "Planned, but no adequate assessment: month 6, month 9"),
    ("01-011", "pfs", "later systemic therapy: cabozantinib (toxicity)"),
    ("01-011", "pfs", "R7: new anticancer therapy before progression: censored at the last"),
    ("01-012", "pfs", "Died on 2025-03-18 (date entered as 2025-03), cause: other."),
    ("01-012", "pfs", "metastasectomy of L02, planned before randomisation"),
    ("01-012", "lc", "L02: Censored on 2024-09-18, day 101"),
]


@pytest.mark.parametrize(("subject", "endpoint", "sentence"), SENTENCES)
def test_a_story_has_the_sentence_that_a_reader_expects(
    subject: str, endpoint: str, sentence: str
) -> None:
    text = " ".join(text_of(told(subject, folder="subjects", endpoint=endpoint)).split())

    assert sentence in text


@pytest.mark.parametrize("number", range(1, 13))
def test_every_subject_has_a_story_of_every_endpoint(number: int) -> None:
    for endpoint in ("pfs", "lc", "lc_sbrt", "acute_g3", "chronic_g3", "os", "ttnt"):
        lines = text_of(told(f"01-{number:03}", folder="subjects", endpoint=endpoint)).splitlines()

        assert lines[0].startswith(f"SABLOR, subject 01-{number:03}: ")
        assert max(map(len, lines)) <= 100
        assert not any("None" in line for line in lines)
