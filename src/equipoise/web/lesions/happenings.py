"""What happened to a subject, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from equipoise.report.story.sentences import response_words, treatment_words
from equipoise.report.story.values import Story
from equipoise.report.story.words import write_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something on a day, in words."""

    day: date
    kind: str
    words: str


def list_happenings(story: Story) -> list[Happening]:
    """Randomisation, treatments, scans, adverse events and the end, the earliest first."""
    return sorted(_tell(story), key=lambda each: each.day)


def _tell(story: Story) -> Iterator[Happening]:
    person = story.person
    ends = (
        (person.randomised_date, "randomised", _("Randomised")),
        (person.death_date, "death", _("Died")),
        (person.last_alive_date, "alive", _("Last known alive")),
    )
    for day, kind, words in ends:
        if day is not None:
            yield Happening(day=day, kind=kind, words=words)
    for each in story.treatments:
        yield Happening(day=each.start_date, kind=each.kind, words=treatment_words(each))
    for scan in story.assessments:
        if scan.first_date is not None:
            said = "" if scan.baseline else f", {_(response_words(scan.response))}"
            size = {"sum": write_mm(scan.sum_tenths_mm)}
            words = f"{scan.label}: {_('sum %(sum)s') % size}{said}"
            yield Happening(day=scan.first_date, kind="scan", words=words)
    for event in story.adverse_events:
        if event.onset_date is not None:
            grade = {"grade": "?" if event.grade is None else event.grade}
            words = f"{event.term}, {_('grade %(grade)s') % grade}"
            yield Happening(day=event.onset_date, kind="event", words=words)
