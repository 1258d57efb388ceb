"""Checks are made before the lock, and made again where something within their reach changed."""

from equipoise.store.embedded import Server
from equipoise.store.entry_findings import Question, find_in, look_at, still_holds
from equipoise.store.entry_place import EntryPlace
from equipoise.store.protocol_read import fingerprint_at
from store.contest import at_once
from store.entries import changed, completed, draft
from store.people import START, screen

DM = "site=01 sex=M birth_year=1961"
ASKED, REACHED = "imdc", "dm"  # its rules read the age


def ask(subject: str, *, year: str = "1961") -> Question:
    values = {"site": "01", "sex": "M", "birth_year": year}
    return Question(
        place=EntryPlace(subject=subject, form="dm"),
        values=values,
        fingerprint=fingerprint_at("01", now=START),
        on=START.date(),
    )


def test_findings_hold_while_nobody_saves(sites: Server) -> None:
    subject, other = screen(), screen()
    looked = look_at(ask(subject, year="1800"))
    assert [f.item for f in looked.findings] == ["birth_year"]
    completed((other, "dm"), DM)  # another subject is out of reach
    assert still_holds(looked, question=ask(subject, year="1800"))


def test_findings_no_longer_hold_for_another_value_or_day(sites: Server) -> None:
    subject = screen()
    looked = look_at(ask(subject))
    assert not still_holds(looked, question=ask(subject, year="1962"))


def test_findings_no_longer_hold_once_the_form_itself_or_one_within_reach_is_saved(
    sites: Server,
) -> None:
    subject = screen()
    for form, text in ((ASKED, "kps=90"), (REACHED, "sex=M")):
        question = Question(
            place=EntryPlace(subject=subject, form=ASKED),
            values={},
            fingerprint=fingerprint_at("01", now=START),
            on=START.date(),
        )
        looked = look_at(question)
        draft((subject, form), text)
        assert not still_holds(looked, question=question)


def test_only_forms_within_reach_are_read_and_say_the_same(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    draft((subject, "imdc"), "kps=90")
    assert find_in(ask(subject)) == ()
    assert look_at(ask(subject)).findings == ()


def test_of_people_who_change_one_form_at_once_each_sees_what_stands(sites: Server) -> None:
    subject = screen()
    completed((subject, "dm"), DM)
    deeds = [
        lambda n=n: changed((subject, "dm"), f"birth_year={1940 + n}", seen=1) for n in range(6)
    ]
    outcomes = at_once(deeds)
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
