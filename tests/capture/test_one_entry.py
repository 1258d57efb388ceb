"""One entry while it is typed is told what the whole trial would be told, and no more is read."""

from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest

from capture.small_trial import protocol, trial
from conformance.made_entries import make_frames, shipped_protocols
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.entry import Value
from equipoise.capture.frames import entries
from equipoise.capture.one_entry import CheckedEntry, check_entry, find_reach
from equipoise.capture.validate import validate
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Severity
from equipoise.vocab.missing import Missing

TODAY = date(2026, 6, 1)


def written(value: Value | Missing) -> str:
    """A value as a person types it."""
    if isinstance(value, Missing):
        return value.value
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)


def check(
    form: str, others: Mapping[str, pl.DataFrame] | None = None, **typed: str
) -> CheckedEntry:
    """What the rules say of an entry of subject 01-001."""
    reach = find_reach(protocol().form_named(form), protocol())
    raw = {"subject": "01-001", **typed}
    return check_entry(reach, raw=raw, others=others or {}, as_of_date=TODAY)


def follow_up(**typed: str) -> CheckedEntry:
    """What the rules say of a lesion at month 3."""
    return check("les_fu", None, visit="M3", lesion="L01", scan_date="2026-04-01", **typed)


def codes(checked: CheckedEntry, *, severity: Severity = Severity.HARD) -> list[tuple[str, str]]:
    """Code and item of the findings of a severity."""
    return [(f.code, f.item) for f in checked.findings if f.severity is severity]


@pytest.mark.parametrize("trial_protocol", shipped_protocols(), ids=lambda p: p.identity.id)
def test_every_form_is_told_what_the_whole_trial_and_its_own_cells_are_told(
    trial_protocol: Protocol,
) -> None:
    frames = make_frames(trial_protocol, subjects=1, seed=4)
    whole = check_frames(frames, trial_protocol, as_of_date=TODAY)
    told = 0
    for entry in entries(frames, trial_protocol):
        form = trial_protocol.form_named(entry.form)
        if entry.form == trial_protocol.randomisation.form:
            continue  # written by randomising, and held against the criteria of the trial too
        raw = {"subject": entry.subject, **{n: written(v) for n, v in entry.values.items()}}
        reach = find_reach(form, trial_protocol)
        within = {name: frame for name, frame in frames.items() if name in reach.forms}
        checked = check_entry(reach, raw=raw, others=within, as_of_date=TODAY)
        own = validate(form, raw=raw, protocol=trial_protocol).findings
        expected = {(f.code, f.item) for f in whole if f.entry == entry.entry}
        assert {(f.code, f.item) for f in checked.findings} == expected | {
            (f.code, f.item) for f in own
        }
        told += len(expected)
    assert told > 20


def test_only_forms_that_a_rule_names_are_read() -> None:
    reach = find_reach(protocol().form_named("icf"), protocol())
    assert reach.forms == {"icf"}
    assert "icf" in find_reach(protocol().form_named("dm"), protocol()).forms


def test_a_derived_item_is_there_as_soon_as_what_it_needs_is() -> None:
    consent = trial(icf="subject|consent_date\n01-001|2026-03-02")
    assert check("dm", consent, birth_year="1960").derived == {"age_years": 66}
    assert check("dm", birth_year="1960").derived == {}


def test_a_refused_cell_does_not_stop_the_rest() -> None:
    consent = trial(icf="subject|consent_date\n01-001|2026-03-02")
    checked = check("dm", consent, site="Seoul", birth_year="1930", sex="male?")
    assert codes(checked) == [("pattern-mismatch", "site"), ("not-in-code-list", "sex")]
    assert checked.derived == {"age_years": 96}
    assert ("unusual-value", "age_years") in codes(checked, severity=Severity.SOFT)


def test_branching_follows_what_is_typed() -> None:
    assert "mm" not in follow_up(status="absent").asked
    assert {"mm", "increased"} <= follow_up(status="present").asked
    assert "merged_into" in follow_up(status="merged").asked


def test_a_value_of_an_item_that_is_not_asked_is_told_and_kept() -> None:
    checked = follow_up(status="absent", merged_into="L02")
    assert ("not-applicable-answered", "merged_into") in codes(checked, severity=Severity.SOFT)


def test_without_a_sound_key_only_what_has_no_rule_is_asked() -> None:
    checked = check("les_fu", visit="M3", lesion="third", status="measured", mm="12")
    assert codes(checked) == [("pattern-mismatch", "lesion")]
    assert "mm" not in checked.asked
    assert "status" in checked.asked


def test_an_entry_stands_in_place_of_its_earlier_self() -> None:
    before = trial(
        icf="subject|consent_date\n01-001|2026-03-02",
        dm="subject|site|sex|birth_year\n01-001|01|M|1930",
    )
    checked = check("dm", before, site="01", sex="M", birth_year="1960")
    assert checked.derived == {"age_years": 66}
    assert "duplicate-key" not in [code for code, _ in codes(checked)]


def test_today_is_what_the_caller_says() -> None:
    assert ("consent-in-future", "consent_date") in codes(check("icf", consent_date="2026-06-02"))
    assert codes(check("icf", consent_date="2026-06-01")) == []
