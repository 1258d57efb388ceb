"""Every form of every trial that ships: its columns, derived items, checks and round trips."""

from functools import cache
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from conformance.made_entries import blank_frames, make_frames, shipped_protocols
from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.folder_read import read_folder
from equipoise.capture.folder_write import write_folder
from equipoise.capture.frames import empty_frames, entries, frames, schema_of
from equipoise.capture.trial import ALLOCATION_SCHEMA, TrialData
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import POLARS_TYPES
from equipoise.protocol.scope import form_scope
from equipoise.vocab.finding import Finding, Severity

TRIALS = {protocol.identity.id: protocol for protocol in shipped_protocols()}
FORMS = [
    pytest.param(protocol, form, id=f"{name}-{form.form}")
    for name, protocol in TRIALS.items()
    for form in protocol.form
]
CHECKS = [
    pytest.param(protocol, form, check.id, id=f"{name}-{check.id}")
    for name, protocol in TRIALS.items()
    for form in protocol.form
    for check in form.check
]
LATER = pl.date(2026, 1, 1)
SUBJECTS = 400


@cache
def made(name: str) -> dict[str, pl.DataFrame]:
    """Entries of every form, in all combinations."""
    return make_frames(TRIALS[name], subjects=SUBJECTS)


@cache
def found(name: str) -> tuple[Finding, ...]:
    """What the checks find in the made entries, as of a day in the midst of their dates."""
    middle = pl.select(LATER.dt.offset_by("50d")).item()
    return tuple(check_frames(made(name), TRIALS[name], as_of_date=middle))


@cache
def found_in_blank(name: str) -> tuple[Finding, ...]:
    """What the checks find where every item is still unknown."""
    blank = blank_frames(made(name), TRIALS[name])
    return tuple(check_frames(blank, TRIALS[name], as_of_date=pl.select(LATER).item()))


@pytest.mark.parametrize(("protocol", "form"), FORMS)
def test_a_form_without_entries_has_the_columns_of_its_items(
    protocol: Protocol, form: Form
) -> None:
    empty = empty_frames(protocol)[form.form]

    assert empty.schema == pl.Schema(schema_of(form))
    assert {"replicate", "subject", "entry", "missing"} <= set(empty.columns)
    assert [item.name for item in form.entered_items if item.name not in empty.columns] == []


@pytest.mark.parametrize(("protocol", "form"), FORMS)
def test_derived_items_have_their_declared_type_with_and_without_entries(
    protocol: Protocol, form: Form
) -> None:
    scope = form_scope(protocol, form=form)
    for given in (empty_frames(protocol), made(protocol.identity.id)):
        completed = complete(given, protocol)[form.form]
        names = [item.name for item in form.derived_items]
        names += [aggregate.name for aggregate in form.aggregate]

        assert completed.height == given[form.form].height
        for name in names:
            assert completed.schema[name] == POLARS_TYPES[scope[name].type], name


@pytest.mark.parametrize(("protocol", "form"), FORMS)
def test_every_derived_item_has_a_value_for_some_entry_and_codes_of_its_own_list(
    protocol: Protocol, form: Form
) -> None:
    completed = complete(made(protocol.identity.id), protocol)[form.form]
    scope = form_scope(protocol, form=form)

    for item in form.derived_items:
        values = completed[item.name].drop_nulls()
        assert len(values) > 0, item.name
        if scope[item.name].codes:
            assert set(values) <= scope[item.name].codes


@pytest.mark.parametrize(("protocol", "form", "check"), CHECKS)
def test_every_check_fires_on_some_entry_and_leaves_others_alone(
    protocol: Protocol, form: Form, check: str
) -> None:
    name = protocol.identity.id
    fired = [finding for finding in found(name) if finding.code == check]

    assert fired
    assert len({finding.entry for finding in fired}) < made(name)[form.form].height
    assert all(finding.where.startswith(f"{form.form} ") for finding in fired)
    assert all(finding.entry.startswith(f"{finding.subject}/") for finding in fired)
    assert all(finding.message and finding.mend for finding in fired)


@pytest.mark.parametrize(("protocol", "form", "check"), CHECKS)
def test_a_check_stays_silent_where_all_is_unknown_unless_it_asks_for_that(
    protocol: Protocol, form: Form, check: str
) -> None:
    rules = {each.id: each.refuse_when for each in form.check}
    fired = [finding for finding in found_in_blank(protocol.identity.id) if finding.code == check]

    assert not fired or "IS NULL" in rules[check]


@pytest.mark.parametrize(("protocol", "form"), FORMS)
def test_a_check_never_fires_twice_on_one_entry(protocol: Protocol, form: Form) -> None:
    told = [
        (finding.code, finding.entry)
        for finding in found(protocol.identity.id)
        if finding.code in {check.id for check in form.check}
    ]

    assert len(told) == len(set(told))


@pytest.mark.parametrize("name", TRIALS)
def test_entries_and_frames_are_each_other_s_inverse_on_every_form(name: str) -> None:
    protocol = TRIALS[name]
    few = {form: frame.head(60) for form, frame in made(name).items()}

    again = frames(entries(few, protocol), protocol)

    for form in protocol.form:
        assert_frame_equal(again[form.form], few[form.form])


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@pytest.mark.parametrize("name", TRIALS)
def test_every_form_comes_back_from_a_folder_as_it_went(
    name: str, file_format: str, tmp_path: Path
) -> None:
    protocol = TRIALS[name]
    few = {form: frame.head(300) for form, frame in made(name).items()}
    nobody = pl.DataFrame(schema=ALLOCATION_SCHEMA)

    trial = TrialData(frames=few, allocations=nobody)
    write_folder(trial, protocol, folder=tmp_path, file_format=file_format)
    read = read_folder(tmp_path, protocol)

    for form in protocol.form:
        assert_frame_equal(read.trial.frames[form.form], few[form.form])
    hard = {finding.code for finding in read.findings if finding.severity is Severity.HARD}
    assert hard <= {"randomised-without-allocation", "randomised-without-date"}


@pytest.mark.parametrize("name", TRIALS)
def test_the_order_of_rows_changes_no_finding(name: str) -> None:
    protocol = TRIALS[name]
    few = {form: frame.head(200) for form, frame in made(name).items()}
    turned = {form: frame.reverse() for form, frame in few.items()}

    there, back = check_frames(few, protocol), check_frames(turned, protocol)

    assert sorted(map(str, there)) == sorted(map(str, back))
