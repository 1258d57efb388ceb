"""Corrupted entries, drawn at random: nothing fails, and what changes a subject is told."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.trial_tables import PROTOCOL, derive
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.validate import validate_rows
from equipoise.derive.consistency import check_consistency
from equipoise.derive.schemas import Datasets
from equipoise.simulate.rehearsal import rehearse
from equipoise.vocab.finding import Finding

SUBJECTS = 5
Texts = Mapping[str, pl.DataFrame]


def _as_text(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The entries of a few subjects as the cells of their files."""
    few = frames["rand"]["subject"].sort().head(SUBJECTS).to_list()
    return {
        form.form: frames[form.form]
        .filter(pl.col("subject").is_in(few))
        .select("subject", *(item.name for item in form.entered_items))
        .with_columns(pl.all().cast(pl.String))
        for form in PROTOCOL.form
    }


SOUND = _as_text(rehearse(PROTOCOL, scenario="S4", seed=6).frames)
FILLED = [form.form for form in PROTOCOL.form if SOUND[form.form].height]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of entries: what was derived, and the subjects of whom something was told."""

    data: Datasets
    findings: tuple[Finding, ...]


def outcome_of(texts: Texts) -> Outcome:
    """The entries read, checked, derived and asked about, as the commands do it."""
    read = {
        form.form: validate_rows(form, raw=texts[form.form], protocol=PROTOCOL, where=form.form)
        for form in PROTOCOL.form
    }
    frames = {name: each.frame for name, each in read.items()}
    data = derive(frames)
    found = [finding for each in read.values() for finding in each.findings]
    found += check_frames(frames, PROTOCOL)
    asked = check_consistency(data, frames=frames, protocol=PROTOCOL)
    return Outcome(data=data, findings=(*found, *asked))


BEFORE = outcome_of(SOUND)


def _set(
    texts: Texts, form: str, row: int, values: Mapping[str, str | None]
) -> dict[str, pl.DataFrame]:
    """The entries with other cells in one row of a form."""
    frame = texts[form].with_row_index("_row")
    changed = frame.with_columns(
        pl.when(pl.col("_row") == row)
        .then(pl.lit(value, dtype=pl.String))
        .otherwise(name)
        .alias(name)
        for name, value in values.items()
    )
    return {**texts, form: changed.drop("_row")}


CELLS = ["", "x", "-1", "0.21", "21 cm", "9999999999", "2019-01-01", "2098-12-31", "2025-02-30",
         "2025-03", "true", "L01", "@unknown", "@not_done", "\u00e9", "1e400"]  # fmt: skip


@settings(max_examples=8)
@given(data=st.data())
def test_no_cell_can_make_reading_or_derivation_fail(data: st.DataObject) -> None:
    texts: Texts = SOUND
    for _ in range(8):
        form = data.draw(st.sampled_from(FILLED))
        row = data.draw(st.integers(0, texts[form].height - 1))
        name = data.draw(st.sampled_from(texts[form].columns))
        texts = _set(texts, form, row, {name: data.draw(st.sampled_from(CELLS))})
    spoilt = outcome_of(texts)
    assert spoilt.data.subjects.height <= SUBJECTS + 8
    assert all(finding.mend for finding in spoilt.findings)


def _rows_of(data: Datasets, subject: str) -> list[dict[str, object]]:
    """The times of a subject, without the entries behind them."""
    return data.times.filter(pl.col("subject") == subject).drop("entries").to_dicts()


KINDS = ("twice", "negative", "unit", "code", "no date", "early", "swapped")


def _corrupt(kind: str, row: int, other: int) -> dict[str, pl.DataFrame] | None:
    """A measurement spoilt in one way; None where the way fits no such row."""
    rows = SOUND["les_fu"]
    here, there = rows.row(row, named=True), rows.row(other, named=True)
    if kind == "twice":
        again = pl.DataFrame([{**here, "mm": "99"}], schema=rows.schema)
        return {**SOUND, "les_fu": pl.concat([rows, again])}
    if kind == "swapped":
        if here["subject"] != there["subject"] or here["visit"] == there["visit"]:
            return None
        first = _set(SOUND, "les_fu", row, {"scan_date": there["scan_date"]})
        return _set(first, "les_fu", other, {"scan_date": here["scan_date"]})
    if kind in ("negative", "unit") and here["mm"] is None:
        return None
    values: dict[str, dict[str, str | None]] = {
        "negative": {"mm": f"-{here['mm']}"},
        "unit": {"mm": f"{here['mm']} cm"},
        "code": {"status": "seen"},
        "no date": {"scan_date": None},
        "early": {"scan_date": "2019-01-01"},
    }
    return _set(SOUND, "les_fu", row, values[kind])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=3)
@given(data=st.data())
def test_a_spoilt_measurement_is_told_or_changes_nothing_and_never_touches_the_others(
    kind: str, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, SOUND["les_fu"].height - 1))
    other = data.draw(st.integers(0, SOUND["les_fu"].height - 1))
    texts = _corrupt(kind, row, other)
    if texts is None:
        return
    spoilt = outcome_of(texts)
    subject = SOUND["les_fu"]["subject"][row]
    known = set(BEFORE.findings)
    told = {finding.subject for finding in spoilt.findings if finding not in known}
    same = _rows_of(spoilt.data, subject) == _rows_of(BEFORE.data, subject)
    assert same or subject in told
    for each in set(SOUND["rand"]["subject"]) - {subject}:
        assert _rows_of(spoilt.data, each) == _rows_of(BEFORE.data, each)
        assert each not in told
