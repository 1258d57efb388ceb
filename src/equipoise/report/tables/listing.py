"""The rows behind the numbers: subject by subject, with the entries that decided."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from equipoise.protocol.endpoint_model import Endpoint
from equipoise.report.facts import Facts
from equipoise.report.links import anchor_of, link_entries, page_href
from equipoise.report.shell import Column, Link, Row, Shell, Table, fill
from equipoise.report.tables.endings import select_times
from equipoise.report.wording import MISSING, capital

MOST_LEFT_OUT = 200
CAUSES = {0: "censored", 1: "event", 2: "competing"}
TIME_COLUMNS = (
    Column(heading="Row"),
    Column(heading="Arm"),
    Column(heading="Start"),
    Column(heading="End"),
    Column(heading="Days", align="right"),
    Column(heading="Cause"),
    Column(heading="Rule"),
    Column(heading="Why"),
    Column(heading="Entries"),
)
OCCURRENCE_COLUMNS = (
    Column(heading="Row"),
    Column(heading="Arm"),
    Column(heading="Term"),
    Column(heading="Grade", align="right"),
    Column(heading="Onset"),
    Column(heading="End"),
    Column(heading="Entries"),
)
SUBJECT_COLUMNS = (
    Column(heading="Subject"),
    Column(heading="Arm"),
    Column(heading="Randomised"),
    Column(heading="Days", align="right"),
    Column(heading="Cause"),
    Column(heading="Rule"),
)
COUNTED = Shell(
    id="counted",
    title="Which rows each analysis counted",
    columns=(
        Column(heading="Analysis"),
        Column(heading="Rows", align="right"),
        Column(heading="First and last row"),
    ),
    empty="No analysis counted a row.",
)
LEFT_OUT = Shell(
    id="left-out",
    title="Entries that derivation left out",
    columns=(
        Column(heading="Entry"),
        Column(heading="Arm"),
        Column(heading="Reason"),
        Column(heading="Why"),
    ),
    footnotes=("An entry left out is no error by itself: some reasons are rules of the protocol.",),
    empty="Every entry was used.",
)


def build_times_listing(facts: Facts, *, endpoint: Endpoint, convention: str) -> Table:
    """Every time of an endpoint by one convention: what, when, why, and from which entries."""
    label = next((c.label for c in endpoint.convention if c.id == convention), "")
    shell = Shell(
        id=f"rows-{endpoint.id}" + (f"-{convention}" if convention else ""),
        title=f"{endpoint.label}, {label}" if label else endpoint.label,
        columns=TIME_COLUMNS,
    )
    times = select_times(facts, endpoint=endpoint.id, convention=convention)
    rows = [
        _linked(
            facts,
            row=row,
            cells=(
                row["row"],
                _arm(row["allocated_arm"]),
                _day(row["start_date"]),
                _day(row["end_date"]),
                MISSING if row["days"] is None else str(row["days"]),
                CAUSES.get(row["cause"], MISSING),
                row["rule"] or "",
                capital(row["words"] or ""),
                " ".join(row["entries"] or []),
            ),
        )
        for row in times.iter_rows(named=True)
    ]
    return fill(shell, rows=rows)


def build_occurrence_listing(facts: Facts, *, endpoint: Endpoint) -> Table:
    """Every event of an occurrence endpoint, whatever the window."""
    shell = Shell(id=f"rows-{endpoint.id}", title=endpoint.label, columns=OCCURRENCE_COLUMNS)
    own = facts.occurrences.filter(pl.col("endpoint") == endpoint.id)
    rows = [
        _linked(
            facts,
            row=row,
            anchor=endpoint.id,
            cells=(
                row["row"],
                _arm(row["treated_arm"]),
                row["term"] or MISSING,
                MISSING if row["grade"] is None else str(row["grade"]),
                _day(row["onset_date"]),
                _day(row["end_date"]),
                " ".join(row["entries"] or []),
            ),
        )
        for row in own.iter_rows(named=True)
    ]
    return fill(shell, rows=rows)


def build_subjects(facts: Facts, *, endpoint: Endpoint, convention: str) -> Table:
    """Every randomised subject with arm and time, each leading to its page."""
    shell = Shell(
        id="subjects",
        title="Every subject, with a page that tells its story",
        columns=SUBJECT_COLUMNS,
        empty="Nobody is randomised.",
    )
    times = select_times(facts, endpoint=endpoint.id, convention=convention)
    ended = {row["subject"]: row for row in times.iter_rows(named=True)}
    rows = []
    for row in facts.subjects.iter_rows(named=True):
        time = ended.get(row["subject"], {"days": None, "cause": None, "rule": None})
        cells = (
            row["subject"],
            _arm(row["allocated_arm"]),
            _day(row["randomised_date"]),
            MISSING if time["days"] is None else str(time["days"]),
            CAUSES.get(time["cause"], MISSING),
            time["rule"] or MISSING,
        )
        rows.append(Row(cells=cells, links=_page_links(facts, row=row, cells=cells)))
    return fill(shell, rows=rows)


def _page_links(
    facts: Facts, *, row: Mapping[str, Any], cells: tuple[str, ...]
) -> tuple[tuple[Link, ...], ...]:
    """The first cell as a link to the subject's page; no links where there are no pages."""
    if not facts.pages:
        return ()
    page = page_href(facts.pages, subject=row["subject"])
    return ((Link(words=cells[0], href=page),), *[() for _ in cells[1:]])


def _linked(
    facts: Facts, *, row: Mapping[str, Any], cells: tuple[str, ...], anchor: str = ""
) -> Row:
    """A row of a listing: its id leads to the same row on the subject's page, entries to theirs.

    One who was never randomised has no page.
    """
    if not facts.pages or row["subject"] not in facts.subjects["subject"]:
        return Row(cells=cells)
    page = page_href(facts.pages, subject=row["subject"])
    place = Link(words=cells[0], href=f"{page}#{anchor_of(anchor or row['row'])}")
    entries = link_entries(row["entries"] or [], page=page)
    return Row(cells=cells, links=((place,), *[() for _ in cells[1:-1]], entries))


def build_counted(facts: Facts) -> Table:
    """The number of rows of each analysis with the first and the last of them."""
    rows = []
    for name, result in facts.results.results.items():
        ends = f"{result.rows[0]} … {result.rows[-1]}" if result.rows else MISSING
        rows.append(Row(cells=(name, str(len(result.rows)), ends)))
    return fill(COUNTED, rows=rows)


def build_left_out(facts: Facts) -> Table:
    """The entries that count for nothing, with the reason; a footnote where there are too many."""
    rows = [
        Row(cells=(row["entry"], _arm(row["allocated_arm"]), row["code"], capital(row["words"])))
        for row in facts.left_out.head(MOST_LEFT_OUT).iter_rows(named=True)
    ]
    more = facts.left_out.height - len(rows)
    notes = [f"… and {more} more; the command “equipoise derive --json” lists all."] if more else []
    return fill(LEFT_OUT, rows=rows, footnotes=notes)


def _arm(code: str | None) -> str:
    return code or MISSING


def _day(found: date | None) -> str:
    return found.isoformat() if found else MISSING
