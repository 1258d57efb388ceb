"""Where each question about deaths, events, responses and SBRT begins and ends: one day, one word.

A line is a subject, all of a table derived together; beside it stands what is found, or nothing.
"""

import polars as pl

from derive.trial_tables import PROTOCOL, Row, build_frames, derive, read_table, scan_rows
from equipoise.derive.consistency import CHECKS, check_consistency
from equipoise.vocab.finding import Finding, Severity

SCANS = """
| visit | day | L01 | L02 |
| BL    | -10 | 20  | 15  |
| M3    | 84  | 20  | 15  |
| M6    | 168 | 30  | 15  |
"""
READ = "| visit | assessment_date | overall |\n| M3 | 84 | SD |\n| M6 | 168 | PD |"


def frames_of(*cases: dict[str, str]) -> dict[str, pl.DataFrame]:
    """A subject a case: the scans above, its responses, and what its own tables say."""
    whole: dict[str, list[Row]] = {}
    for number, tables in enumerate(cases, start=1):
        rows: dict[str, list[Row]] = {k: v for k, v in scan_rows(SCANS).items() if v}
        rows |= {form: read_table(text) for form, text in {"rs": READ, **tables}.items() if text}
        for form, own in rows.items():
            named = [{**row, "subject": f"01-{number:03}"} for row in own]
            whole[form] = [*whole.get(form, []), *named]
    return build_frames(whole)


def ask(*cases: dict[str, str]) -> tuple[Finding, ...]:
    frames = frames_of(*cases)
    return check_consistency(derive(frames), frames=frames, protocol=PROTOCOL)


def found(code: str, *cases: dict[str, str]) -> list[list[str]]:
    """What a question finds in each case."""
    asked = [each for each in ask(*cases) if each.code == code]
    return [
        [each.found for each in asked if each.subject == f"01-{number:03}"]
        for number in range(1, len(cases) + 1)
    ]


def cells_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def dated(form: str, item: str, *days: str) -> dict[str, str]:
    return {form: "\n".join([f"| {item} |", *(f"| {day} |" for day in days)])}


# last contacts | death | whether a death without contact, and one seen alive after it, is asked
DEATHS = """
         | 210     | 2024-07-29 |
-1       | 210     | 2024-07-29 |
0        | 210     |            |
210      | 210     |            |
211      | 210     |            | 2024-07-30
100, 250 | 210     |            | 2024-09-07
200      | 2024-07 |            |
211      | 2024-07 |            |
213      | 2024-07 |            | 2024-08-01
365      | 2024    |            |
366      | 2024    |            | 2025-01-01
"""


def test_a_death_is_held_against_the_contacts_before_and_after_it() -> None:
    lines = cells_of(DEATHS)
    cases = [
        dated("dth", "death_date", death)
        | (dated("surv", "alive_date", *contacts.split(", ")) if contacts else {})
        for contacts, death, _, _ in lines
    ]
    for code, place in (("death-without-contact", 2), ("alive-after-death", 3)):
        assert found(code, *cases) == [[line[place]] if line[place] else [] for line in lines]


def test_only_a_study_that_ended_by_death_needs_its_death_form() -> None:
    reasons = ("lost", "completed", "withdrew_follow_up", "death")
    ended = [{"eos": f"| eos_date | reason |\n| 210 | {reason} |"} for reason in reasons]
    told = {**ended[-1], **dated("dth", "death_date", "210")}
    code = "end-by-death-without-death-form"
    assert found(code, *ended, told) == [[], [], [], ["2024-07-29"], []]


# outcome | end | found
ENDINGS = """
recovered | 40      |
recovered | 2024-02 |
recovered |         | recovered
sequelae  |         | sequelae
ongoing   |         |
fatal     |         |
unknown   |         |
"""


def test_an_event_that_is_over_has_an_end() -> None:
    lines = cells_of(ENDINGS)
    head = "| onset_date | end_date | grade | outcome |"
    cases = [{"ae": f"{head}\n| 30 | {end} | 2 | {outcome} |"} for outcome, end, _ in lines]
    wanted = [[asked] if asked else [] for _, _, asked in lines]
    assert found("event-over-without-end", *cases) == wanted


def test_a_response_is_held_against_the_derived_one() -> None:
    said = ("SD", "PR", "CR", "PD", "NE", "")
    cases = [{"rs": READ.replace("| M3 | 84 | SD |", f"| M3 | 84 | {each} |")} for each in said]
    differ = [[f"{each} entered, derived SD"] for each in said[1:-1]]
    assert found("response-differs", *cases) == [[], *differ, []]


