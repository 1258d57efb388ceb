"""Versions of the protocol: where each is in force, what differs, and approval at a site."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.protocol.diff import Change, diff
from equipoise.protocol.model import Protocol
from equipoise.protocol.randomisation_model import KEPT_FROM_SITES
from equipoise.store.actions.approve_protocol import approve_protocol
from equipoise.store.models import Approval, ProtocolVersion
from equipoise.store.protocol_read import read_version
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.study.typed import read_from_date, read_number
from equipoise.web.work.reader import sites_for


@page(Verb.READ_PROTOCOL)
def versions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The versions, the newest first, with the sites of the visitor where each is in force."""
    sites = sites_for(visitor, verb=Verb.READ_PROTOCOL)
    approvals = Approval.objects.filter(site__in=sites).order_by("site_id")
    rows = [
        (version, [each for each in approvals if each.protocol_id == version.pk])
        for version in ProtocolVersion.objects.order_by("-number")
    ]
    context = {
        "rows": rows,
        "sites": sites,
        "may_approve": visitor.may(Verb.APPROVE_PROTOCOL),
        "may_upload": visitor.may(Verb.UPLOAD_PROTOCOL),
        "may_migrate": visitor.may(Verb.MIGRATE_ENTRIES),
    }
    return render(request, "study/versions.html", context)


@page(Verb.READ_PROTOCOL)
def versions_compare(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What differs between two versions, in words; what would help to predict is left out."""
    old, new = (_find_version(request.GET.get(name, "")) for name in ("old", "new"))
    before, after = read_version(old.pk), read_version(new.pk)
    context = {"old": old, "new": new, "changes": tell_changes(before, new=after, visitor=visitor)}
    return render(request, "study/versions_compare.html", context)


def tell_changes(before: Protocol, *, new: Protocol, visitor: Visitor) -> dict[str, list[Change]]:
    """What differs, part by part; to who may see the sequence, all of it."""
    if not visitor.may(Verb.READ_SEQUENCE):
        before, new = without_kept(before), without_kept(new)
    changes: dict[str, list[Change]] = {}
    for change in diff(before, new=new):
        changes.setdefault(change.part.replace("_", " "), []).append(change)
    return changes


def without_kept(protocol: Protocol) -> Protocol:
    """The protocol with nothing in it that helps to predict an arm (ICH E9, 2.3.2)."""
    plan = protocol.randomisation
    bare = {
        name: field.get_default(call_default_factory=True)
        for name, field in type(plan).model_fields.items()
        if name in KEPT_FROM_SITES
    }
    shown = {n: text for n, text in plan.provenance.items() if n not in KEPT_FROM_SITES}
    told = plan.model_copy(update={**bare, "provenance": shown})
    return protocol.model_copy(update={"randomisation": told})


def _find_version(number: str) -> ProtocolVersion:
    found = ProtocolVersion.objects.filter(number=read_number(number)).first()
    if found is None:
        raise Http404
    return found


@page(Verb.READ_PROTOCOL, post=Verb.APPROVE_PROTOCOL)
def version_approve(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A version put into force at a site from a day on."""
    if request.method == "POST":
        version = _find_version(request.POST.get("version", ""))
        site, day = request.POST.get("site", ""), read_from_date(request)
        if site not in {each.code for each in sites_for(visitor, verb=Verb.APPROVE_PROTOCOL)}:
            raise Http404
        approve_protocol(site, protocol=version.pk, from_date=day, deed=visitor.deed(request))
        told = _("Version %(version)s is in force at site %(site)s from %(day)s on.")
        values = {"version": version.version, "site": site, "day": day.isoformat()}
        messages.success(request, told % values)
    return redirect("versions")
