"""The rows behind the numbers: subject by subject, with the entries that decided."""

from datetime import date

import polars as pl

from equipoise.protocol.endpoint_model import Endpoint
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.endings import select_times
from equipoise.report.wording import MISSING, capital

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
        Row(
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
            )
        )
        for row in times.iter_rows(named=True)
    ]
    return fill(shell, rows=rows)


def build_occurrence_listing(facts: Facts, *, endpoint: Endpoint) -> Table:
    """Every event of an occurrence endpoint, whatever the window."""
    shell = Shell(id=f"rows-{endpoint.id}", title=endpoint.label, columns=OCCURRENCE_COLUMNS)
    own = facts.occurrences.filter(pl.col("endpoint") == endpoint.id)
    rows = [
        Row(
            cells=(
                row["row"],
                _arm(row["treated_arm"]),
                row["term"] or MISSING,
                MISSING if row["grade"] is None else str(row["grade"]),
                _day(row["onset_date"]),
                _day(row["end_date"]),
                " ".join(row["entries"] or []),
            )
        )
        for row in own.iter_rows(named=True)
    ]
    return fill(shell, rows=rows)


def build_counted(facts: Facts) -> Table:
    """The number of rows of each analysis with the first and the last of them."""
    rows = []
    for name, result in facts.results.results.items():
        ends = f"{result.rows[0]} … {result.rows[-1]}" if result.rows else MISSING
        rows.append(Row(cells=(name, str(len(result.rows)), ends)))
    return fill(COUNTED, rows=rows)


def build_left_out(facts: Facts) -> Table:
    """Every entry that counts for nothing, with the reason."""
    rows = [
        Row(cells=(row["entry"], _arm(row["allocated_arm"]), row["code"], capital(row["words"])))
        for row in facts.left_out.iter_rows(named=True)
    ]
    return fill(LEFT_OUT, rows=rows)


def _arm(code: str | None) -> str:
    return code or MISSING


def _day(found: date | None) -> str:
    return found.isoformat() if found else MISSING
