"""Lesions, the helper of a scan, SBRT, adverse events: against the hand-written subjects."""

import re
from functools import cache

import pytest
from django.test import Client
from django.urls import reverse

from equipoise.capture.folder_read import read_folder
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.schemas import Datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.story.words import write_mm
from equipoise.store.embedded import Server
from equipoise.store.models import FormEntry
from equipoise.web.lesions.sbrt import list_organs
from store.people import screen
from web.golden_site import FOLDER, fill_site
from web.visitors import log_in


@cache
def derived() -> Datasets:
    """The golden subjects derived from their folder, as analysis reads them."""
    protocol = shipped_protocol()
    return derive_datasets(read_folder(FOLDER, protocol).trial.frames, protocol)


def shown(client: Client, name: str, *, query: str = "", **place: str) -> str:
    answer = client.get(f"{reverse(name, kwargs=place)}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def line(html: str, head: str) -> list[str]:
    """The cells of the row of a table that starts with these words."""
    for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        cells = [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        if cells and cells[0].startswith(head):
            return cells[1:]
    raise AssertionError(f"no row '{head}'")


def facts(html: str) -> dict[str, str]:
    """The terms of a list with what is said of each."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", html, re.DOTALL)
    return {term.strip(): said.strip() for term, said in pairs}


def test_merged_lesions_are_summed_held_and_progress_as_worked_by_hand(site: Server) -> None:
    """01-007: 24 + 18, 22 + 16, then one mass of 40, 47 and 48 mm; the nadir is 38 mm."""
    fill_site("01-007")
    page = shown(log_in("cho"), "lesions", subject="01-007")
    assert line(page, "Sum of targets") == ["42.0 mm", "38.0 mm", "40.0 mm", "47.0 mm", "48.0 mm"]
    assert line(page, "Smallest sum before") == ["–", "42.0 mm", "38.0 mm", "38.0 mm", "38.0 mm"]
    assert line(page, "Response, derived") == ["–", "SD", "SD", "PD", "PD"]
    assert line(page, "Response, investigator") == ["–", "SD", "SD", "PD", "PD"]
    assert line(page, "L02")[2:] == ["merged into L01"] * 3
    assert "<svg" in page
    assert "local failure 2024-12-11" in re.sub(r"<[^>]+>|\s+", " ", page).replace("  ", " ")


@pytest.mark.parametrize("subject", ["01-001", "01-004", "01-006", "01-008"])
def test_a_page_says_of_each_scan_what_the_data_cut_will_say(site: Server, subject: str) -> None:
    fill_site(subject)
    page = shown(log_in("ivy"), "lesions", subject=subject)
    rows = derived().assessments.filter(subject=subject).sort("baseline", descending=True)
    later = rows.filter(baseline=False).sort("first_date")
    told = line(page, "Sum of targets")[1:]
    assert told == [write_mm(tenths) for tenths in later["sum_tenths_mm"]]
    assert line(page, "Response, derived")[1:] == later["response"].to_list()


def test_before_randomisation_nothing_is_derived_and_the_page_says_so(site: Server) -> None:
    number = screen("01")
    page = shown(log_in("cho"), "lesions", subject=number)
    assert "once the subject is randomised" in page
    assert "starts with randomisation" in shown(log_in("cho"), "timeline", subject=number)
    helper = shown(log_in("cho"), "scan", subject=number, visit="M3")
    assert "enter the baseline list first" in helper
    assert "No SBRT is prescribed or given" in shown(log_in("cho"), "sbrt", subject=number)
    assert "No adverse event is entered" in shown(log_in("cho"), "events", subject=number)


def test_what_is_entered_next_shows_at_once(site: Server) -> None:
    fill_site("01-001")
    client = log_in("cho")
    assert len(line(shown(client, "lesions", subject="01-001"), "Sum of targets")) == 3
    row = FormEntry.objects.get(subject="01-001", form="les_fu", key="M6.L02")
    row.values |= {"mm": "34"}
    row.save()
    page = shown(client, "lesions", subject="01-001")
    assert line(page, "Sum of targets") == ["43.0 mm", "41.0 mm", "60.0 mm"]


# typed | sum | nadir | PR at | PD from | targets | missing: 01-001 after 28 + 15, 26 + 15, 26 + 14
SCANS = """
mm.L01=26&mm.L02=14           | 40.0 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | SD |
mm.L01=34&mm.L02=14           | 48.0 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | PD |
mm.L01=33.9&mm.L02=14         | 47.9 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | SD |
mm.L01=20&mm.L02=10.1         | 30.1 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | PR |
mm.L01=20&mm.L02=10.2         | 30.2 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | SD |
status.L01=absent&status.L02=absent | 0.0 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | CR |
mm.L01=20&mm.L02=             | 20.0 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | NE | L02
mm.L01=49&mm.L02=             | 49.0 mm | 40.0 mm | ≤ 30.1 mm | ≥ 48.0 mm | PD | L02
"""


@pytest.mark.parametrize("text", SCANS.strip().splitlines())
def test_the_helper_works_out_sum_nadir_and_thresholds(site: Server, text: str) -> None:
    fill_site("01-001")
    typed, total, nadir, partial, progression, target, missing = (
        c.strip() for c in text.split("|")
    )
    before = FormEntry.objects.count()
    query = f"?typed=1&scan_date=2024-10-01&{typed}"
    page = shown(log_in("cho"), "scan", query=query, subject="01-001", visit="M9")
    said = facts(page.replace("&lt;", "<"))
    assert said["Sum of targets so far"] == total
    assert said["Smallest sum before (nadir)"] == nadir
    assert said["Partial response at"] == partial
    assert said["Progression from"] == progression
    assert said["Targets"].split(",")[0] == target
    assert (f"Missing: {missing}." in page) == bool(missing)
    assert FormEntry.objects.count() == before


def test_the_helper_opens_with_what_is_entered_and_answers_htmx_with_a_part(site: Server) -> None:
    fill_site("01-001")
    client = log_in("cho")
    page = shown(client, "scan", subject="01-001", visit="M6")
    assert 'name="mm.L01" value="26"' in page
    assert 'value="2024-06-24"' in page
    assert facts(page)["Smallest sum before (nadir)"] == "41.0 mm"
    address = reverse("scan", kwargs={"subject": "01-001", "visit": "M6"})
    part = client.get(f"{address}?typed=1", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Missing: L01, L02." in part


@pytest.mark.parametrize("typed", ["3x", "-4", "%27%3B%3Cscript%3E", "999999", "1e400", "nan"])
def test_the_helper_tells_what_is_no_size_and_never_fails(site: Server, typed: str) -> None:
    fill_site("01-001")
    query = f"?typed=1&mm.L01={typed}&mm.L02=14&mm.X=1&status.L01=nonsense&scan_date=never"
    page = shown(log_in("cho"), "scan", query=query, subject="01-001", visit="M9")
    assert "L01:" in page
    assert "<script>" not in page.split("</header>")[1]


def test_a_visit_without_a_scan_has_no_helper(site: Server) -> None:
    number = screen("01")
    for visit in ("SCR", "nonsense"):
        address = reverse("scan", kwargs={"subject": number, "visit": visit})
        assert log_in("cho").get(address).status_code == 404


def test_sbrt_is_told_by_lesion_as_derived(site: Server) -> None:
    """30 Gy in 3 fractions: BED10 is 30 (1 + 10/10) = 60 Gy."""
    fill_site("01-007")
    page = shown(log_in("ray"), "sbrt", subject="01-007")
    cells = line(page, "L01")
    assert cells[:2] == ["30 / 3", "60"]
    assert cells[2:4] == ["30 / 3", "60"]
    dose = derived().dose.filter(subject="01-007", lesion="L01").row(0, named=True)
    assert cells[4] == f"{dose['tumour_eqd2_gy']:.1f}".removesuffix(".0")
    assert cells[5] == "2024-04-22 – 2024-04-26 (5)"
    assert line(page, "2") == ["2024-04-24", "10", "2 days"]


def test_a_dose_to_an_organ_is_held_against_its_limits() -> None:
    """TG-101: the cord takes 21.9 Gy to a point in 3 fractions."""
    row = {"structure": "SpinalCord", "metric": "max", "metric_at": None, "unit": "Gy"}
    dose = {"prescribed_fractions": 3}
    (held,) = list_organs([{**row, "value": 21.9}], dose=dose)
    (over,) = list_organs([{**row, "value": 22.5}], dose=dose)
    for told, verdict in ((held, "pass"), (over, "major")):
        assert {v.verdict for v in told.verdicts if "TG-101" in v.words} == {verdict}
    (other,) = list_organs([{**row, "metric": "mean", "value": 3.0}], dose=dose)
    assert other.verdicts == ()
    (unplanned,) = list_organs([{**row, "value": 3.0}], dose={"prescribed_fractions": None})
    assert unplanned.verdicts == ()
    assert list(list_organs([{**row, "value": None}], dose=dose)) == []


def test_adverse_events_tell_grade_dates_and_relation(site: Server) -> None:
    fill_site("01-007", "01-002")
    page = shown(log_in("cho"), "events", subject="01-007")
    assert "Spinal fracture" in page
    assert "2025-05-07" in page
    assert "ongoing" in page
    assert "Relation to SBRT: possible" in page
    fatal = shown(log_in("saul"), "events", subject="01-002")
    assert "Pneumonitis" in fatal
    assert "fatal" in fatal


def test_the_time_line_is_in_order_and_tells_no_arm_to_who_is_blinded(site: Server) -> None:
    fill_site("01-007")
    page = shown(log_in("cho"), "timeline", subject="01-007")
    days = re.findall(r'<time datetime="([^"]+)"', page)
    assert days == sorted(days)
    assert "2024-04-02" in days
    assert "SBRT" in page
    blinded = shown(log_in("bea"), "timeline", subject="01-007")
    assert "SBRT" not in blinded
    assert "month 9: sum 47.0 mm, PD" in blinded
