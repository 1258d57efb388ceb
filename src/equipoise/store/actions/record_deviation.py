"""Record a departure from the protocol."""

from dataclasses import dataclass
from datetime import date

from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Deviation
from equipoise.store.tables import Plain, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What departed: category, severity (minor, major, important), day, words, what was done.

    `code` names the rule of the program that saw it; empty where a person did.
    """

    subject: str
    category: str
    severity: str
    text: str
    occurred_date: date | None = None
    action: str = ""
    code: str = ""


def record_deviation(departure: Departure, *, deed: Deed) -> Done:
    """The deviation recorded; answers with its number."""
    values: dict[str, Plain] = {
        "subject": departure.subject,
        "category": departure.category,
        "severity": departure.severity,
        "text": departure.text,
        "occurred_date": plain(departure.occurred_date),
        "action": departure.action,
        "code": departure.code,
    }

    def decide() -> Decision:
        number = Deviation.objects.count() + 1
        put = Put(table="deviation", key=(str(number),), values=values)
        return Decision(puts=(put,), answer={"deviation": number})

    place = Place(subject=departure.subject)
    return perform(
        Verb.RECORD_DEVIATION, deed=deed, place=place, asked=values, decide=lambda _now: decide()
    )
