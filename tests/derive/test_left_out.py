"""What derivation leaves out: each reason from a small table, and nothing by mistake."""

import polars as pl
import pytest

from derive.trial_tables import PROTOCOL, build_frames, derive, find_time, scans
from equipoise.derive.left_out import REASONS, STRANGER, TWICE
from equipoise.derive.schemas import Datasets
from equipoise.simulate.rehearsal import rehearse

SOUND = {
    "les_bl": "| lesion | ld_mm |\n| L01 | 20 |\n| L02 | 20 |",
    "les_fu": "| visit | lesion | scan_date | mm |\n| M3 | L01 | 84 | 20 |\n| M3 | L02 | 84 | 20 |",
}
NEW = "| visit | lesion | scan_date | site | mm | certainty |\n"
PET = "| visit | lesion | scan_date | method | baseline_pet |\n"

PLANTED = {
    # code: (form, a row more of that form, the entry left out)
    "randomised-without-date": ("rand", "| imdc |\n| fav |", "01-001/rand"),
    "new-lesion-without-date": ("newles", "| visit | lesion |\n| M3 | N01 |", "newles/M3.N01"),
    "death-without-date": ("dth", "| death_date |\n| soon |", "dth"),
    "event-without-onset": ("ae", "| grade |\n| 3 |", "ae/1"),
    "contact-without-date": ("surv", "| visit |\n| S1 |", "surv/S1"),
    "dose-without-date": ("ex_sys", "| stop_date |\n| 20 |", "ex_sys/1"),
    "therapy-without-date": ("subseq", "| reason |\n| choice |", "subseq/1"),
    "surgery-without-date": ("surg", "| lesion |\n| L02 |", "surg/1"),
    "lesion-not-at-baseline": (
        "les_fu",
        "| visit | lesion | scan_date | mm |\n| M3 | L09 | 84 | 20 |",
        "les_fu/M3.L09",
    ),
    "visit-without-date": ("les_fu", "| visit | lesion | mm |\n| M6 | L01 | 20 |", "les_fu/M6.L01"),
    "new-lesion-at-baseline": (
        "newles",
        "| visit | lesion | scan_date |\n| M3 | L02 | 84 |",
        "newles/M3.L02",
    ),
    "normal-node": (
        "newles",
        NEW + "| M3 | N01 | 84 | node_other | 9 | unequivocal |",
        "newles/M3.N01",
    ),
    "never-unequivocal": (
        "newles",
        NEW + "| M3 | N01 | 84 | lung | 9 | equivocal |",
        "newles/M3.N01",
    ),
    "positive-at-baseline": (
        "newles",
        PET + "| M3 | N01 | 84 | pet_ct | positive |",
        "newles/M3.N01",
    ),
    "seen-on-pet-alone": (
        "newles",
        PET + "| M3 | N01 | 84 | pet_ct | not_done |",
        "newles/M3.N01",
    ),
    "planned-by-protocol": (
        "subseq",
        "| start_date | protocol_defined |\n| 90 | true |",
        "subseq/1",
    ),
    "other-cancer": ("subseq", "| start_date | against_rcc |\n| 90 | false |", "subseq/1"),
}


def left_out(data: Datasets) -> list[tuple[str, str]]:
    """What was left out: code and entry, without the subject's number."""
    told = data.left_out.select("code", pl.col("entry").str.strip_prefix("01-001/"))
    return list(told.iter_rows())


def with_more(form: str, table: str) -> Datasets:
    """The sound subject with a table more of one form."""
    tables = {**SOUND}
    more = build_frames(**{form: table}) if form == "les_fu" else None
    frames = build_frames(**tables) if more else build_frames(**tables, **{form: table})
    if more:
        frames["les_fu"] = pl.concat([frames["les_fu"], more["les_fu"]])
    return derive(frames)


def test_sound_entries_leave_nothing_out() -> None:
    assert left_out(derive(build_frames(**SOUND))) == []


@pytest.mark.parametrize("code", sorted(set(PLANTED) - {"randomised-without-date"}))
def test_each_entry_left_out_is_told_with_its_reason(code: str) -> None:
    form, table, entry = PLANTED[code]
    data = with_more(form, table)
    assert left_out(data) == [(code, entry)]
    [words] = {reason.words for reason in REASONS if (reason.form, reason.code) == (form, code)}
    assert data.left_out.row(0, named=True) == {
        "replicate": 0,
        "subject": "01-001",
        "form": form,
        "entry": f"01-001/{entry}",
        "code": code,
        "words": words,
    }


def test_what_is_left_out_changes_no_time() -> None:
    sound = derive(build_frames(**SOUND)).times
    for code in ("lesion-not-at-baseline", "new-lesion-at-baseline", "never-unequivocal"):
        form, table, _ = PLANTED[code]
        assert with_more(form, table).times.equals(sound), code


