"""What tells the arm of a subject by being there, and is kept from who must not know it (D7.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.capture.one_entry import find_reach
from equipoise.capture.schedule import VISIT_ITEM
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What tells the arm: forms, entries at visits of some arms only, and questions.

    `visits` are (form, place of the visit in its key, visit). `checks` are (form, code) of edit
    checks that read what tells the arm; `questions` are codes of those that read the whole trial.
    """

    forms: frozenset[str] = frozenset()
    visits: frozenset[tuple[str, int, str]] = frozenset()
    checks: frozenset[tuple[str, str]] = frozenset()
    questions: frozenset[str] = frozenset()

    def has_entry(self, form: str, *, key: tuple[str, ...]) -> bool:
        """Whether an entry there tells the arm: by its form, or by its visit."""
        return form in self.forms or any(
            own == form and key[place : place + 1] == (visit,) for own, place, visit in self.visits
        )

    def has_query(self, form: str, *, key: tuple[str, ...], code: str) -> bool:
        """Whether a query does: by its entry, or by what the question of that code rests on."""
        is_asked = code in self.questions or (form, code) in self.checks
        return is_asked or self.has_entry(form, key=key)

    def __or__(self, other: "Telling") -> "Telling":
        """What tells it by either."""
        return Telling(
            forms=self.forms | other.forms,
            visits=self.visits | other.visits,
            checks=self.checks | other.checks,
            questions=self.questions | other.questions,
        )


def find_telling(protocol: Protocol) -> Telling:
    """What tells the arm under a protocol: `reveals_arm` of forms, `arm` of visits, their rules."""
    forms = frozenset(form.form for form in protocol.form if form.reveals_arm)
    visits = [visit.code for visit in protocol.schedule.visit if visit.arm]
    return Telling(
        forms=forms,
        visits=frozenset(
            (form.form, form.key.index(VISIT_ITEM), visit)
            for form in protocol.form
            if VISIT_ITEM in form.key
            for visit in visits
        ),
        checks=frozenset(
            (form.form, code)
            for form in protocol.form
            if form.form not in forms and find_reach(form, protocol).forms & forms
            for code in _checks_reaching(forms, form=form, protocol=protocol)
        ),
    )


def _checks_reaching(forms: frozenset[str], *, form: Form, protocol: Protocol) -> Iterator[str]:
    """The checks of a form whose own rule reaches one of these forms, through derived items too."""
    for check in form.check:
        alone = form.model_copy(update={"item": (), "check": (check,)})
        if find_reach(alone, protocol).forms & forms:
            yield check.id
