"""Progression-free survival by the conventions built on the two main ones, a line a situation."""

import pytest

from derive.case_tables import Case, derive_cases, read_cases, read_expected, time_of
from derive.trial_tables import PROTOCOL, build_frames, derive, find_time, scan_rows
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Protocol

# The lesion L01 of 20 mm is an index lesion; "sbrt 20" irradiates it then. "=": as by ema;
# "168!": event on day 168, "168-": censored then.
SITUATIONS = """
| situation | scans | else | ema | clinical | unheld | held | spared | distant |
| stable | 84:20 168:20 | | 168- R11 | = | = | = | = | = |
| new lesion | 84:20 168:20+N01 | | 168! R4 | = | = | = | = | = |
| death | 84:20 | death 200 | 200! R5 | = | = | = | = | = |
| R9: clinical | 84:20 168:20 | clinical 120 | 168- R11 | 120! R9 | = | = | = | = |
| R9: clinical, then scan | 84:20 168:20+N01 | clinical 120 | 168! R4 | 120! R9 | = | = | = | = |
| R9: scan on that day | 84:20 120:20+N01 | clinical 120 | 120! R4 | = | = | = | = | = |
| R9: two missed, clinical | 84:20 | clinical 300 | 84- R11 | 300! R6 | = | = | = | = |
| R12: growth confirmed | 84:20 168:25 252:26 | | 168! R12 | = | 168! R4 | 168! R4 | = | 252- R11 |
| R12: growth refuted | 84:20 168:25 252:20 | | 252- R11 | = | 168! R4 | 168! R4 | = | = |
| SBRT, refuted | 84:20 168:25 252:20 | sbrt 20 | 252- R11 | = | 168! R4 | = | = | = |
| SBRT, again | 84:20 168:25 252:26 | sbrt 9 | 168! R12 | = | 168! R4 | = | 252- R11 | 252- R11 |
| SBRT, death | 84:20 168:25 | sbrt 9, death 210 | 168! R12 | = | 168! R4 | = | 210! R5 | 210! R5 |
| R7: new therapy | 84:20 168:20+N01 | systemic 100 | 168! R4 | = | = | = | = | = |
| R1: no baseline, new lesion | 84:+N01 | no baseline | 84! R1 | = | = | = | = | = |
| R3: no scan, death | | death 300 | 300! R3 | = | = | = | = | = |
"""
CASES = read_cases(SITUATIONS)
CONVENTIONS = {
    "ema": "ema",
    "clinical": "clinical",
    "unheld": "unheld",
    "held": "irradiated_held",
    "spared": "unirradiated",
    "distant": "distant",
}

STOPPED = """
| situation | scans | else | fda | fda_treatment |
| stopped for toxicity | 84:20 168:20 | stopped 100 | 168 censored R11 | 84 censored R8 |
| stopped, then progression | 84:20 168:20+N01 | stopped 100 | 168 event R4 | 84 censored R8 |
| stopped on the day of progression | 84:20 168:20+N01 | stopped 168 | 168 event R4 | same |
| stopped, then death | 84:20 | stopped 100, death 200 | 200 event R5 | 84 censored R8 |
| new therapy first | 84:20 168:20+N01 | systemic 90, stopped 100 | 84 censored R7 | same |
| both on one day | 84:20 168:20+N01 | systemic 100, stopped 100 | 84 censored R7 | same |
| nothing stopped | 84:20 168:20+N01 | | 168 event R4 | same |
"""
STOPS = read_cases(STOPPED)


@pytest.fixture(scope="module")
def trial() -> Datasets:
    return derive_cases(CASES)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_situation_by_each_convention(trial: Datasets, case: Case, convention: str) -> None:
    cell = case.cells["ema"] if case.cells[convention] == "=" else case.cells[convention]
    expected = read_expected(cell.replace("- ", " censored ").replace("! ", " event "))
    assert time_of(trial, case, reading=f"pfs/{CONVENTIONS[convention]}") == expected


@pytest.mark.parametrize("convention", ["fda", "fda_treatment"])
@pytest.mark.parametrize("case", STOPS, ids=lambda case: case.name)
def test_the_end_of_treatment_censors_where_the_table_is_taken_as_printed(
    case: Case, convention: str
) -> None:
    cell = case.cells[convention]
    expected = read_expected(case.cells["fda"] if cell == "same" else cell)
    assert time_of(derive_cases(STOPS), case, reading=f"pfs/{convention}") == expected


def test_the_words_of_a_convention_are_its_own_where_it_has_some(trial: Datasets) -> None:
    rows = trial.times.filter(subject=CASES[7].subject, endpoint="pfs")
    words = dict(rows.select("convention", "words").iter_rows())
    assert words["unheld"] == PROTOCOL.endpoint_named("pfs").convention[0].words["R4"]
    assert words["distant"].startswith("alive without progression at the cut")


