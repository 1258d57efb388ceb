"""Best overall response without and with confirmation (RECIST 1.1, 4.6; D3.6)."""

import polars as pl
import pytest

from derive.case_tables import derive_cases, read_cases, read_expected, time_of
from derive.response_courses import best_of, read_course
from derive.trial_tables import PROTOCOL, build_frames, day, derive, read_table, scan_rows, scans
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Response

# One line a subject: what the assessments said, then the best response and its rule by version.
BEST = """
| situation                               | course                     | new | none             | confirmed        |
| the best counts, whenever it was        | 84:SD 168:PR 252:CR 336:CR |     | CR B1            | CR B2            |
| CR over PR                              | 84:PR 168:CR               |     | CR B1            | PR B2            |
| PR over SD                              | 84:SD 168:PR               |     | PR B1            | SD B1            |
| SD over PD                              | 84:SD 168:PD               |     | SD B1            | SD B1            |
| SD over non-target response             | 84:NON-CR/NON-PD 168:SD    |     | SD B1            | SD B1            |
| non-target response over PD             | 84:NON-CR/NON-PD 168:PD    |     | NON-CR/NON-PD B1 | NON-CR/NON-PD B1 |
| PD over NE                              | 84:NE 168:PD               |     | PD B1            | PD B1            |
| nothing but NE                          | 84:NE 168:NE               |     | NE B1            | NE B1            |
| no assessment                           |                            |     | NE B5            | NE B5            |
| no disease stands for itself            | 84:NED 168:NED             |     | NED B1           | NED B1           |
| no disease, then progression            | 84:NED 168:PD              |     | NED B1           | NED B1           |
| SD on day 41                            | 41:SD                      |     | NE B4            | NE B4            |
| SD on day 42                            | 42:SD                      |     | SD B1            | SD B1            |
| non-target response on day 41           | 41:NON-CR/NON-PD           |     | NE B4            | NE B4            |
| non-target response on day 42           | 42:NON-CR/NON-PD           |     | NON-CR/NON-PD B1 | NON-CR/NON-PD B1 |
| early SD, then PD                       | 41:SD 84:PD                |     | PD B1            | PD B1            |
| early PR counts, unconfirmed it is none | 30:PR                      |     | PR B1            | NE B4            |
| early PR, then PD                       | 30:PR 84:PD                |     | PR B1            | PD B1            |
| unconfirmed PR is SD from day 42        | 42:PR 84:PD                |     | PR B1            | SD B3            |
| unconfirmed CR is SD from day 42        | 42:CR 84:PD                |     | CR B1            | SD B3            |
| what comes after PD counts for nothing  | 84:SD 168:PD 252:CR 336:CR |     | SD B1            | SD B1            |
| what was refuted is no progression      | 84:PD- 168:PR 252:PR       |     | PR B1            | PR B2            |
| nor a response                          | 84:PD-                     |     | NE B1            | NE B1            |
| after new therapy nothing counts        | 84:SD 168:CR 252:CR        | 100 | SD B1            | SD B1            |
| on the day of new therapy it counts     | 84:PR 168:CR               | 168 | CR B1            | PR B2            |
| the day after it does not               | 84:PR 168:CR               | 167 | PR B1            | SD B3            |
| PD after new therapy does not           | 84:PR 168:PD               | 100 | PR B1            | SD B3            |
| all after new therapy                   | 84:PR                      | 83  | NE B5            | NE B5            |
"""  # noqa: E501
# CR and PR against what lies between them and the assessment that confirms, one may be NE.
CONFIRMED = """
| situation                                | course                            | strict | lenient |
| PR after 27 days confirms nothing        | 84:PR 111:PR                      | SD     | SD      |
| PR after 28 days confirms                | 84:PR 112:PR                      | PR     | PR      |
| PR after 14 and after 28 days            | 84:PR 98:PR 112:PR                | PR     | PR      |
| CR confirms PR                           | 84:PR 168:CR                      | PR     | PR      |
| CR after 28 days confirms CR             | 84:CR 112:CR                      | CR     | CR      |
| CR after 27 days does not                | 84:CR 111:CR                      | SD     | SD      |
| PR does not confirm CR                   | 84:CR 168:PR                      | SD     | SD      |
| one NE between                           | 84:CR 168:NE 252:CR               | CR     | CR      |
| two NE between                           | 84:CR 168:NE 252:NE 336:CR        | SD     | CR      |
| three NE between                         | 84:PR 168:NE 252:NE 336:NE 420:PR | SD     | SD      |
| one SD between two PR                    | 84:PR 168:SD 252:PR               | SD     | PR      |
| two SD between two PR                    | 84:PR 168:SD 252:SD 336:PR        | SD     | SD      |
| SD and NE between two PR                 | 84:PR 168:SD 252:NE 336:PR        | SD     | PR      |
| SD between two CR                        | 84:CR 168:SD 252:CR               | SD     | SD      |
| PR between two CR: back in between       | 84:CR 168:PR 252:CR               | PR     | PR      |
| PR, CR and PR again: no PR after CR      | 84:PR 91:CR 112:PR                | SD     | SD      |
| PR, CR and CR: PR on the way to CR       | 84:PR 168:CR 252:CR               | CR     | CR      |
| refuted progression between counts as NE | 84:PR 168:PD- 252:PR              | PR     | PR      |
| NON-CR/NON-PD between is none of these   | 84:PR 168:NON-CR/NON-PD 252:PR    | SD     | SD      |
| the later pair is confirmed              | 84:PR 168:SD 252:PR 336:PR        | PR     | PR      |
| CR is confirmed on the second try        | 84:CR 100:CR 112:NE 128:CR        | CR     | CR      |
"""
LENIENT = Response(max_not_evaluable=2, accept_stable=True)