def test_a_progression_nobody_entered_is_asked_about_and_not_evaluable_needs_no_scan() -> None:
    unsaid, unread = {"rs": READ.replace("| PD |", "| |")}, {"rs": f"{READ}\n| M9 | 252 | NE |"}
    judged = {"rs": f"{READ}\n| M9 | 252 | SD |"}
    asked = [(each.code, each.subject, each.found) for each in ask(unsaid, unread, judged)]
    assert asked == [
        ("response-without-scans", "01-003", "SD"),
        ("progression-without-response", "01-001", "M6"),
    ]


# a therapy begins, with its reason | asked, when the first progression was seen on day 168
THERAPIES = """
167 | progression | 2024-06-16
168 | progression |
169 | progression |
400 | progression |
100 | toxicity    |
100 | choice      |
"""


def test_a_therapy_for_progression_comes_on_its_day_or_later() -> None:
    lines = cells_of(THERAPIES)
    head = "| start_date | reason |"
    cases = [{"subseq": f"{head}\n| {day} | {reason} |"} for day, reason, _ in lines]
    said = {
        "subseq": f"{head}\n| 100 | progression |",
        "rs": READ.replace("| M3 | 84 | SD |", "| M3 | 84 | PD |"),  # said, if not seen
    }
    wanted = [[asked] if asked else [] for _, _, asked in lines]
    assert found("therapy-for-progression-never-seen", *cases, said) == [*wanted, []]


# prescribed fractions of L01 and L02 | given to each | found, by lesion
FRACTIONS = """
3 3 | 3 3 |
3 3 | 3 2 | 2 of 3
3 3 | 0 2 | 0 of 3, 2 of 3
3 3 | 0 0 |
3 3 | 4 3 |
"""


def irradiated(planned: str, given: str) -> dict[str, str]:
    """Prescription and fractions, every second day from day 20 on."""
    rx = [f"| L0{n} | {count} |" for n, count in enumerate(planned.split(), start=1)]
    fx = [
        f"| L0{n} | {number} | {18 + 2 * number} |"
        for n, count in enumerate(given.split(), start=1)
        for number in range(1, int(count) + 1)
    ]
    tables = {"rt_rx": "\n".join(["| lesion | fractions |", *rx])}
    return tables | (
        {"rt_fx": "\n".join(["| lesion | fraction | fraction_date |", *fx])} if fx else {}
    )


def test_every_index_lesion_has_its_fractions_once_sbrt_was_started() -> None:
    lines = cells_of(FRACTIONS)
    told = found(
        "index-lesion-without-all-fractions",
        *(irradiated(planned, given) for planned, given, _ in lines),
    )
    assert told == [asked.split(", ") if asked else [] for _, _, asked in lines]


ODD = {
    "dth": "| death_date |\n| 210 |",
    "surv": "| alive_date |\n| 215 |",
    "rs": READ.replace("| SD |", "| PR |"),
    "ae": "| onset_date | grade | outcome |\n| 30 | 2 | recovered |\n| 50 | 1 | sequelae |",
    "subseq": "| start_date | reason |\n| 100 | progression |",
}


def test_every_question_is_soft_and_names_subject_entry_item_and_what_to_do() -> None:
    known = {check.code: check for check in CHECKS}
    asked = ask(ODD)
    assert len(asked) >= 5
    for each in asked:
        check = known[each.code]
        assert each.severity is Severity.SOFT
        assert (each.message, each.mend, each.item) == (check.message, check.mend, check.item)
        assert each.entry.startswith(f"{each.subject}/")
        assert each.where == f"{each.entry.split('/')[1]} {each.entry}: {each.item}"


def test_questions_come_check_by_check_and_entry_by_entry() -> None:
    order = [check.code for check in CHECKS]
    places = [(order.index(each.code), each.entry, each.found) for each in ask(ODD)]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_the_order_of_rows_asks_nothing_else() -> None:
    frames = frames_of(ODD)
    turned = {form: frame.reverse() for form, frame in frames.items()}
    one, other = (
        check_consistency(derive(each), frames=each, protocol=PROTOCOL) for each in (frames, turned)
    )
    assert one == other


def test_what_is_asked_of_one_subject_never_depends_on_another() -> None:
    def told(subject: str, *cases: dict[str, str]) -> list[tuple[str, str, str]]:
        asked = [each for each in ask(*cases) if each.subject == subject]
        return [(each.code, each.entry[len(subject) :], each.found) for each in asked]

    assert told("01-001", ODD, {"rs": ""}) == told("01-002", {"rs": ""}, ODD) == told("01-001", ODD)


def test_an_empty_trial_is_asked_nothing() -> None:
    frames = {form: frame.clear() for form, frame in frames_of(ODD).items()}
    assert check_consistency(derive(frames), frames=frames, protocol=PROTOCOL) == ()
