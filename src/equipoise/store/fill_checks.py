"""What follows in a filled site once forms are entered: queries, verification, locks."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import Role
from equipoise.simulate.entering import Randomised
from equipoise.store.actions.freeze import freeze_entries
from equipoise.store.actions.lock import lock_entries
from equipoise.store.actions.query import Question, answer_query, close_query, open_query
from equipoise.store.actions.sign import record_signature
from equipoise.store.actions.verify import verify_entries
from equipoise.store.entry_place import EntryPlace, place_of
from equipoise.store.fill import Event, Filling, at_site
from equipoise.store.models import FormEntry

_FINISHED = 8  # casebooks that are verified; of them 5 signed, 3 frozen, 2 locked
_ASKED = 12  # queries; of them 8 answered, 4 closed
_AFTER = timedelta(days=20)
_QUESTION = "Please compare with the source: is this as it was measured?"
_ANSWER = "Compared with the source: it is as written."


def follow_up(filling: Filling) -> Iterator[Event]:
    """The deeds of monitors, investigators and data managers, subject by subject."""
    last: dict[str, date] = {}
    for typed in filling.entering.typed:
        last[typed.subject] = max(typed.day, last.get(typed.subject, typed.day))
    ended = {typed.subject for typed in filling.entering.typed if typed.form == "eos"}
    done = [s for s in filling.entering.subjects if s.subject in ended]
    done.sort(key=lambda subject: last[subject.subject])
    for number, subject in enumerate(done[:_FINISHED]):
        yield from _finish(filling, subject, last[subject.subject], number)
    for number, subject in enumerate(filling.entering.subjects[-_ASKED:]):
        yield from _ask(filling, subject, number)


def _finish(filling: Filling, subject: Randomised, last: date, number: int) -> Iterator[Event]:
    """Source verification, signature, soft and hard lock of a casebook, as far as its number."""
    steps: Sequence[tuple[int, Callable[[datetime], object]]] = (
        (_FINISHED, lambda at: verify_entries(
            _places(filling, subject, FormState.COMPLETE, verified=True),
            deed=filling.by(Role.MONITOR, site=subject.site, at=at))),
        (5, lambda at: record_signature(
            _signable(filling, subject),
            deed=filling.by(Role.INVESTIGATOR, site=subject.site, at=at))),
        (3, lambda at: freeze_entries(
            _places(filling, subject, FormState.SIGNED),
            deed=filling.by(Role.DATA_MANAGER, site=subject.site, at=at))),
        (2, lambda at: lock_entries(
            _places(filling, subject, FormState.FROZEN),
            deed=filling.by(Role.DATA_MANAGER, site=subject.site, at=at))),
    )  # fmt: skip
    for place, (count, do) in enumerate(steps):
        if number < count:
            day = last + _AFTER + timedelta(days=7 * place)
            yield Event(at=at_site(filling, site=subject.site, day=day, at=time(13)), do=do)


def _places(
    filling: Filling, subject: Randomised, state: FormState, *, verified: bool = False
) -> list[EntryPlace]:
    """The entries of the subject in a state; `verified`: of forms that have a source."""
    rows = FormEntry.objects.filter(subject=filling.numbers[subject.subject], state=state)
    return [
        place_of(row)
        for row in rows.order_by("form", "key")
        if not verified or filling.protocol.form_named(row.form).verify
    ]


def _signable(filling: Filling, subject: Randomised) -> list[EntryPlace]:
    return [
        *_places(filling, subject, FormState.VERIFIED),
        *_places(filling, subject, FormState.COMPLETE),
    ]


def _ask(filling: Filling, subject: Randomised, number: int) -> Iterator[Event]:
    """A query on the largest lesion form of the subject; every query further than the last."""
    asked: list[int] = []

    def ask(at: datetime) -> None:
        row = FormEntry.objects.filter(
            subject=filling.numbers[subject.subject], form="les_bl"
        ).order_by("key")[0]
        question = Question(place=place_of(row), text=_QUESTION, item="ld_mm")
        deed = filling.by(Role.MONITOR, site=subject.site, at=at)
        asked.append(int(str(open_query(question, deed=deed).answer["query"])))

    def answer(at: datetime) -> None:
        answer_query(
            asked[0], text=_ANSWER, deed=filling.by(Role.COORDINATOR, site=subject.site, at=at)
        )

    def close(at: datetime) -> None:
        close_query(asked[0], deed=filling.by(Role.MONITOR, site=subject.site, at=at))

    for place, (count, do) in enumerate(((_ASKED, ask), (8, answer), (4, close))):
        if number < count:
            day = subject.day + timedelta(days=30 + 5 * place)
            yield Event(at=at_site(filling, site=subject.site, day=day, at=time(12)), do=do)