def test_every_row_of_the_best_response() -> None:
    rows = read_table(BEST)
    courses = [read_course(row.get("course", "")) for row in rows]
    therapies = [int(row["new"]) if "new" in row else None for row in rows]
    found = best_of(courses, therapies=therapies)
    for version in ("none", "confirmed"):
        own = found.filter(confirmation=version).select("best_response", "rule").rows()
        for row, (best, rule) in zip(rows, own, strict=True):
            assert f"{best} {rule}" == row[version], f"{row['situation']}, {version}"


@pytest.mark.parametrize(("name", "settings"), [("strict", Response()), ("lenient", LENIENT)])
def test_every_row_of_the_confirmation(name: str, settings: Response) -> None:
    rows = read_table(CONFIRMED)
    found = best_of([read_course(row["course"]) for row in rows], settings=settings)
    own = found.filter(confirmation="confirmed")["best_response"].to_list()
    for row, best in zip(rows, own, strict=True):
        assert best == row[name], f"{row['situation']}, {name}"


def test_the_days_are_settings_of_the_protocol() -> None:
    course = [read_course("55:SD"), read_course("84:PR 118:PR")]
    late = Response(stable_min_days=56, confirm_after_days=35)
    own = best_of(course, settings=late).filter(confirmation="confirmed")
    assert own["best_response"].to_list() == ["NE", "SD"]
    assert "56 days" in own["words"][0]
    assert best_of(course)["best_response"].to_list() == ["SD", "SD", "PR", "PR"]


def test_the_best_assessment_names_its_day_its_entries_and_the_one_that_confirms() -> None:
    found = best_of([read_course("84:SD 168:PR 252:PR 336:PR")])
    none, confirmed = found.iter_rows(named=True)
    assert (none["date"], none["visit"], none["entries"]) == (day(168), "V1", ["01-001/V1"])
    assert confirmed["entries"] == ["01-001/V1", "01-001/V2"]
    assert best_of([[]])["entries"].to_list() == [["01-001/rand"], ["01-001/rand"]]


def test_every_rule_has_words() -> None:
    found = best_of([read_course(row.get("course", "")) for row in read_table(BEST)])
    assert set(found["rule"]) == {"B1", "B2", "B3", "B4", "B5"}
    assert found.select("rule", "words").unique().height == 5
    assert found["words"].str.len_chars().min() > 20  # type: ignore[operator]


