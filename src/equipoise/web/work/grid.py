"""The grid of a subject, visits by forms, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse

from equipoise.capture.blinding import Telling
from equipoise.capture.deviations import Deviation, list_deviations
from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import is_owed_by_site
from equipoise.capture.schedule import (
    VISIT_ITEM,
    Cell,
    Held,
    Owed,
    PlannedVisit,
    Window,
    build_schedule,
    forms_at_any_time,
)
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.circumstances import circumstances_of
from equipoise.store.models import Subject
from equipoise.web.shell.places import entry_address
from equipoise.web.work.visit_tasks import key_of, new_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A form at a visit: how it stands, and the page of it (empty: nothing to open)."""

    title: str
    owed: Owed
    state: FormState
    count: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A visit with a square for each form of the grid; None where the visit does not have it."""

    code: str
    label: str
    window: Window | None
    owed: Owed | None
    squares: tuple[Square | None, ...]

    @property
    def told(self) -> str:
        """The window in words, for each square of the row."""
        if self.window is None:
            return self.label
        return f"{self.label}, {self.window.opens_date} – {self.window.closes_date}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyTime:
    """A form for any time: its entries as (key, state, address), and a new one."""

    title: str
    entries: tuple[tuple[str, FormState, str], ...]
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """Everything that the page of a subject draws from its entries."""

    columns: tuple[Form, ...]
    rows: tuple[Row, ...]
    anytime: tuple[AnyTime, ...]
    planned: tuple[PlannedVisit, ...]
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the reader of a subject may know and do: forms to read and to enter, arm, name.

    `hidden` is what would tell him an arm that he may not know.
    """

    reads: Mapping[str, Form]
    enters: Mapping[str, Form]
    arm: str | None
    sees_arms: bool
    hidden: Telling
    reads_identity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSubject:
    """A subject with its entries as the grid needs them; `row` has its status and no arm."""

    row: Subject
    fingerprint: str
    protocol: Protocol
    today: date
    held: list[Held]
    sight: Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitForm:
    """A form of a visit: how it stands, its entries as (key, state, address), a new one."""

    name: str
    title: str
    owed: Owed
    entries: tuple[tuple[str, FormState, str], ...]
    new: str


def build_casebook(one: OneSubject) -> Casebook:
    """The grid, the forms at any time and the deviations of a subject, for one reader.

    Whoever may not know arms is told no deviation: one of SBRT, or of a visit of one arm, tells.
    """
    sight, subject = one.sight, one.row.number
    planned = plan_visits(one)
    names = {cell.form for visit in planned for cell in visit.cells}
    columns = tuple(f for f in one.protocol.form if f.form in names and f.form in sight.reads)
    told = list_deviations(planned, one.protocol, entries=one.held, subject=subject, arm=sight.arm)
    return Casebook(
        columns=columns,
        rows=tuple(_row(visit, columns, subject=subject, sight=sight) for visit in planned),
        anytime=tuple(
            _any_time(form, one)
            for form in forms_at_any_time(one.protocol, arm=sight.arm)
            if form.form in sight.reads and form.form not in names
        ),
        planned=planned,
        deviations=told if sight.sees_arms else (),
    )


def plan_visits(one: OneSubject) -> tuple[PlannedVisit, ...]:
    """The visits of the subject as this reader may know them."""
    given = circumstances_of(one.held, today=one.today, arm=one.sight.arm)
    planned = build_schedule(one.held, one.protocol, given=given)
    return tuple(
        replace(visit, cells=tuple(_owed_here(cell, one) for cell in visit.cells))
        for visit in planned
    )


def _owed_here(cell: Cell, one: OneSubject) -> Cell:
    """What nobody at the site can enter is owed in the eyes of who enters it, and no others."""
    is_open = cell.owed in {Owed.OVERDUE, Owed.DUE}
    if not is_open or cell.form in one.sight.enters:
        return cell
    form = one.protocol.form_named(cell.form)
    return cell if is_owed_by_site(form) else replace(cell, owed=Owed.OFFERED)


def list_visit(one: OneSubject, planned: PlannedVisit) -> list[VisitForm]:
    """Every form of a visit that the reader may read, with all its entries."""
    number, sight = one.row.number, one.sight
    states = {each.entry.entry: each.state for each in one.held}
    return [
        VisitForm(
            name=cell.form,
            title=sight.reads[cell.form].title,
            owed=cell.owed,
            entries=tuple(
                (key_of(each), states[each], entry_address(number, cell.form, key_of(each)))
                for each in cell.entries
            ),
            new=_new(cell, sight=sight, subject=number, visit=planned.visit.code),
        )
        for cell in planned.cells
        if cell.form in sight.reads
    ]


def _new(cell: Cell, *, sight: Sight, subject: str, visit: str) -> str:
    """The page of a further entry; empty where there can be none, or not by this reader."""
    form = sight.enters.get(cell.form)
    several = form is not None and set(form.key) - {VISIT_ITEM}
    if form is None or (cell.entries and not several):
        return ""
    return new_address(subject, form, visit=visit)


def _row(planned: PlannedVisit, columns: tuple[Form, ...], *, subject: str, sight: Sight) -> Row:
    cells = {cell.form: cell for cell in planned.cells}
    owed = [cells[form.form].owed for form in columns if form.form in cells]
    urgent = [each for each in (Owed.OVERDUE, Owed.DUE, Owed.STARTED) if each in owed]
    return Row(
        code=planned.visit.code,
        label=planned.visit.label,
        window=planned.window,
        owed=urgent[0] if urgent else None,
        squares=tuple(
            _square(cells[form.form], form, planned=planned, subject=subject, sight=sight)
            if form.form in cells
            else None
            for form in columns
        ),
    )


def _square(cell: Cell, form: Form, *, planned: PlannedVisit, subject: str, sight: Sight) -> Square:
    address = ""
    if len(cell.entries) == 1:
        address = entry_address(subject, form.form, key_of(cell.entries[0]))
    elif cell.entries:
        place = {"subject": subject, "visit": planned.visit.code}
        address = f"{reverse('visit', kwargs=place)}#{form.form}"
    elif form.form in sight.enters and cell.owed is not Owed.NOT_EXPECTED:
        address = new_address(subject, form, visit=planned.visit.code)
    return Square(
        title=form.title,
        owed=cell.owed,
        state=cell.state,
        count=len(cell.entries),
        address=address,
    )


def _any_time(form: Form, one: OneSubject) -> AnyTime:
    subject, sight = one.row.number, one.sight
    own = [each for each in one.held if each.entry.form == form.form]
    is_full = not form.key and bool(own)
    return AnyTime(
        title=form.title,
        entries=tuple(
            (
                ".".join(each.entry.key),
                each.state,
                entry_address(subject, form.form, key_of(each.entry.entry)),
            )
            for each in own
        ),
        new="" if is_full or form.form not in sight.enters else entry_address(subject, form.form),
    )
