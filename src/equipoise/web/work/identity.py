"""Name and hospital number of a subject: in the vault, for the roles of its own site."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.store.actions.keep_identity import PersonalData, keep_identity
from equipoise.store.models import Vault
from equipoise.store.read_identity import read_identity
from equipoise.store.refusals import ReasonMissingError, RefusedError
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.one_subject import head_of, read_subject

_LONGEST = 200


@page(Verb.READ_IDENTITY, post=Verb.KEEP_IDENTITY)
def identity_page(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """Who the subject is; kept, or changed with the reason why."""
    if request.method == "POST":
        data = read_typed(request)
        if Vault.objects.filter(subject=subject).exists() and not request.POST.get("reason"):
            raise ReasonMissingError(_("Say why the name or the number changes."))
        deed = visitor.deed(request)
        keep_identity(subject, data=data, secret=settings.SECRET_KEY, deed=deed)
        messages.success(request, _("Kept in the vault. The ledger tells that, and no name."))
        return redirect("identity", subject=subject)
    one = read_subject(visitor, subject=subject)
    context = {
        "data": read_identity(subject, reader=visitor.deed(request)),
        "may_keep": visitor.may(Verb.KEEP_IDENTITY, site=one.row.site_id),
        "tab": "identity",
    }
    return render(request, "work/identity.html", head_of(one) | context)


def read_typed(request: HttpRequest) -> PersonalData:
    """What was typed; RefusedError where a part of it is missing or endless."""
    name, number = (request.POST.get(n, "").strip() for n in ("name", "hospital_number"))
    if not (0 < len(name) <= _LONGEST and 0 < len(number) <= _LONGEST):
        told = _("Write a name and a hospital number, each of at most %(most)d signs.")
        raise RefusedError(told % {"most": _LONGEST})
    return PersonalData(name=name, hospital_number=number)