TWO_LESIONS = """
| visit | day | L01 | L02:far | new |
| BL    | -10 | 30  | 20      |     |
| M3    | 84  | 20  | 20      |     |
| M6    | 168 | 20  | 27      |     |
| M9    | 252 | 20  | 34      |     |
"""


def test_a_lesion_that_is_no_index_lesion_progresses_for_distant_progression_too() -> None:
    data = derive(build_frames(scan_rows(TWO_LESIONS)))
    # 50, 40, 47, 54 mm: the sum is over 1.2 x 40 at M9; L02 alone is over 1.2 x 20 at M6
    assert find_time(data, "pfs/ema/01-001") == (252, 1, "R4")
    assert find_time(data, "pfs/distant/01-001") == (168, 1, "R4")


def test_without_irradiated_targets_the_sum_is_that_of_the_others() -> None:
    frames = build_frames(
        scan_rows(TWO_LESIONS),
        rt_fx="| lesion | fraction | fraction_date |\n| L01 | 1 | 20 |",
    )
    assert find_time(derive(frames), "pfs/ema/01-001") == (252, 1, "R4")
    assert find_time(derive(frames), "pfs/unirradiated/01-001") == (168, 1, "R4")


def test_a_new_lesion_in_an_irradiated_volume_is_not_distant() -> None:
    text = """
    | visit | day | L01 | new     |
    | BL    | -10 | 30  |         |
    | M3    | 84  | 20  | N01@L01 |
    | M6    | 168 | 20  | N02@L01~|
    """
    data = derive(build_frames(scan_rows(text)))
    assert find_time(data, "pfs/unheld/01-001") == (84, 1, "R4")
    assert find_time(data, "pfs/distant/01-001") == (168, 1, "R4")


def with_missed(**settings: int) -> Protocol:
    """The protocol with other settings of missed assessments in the censoring convention."""
    pfs = PROTOCOL.endpoint_named("pfs")
    changed = tuple(c.model_copy(update=settings) if c.id == "fda" else c for c in pfs.convention)
    other = pfs.model_copy(update={"convention": changed})
    endpoints = tuple(other if e.id == "pfs" else e for e in PROTOCOL.endpoint)
    return PROTOCOL.model_copy(update={"endpoint": endpoints})


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ({}, 175),  # 2 x 84 + 7: the second window closes
        ({"missed_extra_days": 7}, 182),  # 2q + 2w
        ({"missed_assessments": 1}, 91),
        ({"missed_assessments": 3}, 259),
    ],
)
def test_how_long_a_gap_may_be_is_said_by_the_protocol(settings: dict[str, int], last: int) -> None:
    cases = read_cases(f"| a | else |\n| b | death {last} |\n| c | death {last + 1} |")
    data = derive_cases(cases, protocol=with_missed(**settings))
    found = [time_of(data, case, reading="pfs/fda") for case in cases]
    assert found == [(last, 1, "R3"), (0, 0, "R3")]


BOUNDS = """
| situation | scans | else | left | right |
| progression between visits | 84:20 168:20+N01 | | 85 | 169 |
| progression at the first scan | 84:20+N01 | | 0 | 85 |
| progression after an unreadable scan | 84:20 168:ne 252:20+N01 | | 85 | 253 |
| held, dated back | 84:20 168:25 252:26 | | 85 | 169 |
| death is exact | 84:20 | death 200 | 201 | 201 |
| death with progression on its day | 84:20 168:20+N01 | death 168 | 85 | 169 |
| censored | 84:20 168:20 | | 169 | none |
| nothing seen | | | 1 | none |
"""


def test_an_event_seen_at_a_scan_happened_since_the_last_adequate_one() -> None:
    cases = read_cases(BOUNDS)
    times = derive_cases(cases).times.filter(endpoint="pfs", convention="ema")
    for case in cases:
        row = times.filter(subject=case.subject).row(0, named=True)
        right = None if case.cells["right"] == "none" else int(case.cells["right"])
        assert (row["left_days"], row["right_days"]) == (int(case.cells["left"]), right), case.name


def test_a_completed_date_of_death_is_told_in_the_time() -> None:
    cases = read_cases("| a | else |\n| b | death 2024-03 |\n| c | death 2024 |\n| d | death 50 |")
    times = derive_cases(cases).times.filter(endpoint="os")
    assert times["imputed"].to_list() == ["D", "M", ""]
    censored = derive_cases(read_cases("| a | else |\n| b | alive 90 |")).times
    assert set(censored["imputed"]) == {""}