def test_disease_control_is_response_or_stable_disease() -> None:
    codes = ["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "NED"]
    found = best_of([[(84, code)] for code in codes]).filter(confirmation="none")
    wanted = [True, True, True, True, False, False, None]
    assert found["disease_control"].to_list() == wanted


def best_row(data: Datasets, *, version: str = "none") -> dict[str, object]:
    """The best response of the only subject."""
    return data.best_responses.filter(confirmation=version).row(0, named=True)


LASTING = """
| visit | day | L01 |
| BL    | -10 | 20  |
| M3    | 84  | 14  |
| M6    | 168 | 10  |
| M9    | 252 | 11  |
"""


def test_a_response_lasts_to_the_last_adequate_assessment_while_it_goes_on() -> None:
    row = best_row(derive(scans(LASTING)))
    assert (row["best_response"], row["response_date"]) == ("PR", day(84))
    assert (row["days_to_response"], row["duration_days"], row["ongoing"]) == (85, 169, True)


def test_a_response_ends_with_progression_or_death() -> None:
    more = f"{LASTING}| M12 | 365 | 20 |"
    row = best_row(derive(scans(more)))
    assert (row["duration_days"], row["ongoing"]) == (365 - 84 + 1, False)
    row = best_row(derive(scans(LASTING, dth="| death_date |\n| 300 |")))
    assert (row["duration_days"], row["ongoing"]) == (300 - 84 + 1, False)


def test_depth_is_the_smallest_sum_up_to_progression_or_new_therapy() -> None:
    assert best_row(derive(scans(LASTING)))["best_change_percent"] == -50.0
    table = LASTING.replace("| M6    | 168 | 10  |", "| M6    | 168 | ne  |")
    assert best_row(derive(scans(table)))["best_change_percent"] == pytest.approx(-45.0)
    switched = derive(scans(LASTING, subseq="| start_date |\n| 100 |"))
    assert best_row(switched)["best_change_percent"] == pytest.approx(-30.0)
    first = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 26 |\n| M6 | 168 | 28 |"
    assert best_row(derive(scans(first)))["best_change_percent"] == pytest.approx(30.0)


def test_a_true_complete_response_that_is_lost_is_progression() -> None:
    data = derive(
        scans("""
    | visit | day | L01 |
    | BL    | -10 | 20  |
    | M3    | 84  | abs |
    | M6    | 168 | abs |
    | M9    | 252 | 8   |
    | M12   | 365 | 8   |
    """)
    )
    row = best_row(data, version="confirmed")
    assert (row["best_response"], row["rule"]) == ("CR", "B2")
    assert (row["duration_days"], row["ongoing"]) == (252 - 84 + 1, False)


def test_a_subject_without_baseline_has_no_depth() -> None:
    frames = build_frames(newles="| visit | lesion | scan_date |\n| M3 | N01 | 84 |")
    row = best_row(derive(frames))
    assert (row["best_response"], row["best_change_percent"]) == ("PD", None)


CHANGES = """
| visit | day | L01 | from baseline | from nadir | deepest |
| M3    | 84  | 16  | -20.0         | -20.0      | no      |
| M6    | 168 | 10  | -50.0         | -37.5      | yes     |
| M9    | 252 | 10  | -50.0         | 0.0        | no      |
| M12   | 365 | 18  | -10.0         | 80.0       | no      |
| M15   | 449 | 4   | -80.0         | -60.0      | no      |
"""


def test_changes_of_the_sum_at_each_assessment() -> None:
    rows = read_table(CHANGES)
    table = "\n".join(["| visit | day | L01 |", "| BL | -10 | 20 |"] + [
        f"| {row['visit']} | {row['day']} | {row['L01']} |" for row in rows
    ])  # fmt: skip
    found = derive(scans(table, newles="| visit | lesion | scan_date |\n| M12 | N01 | 365 |"))
    changes = found.target_changes
    assert changes["visit"].to_list() == [row["visit"] for row in rows]
    for row, got in zip(rows, changes.iter_rows(named=True), strict=True):
        assert got["change_from_baseline_percent"] == pytest.approx(float(row["from baseline"]))
        assert got["change_from_nadir_percent"] == pytest.approx(float(row["from nadir"]))
        assert got["deepest"] == (row["deepest"] == "yes"), row["visit"]
        assert got["in_time"] == (row["visit"] != "M15")
        assert got["days"] == int(row["day"]) + 1


def test_after_a_sum_of_0_there_is_no_change_from_nadir() -> None:
    data = derive(
        scans("| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | abs |\n| M6 | 168 | abs |")
    )
    assert data.target_changes["change_from_nadir_percent"].to_list() == [-100.0, None]


TIMES = """
| situation             | scans               | else         | ttr                | dor              |
| response that goes on | 84:20 168:12 252:12 | alive 300    | 168 event TR       | 84 censored DR-C |
| response, then PD     | 84:12 168:20+N01    |              | 84 event TR        | 84 event DR      |
| response, then death  | 84:12               | death 200    | 84 event TR        | 116 event DR-D   |
| progression first     | 84:20+N01 168:12    |              | 84 competing TR-P  |                  |
| death first           | 84:20               | death 100    | 100 competing TR-D |                  |
| neither               | 84:20 168:20        |              | 168 censored TR-C  |                  |
| response after switch | 84:20 168:12        | systemic 100 | 168 censored TR-C  |                  |
"""  # noqa: E501


def test_time_to_and_duration_of_response_come_from_the_text_of_the_protocol_alone() -> None:
    cases = read_cases(TIMES)
    data = derive_cases(cases)
    for case in cases:
        assert time_of(data, case, reading="ttr/") == read_expected(case.cells["ttr"]), case.name
        if "dor" in case.cells:
            found = time_of(data, case, reading="dor/")
            assert found == read_expected(case.cells["dor"]), case.name
    responders = [case.subject for case in cases if "dor" in case.cells]
    assert data.times.filter(endpoint="dor")["subject"].to_list() == responders


def test_the_source_of_responses_says_which_are_confirmed() -> None:
    rows = derive(scans(LASTING)).sources["response"].select("response_date", "confirmed").rows()
    assert rows == [(day(84), True), (day(168), True), (day(252), False)]


def test_without_sticky_partial_response_a_sum_that_drifts_back_is_stable_again() -> None:
    table = "| visit | day | L01 |\n| BL | -10 | 20 |\n| M3 | 84 | 14 |\n| M6 | 168 | 15 |"
    loose = PROTOCOL.response.model_copy(update={"sticky_partial_response": False})
    protocol = PROTOCOL.model_copy(update={"response": loose})
    frames = build_frames(scan_rows(table))
    for wanted, data in (("PR", derive(frames)), ("SD", derive(frames, protocol=protocol))):
        assert data.assessments.filter(pl.col("visit") == "M6")["response"].item() == wanted


def test_the_defaults_are_the_settings_of_the_reference_trial() -> None:
    own = PROTOCOL.response.model_dump(exclude={"provenance"})
    assert own == Response().model_dump(exclude={"provenance"})
    assert set(PROTOCOL.response.provenance) == set(own)
