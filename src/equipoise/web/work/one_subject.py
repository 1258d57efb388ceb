"""A subject as its pages need it: who, at which site, under which protocol, for which reader."""

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from equipoise.capture.queries import QueryState
from equipoise.capture.roles import Verb
from equipoise.capture.schedule import Owed, PlannedVisit
from equipoise.store.circumstances import read_held
from equipoise.store.models import Deviation, Query, Subject
from equipoise.store.protocol_read import fingerprint_at, read_version
from equipoise.store.read_telling import queries_in
from equipoise.store.site_day import day_at
from equipoise.web.shell.sight import hidden_from
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.grid import OneSubject, Sight
from equipoise.web.work.reader import arms_for, forms_for
from equipoise.web.work.status import with_status


def read_subject(visitor: Visitor, *, subject: str) -> OneSubject:
    """The subject for this reader; Http404 when there is none."""
    row = with_status(Subject.objects.filter(number=subject)).first()
    if row is None:
        raise Http404
    now = datetime.now(UTC)
    fingerprint = fingerprint_at(row.site_id, now=now)
    protocol = read_version(fingerprint)
    arms = arms_for(visitor, subject=subject)
    hidden = hidden_from(visitor)
    held = read_held([subject], protocol)[subject]
    return OneSubject(
        row=row,
        fingerprint=fingerprint,
        protocol=protocol,
        today=day_at(row.site_id, now=now),
        held=[h for h in held if not hidden.has_entry(h.entry.form, key=h.entry.key)],
        sight=Sight(
            reads=forms_for(visitor, protocol, verb=Verb.READ_FORMS, site=row.site_id),
            enters=forms_for(visitor, protocol, verb=Verb.SAVE_FORM, site=row.site_id),
            arm=arms.get(subject) if arms is not None else None,
            sees_arms=arms is not None,
            hidden=hidden,
            reads_identity=visitor.may(Verb.READ_IDENTITY, site=row.site_id),
        ),
    )


def head_of(one: OneSubject) -> dict[str, Any]:
    """What the head of every page of a subject shows; the label of an arm only to who may know."""
    arms = {arm.code: arm.label for arm in one.protocol.arm}
    return {
        "subject": one.row,
        "status": one.row.status,  # type: ignore[attr-defined]  # annotated
        "arm": arms.get(one.sight.arm or "", one.sight.arm),
        "sees_arms": one.sight.sees_arms,
        "today": one.today,
        "tabs": tabs_of(one),
    }


def tabs_of(one: OneSubject) -> list[dict[str, str]]:
    """The pages of the subject that the reader may open."""
    told = (
        ("schedule", "subject", _("Schedule"), ""),
        ("lesions", "lesions", _("Lesions and response"), "les_bl"),
        ("sbrt", "sbrt", _("SBRT"), "rt_rx"),
        ("events", "events", _("Adverse events"), "ae"),
        ("timeline", "timeline", _("Time line"), ""),
        ("casebook", "casebook", _("Casebook"), ""),
    )
    shown = [
        {"name": name, "words": words, "address": reverse(page, kwargs={"subject": one.row.number})}
        for name, page, words, form in told
        if not form or form in one.sight.reads
    ]
    if one.sight.reads_identity:
        address = reverse("identity", kwargs={"subject": one.row.number})
        shown.append({"name": "identity", "words": _("Name"), "address": address})
    return shown


def list_queries(one: OneSubject) -> list[dict[str, Any]]:
    """The queries that are not closed, on what the reader may read."""
    forms = one.sight.reads
    rows = Query.objects.filter(subject=one.row.number, form__in=list(forms))
    rows = rows.exclude(queries_in(one.sight.hidden))
    return [
        {"row": row, "form": forms[row.form].title, "key": row.key}
        for row in rows.exclude(state=QueryState.CLOSED).order_by("opened_at", "number")
    ]  # fmt: skip


def list_recorded(one: OneSubject) -> list[Deviation]:
    """The deviations that somebody recorded; their words may tell an arm."""
    if not one.sight.sees_arms:
        return []
    return list(Deviation.objects.filter(subject=one.row.number, code="").order_by("number"))


def helper_of(one: OneSubject, planned: PlannedVisit) -> str:
    """The page that works out a scan of this visit; empty where no lesion is measured."""
    if "les_fu" not in planned.visit.form or "les_fu" not in one.sight.reads:
        return ""
    return reverse("scan", kwargs={"subject": one.row.number, "visit": planned.visit.code})


def next_visit(planned: tuple[PlannedVisit, ...], *, today: date) -> PlannedVisit | None:
    """The next visit whose window opens after today; None when none is known or expected."""
    ahead = [
        v
        for v in planned
        if v.window is not None
        and v.window.opens_date > today
        and any(cell.owed is not Owed.NOT_EXPECTED for cell in v.cells)
    ]
    return min(ahead, key=lambda v: v.window.opens_date if v.window else date.max, default=None)
