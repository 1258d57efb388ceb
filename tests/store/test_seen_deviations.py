"""What the program sees of windows, visits, arms and doses stands in the ledger, each once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import F

from equipoise.capture.deviations import Weight
from equipoise.store.actions.classify_deviation import classify_deviation
from equipoise.store.actions.record_seen_deviations import count_turns, record_seen_deviations
from equipoise.store.deed import PROGRAM, Deed
from equipoise.store.embedded import Server
from equipoise.store.ledger import read_head
from equipoise.store.models import Allocation, Deviation, FormEntry
from equipoise.store.read_deviations import count_changes, read_deviation_changes
from equipoise.store.read_trail import read_subject_lines
from equipoise.store.refusals import NotAllowedError, UnknownError
from equipoise.store.verify import verify_trial
from store.people import by, screen
from web.golden_site import fill_site

NOW = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
IN_OTHER_ARM, TREATED = "01-005", "01-007"


@pytest.fixture
def filled(sites: Server) -> None:
    """One subject of the control arm that was irradiated, one treated as the protocol says."""
    fill_site(IN_OTHER_ARM, TREATED)


def record(*, days: int = 0) -> dict[str, int]:
    deed = Deed(actor=PROGRAM, at=NOW + timedelta(days=days))
    return count_turns(record_seen_deviations(deed=deed))


def codes(subject: str) -> dict[str, Deviation]:
    return {row.code: row for row in Deviation.objects.filter(subject=subject)}


def test_what_is_seen_is_recorded_once_by_the_program_under_no_role(filled: None) -> None:
    told = read_deviation_changes(now=NOW)
    counts = record()
    assert counts == count_changes(told)
    assert counts["recorded"] == Deviation.objects.count() > 0
    line = list(read_subject_lines(IN_OTHER_ARM))[-1]
    assert (line.verb, line.actor, line.role, line.site) == ("record_deviation", PROGRAM, "", "01")
    head = read_head()
    assert record(days=1) == {"recorded": 0, "changed": 0, "gone": 0}
    assert read_head() == head


def test_sbrt_in_the_control_arm_is_an_important_deviation(filled: None) -> None:
    record()
    row = codes(IN_OTHER_ARM)["arm:rt_fx"]
    assert (row.severity, row.category, row.occurred_date) == (
        "important",
        "arm",
        date(2024, 3, 24),
    )
    assert "entered for a subject of arm A" in row.text
    assert not [code for code in codes(TREATED) if code.startswith("arm:")]


def write(form: str, key: str, **columns: object) -> None:
    """An entry of the subject treated, written straight into its row as another version."""
    FormEntry.objects.filter(subject=TREATED, form=form, key=key).update(
        version=F("version") + 1, **columns
    )


def test_a_lesion_with_too_few_fractions_is_told_when_the_time_for_them_is_over(
    filled: None,
) -> None:
    write("rt_fx", "L01.3", state="not_started")  # taken back
    Allocation.objects.filter(subject=TREATED).update(at=NOW - timedelta(days=50))
    record()
    assert "dose:L01" not in codes(TREATED)
    record(days=8)
    row = codes(TREATED)["dose:L01"]
    assert "2 of 3 fractions" in row.text
    assert row.severity == "major"


def test_what_rests_on_a_draft_is_not_told(filled: None) -> None:
    write("rt_fx", "L01.2", state="draft")
    write("rt_fx", "L01.3", state="not_started")  # taken back
    record()
    assert "dose:L01" not in codes(TREATED)


def test_an_entry_that_is_corrected_changes_its_deviation_and_then_ends_it(filled: None) -> None:
    record()
    row = FormEntry.objects.get(subject=TREATED, form="rs", key="M3")
    right = row.values["assessment_date"]
    assert "window:M3" not in codes(TREATED)
    for day, told in (("2031-01-01", "recorded"), ("2031-01-09", "changed"), (right, "gone")):
        write("rs", "M3", values=row.values | {"assessment_date": day})
        assert record()[told] == 1, told
    gone = codes(TREATED)["window:M3"]
    assert gone.gone_date == NOW.date()
    assert "2031-01-09" in gone.text
    assert record() == {"recorded": 0, "changed": 0, "gone": 0}
    assert not [each for each in verify_trial().findings if "deviation" in str(each)]
    write("rs", "M3", values=row.values | {"assessment_date": "2031-01-09"})
    assert record()["changed"] == 1
    assert codes(TREATED)["window:M3"].gone_date is None


def test_how_people_classify_it_stands_while_the_same_is_seen(filled: None) -> None:
    record()
    row = codes(IN_OTHER_ARM)["arm:rt_fx"]
    with pytest.raises(UnknownError, match="no deviation 999"):
        classify_deviation(999, severity=Weight.MAJOR, action="", deed=by("cho"))
    for actor in ("cora", "ada", "stan"):
        with pytest.raises(NotAllowedError):
            classify_deviation(row.number, severity=Weight.MINOR, action="", deed=by(actor))
    classify_deviation(row.number, severity=Weight.MAJOR, action="site retrained", deed=by("mo"))
    record(days=1)
    row.refresh_from_db()
    assert (row.severity, row.action) == ("major", "site retrained")


def test_a_trial_in_screening_has_none_and_the_ledger_replays(sites: Server) -> None:
    screen()
    assert record() == {"recorded": 0, "changed": 0, "gone": 0}
    assert verify_trial().findings == ()
