"""What the grid hangs on: the end and the progression that somebody entered, and no draft."""

from datetime import date

import pytest

from capture.small_trial import protocol
from equipoise.capture.entry import FormEntry
from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import Held
from equipoise.store.circumstances import circumstances_of, read_held
from equipoise.store.embedded import Server
from equipoise.store.models import FormEntry as Stored
from equipoise.store.models import ProtocolVersion
from equipoise.vocab.ids import FormName, SubjectId
from store.entries import typed
from store.people import screen

TODAY = date(2026, 6, 1)
DATES = {"dth": "death_date", "eos": "eos_date", "rs": "assessment_date"}


def held(text: str) -> Held:
    """`rs PD 2026-05-02 complete` as an entry; a dash where nothing is said."""
    form, overall, day, state = text.split()
    values: dict[str, str | date] = {}
    if day != "-":
        values[DATES[form]] = date.fromisoformat(day)
    if overall != "-":
        values["overall"] = overall
    key = ("M3",) if form == "rs" else ()
    entry = FormEntry(subject=SubjectId("01-001"), form=FormName(form), key=key, values=values)
    return Held(entry=entry, state=FormState(state))


# entries | progressed | ended
CASES = """
                                                        | -          | -
rs PD 2026-05-02 complete                               | 2026-05-02 | -
rs PD 2026-05-02 draft                                  | -          | -
rs PD 2026-05-02 not_started                            | -          | -
rs PD 2026-05-02 locked                                 | 2026-05-02 | -
rs SD 2026-05-02 complete                               | -          | -
rs - 2026-05-02 complete                                | -          | -
rs PD - complete                                        | -          | -
rs PD 2026-05-02 complete; rs PD 2026-02-03 signed      | 2026-02-03 | -
rs SD 2026-02-03 signed; rs PD 2026-05-02 complete      | 2026-05-02 | -
dth - 2026-04-01 complete                               | -          | 2026-04-01
dth - 2026-04-01 draft                                  | -          | -
eos - 2026-03-01 verified                               | -          | 2026-03-01
eos - 2026-03-01 complete; dth - 2026-04-01 complete    | -          | 2026-03-01
dth - 2026-04-01 complete; rs PD 2026-02-03 complete    | 2026-02-03 | 2026-04-01
dth - - complete                                        | -          | -
"""


@pytest.mark.parametrize("text", CASES.strip("\n").splitlines())
def test_the_end_and_the_progression_are_the_first_that_somebody_completed(text: str) -> None:
    entries, progressed, ended = (part.strip() for part in text.split("|"))
    rows = [held(each.strip()) for each in entries.split(";") if each.strip()]
    told = circumstances_of(rows, today=TODAY, arm="B")
    assert str(told.progressed_date or "-") == progressed
    assert str(told.ended_date or "-") == ended
    assert (told.as_of_date, told.arm) == (TODAY, "B")


def test_the_order_of_entries_does_not_matter() -> None:
    rows = [held("rs PD 2026-05-02 complete"), held("rs PD 2026-02-03 complete"),
            held("eos - 2026-03-01 complete")]  # fmt: skip
    one = circumstances_of(rows, today=TODAY, arm=None)
    assert circumstances_of(rows[::-1], today=TODAY, arm=None) == one


# form, values, state | what the grid knows of the entry; none: it is not there
STORED = """
dth | death_date=2026-04-01 death_cause=cancer | complete    | death_date=2026-04-01
dth | death_date=2026-04                       | complete    | death_date=2026-04-30
dth | death_date=2026                          | complete    | death_date=2026-12-31
dth | death_date=@unknown                      | complete    |
dth | death_date=soon                          | draft       |
dth | death_date=2026-02-30                    | draft       |
dth | death_date=2026-04-01                    | not_started | none
rs  | overall=PD assessment_date=2026-05-02    | complete    | assessment_date=2026-05-02 overall=PD
rs  | assessment_date=2026-05                  | draft       |
rs  | overall=@not_done                        | complete    |
ecog | ecog=1 ecog_date=2026-05-02             | complete    | ecog_date=2026-05-02
nosuch | x_date=2026-05-02                     | complete    | none
"""


@pytest.mark.parametrize("text", STORED.strip().splitlines())
def test_what_is_no_date_yet_is_left_out_and_of_a_death_the_last_day_counts(
    site: Server, text: str
) -> None:
    form, values, state, expected = (part.strip() for part in text.split("|"))
    subject, other = screen(), screen()
    Stored.objects.create(
        subject_id=subject, form=form, key="M3.x", values=typed(values), version=1, state=state,
        protocol=ProtocolVersion.objects.get(),
    )  # fmt: skip
    found = read_held([subject, other], protocol())
    assert found[other] == []
    if expected == "none":
        assert found[subject] == []
        return
    (one,) = found[subject]
    told = " ".join(f"{name}={value}" for name, value in sorted(one.entry.values.items()))
    assert told == expected
    assert one.entry.key == ("M3", "x")
    assert one.state is FormState(state)
