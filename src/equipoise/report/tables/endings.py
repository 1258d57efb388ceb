"""How each time ended, by arm: which rule of the protocol decided, in its own words."""

import polars as pl

from equipoise.analysis.stand_in import REFERENCE_CLOCK
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import capital, write_share

COLUMNS = (
    Column(heading="Rule"),
    Column(heading="How the time ended"),
    Column(heading="{arm}", align="right", per_arm=True),
)
_GROUPS = ((1, "Event"), (2, "Competing event"), (0, "Censored"))


def select_times(facts: Facts, *, endpoint: str, convention: str) -> pl.DataFrame:
    """The rows of an endpoint by one convention, in order of their ids, each arm by its clock."""
    own = facts.times.filter(pl.col("endpoint") == endpoint)
    if facts.protocol.endpoint_named(endpoint).reference_origin:
        reference = pl.col("allocated_arm") == facts.codes[0]
        stand_in = pl.col("convention") == REFERENCE_CLOCK
        return own.filter(reference.fill_null(value=False) == stand_in)
    return own.filter(pl.col("convention").fill_null("") == convention)


def build_endings(facts: Facts, *, endpoint: Endpoint, convention: str, table_id: str) -> Table:
    """Counts of rows by cause, rule and words, by allocated arm."""
    unit = "lesions" if endpoint.grain == "lesion" else "patients"
    label = next((c.label for c in endpoint.convention if c.id == convention), "")
    title = f"{endpoint.label}: how the times ended"
    shell = Shell(
        id=table_id,
        title=f"{title}, {label}" if label else title,
        columns=COLUMNS,
        footnotes=(f"Number (%) of {unit}. The rules stand in the protocol.",),
    )
    times = select_times(facts, endpoint=endpoint.id, convention=convention)
    rows: list[Row] = []
    for cause, name in _GROUPS:
        own = times.filter(pl.col("cause") == cause)
        if not own.is_empty():
            rows.append(Row(cells=(name,), heading=True))
            rows += _rule_rows(facts, own=own, all_rows=times)
    return fill(shell, rows=rows, arms=[facts.labels[code] for code in facts.codes])


def _rule_rows(facts: Facts, *, own: pl.DataFrame, all_rows: pl.DataFrame) -> list[Row]:
    kinds = own.select("rule", "words").unique()
    kinds = kinds.sort(pl.col("rule").str.len_chars(), "rule", "words", nulls_last=True)
    sizes = [_of_arm(all_rows, code).height for code in facts.codes]
    rows = []
    for rule, words in kinds.iter_rows():
        same = own.filter(pl.col("rule").eq_missing(rule) & pl.col("words").eq_missing(words))
        counts = [
            write_share(_of_arm(same, code).height, of=size)
            for code, size in zip(facts.codes, sizes, strict=True)
        ]
        rows.append(Row(cells=(rule or "", capital(words or ""), *counts), level=1))
    return rows


def _of_arm(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    return frame.filter(pl.col("allocated_arm") == code)
