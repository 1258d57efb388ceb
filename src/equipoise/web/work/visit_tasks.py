"""Forms that are to be entered: one row a visit of a subject, the most urgent first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from equipoise.capture.schedule import Owed, PlannedVisit
from equipoise.protocol.form_model import Form
from equipoise.web.shell.places import entry_address
from equipoise.web.work.standing import Standing

_URGENCY = (Owed.OVERDUE, Owed.DUE, Owed.STARTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLink:
    """A form to be opened."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTask:
    """What is owed at a visit of a subject: how urgent, by when, and in which forms.

    `late_days` counts from the last day of the window; negative while there is time.
    """

    subject: str
    site: str
    label: str
    owed: Owed
    closes_date: date | None
    late_days: int | None
    forms: tuple[FormLink, ...]

    @property
    def days_left(self) -> int:
        """Days until the last one of the window; 0 where none are left."""
        return max(-(self.late_days or 0), 0)


Allowed = Mapping[tuple[str, str], Mapping[str, Form]]


def list_visit_tasks(standings: Iterable[Standing], *, allowed: Allowed) -> list[VisitTask]:
    """What is owed in the forms allowed for (site, protocol), the longest overdue first."""
    found = [task for each in standings for task in _of_subject(each, allowed)]
    return sorted(found, key=_order)


def _order(task: VisitTask) -> tuple[int, date, str]:
    return (_URGENCY.index(task.owed), task.closes_date or date.max, task.subject)


def _of_subject(standing: Standing, allowed: Allowed) -> Iterator[VisitTask]:
    forms = allowed[(standing.site, standing.fingerprint)]
    for visit in standing.visits:
        for owed in _URGENCY:
            links = tuple(_links(standing, visit, owed=owed, forms=forms))
            if links:
                yield _tell(standing, visit, owed=owed, links=links)
    drafts = tuple(
        FormLink(title=forms[form].title, address=_address_of(standing.subject, form, entry))
        for form, entry in standing.drafts
        if form in forms
    )
    if drafts:
        yield VisitTask(
            subject=standing.subject,
            site=standing.site,
            label="",
            owed=Owed.STARTED,
            closes_date=None,
            late_days=None,
            forms=drafts,
        )


def _links(
    standing: Standing, visit: PlannedVisit, *, owed: Owed, forms: Mapping[str, Form]
) -> Iterator[FormLink]:
    for cell in visit.cells:
        if cell.owed is owed and cell.form in forms:
            form = forms[cell.form]
            address = (
                _address_of(standing.subject, cell.form, cell.entries[0])
                if cell.entries
                else new_address(standing.subject, form, visit=visit.visit.code)
            )
            yield FormLink(title=form.title, address=address)


def _tell(
    standing: Standing, visit: PlannedVisit, *, owed: Owed, links: tuple[FormLink, ...]
) -> VisitTask:
    closes = visit.window.closes_date if visit.window else None
    return VisitTask(
        subject=standing.subject,
        site=standing.site,
        label=visit.visit.label,
        owed=owed,
        closes_date=closes,
        late_days=(standing.today - closes).days if closes else None,
        forms=links,
    )


def new_address(subject: str, form: Form, *, visit: str) -> str:
    """The page of the entry of a form at a visit; where more is to be chosen, of a new entry."""
    if form.key == ("visit",):
        return entry_address(subject, form.form, visit)
    asked = f"?visit={visit}" if "visit" in form.key else ""
    address = entry_address(subject, form.form)
    return f"{address}{asked}" if address else ""


def _address_of(subject: str, form: str, entry: str) -> str:
    return entry_address(subject, form, key_of(entry))


def key_of(entry: str) -> str:
    """The key of an entry as its address has it: `M3.L01` of `01-001/les_fu/M3.L01`."""
    return entry.split("/", 2)[2] if entry.count("/") > 1 else ""
