"""Entries, frames and folders are each other's inverse, and no text makes the readers fall over."""

import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from capture.small_trial import protocol
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.entry import FormEntry
from equipoise.capture.folder_read import read_folder
from equipoise.capture.folder_write import write_folder, written_form
from equipoise.capture.frames import empty_frames, entries, frames, schema_of, to_frame
from equipoise.capture.trial import ALLOCATION_SCHEMA, TrialData
from equipoise.capture.validate import validate, validate_rows
from equipoise.protocol.form_model import Form, Item, ItemType
from equipoise.protocol.scope import codes_of
from equipoise.vocab.finding import Severity
from equipoise.vocab.ids import FormName, SubjectId
from equipoise.vocab.missing import Missing

FORMS = {form.form: form for form in protocol().form}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
FREE = TEXT.map(str.strip).filter(lambda text: text != "" and not text.startswith("@"))
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


KINDS: dict[ItemType, st.SearchStrategy[object]] = {
    ItemType.DATE: DAYS,
    ItemType.PARTIAL_DATE: st.builds(
        lambda day, length: day.isoformat()[:length], DAYS, st.sampled_from([4, 7, 10])
    ),
    ItemType.YES_NO: st.booleans(),
    ItemType.TEXT: FREE,
}


def values_of(item: Item) -> st.SearchStrategy[object]:
    """Any value the item may hold."""
    if item.pattern:
        return st.from_regex(item.pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    if item.type is ItemType.CODE:
        return st.sampled_from(sorted(codes_of(item, code_lists=protocol().code_list)))
    if item.type is ItemType.INTEGER:
        return st.integers(int(item.min or 0), int(item.max or 10_000))
    if item.type is ItemType.DECIMAL:
        return st.floats(item.min or 0, item.max or 1e9, allow_nan=False)
    return KINDS[item.type]


KEYS = st.sampled_from(["M3", "M6", "U1", "C1D1"])


@st.composite
def entries_of(draw: st.DrawFn, form: Form) -> list[FormEntry]:
    """A few entries of a form, each with another key."""
    made: dict[str, FormEntry] = {}
    for _ in range(draw(st.integers(0, 4))):
        values: dict[str, object] = {}
        for item in form.entered_items:
            if item.name in form.key:
                values[item.name] = draw(KEYS if item.name == "visit" else values_of(item))
                continue
            kind = draw(st.sampled_from(["value", "value", "missing", "absent"]))
            if kind == "value" and not item.graded_by:
                values[item.name] = draw(values_of(item))
            elif kind == "missing":
                values[item.name] = draw(st.sampled_from(Missing))
        entry = FormEntry(
            subject=SubjectId(f"01-{draw(st.integers(1, 3)):03d}"),
            form=FormName(form.form),
            key=tuple(str(values[name]) for name in form.key),
            values=values,  # type: ignore[arg-type]
        )
        made[entry.entry] = entry
    return list(made.values())


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=8)
@given(data=st.data())
def test_entries_come_back_from_their_frames(name: str, data: st.DataObject) -> None:
    given_entries = data.draw(entries_of(FORMS[name]))

    made = frames(given_entries, protocol())

    assert list(entries(made, protocol())) == given_entries
    assert dict(made[name].schema) == schema_of(FORMS[name])
    assert made[name]["entry"].to_list() == [entry.entry for entry in given_entries]


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=6)
@given(data=st.data())
def test_frames_come_back_from_the_text_they_are_written_as(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    frame = frames(data.draw(entries_of(form)), protocol())[name]

    text = written_form(frame, form=form)
    read = validate_rows(form, raw=text, protocol=protocol(), where="file")

    assert [str(f) for f in read.findings if f.severity is Severity.HARD] == []
    assert_frame_equal(read.frame, frame)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@settings(max_examples=6)
@given(data=st.data())
def test_a_folder_gives_back_the_trial_it_was_given(file_format: str, data: st.DataObject) -> None:
    some = [
        entry for name in ("ae", "les_bl", "surg") for entry in data.draw(entries_of(FORMS[name]))
    ]
    made = frames(some, protocol())
    nobody = pl.DataFrame(schema=ALLOCATION_SCHEMA)

    with tempfile.TemporaryDirectory() as place:
        trial = TrialData(frames=made, allocations=nobody)
        write_folder(trial, protocol(), folder=Path(place), file_format=file_format)
        read = read_folder(Path(place), protocol())

    assert [str(f) for f in read.findings if f.severity is Severity.HARD] == []
    for name, frame in made.items():
        assert_frame_equal(read.trial.frames[name], frame)


def test_trials_rehearsed_together_keep_their_numbers(tmp_path: Path) -> None:
    made = empty_frames(protocol())
    columns = {"replicate": [0, 1], "subject": ["01-001"] * 2, "entry": ["01-001/dm"] * 2}
    two = pl.DataFrame(
        {**columns, "site": ["01"] * 2, "sex": ["F", "M"], "birth_year": [1950, 1951]}
    )
    made["dm"] = to_frame(two, form=FORMS["dm"])
    arms = pl.DataFrame(
        [(0, "01-001", "A"), (1, "01-001", "B")], schema=ALLOCATION_SCHEMA, orient="row"
    )

    write_folder(TrialData(frames=made, allocations=arms), protocol(), folder=tmp_path)
    read = read_folder(tmp_path, protocol())

    assert_frame_equal(read.trial.frames["dm"], made["dm"])
    assert_frame_equal(read.trial.allocations, arms)
    with pytest.raises(ValueError, match="several trials"):
        list(entries(made, protocol()))


def test_the_same_trial_is_written_in_the_same_bytes(tmp_path: Path) -> None:
    trial = TrialData(
        frames=empty_frames(protocol()), allocations=pl.DataFrame(schema=ALLOCATION_SCHEMA)
    )

    for folder in ("one", "two"):
        write_folder(trial, protocol(), folder=tmp_path / folder)

    names = sorted(file.name for file in (tmp_path / "one").iterdir())
    assert names == sorted(f"{name}.csv" for name in [*FORMS, "allocations"])
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def fed(name: str, data: bytes) -> None:
    """Reads a folder with this one file and checks what came of it."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / name).write_bytes(data)
        read = read_folder(Path(place), protocol())
        told = [*read.findings, *check_frames(read.trial.frames, protocol())]
        assert len(list(entries(read.trial.frames, protocol()))) >= 0
    assert all(finding.where and finding.code and str(finding) for finding in told)


@settings(max_examples=30)
@given(st.sampled_from([*FORMS, "allocations"]), st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall_over(name: str, data: bytes) -> None:
    fed(f"{name}.csv", data)


CELLS = st.one_of(
    TEXT,
    st.sampled_from(
        ["", "@unknown", "@", "2026-02-30", "0000-00-00", "1e400", "-0", "4.5 cm", "L01"]
    ),
    st.sampled_from(["01-001", "Y", "target", '"', "'", "9" * 30, "99999999999999999", "\x00"]),
)


@settings(max_examples=40)
@given(data=st.data())
def test_no_cells_under_the_right_header_make_the_reader_fall_over(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FORMS)))
    header = ["subject", *(item.name for item in FORMS[name].entered_items)]
    lines = data.draw(
        st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header)), max_size=4)
    )
    text = "\n".join(",".join(line) for line in [header, *lines])

    fed(f"{name}.csv", text.encode())


@settings(max_examples=60)
@given(data=st.data())
def test_no_answers_of_one_entry_make_validation_fall_over(data: st.DataObject) -> None:
    form = FORMS[data.draw(st.sampled_from(sorted(FORMS)))]
    names = ["subject", "zzz", *(item.name for item in form.entered_items)]
    raw = data.draw(st.dictionaries(st.sampled_from(names), CELLS))

    read = validate(form, raw=raw, protocol=protocol())

    refused = any(finding.severity is Severity.HARD for finding in read.findings)
    assert set(read.values) <= {item.name for item in form.entered_items}
    assert refused or "subject" in raw
