"""Visits out of order, on one day, over weeks, under unknown names: asked, and derived by date."""

import pytest

from derive.trial_tables import PROTOCOL, build_frames, derive, scan_rows
from equipoise.derive.consistency import check_consistency

Told = list[tuple[str, str, str]]


def ask(scans: str, **tables: str) -> Told:
    """Code, entry (without the subject) and what was found, but for missing responses."""
    frames = build_frames({k: v for k, v in scan_rows(scans).items() if v}, **tables)
    found = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    return [
        (each.code, each.entry.removeprefix("01-001/"), each.found)
        for each in found
        if each.code != "progression-without-response"
    ]


IN_ORDER = """
| visit | day | L01 |
| BL    | -10 | 20  |
| M3    | 84  | 20  |
| M6    | 168 | 20  |
| M6U   | 230 | 20  |
| M9    | 252 | 20  |
"""


def test_visits_in_their_windows_raise_no_question() -> None:
    assert ask(IN_ORDER) == []


def test_a_visit_before_the_one_that_precedes_it_is_asked_about() -> None:
    swapped = IN_ORDER.replace("| M3    | 84 ", "| M3    | 120").replace(
        "| M6    | 168", "| M6    | 110"
    )
    assert ask(swapped) == [
        ("visits-out-of-order", "les_fu/M6.L01", "2024-04-20; M3 on 2024-04-30"),
        ("visit-far-from-plan", "les_fu/M6.L01", "day 110, planned 168"),
    ]


def test_swapped_visits_are_derived_in_the_order_of_their_dates() -> None:
    swapped = IN_ORDER.replace("| M3    | 84 ", "| M3    | 120").replace(
        "| M6    | 168", "| M6    | 110"
    )
    order = derive(build_frames({k: v for k, v in scan_rows(swapped).items() if v})).assessments
    assert order["visit"].to_list() == ["BL", "M6", "M3", "M6U", "M9"]


@pytest.mark.parametrize(("day", "asked"), [(42, False), (41, True), (126, False), (127, True)])
def test_a_visit_beyond_half_the_way_to_the_next_is_asked_about(day: int, asked: bool) -> None:
    table = f"| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | {day} | 20 |"
    wanted = [("visit-far-from-plan", "les_fu/M3.L01", f"day {day}, planned 84")]
    assert ask(table) == (wanted if asked else [])


def test_a_last_visit_years_after_its_day_is_asked_about() -> None:
    table = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M60 | 1900 | 20 |"
    assert ask(table) == [("visit-far-from-plan", "les_fu/M60.L01", "day 1900, planned 1709")]


def test_two_visits_on_one_day_are_asked_about_once() -> None:
    table = IN_ORDER.replace("| M6U   | 230", "| M6U   | 168")
    assert ask(table) == [("visits-overlap", "les_fu/M6U.L01", "2024-06-17; M6 on 2024-06-17")]


def test_a_visit_of_which_one_scan_has_the_date_of_another_month_is_asked_about_at_that_scan() -> (
    None
):
    tables = {
        "les_bl": "| lesion | ld_mm |\n| L01 | 20 |\n| L02 | 20 |\n| L03 | 20 |",
        "les_fu": "| visit | lesion | scan_date | mm |\n"
        "| M3 | L01 | 84 | 20 |\n| M3 | L02 | 84 | 20 |\n| M3 | L03 | 114 | 20 |",
    }
    frames = build_frames(**tables)
    [told] = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    assert (told.code, told.entry) == ("visit-over-weeks", "01-001/les_fu/M3.L03")
    assert told.found == "2024-04-24; the visit lasts from 2024-03-25 to 2024-04-24"
    frames = build_frames(**{**tables, "les_fu": tables["les_fu"].replace("114", "112")})
    assert check_consistency(derive(frames), frames=frames, protocol=PROTOCOL) == ()


@pytest.mark.parametrize(
    ("visit", "asked"),
    [("U200", False), ("M6U", False), ("M6U2", False), ("m6", True), ("M7", True)],
)
def test_a_visit_that_nobody_planned_is_asked_about_unless_it_is_marked(
    visit: str,
    asked: bool,
) -> None:
    table = f"| visit | day | L01 |\n| BL | -10 | 20 |\n| {visit} | 168 | 20 |"
    wanted = [("unknown-visit", f"les_fu/{visit}.L01", visit)]
    assert ask(table) == (wanted if asked else [])


def test_a_response_dated_before_its_scans_or_weeks_after_is_asked_about() -> None:
    def dated(day: int) -> Told:
        return ask(IN_ORDER, rs=f"| visit | assessment_date | overall |\n| M3 | {day} | SD |")

    assert dated(84) == dated(112) == []
    code = "response-dated-elsewhere"
    assert dated(83) == [(code, "rs/M3", "2024-03-24, scans from 2024-03-25 to 2024-03-25")]
    assert dated(113) == [(code, "rs/M3", "2024-04-23, scans from 2024-03-25 to 2024-03-25")]


def test_progression_by_measurement_without_a_response_is_asked_about() -> None:
    grown = IN_ORDER.replace("| M9    | 252 | 20", "| M9    | 252 | 29")
    frames = build_frames({k: v for k, v in scan_rows(grown).items() if v})
    [told] = check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)
    assert (told.code, told.entry, told.found) == (
        "progression-without-response",
        "01-001/les_fu/M9.L01",
        "M9",
    )


def test_progression_said_at_a_visit_without_any_lesion_is_asked_about_and_is_no_event() -> None:
    said = "| visit | assessment_date | overall |\n| M12 | 365 | PD |"
    assert ask(IN_ORDER, rs=said) == [("response-without-scans", "rs/M12", "PD")]
    frames = build_frames(scan_rows(IN_ORDER), rs=said)
    assert derive(frames).sources["progression_unheld"].is_empty()


def test_progression_said_where_no_lesion_could_be_judged_is_asked_about() -> None:
    unread = IN_ORDER.replace("| M9    | 252 | 20", "| M9    | 252 | ne")
    said = "| visit | assessment_date | overall |\n| M9 | 252 | PD |"
    assert ask(unread, rs=said) == [("response-differs", "rs/M9", "PD entered, derived NE")]
