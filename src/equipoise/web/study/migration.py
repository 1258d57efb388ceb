"""Entries of a site carried over to a version: what would move is shown, then it is done."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.lifecycle import FormState
from equipoise.capture.roles import Verb
from equipoise.protocol.model import Protocol
from equipoise.store.actions.migrate_entries import migrate_entries
from equipoise.store.carrying import Carrying, plan_carrying
from equipoise.store.models import Approval
from equipoise.store.protocol_read import read_version
from equipoise.store.refusals import ReasonMissingError
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.study.typed import read_number

_VOUCHED = (FormState.VERIFIED, FormState.SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """A form of the site: entries carried, those of them whose checks fall, and what becomes."""

    title: str
    carried: int
    drops: int
    words: tuple[str, ...]


@page(Verb.MIGRATE_ENTRIES, post=Verb.MIGRATE_ENTRIES)
def version_migrate(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Which entries of a site an approved version would take over; done with the reason why."""
    if request.method == "POST":
        return _carry(request, visitor)
    approvals = Approval.objects.select_related("site", "protocol")
    approvals = approvals.order_by("-protocol__number", "site_id")
    context: dict[str, Any] = {"approvals": approvals, "asked": request.GET.get("approval", "")}
    if context["asked"]:
        approval = _find(request.GET)
        plan = plan_carrying(approval.site_id, to=approval.protocol_id)
        rows = tuple(tell_forms(plan, protocol=read_version(approval.protocol_id)))
        context |= {"approval": approval, "plan": plan, "rows": rows}
    return render(request, "study/version_migrate.html", context)


def tell_forms(plan: Carrying, *, protocol: Protocol) -> Iterator[FormRow]:
    """The forms of which an entry is carried, in the order of the protocol."""
    carried = Counter(each.row.form for each in plan.carried)
    drops = Counter(
        each.row.form for each in plan.carried if each.drops and each.row.state in _VOUCHED
    )
    titles = {form.form: form.title for form in protocol.form if form.form in carried}
    for form, title in titles.items():
        words = (
            f"{move.item}: {move.words}" if move.item else move.words
            for move in plan.moves
            if move.form == form
        )
        yield FormRow(title=title, carried=carried[form], drops=drops[form], words=tuple(words))


def _carry(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    approval, deed = _find(request.POST), visitor.deed(request)
    if not deed.reason:  # the gate asks for it too, but only where an entry is carried
        raise ReasonMissingError(_("Say why: the reason stands in the ledger of each subject."))
    done = migrate_entries(approval.site_id, to=approval.protocol_id, deed=deed)
    count = sum(int(str(each.answer["entries"])) for each in done.done)
    told = _("Carried over at site %(site)s: %(count)s entries of %(subjects)s subjects.")
    values = {"site": approval.site_id, "count": count, "subjects": len(done.done)}
    messages.success(request, told % values)
    return redirect("versions")


def _find(asked: QueryDict) -> Approval:
    """The approval asked for: a version at a site."""
    approvals = Approval.objects.select_related("site", "protocol")
    found = approvals.filter(pk=read_number(asked.get("approval", ""))).first()
    if found is None:
        raise Http404
    return found