def test_a_randomisation_without_a_date_is_told() -> None:
    frames = build_frames(**SOUND)
    undated = pl.lit(None, dtype=pl.Date).alias("randomised_date")
    frames["rand"] = frames["rand"].with_columns(undated)
    assert left_out(derive(frames)) == [("randomised-without-date", "rand")]


def test_every_reason_is_planted() -> None:
    # each has a test of its own
    apart = {"scan-before-randomisation", "seen-after-removal", "node-without-growth"}
    assert {reason.code for reason in REASONS} == {*PLANTED, *apart}


@pytest.mark.parametrize("form", ["les_fu", "newles"])
def test_a_scan_before_randomisation_never_dates_a_progression(form: str) -> None:
    """The other lesion of the visit is scanned on the right day; the wrong date is left out."""
    early = {
        "les_fu": SOUND["les_fu"].replace("| M3 | L01 | 84 | 20 |", "| M3 | L01 | -5 | 60 |"),
        "newles": "| visit | lesion | scan_date |\n| M3 | N01 | -5 |",
    }
    data = derive(build_frames(**{**SOUND, form: early[form]}))
    lesion = "L01" if form == "les_fu" else "N01"
    assert left_out(data) == [("scan-before-randomisation", f"{form}/M3.{lesion}")]
    assert data.sources["progression_unheld"].is_empty()
    assert find_time(data, "pfs/ema/01-001")[1:] == (0, "R11" if form == "newles" else "R2")


def test_a_lesion_seen_after_its_removal_is_told_and_stays_gone() -> None:
    table = """
    | visit | day | L01 | L02 |
    | BL    | -10 | 20  | 20  |
    | M3    | 84  | 20  | abs |
    | M6    | 168 | 20  | 30  |
    """
    data = derive(scans(table, surg="| surgery_date | lesion |\n| 60 | L02 |"))
    assert left_out(data) == [("seen-after-removal", "les_fu/M6.L02")]
    assert data.assessments["sum_tenths_mm"].to_list() == [400, 200, 200]


def test_of_two_death_forms_the_first_by_its_values_counts_and_the_other_is_told() -> None:
    dates = ("200", "150")
    for order in (dates, dates[::-1]):
        table = "| death_date |\n" + "\n".join(f"| {date} |" for date in order)
        data = derive(build_frames(**SOUND, dth=table))
        assert left_out(data) == [(TWICE, "dth")]
        assert find_time(data, "os//01-001") == (150, 1, "OS")


def test_of_a_lesion_twice_at_a_visit_one_counts_and_the_other_is_told() -> None:
    twice = SOUND["les_fu"] + "\n| M3 | L02 | 84 | 60 |"
    data = derive(build_frames(**{**SOUND, "les_fu": twice}))
    assert left_out(data) == [(TWICE, "les_fu/M3.L02")]
    assert data.assessments["sum_tenths_mm"].to_list() == [400, 400]


def test_an_adverse_event_that_stands_twice_is_counted_once() -> None:
    once = "| record | onset_date | grade |\n| 1 | 30 | 3 |"
    treated = {"ex_sys": "| start_date |\n| 1 |"}
    first = derive(build_frames(**SOUND, **treated, ae=once))
    again = derive(build_frames(**SOUND, **treated, ae=once + "\n| 1 | 30 | 3 |"))
    assert again.occurrences.equals(first.occurrences)
    assert left_out(again) == [(TWICE, "ae/1")]


def test_entries_of_a_subject_who_is_not_randomised_are_told() -> None:
    frames = build_frames(**SOUND, dth="| death_date |\n| 200 |")
    frames["rand"] = frames["rand"].clear()
    data = derive(frames)
    assert {code for code, _ in left_out(data)} == {STRANGER}
    assert data.left_out["entry"].to_list() == [
        "01-001/dth",
        "01-001/les_bl/L01",
        "01-001/les_bl/L02",
        "01-001/les_fu/M3.L01",
        "01-001/les_fu/M3.L02",
    ]
    assert data.times.is_empty()


def test_an_entry_is_told_once_though_two_reasons_hold() -> None:
    both = "| start_date | protocol_defined | against_rcc |\n| 90 | true | false |"
    assert left_out(with_more("subseq", both)) == [("planned-by-protocol", "subseq/1")]


def test_a_later_entry_leaves_no_trace_at_a_cut() -> None:
    frames = build_frames(**SOUND, newles=NEW + "| M6 | N01 | 168 | lung | 9 | equivocal |")
    assert left_out(derive(frames, cut_day=100)) == []
    assert left_out(derive(frames, cut_day=200)) == [("never-unequivocal", "newles/M6.N01")]


@pytest.mark.parametrize("scenario", ["S1", "S4"])
def test_a_clean_rehearsal_leaves_nothing_out_but_by_rule(scenario: str) -> None:
    data = derive(rehearse(PROTOCOL, scenario=scenario, seed=4, replicates=5).frames)
    assert set(data.left_out["code"]) <= {"never-unequivocal", "normal-node"}
