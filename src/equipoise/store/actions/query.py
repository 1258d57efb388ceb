"""Ask about an entry, answer, close, ask again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from equipoise.capture.queries import QueryState, move_query
from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.entry_place import EntryPlace
from equipoise.store.gate import perform
from equipoise.store.models import Query
from equipoise.store.refusals import UnknownError
from equipoise.store.tables import Plain, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about an item of an entry (the whole entry where `item` is empty)."""

    place: EntryPlace
    text: str
    item: str = ""


def open_query(question: Question, *, deed: Deed) -> Done:
    """The query opened; answers with its number."""
    place = question.place

    def decide(now: datetime) -> Decision:
        number = Query.objects.count() + 1
        subject, form, key = place.row_key
        values: dict[str, Plain] = {"subject": subject, "form": form, "key": key}
        values |= {"item": question.item, "text": question.text, "state": QueryState.OPEN.value}
        values |= {"opened_by": deed.actor, "opened_at": plain(now)}
        put = Put(table="query", key=(str(number),), values=values)
        return Decision(puts=(put,), answer={"query": number})

    asked = {"entry": place.entry, "item": question.item, "text": question.text}
    where = Place(subject=place.subject, form=place.form)
    return perform(Verb.OPEN_QUERY, deed=deed, place=where, asked=asked, decide=decide)


def answer_query(number: int, *, text: str, deed: Deed) -> Done:
    """The query answered; who asked closes it, or asks again."""
    return _move(Verb.ANSWER_QUERY, number, deed, lambda: {"answer": text}, text)


def close_query(number: int, *, deed: Deed) -> Done:
    """The query closed."""
    return _move(Verb.CLOSE_QUERY, number, deed, lambda: {"closed_by": deed.actor}, "")


def reopen_query(number: int, *, text: str, deed: Deed) -> Done:
    """The query asked again, with what is still open."""
    return _move(Verb.REOPEN_QUERY, number, deed, lambda: {"text": text, "closed_by": ""}, text)


def _move(
    verb: Verb, number: int, deed: Deed, told: Callable[[], dict[str, Plain]], text: str
) -> Done:
    query = Query.objects.filter(number=number).first()
    if query is None:
        raise UnknownError(f"there is no query {number}: look at the list of queries")

    def decide() -> Decision:
        stands = QueryState(Query.objects.get(number=number).state)
        values = told() | {"state": move_query(stands, verb=verb).value}
        return Decision(puts=(Put(table="query", key=(str(number),), values=values),))

    return perform(
        verb,
        deed=deed,
        place=Place(subject=query.subject_id, form=query.form),
        asked={"query": number, "text": text},
        decide=lambda _now: decide(),
    )
