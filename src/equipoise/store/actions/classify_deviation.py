"""Say how much a deviation weighs, and what was done."""

from equipoise.capture.deviations import Weight
from equipoise.capture.roles import Verb
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import Deviation
from equipoise.store.refusals import UnknownError


def classify_deviation(number: int, *, severity: Weight, action: str, deed: Deed) -> Done:
    """The deviation as it is classified now; UnknownError where there is none of this number."""
    row = Deviation.objects.filter(number=number).first()
    if row is None:
        raise UnknownError(f"there is no deviation {number}: look at the list of deviations")
    values = {"severity": severity.value, "action": action}
    put = Put(table="deviation", key=(str(number),), values=values)
    return perform(
        Verb.RECORD_DEVIATION,
        deed=deed,
        place=Place(subject=row.subject_id),
        asked={"deviation": number, **values},
        decide=lambda _now: Decision(puts=(put,), answer={"deviation": number}),
    )
