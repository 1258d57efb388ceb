"""Every number walks home: by rule, by row, by entry."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.further_sections import build_home_section
from equipoise.report.page import Fold, Text
from equipoise.report.tables.endings import build_endings, select_times
from equipoise.report.tables.listing import (
    MOST_LEFT_OUT,
    build_counted,
    build_left_out,
    build_occurrence_listing,
    build_subjects,
    build_times_listing,
)
from report.table_reading import headings_of, lines_of


def test_the_endings_of_all_rows_are_counted_once(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_endings(facts, endpoint=endpoint, convention="ema", table_id="x")
    counted = sum(int(cell.split(" ")[0]) for row in table.rows for cell in row.cells[2:])
    assert counted == 44
    assert headings_of(table) == ["Event", "Censored"]


def test_a_competing_cause_has_a_heading_of_its_own(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("lc")
    table = build_endings(facts, endpoint=endpoint, convention="", table_id="x")
    assert headings_of(table) == ["Event", "Competing event", "Censored"]
    assert "lesions" in table.footnotes[0]


def test_rules_are_told_in_the_words_of_the_protocol(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_endings(facts, endpoint=endpoint, convention="fda", table_id="x")
    assert any("R4 | Progression by RECIST 1.1 | " in line for line in lines_of(table))
    assert "Censoring (FDA style)" in table.title


def test_a_row_without_a_rule_is_counted_too(facts: Facts) -> None:
    bare = facts.times.with_columns(rule=pl.lit(None, dtype=pl.String))
    endpoint = facts.protocol.endpoint_named("os")
    table = build_endings(
        replace(facts, times=bare), endpoint=endpoint, convention="", table_id="x"
    )
    counted = sum(int(cell.split(" ")[0]) for row in table.rows for cell in row.cells[2:])
    assert counted == 44


def test_the_times_of_a_convention_are_its_own(facts: Facts) -> None:
    assert select_times(facts, endpoint="pfs", convention="ema").height == 44
    assert select_times(facts, endpoint="pfs", convention="none").height == 0


def test_a_row_says_arm_dates_days_cause_rule_and_entries(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_times_listing(facts, endpoint=endpoint, convention="ema")
    first = dict(zip([c.heading for c in table.columns], table.rows[0].cells, strict=True))
    assert first == {
        "Row": "pfs/ema/01-001",
        "Arm": "A",
        "Start": "2024-01-10",
        "End": "2024-03-09",
        "Days": "60",
        "Cause": "event",
        "Rule": "R4",
        "Why": "Progression by RECIST 1.1",
        "Entries": "01-001/rs/M3",
    }


def test_every_row_that_an_analysis_counted_is_listed(facts: Facts) -> None:
    listed = set()
    for endpoint in facts.protocol.endpoint:
        for convention in [c.id for c in endpoint.convention] or [""]:
            table = build_times_listing(facts, endpoint=endpoint, convention=convention)
            listed |= {row.cells[0] for row in table.rows}
    for analysis in facts.protocol.analysis:
        endpoint = facts.protocol.endpoint_named(analysis.endpoint)
        if endpoint.kind == "time_to_event":
            assert set(facts.results.results[analysis.id].rows) <= listed


def test_events_of_an_occurrence_endpoint_are_listed_with_grade_and_entry(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("acute_g3")
    table = build_occurrence_listing(facts, endpoint=endpoint)
    assert table.rows[0].cells[2:4] == ("Diarrhea", "3")
    assert table.rows[0].cells[6].endswith("/ae/1")
    assert "–" in {row.cells[5] for row in table.rows}


def test_what_is_not_known_is_a_dash_and_not_a_word(facts: Facts) -> None:
    unknown = facts.times.with_columns(
        end_date=pl.lit(None, dtype=pl.Date),
        days=pl.lit(None, dtype=pl.Int64),
        words=pl.lit(None, dtype=pl.String),
        allocated_arm=pl.lit(None, dtype=pl.String),
        entries=pl.lit(None, dtype=pl.List(pl.String)),
    )
    endpoint = facts.protocol.endpoint_named("os")
    table = build_times_listing(replace(facts, times=unknown), endpoint=endpoint, convention="")
    cells = table.rows[0].cells
    assert cells[1] == cells[3] == cells[4] == "–"
    assert cells[8] == ""


def test_each_analysis_says_how_many_rows_it_counted(facts: Facts) -> None:
    table = build_counted(facts)
    counted = {row.cells[0]: row.cells[1] for row in table.rows}
    assert set(counted) == {analysis.id for analysis in facts.protocol.analysis}
    assert counted["pfs_milestone"] == "44"
    first = next(row for row in table.rows if row.cells[0] == "pfs_milestone")
    assert first.cells[2] == "pfs/ema/01-001 … pfs/ema/05-040"


def test_an_analysis_without_rows_has_a_dash(facts: Facts) -> None:
    empty = {name: replace(r, rows=()) for name, r in facts.results.results.items()}
    table = build_counted(replace(facts, results=replace(facts.results, results=empty)))
    assert {row.cells[2] for row in table.rows} == {"–"}


def test_rules_stand_in_the_order_of_their_numbers(facts: Facts) -> None:
    number = pl.int_range(pl.len()) % 3
    names = number.replace_strict([0, 1, 2], ["R12", "R4", "R5"], return_dtype=pl.String)
    events = facts.times.with_columns(rule=names, cause=pl.lit(1, dtype=pl.Int8))
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_endings(
        replace(facts, times=events), endpoint=endpoint, convention="ema", table_id="x"
    )
    rules = [row.cells[0] for row in table.rows if not row.heading]
    assert list(dict.fromkeys(rules)) == ["R4", "R5", "R12"]


def test_every_entry_left_out_is_listed_with_its_arm_and_the_reason(facts: Facts) -> None:
    said = {
        "subject": ["01-001", "09-009"],
        "form": ["newles", "dth"],
        "entry": ["01-001/newles/M3.N01", "09-009/dth"],
        "code": ["never-unequivocal", "not-randomised"],
        "words": ["equivocal", "the subject is not randomised"],
        "allocated_arm": ["B", None],
    }
    table = build_left_out(replace(facts, left_out=pl.DataFrame(said)))
    assert lines_of(table) == [
        "01-001/newles/M3.N01 | B | never-unequivocal | Equivocal",
        "09-009/dth | – | not-randomised | The subject is not randomised",
    ]


def test_of_many_entries_left_out_the_first_are_listed_and_the_others_counted(facts: Facts) -> None:
    names = [f"01-001/lb/{number}" for number in range(MOST_LEFT_OUT + 41)]
    said = pl.DataFrame({"entry": names}).with_columns(
        code=pl.lit("repeat"), words=pl.lit("twice"), allocated_arm=pl.lit("A")
    )
    table = build_left_out(replace(facts, left_out=said))
    assert len(table.rows) == MOST_LEFT_OUT
    assert table.footnotes[-1] == (
        "… and 41 more; the command “equipoise derive --json” lists all."
    )
    home = build_home_section(replace(facts, left_out=said))
    folds = [block.summary for block in home.blocks if isinstance(block, Fold)]
    assert folds[0] == "Entries that derivation left out (241)"


def test_a_trial_without_such_entries_has_a_sentence_and_no_fold(facts: Facts) -> None:
    home = build_home_section(facts)
    assert Text(words="Derivation left out no entry.") in home.blocks
    assert not [b for b in home.blocks if isinstance(b, Fold) and "derivation" in b.summary]


def test_a_trial_of_which_every_entry_is_used_says_so(facts: Facts) -> None:
    assert build_left_out(facts).rows == ()
    assert build_left_out(facts).empty == "Every entry was used."


def test_without_pages_a_row_leads_nowhere(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_times_listing(facts, endpoint=endpoint, convention="ema")
    assert all(not row.links for row in table.rows)


def test_with_pages_a_row_leads_to_its_subject_and_its_entries(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    linked = replace(facts, pages="report-DC1-subjects")
    row = build_times_listing(linked, endpoint=endpoint, convention="ema").rows[0]
    page = "report-DC1-subjects/01-001.html"
    assert [link.href for link in row.links[0]] == [f"{page}#pfs/ema/01-001"]
    assert [link.words for link in row.links[-1]] == row.cells[-1].split(" ")
    assert all(link.href.startswith(f"{page}#01-001/") for link in row.links[-1])
    assert not any(row.links[1:-1])


def test_an_event_leads_to_its_endpoint_on_the_page(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("acute_g3")
    linked = replace(facts, pages="p")
    row = build_occurrence_listing(linked, endpoint=endpoint).rows[0]
    assert row.links[0][0].href.endswith(".html#acute_g3")


def test_one_who_was_never_randomised_has_no_page(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    stranger = facts.times.with_columns(subject=pl.lit("99-999"))
    linked = replace(facts, pages="p", times=stranger)
    table = build_times_listing(linked, endpoint=endpoint, convention="ema")
    assert all(not row.links for row in table.rows)


def test_every_subject_is_listed_with_its_page(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    table = build_subjects(replace(facts, pages="p"), endpoint=endpoint, convention="ema")
    assert len(table.rows) == facts.subjects.height
    first = table.rows[0]
    assert first.cells[:2] == ("01-001", "A")
    assert first.links[0][0].href == "p/01-001.html"
