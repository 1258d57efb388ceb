"""Entries against what is derived from them: each question is asked where it should be."""

import pytest

from derive.trial_tables import PROTOCOL, Row, build_frames, derive, read_table, scan_rows
from equipoise.derive.consistency import CHECKS, check_consistency
from equipoise.simulate.rehearsal import rehearse
from equipoise.vocab.finding import Finding, Severity

SCANS = """
| visit | day | L01 | L02 |
| BL    | -10 | 20  | 15  |
| M3    | 84  | 20  | 15  |
| M6    | 168 | 30  | 15  |
"""
# A subject of whom everything fits: growth seen and said, therapy for it, death after a contact.
FITTING = {
    "rs": "| visit | assessment_date | overall |\n| M3 | 84 | SD |\n| M6 | 168 | PD |",
    "surv": "| alive_date |\n| 200 |",
    "subseq": "| start_date | reason |\n| 180 | progression |",
    "dth": "| death_date |\n| 210 |",
    "eos": "| eos_date | reason |\n| 210 | death |",
    "rt_rx": "| lesion | dose_gy | fractions |\n| L01 | 26 | 1 |\n| L02 | 26 | 1 |",
    "rt_fx": "| lesion | fraction | fraction_date | dose_gy |\n"
    "| L01 | 1 | 20 | 24 |\n| L02 | 1 | 20 | 24 |",
    "ae": "| onset_date | end_date | grade |\n| 30 | 40 | 2 |",
}


def ask(scans: str = SCANS, **changed: str) -> list[Finding]:
    """What is found in the fitting subject after some tables were changed (or emptied)."""
    rows: dict[str, list[Row]] = scan_rows(scans)
    rows |= {form: read_table(text) for form, text in {**FITTING, **changed}.items() if text}
    frames = build_frames(rows)
    return list(check_consistency(derive(frames), frames=frames, protocol=PROTOCOL))


def test_a_subject_of_whom_everything_fits_raises_no_question() -> None:
    assert ask() == []


PLANTED = {
    "response-differs": (
        {"rs": "| visit | assessment_date | overall |\n| M3 | 84 | PR |\n| M6 | 168 | PD |"},
        ("01-001/rs/M3", "PR entered, derived SD"),
    ),
    "response-without-scans": (
        {"rs": FITTING["rs"] + "\n| M9 | 190 | PD |"},
        ("01-001/rs/M9", "PD"),
    ),
    "death-without-contact": ({"surv": ""}, ("01-001/dth", "2024-07-29")),
    "end-by-death-without-death-form": ({"dth": ""}, ("01-001/eos", "2024-07-29")),
    "alive-after-death": (
        {"surv": "| alive_date |\n| 200 |\n| 212 |"},
        ("01-001/dth", "2024-07-31"),
    ),
    "index-lesion-without-all-fractions": (
        {"rt_rx": "| lesion | fractions |\n| L01 | 1 |\n| L02 | 3 |"},
        ("01-001/les_bl/L02", "1 of 3"),
    ),
    "therapy-for-progression-never-seen": (
        {"subseq": "| start_date | reason |\n| 100 | progression |"},
        ("01-001/subseq/1", "2024-04-10"),
    ),
    "event-over-without-end": (
        {"ae": "| onset_date | grade | outcome |\n| 30 | 2 | recovered |"},
        ("01-001/ae/1", "recovered"),
    ),
}


@pytest.mark.parametrize("code", sorted(PLANTED))
def test_each_planted_mismatch_is_asked_about_once(code: str) -> None:
    changed, (entry, found) = PLANTED[code]
    [finding] = ask(**changed)
    assert (finding.code, finding.entry, finding.found) == (code, entry, found)
    assert finding.subject == "01-001"
    assert finding.severity is Severity.SOFT
    assert finding.mend


def test_an_index_lesion_without_prescription_is_asked_about_once_sbrt_was_started() -> None:
    one = {
        "rt_rx": "| lesion | fractions |\n| L01 | 1 |",
        "rt_fx": "| lesion | fraction | fraction_date |\n| L01 | 1 | 20 |",
    }
    [finding] = ask(**one)
    assert (finding.entry, finding.found) == ("01-001/les_bl/L02", "0 of unplanned")
    assert ask(rt_rx="", rt_fx="") == []


def test_a_lesion_left_out_at_a_visit_is_asked_about_unless_it_was_removed() -> None:
    left_out = """
    | visit | day | L01 | L02 |
    | BL    | -10 | 20  | 15  |
    | M3    | 84  | 20  | 15  |
    | M6    | 168 | 30  |     |
    """
    frames = build_frames(scan_rows(left_out.replace("|     |\n", "| ne  |\n")))
    frames["les_fu"] = frames["les_fu"].filter(frames["les_fu"]["status"] != "ne")
    [finding] = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    assert (finding.code, finding.found) == ("lesion-not-entered", "L02")
    removed = build_frames(surg="| surgery_date | lesion |\n| 100 | L02 |")
    frames["surg"] = removed["surg"]
    assert check_consistency(derive(frames), frames=frames, protocol=PROTOCOL) == ()


def test_a_lesion_that_merged_into_nothing_is_asked_about() -> None:
    lone = SCANS.replace("| 30  | 15  |", "| ne  | >L01 |")
    codes = {finding.code for finding in ask(lone)}
    assert "merged-into-nothing" in codes
    whole = SCANS.replace("| 30  | 15  |", "| 45  | >L01 |")
    assert "merged-into-nothing" not in {finding.code for finding in ask(whole)}


def test_a_subject_without_baseline_lesions_is_asked_about() -> None:
    frames = build_frames(surv="| alive_date |\n| 200 |")
    [finding] = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    assert (finding.code, finding.entry) == ("no-baseline-assessment", "01-001/rand")


def test_every_check_has_a_code_of_its_own_and_says_what_to_do() -> None:
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    assert all(check.message.endswith(".") and check.mend.endswith(".") for check in CHECKS)


def test_a_clean_rehearsal_agrees_with_its_investigators() -> None:
    """The rehearsed site reads the scans by its own code; derivation must come to the same."""
    frames = rehearse(PROTOCOL, scenario="S2", seed=1).frames
    found = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    # What is left are facts of the course, no errors: an early death, SBRT broken off, a lesion
    # that shrinks fast or goes where another comes.
    assert {finding.code for finding in found} <= {
        "size-jumped",
        "new-lesion-perhaps-old",
        "death-without-contact",
        "index-lesion-without-all-fractions",
        "no-baseline-assessment",
    }


def test_a_question_names_form_entry_and_item_as_edit_checks_do() -> None:
    [finding] = ask(surv="")
    assert finding.where == "dth 01-001/dth: death_date"


def test_every_question_asks_about_an_item_of_the_trial() -> None:
    items = {item.name for form in PROTOCOL.form for item in form.item}
    assert {check.item for check in CHECKS} <= items
